/** The DNS picture as a tree: the name that was asked, who said what of it, the records, the hosts behind them. */
import type { ReactElement } from "react";
import type { EndpointDiagnosis } from "../../model/diagnosis.ts";
import type { SrvRecord } from "../../model/dns.ts";
import type { Report } from "../../model/report.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { hostPort } from "../../verdict/words.ts";
import { Badge } from "./badge.tsx";
import { suffixesOf } from "./dns-answers.ts";
import type { Answer, Suffix } from "./dns-answers.ts";
import { More, Section } from "./section.tsx";

const SUFFIXES_SHOWN = 20;
const ANSWERS_SHOWN = 16;
/** On the whole page, shared out among the answers that are shown. */
const RECORDS_SHOWN = 800;
const RECORDS_AT_LEAST = 8;
const ADDRESSES_SHOWN = 6;

export function Dns({ report }: { report: Report }): ReactElement | null {
  const suffixes = suffixesOf(report.diagnoses);
  const looked = report.diagnoses.flatMap(({ target }) => (target.kind === "no-suffix" ? target.looked : []));
  if (suffixes.length === 0 && looked.length === 0) return null;
  const shown = suffixes.slice(0, SUFFIXES_SHOWN);
  const answers = shown.reduce((sum, each) => sum + Math.min(each.answers.length, ANSWERS_SHOWN), 0);
  const room = Math.max(RECORDS_AT_LEAST, Math.floor(RECORDS_SHOWN / Math.max(1, answers)));
  return (
    <Section
      id="dns"
      title="What DNS says"
      lead="Resolvers that give the same list stand together. Order and TTL do not count as differences."
    >
      {looked.length > 0 ? (
        <p>No DNS suffix is known to this machine; looked at: {looked.join(", ")}.</p>
      ) : null}
      <ul className="tree">
        {shown.map((suffix) => (
          <li key={suffix.name}>
            <p className="node">
              <b className="name">{suffix.name}</b>
              <Badge tone={suffix.tone} words={suffix.words} />
              <span className="note">suffix from {suffix.origin}</span>
            </p>
            <ul>
              {suffix.answers.slice(0, ANSWERS_SHOWN).map((answer, index) => (
                <AnswerItem key={index} answer={answer} suffix={suffix} room={room} />
              ))}
            </ul>
            <More count={suffix.answers.length - ANSWERS_SHOWN} what="answers" />
          </li>
        ))}
      </ul>
      <More count={suffixes.length - SUFFIXES_SHOWN} what="suffixes" />
    </Section>
  );
}

function AnswerItem(props: { answer: Answer; suffix: Suffix; room: number }): ReactElement {
  const { answer, suffix, room } = props;
  const { who, tone, words, aliases, records } = answer;
  return (
    <li>
      <p className="node">
        <span className="who">
          {who.map((each) => (
            <b className="name" key={each}>
              {each}
            </b>
          ))}
        </span>
        <Badge tone={tone} words={words} />
        {aliases.length > 0 ? <span className="note">through the alias {aliases.join(", ")}</span> : null}
      </p>
      {records.length > 0 ? (
        <ul>
          {records.slice(0, room).map((record, index) => (
            <RecordItem key={index} record={record} suffix={suffix} />
          ))}
        </ul>
      ) : null}
      <More count={records.length - room} what="records" />
    </li>
  );
}

function RecordItem({ record, suffix }: { record: SrvRecord; suffix: Suffix }): ReactElement {
  const { priority, weight, port, target, ttlSeconds } = record;
  const name = hostPort(target, port);
  const partial = suffix.listsWith(record) < suffix.lists;
  return (
    <li>
      <p className="node">
        <b className="name">{target}</b>
        <span className="record">
          <span>priority {priority}</span>
          <span>weight {weight}</span>
          <span>port {port}</span>
          <span>TTL {ttlSeconds} s</span>
        </span>
        {partial ? <span className="differs">≠ not in every list</span> : null}
        <HostState seen={suffix.hosts.get(name) ?? []} />
      </p>
    </li>
  );
}

/** The addresses of a listed host, and every verdict on it once: from two sources it may have two. */
function HostState({ seen }: { seen: readonly EndpointDiagnosis[] }): ReactElement {
  const addresses = [...new Set(seen.flatMap(({ address }) => address.addresses))];
  const verdicts = new Map(seen.map(({ verdict }) => [verdict.code, verdict]));
  if (seen.length === 0) return <span className="note">not probed</span>;
  const more = addresses.length - ADDRESSES_SHOWN;
  return (
    <>
      {addresses.length > 0 ? (
        <span className="note">
          {addresses.slice(0, ADDRESSES_SHOWN).join(", ")}
          {more > 0 ? ` and ${more} more` : ""}
        </span>
      ) : null}
      {[...verdicts.values()].map(({ code, severity }) => (
        <Badge key={code} tone={severity} words={entryOf(code).title} />
      ))}
    </>
  );
}
