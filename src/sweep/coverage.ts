/** How much of the plan was looked at, and who has yet to look at the rest. */
import { grouped } from "./counts.ts";
import type { EndLine, Gap, Plan, Shard, SweepReport } from "./model.ts";

/** Shard i of n has the places k of the visiting order with k % n = i - 1. */
export function addressesOfShards(
  { addresses }: Pick<Plan, "addresses">,
  first: Shard,
  last: Shard = first,
): number {
  const { count } = first;
  const each = Math.floor(addresses / count);
  const withOneMore = addresses % count;
  const more = Math.max(0, Math.min(last.index, withOneMore) - Math.min(first.index - 1, withOneMore));
  return each * (last.index - first.index + 1) + more;
}

/**
 * @param seen shards with any line, in order, all of one division
 * @param ends by the index of the shard; a killed one has none
 */
export function coverageOf(
  plan: Plan,
  seen: readonly Shard[],
  ends: ReadonlyMap<number, EndLine>,
): SweepReport["coverage"] {
  const gaps: Gap[] = [];
  const count = seen[0]?.count ?? 1;
  let next = 1;
  for (const shard of seen) {
    gaps.push(
      ...missing(plan, count, next, shard.index - 1),
      ...unfinished(plan, shard, ends.get(shard.index)),
    );
    next = shard.index + 1;
  }
  gaps.push(...missing(plan, count, next, count));
  const covered = Array.from(ends.values()).reduce((sum, end) => sum + end.covered, 0);
  return { planned: plan.addresses, covered, complete: gaps.length === 0, gaps };
}

/** Neighbours are named together: there may be a hundred thousand of them. */
function missing(plan: Plan, count: number, from: number, to: number): Gap[] {
  if (from > to) return [];
  const addresses = addressesOfShards(plan, { index: from, count }, { index: to, count });
  if (addresses === 0) return [];
  const who = from === to ? `shard ${from} of ${count} is` : `shards ${from} to ${to} of ${count} are`;
  const text = `${who} missing: ${counted(plan, addresses)}`;
  return [{ shard: { index: from, count }, addresses, why: "shard-missing", text }];
}

function unfinished(plan: Plan, shard: Shard, end: EndLine | undefined): Gap[] {
  const planned = addressesOfShards(plan, shard);
  const who = shard.count === 1 ? "the run" : `shard ${shard.index} of ${shard.count}`;
  if (end === undefined) {
    if (planned === 0) return [];
    const text = `${who} was killed, and how far it came of ${counted(plan, planned)} is not known: ${AGAIN}`;
    return [{ shard, addresses: planned, why: "shard-killed", text }];
  }
  const left = planned - end.covered;
  if (left <= 0) return [];
  const how = end.interrupted ? "was interrupted" : "ended early";
  const text = `${who} ${how}: ${counted(plan, left)} of ${grouped(planned)} left; ${AGAIN}`;
  return [{ shard, addresses: left, why: "interrupted", text }];
}

/** What is left does not say whether there is a state. */
const AGAIN = "run it again, where it goes on if it had a --state file, else from the start";

/** Of an address at several ports, each is a look of its own. */
function counted({ ports }: Plan, number: number): string {
  const [one, many] =
    ports.length > 1 ? ["pair of address and port", "pairs of address and port"] : ["address", "addresses"];
  return `${grouped(number)} ${number === 1 ? one : many}`;
}
