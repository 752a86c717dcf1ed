/** What is said of a sweep before it begins. */
import { openSpace } from "../targets/address-set.ts";
import type { SweepRequest } from "../run/sweep/sweep.ts";
import { shardSize } from "../run/sweep/board.ts";

/** Subnets listed by --dry-run. */
const MAX_LISTED = 40;

/** `--dry-run`: all that would be touched, and how. */
export function describePlan(request: SweepRequest): string {
  const { plan, columns } = request;
  const space = openSpace(columns);
  const lines = [describeStart(request), ""];
  const listed = Math.min(space.subnets, MAX_LISTED);
  for (let subnet = 0; subnet < listed; subnet++) {
    const { subnet: cidr, port, planned } = space.subnetOf(subnet);
    lines.push(`  ${cidr} port ${port}: ${count(planned, "address", "addresses")}`);
  }
  if (space.subnets > listed)
    lines.push(`  and ${count(space.subnets - listed, "more subnet", "more subnets")}`);
  if (plan.excluded.length > 0) lines.push(`  excluded: ${plan.excluded.join(", ")}`);
  if (request.unresolved.length > 0)
    lines.push(`  names without an address: ${request.unresolved.map(({ names }) => names[0]).join(", ")}`);
  lines.push("", "Nothing was touched.");
  return `${lines.join("\n")}\n`;
}

/** One line: how much, how fast, how long. */
export function describeStart({ plan, shard, settings, columns }: SweepRequest): string {
  const size = shardSize(plan.addresses, shard);
  const space = openSpace(columns);
  const part = shard.count > 1 ? `shard ${shard.index} of ${shard.count}: ` : "";
  const pace =
    settings.rate === 0
      ? "without a limit of rate"
      : `at most ${settings.rate.toLocaleString("en")} connections a second (${durationOf(size / settings.rate)} or more)`;
  return `${part}${count(size, "address", "addresses")} in ${count(space.subnets, "subnet", "subnets")}, ${pace}, ${settings.concurrency.toLocaleString("en")} in flight`;
}

/** `45 s`, `2 min 11 s`, `3 h 20 min`. */
export function durationOf(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

function count(value: number, one: string, many: string): string {
  return `${value.toLocaleString("en")} ${value === 1 ? one : many}`;
}
