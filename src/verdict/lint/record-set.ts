/** What resolvers list, as the rules look at it. */
import type { SrvAnswer, SrvRecord } from "../../model/dns.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Finding } from "../../model/finding.ts";
import { contentOf } from "../srv.ts";
import { hostPort } from "../words.ts";
import { placeOf } from "./fix.ts";
import type { Place } from "./fix.ts";

/** A finding without the words that the catalogue has for its code; `next` where they do not fit this one. */
export type Lint = Pick<Finding, "code" | "subject" | "observed" | "fix"> & { next?: string };

/** The records of one answer. `pointer` leads to the answer, from the diagnosis. */
export type RecordSet = {
  pointer: string;
  name: string;
  resolver: string;
  place: Place | null;
  records: readonly SrvRecord[];
  authoritative: boolean;
};

/** One for each answer with records. An alias in place of the name leads to where the records stand. */
export function recordSets(answers: readonly SrvAnswer[], root: "/srv" | "/udpTwin"): RecordSet[] {
  return answers.flatMap(({ answer, name, resolver }, index) => {
    if (answer.outcome !== "ok" || answer.facts.records.length === 0) return [];
    const { records, aliases, authoritative } = answer.facts;
    return {
      pointer: `${root}/${index}`,
      name,
      resolver: hostPort(resolver.address, resolver.port),
      place: placeOf(aliases.at(-1) ?? name),
      records,
      authoritative,
    };
  });
}

/** Resolvers that say the same are one set: what is wrong with it is said once. */
export function distinctSets(answers: readonly SrvAnswer[], root: "/srv" | "/udpTwin"): RecordSet[] {
  const said = answers.map((answer) => contentOf(answer)?.key);
  const first = (pointer: string): boolean => {
    const index = Number(pointer.slice(root.length + 1));
    return said.indexOf(said[index]) === index;
  };
  return recordSets(answers, root).filter(({ pointer }) => first(pointer));
}

/** Every record of one host and port, once, and where it stands. */
export function recordsFor(
  { srv }: Pick<Evidence, "srv">,
  endpoint: { host: string; port: number },
): { place: Place | null; records: SrvRecord[] } {
  const found = new Map<string, SrvRecord>();
  let place: Place | null = null;
  for (const set of recordSets(srv, "/srv")) {
    for (const record of set.records) {
      if (record.target !== endpoint.host || record.port !== endpoint.port) continue;
      found.set(`${record.priority} ${record.weight}`, record);
      place ??= set.place;
    }
  }
  return { place, records: [...found.values()] };
}

export function groupsBy<Value>(values: readonly Value[], key: (value: Value) => string | number): Value[][] {
  const groups = new Map<string | number, Value[]>();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return [...groups.values()];
}
