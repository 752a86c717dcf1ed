/** This machine's interfaces, addresses and routes, and what came and went between two looks at them. */
import dns from "node:dns";
import fs from "node:fs/promises";
import os from "node:os";
import ipaddr from "ipaddr.js";

/** Each in words that are the same as long as the thing is: `eth0`, `10.0.0.5/24 on eth0`, `default via 10.0.0.1 on eth0`. */
export type NetworkState = {
  interfaces: string[];
  addresses: string[];
  /** Null where the system doesn't say, or says too much to read every second. */
  routes: string[] | null;
};

export type NetworkChange = {
  what: "interface" | "address" | "route";
  change: "came" | "went";
  name: string;
};

/** A table larger than this belongs to a router: reading it once a second would be felt. */
const MAX_TABLE_CHARACTERS = 1 << 20;

/**
 * Never rejects. Routes are those of Linux's main table; other systems are asked for interfaces only.
 * @returns null where this machine could not be asked at all
 */
export async function readNetwork(): Promise<NetworkState | null> {
  const read = readInterfaces();
  if (read === null) return null;
  const { interfaces, addresses } = read;
  if (process.platform !== "linux") return { interfaces, addresses, routes: null };
  const [four, six] = await Promise.all([
    readTable("/proc/net/route", parseRoutes4),
    readTable("/proc/net/ipv6_route", parseRoutes6),
  ]);
  const routes = four === null && six === null ? null : [...(four ?? []), ...(six ?? [])];
  return { interfaces, addresses, routes };
}

/**
 * Makes `systemResolvers` tell what the system has now: Node reads its configuration once (seen on 20.20, Linux), and
 * a VPN that comes up later brings resolvers of its own.
 */
export function reloadResolvers(): void {
  const now = new dns.Resolver().getServers();
  if (now.join(" ") === dns.getServers().join(" ")) return;
  try {
    dns.setServers(now);
  } catch {
    // An address of the system's own that Node doesn't take back (a scoped one): the old list stays.
  }
}

/** Interfaces first, then addresses, then routes; in each what went before what came. */
export function diffNetwork(before: NetworkState, after: NetworkState): NetworkChange[] {
  return [
    ...diff("interface", before.interfaces, after.interfaces),
    ...diff("address", before.addresses, after.addresses),
    ...(before.routes && after.routes ? diff("route", before.routes, after.routes) : []),
  ];
}

function diff(
  what: NetworkChange["what"],
  before: readonly string[],
  after: readonly string[],
): NetworkChange[] {
  const was = new Set(before);
  const is = new Set(after);
  return [
    ...[...was].filter((name) => !is.has(name)).map((name) => ({ what, change: "went", name }) as const),
    ...[...is].filter((name) => !was.has(name)).map((name) => ({ what, change: "came", name }) as const),
  ];
}

function readInterfaces(): Pick<NetworkState, "interfaces" | "addresses"> | null {
  try {
    const all = Object.entries(os.networkInterfaces());
    return {
      interfaces: all.map(([name]) => name),
      addresses: all.flatMap(([name, entries]) =>
        (entries ?? []).map(({ address, cidr }) => `${cidr ?? address} on ${name}`),
      ),
    };
  } catch {
    // Asking takes a descriptor, and none may be left.
    return null;
  }
}

async function readTable(file: string, parse: (table: string) => string[]): Promise<string[] | null> {
  try {
    const text = await fs.readFile(file, "latin1");
    return text.length > MAX_TABLE_CHARACTERS ? null : parse(text);
  } catch {
    return null;
  }
}

/** Flags of both tables (include/uapi/linux/route.h, ipv6_route.h). */
const RTF = {
  up: 0x1,
  gateway: 0x2,
  reject: 0x200,
  anycast: 0x100000,
  cache: 0x1000000,
  local: 0x80000000,
} as const;

/** @param table the text of /proc/net/route: addresses are 32-bit words in host byte order */
export function parseRoutes4(table: string): string[] {
  return table.split("\n").flatMap((line) => {
    const [device, destination, gateway, flagsHex, , , metric, mask] = line.trim().split(/\s+/);
    const flags = Number.parseInt(flagsHex ?? "", 16);
    if (device === undefined || destination === undefined || gateway === undefined || mask === undefined)
      return [];
    if (!(flags & RTF.up) || !isHex(destination, 8) || !isHex(gateway, 8) || !isHex(mask, 8)) return [];
    const to = `${address4(destination)}/${prefixOf(mask)}`;
    return [words({ to, gateway: address4(gateway), flags, device, metric: Number(metric) })];
  });
}

/**
 * Without what is no route to anywhere: our own addresses, multicast, the kernel's cache and its last resort.
 * @param table the text of /proc/net/ipv6_route
 */
export function parseRoutes6(table: string): string[] {
  return table.split("\n").flatMap((line) => {
    const [destination, prefix, , , gateway, metricHex, , , flagsHex, device] = line.trim().split(/\s+/);
    if (destination === undefined || prefix === undefined || gateway === undefined || device === undefined)
      return [];
    const flags = Number.parseInt(flagsHex ?? "", 16);
    const metric = Number.parseInt(metricHex ?? "", 16);
    if (Number.isNaN(flags) || !isHex(destination, 32) || !isHex(gateway, 32)) return [];
    if ((flags & (RTF.anycast | RTF.cache | RTF.local)) !== 0 || metric === 0xffffffff) return [];
    if (destination.startsWith("ff")) return [];
    const to = `${address6(destination)}/${Number.parseInt(prefix, 16)}`;
    return [words({ to, gateway: address6(gateway), flags, device, metric })];
  });
}

type Route = { to: string; gateway: string; flags: number; device: string; metric: number };

/** As `ip route` would say it, metric included: two defaults may differ in nothing else. */
function words({ to, gateway, flags, device, metric }: Route): string {
  const name = to === "0.0.0.0/0" ? "default" : to === "::/0" ? "default (IPv6)" : to;
  const via = (flags & RTF.gateway) !== 0 ? ` via ${gateway}` : "";
  const where = (flags & RTF.reject) !== 0 ? `unreachable ${name}` : `${name}${via} on ${device}`;
  return metric > 0 ? `${where} metric ${metric}` : where;
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9A-Fa-f]+$/.test(text);
}

/** Every Linux that Node runs on, but one, is little-endian; there the bytes stand the other way round. */
function address4(word: string): string {
  const bytes = word.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
  return (os.endianness() === "LE" ? bytes.toReversed() : bytes).join(".");
}

function prefixOf(mask: string): number {
  return Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
}

function address6(hex: string): string {
  const parts = hex.match(/..../g)?.map((part) => Number.parseInt(part, 16)) ?? [];
  return new ipaddr.IPv6(parts).toString();
}
