/** A baseline beside what is seen now: what got worse, what got better, and what is noise. Pure. */
import { entryOf, isVerdictCode } from "../../verdict/catalog.ts";
import { hostPort } from "../../verdict/words.ts";
import type { Change, Direction } from "../model.ts";
import type { Baseline, ClosedRow, HostRow, ListingRow } from "./file.ts";
import { keyOf } from "./observe.ts";
import type { Observations, Seen, SeenHostRow } from "./observe.ts";
import { durationWords } from "../../verdict/duration.ts";

/** Which differences of latency are none: within `ratio` of the baseline's median, or within `floorMs`. */
export type Noise = { ratio: number; floorMs: number };

/** One difference, and what to look at again to be sure of it. */
export type Difference = Omit<Change, "looks"> & {
  key: string;
  again: { domain: string | null; host: { host: string; port: number } | null; closed: boolean };
};

export type Compared = { differences: Difference[]; unchanged: number; notCompared: number };

export function compareWithBaseline(before: Baseline, after: Observations, noise: Noise): Compared {
  const parts = [
    ...compareHosts(before, after, noise),
    ...compareListings(before, after),
    ...compareClosed(before, after),
  ];
  return {
    differences: parts.flatMap((part) => (typeof part === "string" ? [] : [part])),
    unchanged: parts.filter((part) => part === "same").length,
    notCompared: parts.filter((part) => part === "not-compared").length,
  };
}

/** One row of either side: a difference, or why there is none. */
type Part = Difference | "same" | "not-compared";

// ---------------------------------------------------------------------------------------------------------------
// Hosts
// ---------------------------------------------------------------------------------------------------------------

type Sides = { before: HostRow[]; after: SeenHostRow[] };

function compareHosts(before: Baseline, after: Observations, noise: Noise): Part[] {
  const groups = new Map<string, Sides>();
  const group = ({ source, host, port }: HostRow): Sides => {
    const key = keyOf({ source, host, port });
    const known = groups.get(key) ?? { before: [], after: [] };
    groups.set(key, known);
    return known;
  };
  for (const row of before.hosts) group(row).before.push(row);
  for (const row of after.hosts) group(row).after.push(row);
  return [...groups.values()].flatMap((sides) => compareHost(sides, noise));
}

function compareHost(sides: Sides, noise: Noise): Part[] {
  // Gone from DNS is told with the listing; gone from the policy is nobody's trouble.
  if (sides.after.length === 0) return sides.before.map(() => "not-compared");
  if (sides.before.length === 0) return sides.after.filter(isLookedAt).map(newcomer);
  // What this machine could not look at, now or then, has not changed as far as anybody knows.
  const unknown = new Set([...sides.before, ...sides.after].filter((row) => !isLookedAt(row)).map(addressOf));
  const [before, after] = [
    sides.before.filter((row) => !unknown.has(addressOf(row))),
    sides.after.filter((row) => !unknown.has(addressOf(row))),
  ];
  const parts: Part[] = Array.from(unknown, () => "not-compared");
  if (before.length === 0 && after.length === 0) return parts;
  if (before.length === 0 || after.length === 0) return [...parts, "not-compared"];
  const matched = after.flatMap((now) => {
    const old = before.find(({ address }) => address === now.address);
    return old === undefined ? [] : [{ old, now }];
  });
  for (const { old, now } of matched) parts.push(compareAddress(old, now, noise));
  const moved = matched.length < before.length || matched.length < after.length;
  return moved ? [...parts, compareAddresses(before, after, parts)] : parts;
}

function addressOf({ address }: HostRow): string {
  return address ?? "";
}

function isLookedAt({ verdict }: HostRow): boolean {
  return !isVerdictCode(verdict) || !entryOf(verdict).ours;
}

/** A host that DNS lists since, and that does not serve, costs clients time. */
function newcomer(now: Seen<HostRow>): Part {
  const direction = now.serves ? "better" : now.listed ? "worse" : "changed";
  return hostDifference(now, direction, "not there", stateWords(now));
}

function compareAddress(old: HostRow, now: SeenHostRow, noise: Noise): Part {
  if (old.serves !== now.serves)
    return hostDifference(now, now.serves ? "better" : "worse", stateWords(old), stateWords(now));
  if (old.verdict !== now.verdict) return hostDifference(now, "changed", stateWords(old), stateWords(now));
  const slower = compareLatency(old.rpc, now, noise);
  if (slower === "same") return "same";
  return { ...hostDifference(now, slower, latencyWords(old), latencyWords(now)), what: "latency" };
}

function latencyWords({ rpc }: HostRow): string {
  return `RPC median ${durationWords(rpc?.medianMs ?? 0)}`;
}

type Rpc = NonNullable<HostRow["rpc"]>;

/**
 * Beyond the other side's own spread, and by more than noise is. Slower are three round trips of four: a machine that
 * is busy, this one or the host, makes some of them slow, and a path all of them.
 */
