/** What each resolver says, in a form in which two looks can be compared. */
import type { AddressLookup, SrvAnswer } from "../model/dns.ts";
import type { Evidence } from "../model/evidence.ts";
import { hostPort } from "../verdict/words.ts";
import type { Happening } from "./event.ts";

/** `answer` in a word or two where it is no records. TTLs are left out: they count down in every cache. */
type Said = {
  asked: string;
  name: string;
  type: "SRV" | "A" | "AAAA";
  records: string[];
  answer: string;
};

/** One entry for each question at each resolver. As large as the latest look at DNS, never larger. */
export type DnsView = ReadonlyMap<string, Said>;

const RECORDS = "records";

/** What each resolver, seen from each source, says of each name: two views differ where somebody's word has changed. */
export function dnsViewOf(looked: readonly Pick<Evidence, "source" | "srv" | "endpoints">[]): DnsView {
  const said = looked.flatMap(({ source, srv, endpoints }) => {
    const from = source === null ? "" : ` from ${source}`;
    const all = [
      ...srv.map(saidOfSrv),
      ...endpoints.flatMap(({ address }) => saidOfLookups(address.lookups)),
    ];
    return all.map((each) => ({ ...each, asked: each.asked + from }));
  });
  return new Map(said.map((each) => [`${each.type} ${each.name} ${each.asked}`, each]));
}

/** Only questions that were asked both times: a host that is new in DNS is news by its SRV record already. */
export function diffDns(before: DnsView, after: DnsView): Happening[] {
  return [...after].flatMap(([key, now]): Happening[] => {
    const was = before.get(key);
    if (was === undefined) return [];
    const added = now.records.filter((record) => !was.records.includes(record));
    const removed = was.records.filter((record) => !now.records.includes(record));
    const answer = was.answer === now.answer ? null : { from: was.answer, to: now.answer };
    if (added.length === 0 && removed.length === 0 && answer === null) return [];
    const { asked, name, type: recordType } = now;
    return [{ kind: "dns", asked, name, recordType, added, removed, answer }];
  });
}

function saidOfSrv({ resolver, name, answer }: SrvAnswer): Said {
  const common = { asked: hostPort(resolver.address, resolver.port), name, type: "SRV" } as const;
  if (answer.outcome === "ok") {
    const records = answer.facts.records.map(
      ({ priority, weight, port, target }) => `${priority} ${weight} ${port} ${target}`,
    );
    return { ...common, records: unique(records), answer: RECORDS };
  }
  const notOffered = answer.outcome === "denied" && answer.denial.notOffered;
  return { ...common, records: [], answer: notOffered ? "not offered" : answerWords(answer) };
}

/** One entry a name, type and place: the hosts file has a lookup for every address. */
function saidOfLookups(lookups: readonly AddressLookup[]): Said[] {
  const merged = new Map<string, Said>();
  for (const { family, asked: by, name, answer } of lookups) {
    const asked = by.by === "resolver" ? hostPort(by.resolver.address, by.resolver.port) : by.path;
    const type = family === 4 ? "A" : "AAAA";
    const key = `${type} ${name} ${asked}`;
    const records = [
      ...(merged.get(key)?.records ?? []),
      ...(answer.outcome === "ok" ? answer.facts.addresses : []),
    ];
    const words = answer.outcome === "ok" ? RECORDS : answerWords(answer);
    merged.set(key, { asked, name, type, records: unique(records), answer: words });
  }
  return [...merged.values()];
}

type NoRecords = Exclude<SrvAnswer["answer"] | AddressLookup["answer"], { outcome: "ok" }>;

function answerWords(answer: NoRecords): string {
  switch (answer.outcome) {
    case "denied":
      return answer.denial.nodata ? "NODATA" : answer.denial.rcode;
    case "no-answer":
      return answer.cause === "deadline" ? "no answer" : answer.cause;
    case "malformed":
      return "malformed";
    case "not-sent":
      return `not sent (${answer.errno})`;
    case "skipped":
      return "not asked";
    default:
      return answer satisfies never;
  }
}

/** Sorted: resolvers turn their answers round on purpose. */
function unique(records: readonly string[]): string[] {
  return [...new Set(records)].toSorted();
}
