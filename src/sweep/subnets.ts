/** Counts by subnet: those of several shards added up, and the subnet that an address is counted in. */
import { addCounts, entriesOf } from "./counts.ts";
import type { SubnetCount } from "./model.ts";
import { parseIp } from "../targets/ip-value.ts";
import { orderOf } from "./ranges.ts";

const BITS = { 4: 32, 6: 128 } as const;

type Net = { subnet: string; port: number };

export function keyOfNet({ subnet, port }: Net): string {
  return `${subnet} ${port}`;
}

/** By number, then by port. */
export function byNet(a: Net, b: Net): number {
  const [first, second] = [netOrder(a), netOrder(b)];
  return Number(first > second) - Number(first < second) || a.port - b.port;
}

function netOrder({ subnet }: Net): string {
  const [base = "", prefix = ""] = subnet.split("/");
  return `${orderOf(base)}/${prefix.padStart(3, "0")}`;
}

/** Shards share subnets: what each covered of one is added up. */
export function addSubnets(all: readonly (readonly SubnetCount[])[]): SubnetCount[] {
  const [only = []] = all;
  // What one run counted has each subnet once, in order; a line of another's making may not.
  if (all.length === 1 && isAscending(only))
    return only.map((net) => (hasOneCode(net) ? net : { ...net, counts: addCounts([net.counts]) }));
  const ordered = sumsOf(all).map((net) => ({ net, order: netOrder(net) }));
  ordered.sort((a, b) => Number(a.order > b.order) - Number(a.order < b.order) || a.net.port - b.net.port);
  return ordered.map(({ net }) => net);
}

/** Nothing in its counts is to be ordered or left out: such are nearly all of a large sweep's 65,536. */
function hasOneCode({ counts }: SubnetCount): boolean {
  return Object.keys(counts).length === 1 && entriesOf(counts).length === 1;
}

function isAscending(nets: readonly Net[]): boolean {
  let last: { order: string; port: number } | null = null;
  for (const net of nets) {
    const order = netOrder(net);
    if (last !== null && (order < last.order || (order === last.order && net.port <= last.port)))
      return false;
    last = { order, port: net.port };
  }
  return true;
}

function sumsOf(all: readonly (readonly SubnetCount[])[]): SubnetCount[] {
  const parts = new Map<string, SubnetCount[]>();
  for (const net of all.flat()) {
    const known = parts.get(keyOfNet(net));
    if (known) known.push(net);
    else parts.set(keyOfNet(net), [net]);
  }
  return Array.from(parts.values(), (same) => {
    const [{ subnet, port } = { subnet: "", port: 0 }] = same;
    return {
      subnet,
      port,
      planned: same.reduce((most, { planned }) => Math.max(most, planned), 0),
      covered: same.reduce((sum, { covered }) => sum + covered, 0),
      counts: addCounts(same.map(({ counts }) => counts)),
    };
  });
}

/** Finds the subnet of an address and port; null where it is in none of these. They are sorted when one is asked for. */
export function createNets<Found extends Net>(
  nets: readonly Found[],
): (address: string, port: number) => Found | null {
  let index: ReturnType<typeof indexOf<Found>> | null = null;
  return (address, port) => {
    const ip = parseIp(address);
    if (ip === null) return null;
    const { byPrefix, prefixes } = (index ??= indexOf(nets));
    for (const prefix of prefixes[ip.family]) {
      const net = byPrefix.get(keyAt(ip.family, ip.value, prefix, port));
      if (net !== undefined) return net;
    }
    return null;
  };
}

function indexOf<Found extends Net>(nets: readonly Found[]) {
  const byPrefix = new Map<string, Found>();
  const prefixes = { 4: new Set<number>(), 6: new Set<number>() };
  for (const net of nets) {
    const [base = "", length = ""] = net.subnet.split("/");
    const ip = parseIp(base);
    const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
    if (ip === null || prefix > BITS[ip.family]) continue;
    prefixes[ip.family].add(prefix);
    byPrefix.set(keyAt(ip.family, ip.value, prefix, net.port), net);
  }
  return { byPrefix, prefixes };
}

function keyAt(family: 4 | 6, value: bigint, prefix: number, port: number): string {
  return `${family}/${prefix}/${value >> BigInt(BITS[family] - prefix)} ${port}`;
}