function compareLatency(
  old: Rpc | null,
  { rpc, quarterMs }: SeenHostRow,
  { ratio, floorMs }: Noise,
): "worse" | "better" | "same" {
  if (old === null || rpc === null) return "same";
  const exceeds = (ms: number, low: Rpc): boolean =>
    ms > low.medianMs * (1 + ratio) && ms - low.medianMs > floorMs && ms > low.p95Ms;
  if (quarterMs !== null && exceeds(quarterMs, old)) return "worse";
  return exceeds(old.medianMs, rpc) ? "better" : "same";
}

/** The host has other addresses than before: whether it still serves is what counts. */
function compareAddresses(
  before: readonly HostRow[],
  after: readonly Seen<HostRow>[],
  told: readonly Part[],
): Part {
  const [first] = after;
  if (first === undefined) return "not-compared";
  const [served, serves] = [before.some((row) => row.serves), after.some((row) => row.serves)];
  const direction = served === serves ? "changed" : serves ? "better" : "worse";
  if (
    direction !== "changed" &&
    told.some((part) => typeof part !== "string" && part.direction === direction)
  )
    return "same";
  const now = after.find((row) => !row.serves) ?? first;
  return {
    ...hostDifference({ ...now, address: null }, direction, addressWords(before), addressWords(after)),
  };
}

function addressWords(rows: readonly HostRow[]): string {
  return rows.map((row) => `${row.address ?? "no address"} ${stateWords(row)}`).join(", ");
}

function hostDifference(now: Seen<HostRow>, direction: Direction, before: string, after: string): Difference {
  const { source, host, port, address, next, pointer } = now;
  const name = hostPort(host, port);
  return {
    key: keyOf({ source, host, port, address }),
    what: "host",
    about: address === null || address === host ? name : `${name} at ${address}`,
    source,
    direction,
    before,
    after,
    next: direction === "worse" ? [...next] : [],
    pointer,
    again: { domain: null, host: { host, port }, closed: false },
  };
}

function stateWords({ verdict, serves }: HostRow): string {
  if (serves) return "serves";
  return isVerdictCode(verdict) ? entryOf(verdict).title : verdict;
}

// ---------------------------------------------------------------------------------------------------------------
// Listings
// ---------------------------------------------------------------------------------------------------------------

function compareListings(before: Baseline, after: Observations): Part[] {
  const now = new Map(after.listings.map((row) => [keyOf(row), row]));
  const served = new Set(
    before.hosts.flatMap(({ serves, host, port }) => (serves ? [hostPort(host, port)] : [])),
  );
  return before.listings.map((old): Part => {
    const found = now.get(keyOf(old));
    if (found === undefined || found.open) return "not-compared";
    return compareListing(old, found, served);
  });
}

function compareListing(old: ListingRow, now: Seen<ListingRow>, served: ReadonlySet<string>): Part {
  const difference = (what: "listing" | "resolver", direction: Direction): Difference => ({
    key: keyOf(old),
    what,
    about: `${now.domain} at ${now.resolver}`,
    source: now.source,
    direction,
    before: listingWords(old),
    after: listingWords(now),
    next: direction === "worse" ? [...now.next, ...(what === "listing" ? LOST : [])] : [],
    pointer: now.pointer,
    again: { domain: now.domain, host: null, closed: false },
  });
  if (old.answers !== now.answers) return difference("resolver", now.answers ? "better" : "worse");
  const lost = old.hosts.filter((host) => !now.hosts.includes(host));
  const gained = now.hosts.filter((host) => !old.hosts.includes(host));
  if (lost.length === 0 && gained.length === 0) return "same";
  if (lost.some((host) => served.has(host))) return difference("listing", "worse");
  return difference("listing", lost.length > 0 && gained.length === 0 ? "better" : "changed");
}

const LOST = [
  {
    where: "kms-host",
    text: "If the host is still meant to serve, have it publish again",
    command: "Restart-Service sppsvc",
  },
] as const;

function listingWords({ hosts, said }: ListingRow): string {
  return hosts.length > 0 ? `lists ${hosts.join(", ")}` : said;
}

// ---------------------------------------------------------------------------------------------------------------
// Closed ports
// ---------------------------------------------------------------------------------------------------------------

function compareClosed(before: Baseline, after: Observations): Part[] {
  const now = new Map(after.closed.map((row) => [keyOf(row), row]));
  return before.closed.map((old): Part => {
    const found = now.get(keyOf(old));
    if (found === undefined) return "not-compared";
    if (found.answer === old.answer) return "same";
    const direction =
      found.answer === "connects" ? "worse" : old.answer === "connects" ? "better" : "changed";
    const { source, host, port, address, next, pointer } = found;
    return {
      key: keyOf(found),
      what: "closed",
      about: hostPort(address, port),
      source,
      direction,
      before: CLOSED_WORDS[old.answer],
      after: CLOSED_WORDS[found.answer],
      next: direction === "worse" ? [...next] : [],
      pointer,
      again: { domain: null, host: { host, port }, closed: true },
    };
  });
}

const CLOSED_WORDS: Readonly<Record<ClosedRow["answer"], string>> = {
  connects: "accepts connections",
  "no-answer": "no answer",
  refused: "refuses",
};
