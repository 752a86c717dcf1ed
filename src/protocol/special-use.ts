/** Addresses that name no other machine, or none at all (RFC 6890 and the registries behind it). */
import { BlockList } from "node:net";
import { ipFamily } from "./ip.ts";

export type SpecialUse =
  | "unspecified"
  | "loopback"
  | "link-local"
  | "multicast"
  | "broadcast"
  | "reserved"
  | "documentation"
  | "benchmarking";

/** The smaller ones first. 169.254/16 is not here: somebody may answer there. */
const RANGES: readonly [use: SpecialUse, network: string, bits: number][] = [
  ["broadcast", "255.255.255.255", 32],
  ["unspecified", "0.0.0.0", 8],
  ["loopback", "127.0.0.0", 8],
  ["multicast", "224.0.0.0", 4],
  ["reserved", "240.0.0.0", 4],
  ["documentation", "192.0.2.0", 24],
  ["documentation", "198.51.100.0", 24],
  ["documentation", "203.0.113.0", 24],
  ["benchmarking", "198.18.0.0", 15],
  ["unspecified", "::", 128],
  ["loopback", "::1", 128],
  ["link-local", "fe80::", 10],
  ["multicast", "ff00::", 8],
  ["documentation", "2001:db8::", 32],
];

/**
 * Whether no other machine can answer at such an address. Those of documents and of the reserved block can be
 * somebody's, by mistake or by experiment; those for benchmarks are what proxies make up for names (fake-ip).
 */
export function isNobodys(use: SpecialUse): boolean {
  return use !== "documentation" && use !== "reserved" && use !== "benchmarking";
}

/** What is not reachable from the Internet (RFC 6890), beside the ranges above. */
const PRIVATE: readonly [network: string, bits: number][] = [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["fc00::", 7],
];

/** Whether an address is reachable from the Internet: what is asked there is told to strangers. */
export function isPublic(address: string): boolean {
  if (specialUse(address) !== null || ipFamily(address) === 0) return false;
  privates ??= blockList(PRIVATE);
  return !holds(privates, unmapped(address));
}

/** Made when they are first needed: most runs see a handful of addresses, some none. */
let lists: { use: SpecialUse; list: BlockList }[] | null = null;
let privates: BlockList | null = null;

/** What kind of special address this is; null for one that can be a host's. Mapped IPv4 counts as what it maps. */
export function specialUse(address: string): SpecialUse | null {
  const before = known.get(address);
  if (before !== undefined) return before;
  const use = specialUseOf(address);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(address, use);
  return use;
}

/** Going through the lists takes as long as a system call; an exporter asks for the same address all day. */
const known = new Map<string, SpecialUse | null>();
const MOST_KNOWN = 1_024;

function specialUseOf(address: string): SpecialUse | null {
  // With a zone it is a host's on that link: a hosts file can say so, DNS can't.
  if (ipFamily(address) === 0 || address.includes("%")) return null;
  lists ??= RANGES.map(([use, network, bits]) => ({ use, list: blockList([[network, bits]]) }));
  const plain = unmapped(address);
  return lists.find(({ list }) => holds(list, plain))?.use ?? null;
}

function blockList(networks: readonly (readonly [network: string, bits: number])[]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks)
    list.addSubnet(network, bits, network.includes(":") ? "ipv6" : "ipv4");
  return list;
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, ipFamily(address) === 6 ? "ipv6" : "ipv4");
}

/** The IPv4 address behind a mapped one; without a zone. */
function unmapped(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? hexMapped(address) ?? address.replace(/%.*/, "");
}

/** `::ffff:7f00:1` as 127.0.0.1. */
function hexMapped(address: string): string | null {
  const [, high = "", low = ""] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === "") return null;
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join(".");
}
