/** What was said in DNS of each suffix: resolvers that say the same stand together, those that differ apart. */
import type { Diagnosis, EndpointDiagnosis } from "../../model/diagnosis.ts";
import type { SrvAnswer, SrvRecord } from "../../model/dns.ts";
import { contentOf } from "../../verdict/srv.ts";
import { hostPort } from "../../verdict/words.ts";
import { plural } from "../../verdict/figures.ts";
import type { Tone } from "./badge.tsx";
import { durationWords } from "../../verdict/duration.ts";

/** One answer, and everybody who gave it. Without records where it was a denial, or none at all. */
export type Answer = {
  who: readonly string[];
  tone: Tone;
  words: string;
  aliases: readonly string[];
  records: readonly SrvRecord[];
};

export type Suffix = {
  name: string;
  /** Where the suffix comes from. */
  origin: string;
  answers: readonly Answer[];
  tone: Tone;
  words: string;
  /** Of how many lists a record is part, and how many lists there are. */
  lists: number;
  listsWith: (record: SrvRecord) => number;
  /** What was found at a listed host, from every source. */
  hosts: ReadonlyMap<string, readonly EndpointDiagnosis[]>;
};

type Group = { said: SrvAnswer; key: string | null; who: Map<string, string[]> };

export function suffixesOf(diagnoses: readonly Diagnosis[]): Suffix[] {
  const byDomain = new Map<string, Diagnosis[]>();
  for (const diagnosis of diagnoses) {
    if (diagnosis.target.kind !== "domain") continue;
    const { domain } = diagnosis.target;
    byDomain.set(domain, [...(byDomain.get(domain) ?? []), diagnosis]);
  }
  return [...byDomain].map(([domain, same]) => suffixOf(domain, same));
}

function suffixOf(domain: string, diagnoses: readonly Diagnosis[]): Suffix {
  const groups = new Map<string, Group>();
  const hosts = new Map<string, EndpointDiagnosis[]>();
  for (const { source, srv, endpoints } of diagnoses) {
    for (const said of srv) {
      const content = contentOf(said);
      // One that said nothing agrees with nobody: it stands alone, with what became of the question.
      const key = content?.key ?? null;
      const place = key === null ? `silent ${silenceWords(said)}` : `said ${key}`;
      const group = groups.get(place) ?? { said, key, who: new Map<string, string[]>() };
      const resolver = hostPort(said.resolver.address, said.resolver.port);
      group.who.set(resolver, [...(group.who.get(resolver) ?? []), ...(source === null ? [] : [source])]);
      groups.set(place, group);
    }
    for (const endpoint of endpoints) {
      const name = hostPort(endpoint.endpoint.host, endpoint.endpoint.port);
      hosts.set(name, [...(hosts.get(name) ?? []), endpoint]);
    }
  }
  const all = [...groups.values()];
  const listing = all.map(({ said }) => recordsOf(said)).filter((records) => records.length > 0);
  const counts = new Map<string, number>();
  for (const records of listing)
    for (const key of new Set(records.map(recordKey))) counts.set(key, (counts.get(key) ?? 0) + 1);
  const target = diagnoses[0]?.target;
  return {
    name: `_vlmcs._tcp.${domain}`,
    origin: target?.kind === "domain" ? target.source : "",
    answers: all.map(answerOf),
    ...agreement(all),
    lists: listing.length,
    listsWith: (record) => counts.get(recordKey(record)) ?? 0,
    hosts,
  };
}

function agreement(groups: readonly Group[]): { tone: Tone; words: string } {
  const answering = groups.filter(({ key }) => key !== null);
  const silent = groups.filter(({ key }) => key === null).reduce((sum, { who }) => sum + who.size, 0);
  const [first] = answering;
  if (groups.length === 0) return { tone: "neutral", words: "nobody was asked" };
  if (first === undefined) return { tone: "inconclusive", words: "no resolver gave an answer" };
  const missing = silent > 0 ? `, ${silent} without an answer` : "";
  if (answering.length > 1)
    return { tone: "degraded", words: `${answering.length} different answers${missing}` };
  if (first.who.size > 1)
    return { tone: silent > 0 ? "degraded" : "ok", words: `${first.who.size} resolvers agree${missing}` };
  return { tone: silent > 0 ? "degraded" : "neutral", words: `one resolver answered${missing}` };
}

function answerOf({ said, who }: Group): Answer {
  const records = recordsOf(said);
  return {
    who: [...who].map(([resolver, sources]) =>
      sources.length === 0 ? resolver : `${resolver} from ${sources.join(", ")}`,
    ),
    tone: toneOf(said, records),
    words: wordsOf(said, records),
    aliases:
      said.answer.outcome === "ok"
        ? said.answer.facts.aliases
        : said.answer.outcome === "denied"
          ? said.answer.denial.aliases
          : [],
    records,
  };
}

function toneOf({ answer }: SrvAnswer, records: readonly SrvRecord[]): Tone {
  if (answer.outcome === "not-sent" || answer.outcome === "skipped") return "inconclusive";
  return records.length > 0 ? "ok" : "failed";
}

function wordsOf(said: SrvAnswer, records: readonly SrvRecord[]): string {
  if (records.length > 0) return `lists ${plural(records.length, "host")}`;
  return contentOf(said)?.words ?? silenceWords(said);
}

function silenceWords({ answer, exchange }: SrvAnswer): string {
  switch (answer.outcome) {
    case "no-answer": {
      const what = answer.cause === "deadline" ? "no answer" : answer.cause;
      return `${what} after ${durationWords(answer.elapsedMs)}${exchange.tries > 1 ? `, ${exchange.tries} tries` : ""}`;
    }
    case "malformed":
      return `no usable answer: ${answer.fault.what}`;
    case "not-sent":
      return `could not be asked from here: ${answer.errno}`;
    case "skipped":
      return answer.reason === "interrupted" ? "interrupted" : "not asked to the end";
    case "ok":
    case "denied":
      return "";
    default:
      return answer satisfies never;
  }
}

/** In the order in which a client takes them: by priority, then the heavier first. */
function recordsOf({ answer }: SrvAnswer): SrvRecord[] {
  if (answer.outcome !== "ok") return [];
  return answer.facts.records.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight);
}

function recordKey({ priority, weight, port, target }: SrvRecord): string {
  return `${priority} ${weight} ${port} ${target}`;
}
