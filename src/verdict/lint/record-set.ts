/** What resolvers list, as the rules look at it. */
import type { SrvAnswer, SrvRecord } from "../../model/dns.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Finding } from "../../model/finding.ts";
import { keyOf } from "../believed.ts";
import { zoneNamed } from "../denial.ts";
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

/** Both questions that a domain is asked; the second is not part of every look. */
type Asked = Pick<Evidence, "srv"> & Partial<Pick<Evidence, "udpTwin">>;
type Root = "/srv" | "/udpTwin";

/** One for each answer with records. An alias in place of the name leads to where the records stand. */
export function recordSets({ srv, udpTwin = [] }: Asked, root: Root): RecordSet[] {
  const answers = root === "/srv" ? srv : udpTwin;
  const others = root === "/srv" ? udpTwin : srv;
  return answers.flatMap(({ answer, name, resolver }, index) => {
    if (answer.outcome !== "ok" || answer.facts.records.length === 0) return [];
    const { records, aliases, authoritative } = answer.facts;
    return {
      pointer: `${root}/${index}`,
      name,
      resolver: hostPort(resolver.address, resolver.port),
      place: placeOf(aliases.at(-1) ?? name, zoneBeside(others, resolver)),
      records,
      authoritative,
    };
  });
}

/**
 * The zone, by what the resolver that gave records denies beside them: the same service under _udp stands in it, too.
 * What another resolver says of the name is of a zone of its own, where DNS is split.
 */
function zoneBeside(others: readonly SrvAnswer[], resolver: SrvAnswer["resolver"]): string | null {
  const other = others.find((each) => keyOf(each.resolver) === keyOf(resolver));
  return other?.answer.outcome === "denied" ? zoneNamed(other) : null;
}

/** Resolvers that say the same are one set: what is wrong with it is said once. */
export function distinctSets(asked: Asked, root: Root): RecordSet[] {
  const answers = (root === "/srv" ? asked.srv : asked.udpTwin) ?? [];
  const said = answers.map((answer) => contentOf(answer)?.key);
  const first = (pointer: string): boolean => {
    const index = Number(pointer.slice(root.length + 1));
    return said.indexOf(said[index]) === index;
  };
  return recordSets(asked, root).filter(({ pointer }) => first(pointer));
}

/** Every record of one host and port, once, and where it stands. */
export function recordsFor(
  asked: Asked,
  endpoint: { host: string; port: number },
): { place: Place | null; records: SrvRecord[] } {
  const found = new Map<string, SrvRecord>();
  let place: Place | null = null;
  for (const set of recordSets(asked, "/srv")) {
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
