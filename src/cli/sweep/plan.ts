/** What is said of a sweep before it begins. */
import { openSpace } from "../../targets/address-set.ts";
import type { AddressSpace } from "../../targets/address-set.ts";
import type { SweepRequest } from "../../run/sweep/model.ts";
import { grouped } from "../../sweep/counts.ts";
import { addressesOfShards } from "../../sweep/coverage.ts";
import { durationWords } from "../../verdict/duration.ts";

/** Ranges listed by --dry-run. */
const MAX_LISTED = 40;

/** `--dry-run`: all that would be touched, and how. */
export function describePlan(request: SweepRequest): string {
  const { plan, columns, unresolved } = request;
  const space = openSpace(columns);
  const lines = [describeStart(request), ""];
  for (const [row, port] of columns.ports.subarray(0, MAX_LISTED).entries()) {
    const from = columns.offsets[row] ?? 0;
    const size = (columns.offsets[row + 1] ?? 0) - from;
    const range =
      size === 1 ? space.address(from) : `${space.address(from)}-${space.address(from + size - 1)}`;
    lines.push(`  ${range} port ${port}: ${count(size, "address", "addresses")}`);
  }
  const more = columns.ports.length - MAX_LISTED;
  if (more > 0) lines.push(`  and ${count(more, "more range", "more ranges")}`);
  if (plan.excluded.length > 0) lines.push(`  excluded: ${plan.excluded.join(", ")}`);
  if (unresolved.length > 0)
    lines.push(`  names without an address: ${unresolved.map(({ names }) => names[0]).join(", ")}`);
  lines.push("", "Nothing was touched.");
  return `${lines.join("\n")}\n`;
}

/** One line: how much, how fast, how long. */
export function describeStart(request: SweepRequest): string {
  const { plan, shard, settings, burst, columns } = request;
  const size = addressesOfShards(plan, shard);
  const space = openSpace(columns);
  const part = shard.count > 1 ? `shard ${shard.index} of ${shard.count}: ` : "";
  const pacedSeconds = settings.rate === 0 ? 0 : Math.max(0, size - burst) / settings.rate;
  const ahead = burst > 0 ? ` after the first ${grouped(burst)}` : "";
  const pace =
    settings.rate === 0
      ? "without a limit of rate"
      : `at most ${grouped(settings.rate)} connections a second${ahead} (${durationOf(pacedSeconds)} or more)`;
  const subnets = hasSeveralPorts(columns) ? subnetsOf(space) : space.subnets;
  return `${part}${looksOf(request, size)} in ${count(subnets, "subnet", "subnets")}, ${pace}, ${grouped(settings.concurrency)} in flight`;
}

/** `5 addresses`, or `5 pairs of address and port`: at several ports, an address is looked at several times. */
export function looksOf({ columns }: Pick<SweepRequest, "columns">, size: number): string {
  return hasSeveralPorts(columns)
    ? count(size, "pair of address and port", "pairs of address and port")
    : count(size, "address", "addresses");
}

function hasSeveralPorts({ ports }: SweepRequest["columns"]): boolean {
  return new Set(ports).size > 1;
}

/** Each once, however many ports of it are looked at. */
function subnetsOf(space: AddressSpace): number {
  const subnets = new Set<string>();
  for (let group = 0; group < space.subnets; group++) subnets.add(space.subnetOf(group).subnet);
  return subnets.size;
}

/** How long a sweep has to go yet: whole seconds, one at least. */
export function durationOf(seconds: number): string {
  return durationWords(Math.max(1, Math.round(seconds)) * 1_000);
}

function count(value: number, one: string, many: string): string {
  return `${grouped(value)} ${value === 1 ? one : many}`;
}
