/**
 * A subnet where every address that says anything accepts the connection is one device that answers for all of them
 * (a firewall that proxies SYN, a load balancer, a honeypot), and not that many hosts.
 */
import type { EndpointDiagnosis } from "../model/diagnosis.ts";
import type { VerdictCode } from "../model/verdict.ts";
import { entryOf } from "../verdict/catalog.ts";
import { addCounts, connects, countsWith, entriesOf, isServing, sumOf } from "./counts.ts";
import type { CodeCounts, Middlebox, MiddleboxLine, SubnetCount } from "./model.ts";
import { parseIp } from "../targets/ip-value.ts";
import { holds, joinRanges, orderOf, textOf } from "./ranges.ts";
import { byNet, createNets, keyOfNet } from "./subnets.ts";
import { compare } from "./union.ts";

/** Fewer addresses than this may all be hosts. */
const FEWEST = 16;

/** Such a device may lose a packet now and then. */
const CONNECTING_SHARE = 0.9;

/** At most this share of those that connect are real hosts behind it, which serve. */
const SERVING_SHARE = 0.1;

/**
 * Which addresses of a subnet stand for one device: those that do not serve, or all, where all that connect serve.
 * Null where there is no such device.
 */
export function foldsOf(counts: CodeCounts): "not-serving" | "all" | null {
  // As most subnets are: nothing to take apart.
  if (sumOf(counts, connects) === 0) return null;
  const seen = countsWith(counts, (code) => !entryOf(code).ours);
  const tried = sumOf(seen);
  const connecting = sumOf(seen, connects);
  const saysNo = entriesOf(seen).some(({ code }) => !connects(code) && code !== "tcp-no-answer");
  if (tried < FEWEST || saysNo || connecting < tried * CONNECTING_SHARE) return null;
  const serving = sumOf(seen, isServing);
  if (serving === connecting) return "all";
  return serving <= connecting * SERVING_SHARE ? "not-serving" : null;
}

/** @param counts of one subnet and port, all shards together */
export function isMiddlebox(counts: CodeCounts): boolean {
  return foldsOf(counts) !== null;
}

/** Addresses and ranges in as few ranges as they fit: `10.1.3.1-10.1.3.254`, `fd00::1`. */
export function rangesOf(addresses: readonly string[]): string[] {
  const { ranges, rest } = joinRanges(addresses);
  return [...ranges.map(textOf), ...rest];
}

/** An address with a line of its own. */
export type Seen = { address: string; port: number; code: VerdictCode; diagnosis: () => EndpointDiagnosis };

/**
 * Gathers what is behind a middlebox: by the counts of each subnet, and as the runs said themselves.
 *
 * @param subnets all shards together
 * @returns the middleboxes in order, and whether an address is behind one
 */
export function foldMiddleboxes(
  subnets: readonly SubnetCount[],
  seen: readonly Seen[],
  lines: readonly MiddleboxLine[],
): { middleboxes: Middlebox[]; isBehind: (seen: Pick<Seen, "address" | "port">) => boolean } {
  const netOf = createNets(subnets);
  const groups = new Map<string, { net: SubnetCount | null; seen: Seen[]; lines: MiddleboxLine[] }>();
  for (const net of subnets)
    if (isMiddlebox(net.counts)) groups.set(keyOfNet(net), { net, seen: [], lines: [] });
  for (const line of lines) {
    const group = groups.get(keyOfNet(line)) ?? { net: null, seen: [], lines: [] };
    group.lines.push(line);
    groups.set(keyOfNet(line), group);
  }
  for (const each of seen) {
    const net = netOf(each.address, each.port);
    const folds = net === null ? null : foldsOf(net.counts);
    if (net === null || folds === null || !connects(each.code)) continue;
    if (folds === "all" || !isServing(each.code)) groups.get(keyOfNet(net))?.seen.push(each);
  }
  const middleboxes = Array.from(groups.values(), (group) => middleboxOf(group.net, group.seen, group.lines));
  const found = middleboxes.filter((each) => each !== null).toSorted(byNet);
  return { middleboxes: found, isBehind: createBehind(found) };
}

function middleboxOf(
  net: SubnetCount | null,
  seen: readonly Seen[],
  lines: readonly MiddleboxLine[],
): Middlebox | null {
  const own = withoutRepeats(lines);
  const [line] = own;
  const samples = [
    ...own.map(({ sample }) => ({ order: orderOf(addressOf(sample)), sample: () => sample })),
    ...seen.map(({ address, diagnosis }) => ({ order: orderOf(address), sample: diagnosis })),
  ];
  const [first] = samples.toSorted((a, b) => compare(a.order, b.order));
  const at = net ?? line;
  // Without a line of any of its addresses, the counts of the subnet say all that is known.
  if (first === undefined || at === undefined) return null;
  const counts = net === null ? addCounts(own.map((each) => each.counts)) : countsWith(net.counts, connects);
  return {
    subnet: at.subnet,
    port: at.port,
    accepted: sumOf(counts),
    silent:
      net === null ? own.reduce((sum, each) => sum + each.silent, 0) : (net.counts["tcp-no-answer"] ?? 0),
    tried: net?.covered ?? own.reduce((sum, each) => sum + each.tried, 0),
    counts,
    addresses: rangesOf([
      ...own.flatMap(({ addresses }) => addresses),
      ...seen.map(({ address }) => address),
    ]),
    sample: first.sample(),
  };
}

/** Shards say what they saw of a subnet, each its own part; runs of one shard say the same part again. */
function withoutRepeats(lines: readonly MiddleboxLine[]): MiddleboxLine[] {
  const kept: MiddleboxLine[] = [];
  const largestFirst = lines.toSorted(
    (a, b) => b.accepted - a.accepted || compare(JSON.stringify(a), JSON.stringify(b)),
  );
  for (const line of largestFirst) {
    const known = joinRanges(kept.flatMap(({ addresses }) => addresses));
    const { ranges, rest } = joinRanges(line.addresses);
    const repeats =
      ranges.every(({ family, from, to }) =>
        known.ranges.some((each) => each.family === family && each.from <= from && to <= each.to),
      ) && rest.every((text) => known.rest.includes(text));
    if (!repeats || kept.length === 0) kept.push(line);
  }
  return kept;
}

/** Whether an address and port are among those that a middlebox answers for. */
export function createBehind(
  middleboxes: readonly Middlebox[],
): (seen: Pick<Seen, "address" | "port">) => boolean {
  const texts = new Map<number, string[]>();
  for (const { port, addresses } of middleboxes) {
    const known = texts.get(port) ?? [];
    for (const text of addresses) known.push(text);
    texts.set(port, known);
  }
  const ports = new Map(Array.from(texts, ([port, all]) => [port, joinRanges(all).ranges]));
  return ({ address, port }) => {
    const ip = parseIp(address);
    return ip !== null && holds(ports.get(port) ?? [], ip);
  };
}

function addressOf({ attempts, endpoint }: EndpointDiagnosis): string {
  return attempts[0]?.address ?? endpoint.host;
}
