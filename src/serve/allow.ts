/** Who may be asked for, and which addresses may be connected to: an exporter is no relay into the network. */
import { BlockList } from "node:net";
import { ipFamily } from "../protocol/ip.ts";
import { specialUse } from "../protocol/special-use.ts";
import type { AllowedEntry } from "../targets/allowed.ts";
import type { LookTarget } from "./target.ts";

export type Permission = {
  target: (target: LookTarget) => boolean;
  /**
   * Of an address that DNS gave. Cloud metadata (169.254.169.254 and others), loopback, and what else is no other
   * machine's are refused, unless a subnet of the configuration holds them.
   */
  address: (address: string) => boolean;
};

/** A name stands for itself and all names under it; with a port, for that port only. */
export function permissionOf(
  entries: readonly AllowedEntry[],
  configured: readonly LookTarget[],
): Permission {
  const networks = new BlockList();
  /** Made once: a list takes longer to make than a probe of a host nearby. */
  const ports = new Map<number, BlockList>();
  for (const { kind, text, port } of entries) {
    if (kind === "name" || port === null) continue;
    const list = ports.get(port) ?? new BlockList();
    ports.set(port, list);
    add(list, text);
  }
  for (const { kind, text, port } of entries) if (kind !== "name" && port === null) add(networks, text);
  for (const each of configured)
    if (each.kind === "host" && ipFamily(each.host) !== 0) add(networks, each.host);
  const literals = new Set(configured.map(({ text }) => text));
  const holds = (address: string): boolean => networks.check(address, familyName(address));
  const named = (name: string, port: number | null): boolean =>
    entries.some(
      (entry) =>
        entry.kind === "name" &&
        (name === entry.text || name.endsWith(`.${entry.text}`)) &&
        (entry.port === null || entry.port === port),
    );
  const atPort = (address: string, port: number): boolean =>
    ports.get(port)?.check(address, familyName(address)) ?? false;
  return {
    target(target) {
      if (literals.has(target.text)) return true;
      if (target.kind === "domain") return named(target.domain, null);
      if (ipFamily(target.host) === 0) return named(target.host, target.port);
      return holds(target.host) || atPort(target.host, target.port);
    },
    address: (address) => !isDangerous(address) || holds(address),
  };
}

function isDangerous(address: string): boolean {
  const use = specialUse(address);
  if (use !== null && use !== "documentation" && use !== "benchmarking") return true;
  return metadata().check(address, familyName(address));
}

/** Where clouds have their metadata, and what leads to it or to loopback in another form. */
const METADATA: readonly Network[] = [
  ["169.254.0.0", 16],
  // Alibaba Cloud, Azure's WireServer, Oracle Cloud.
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
  ["192.0.0.192", 32],
];

/** What a translator would send to itself, or to nobody. */
const ITS_OWN: readonly Network[] = [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["224.0.0.0", 3],
];

type Network = readonly [network: string, bits: number];

/** IPv4 behind NAT64 (RFC 6052, RFC 8215) and 6to4, and as IPv4-compatible IPv6. */
function clothed([network, bits]: Network): Network[] {
  const [a = 0, b = 0, c = 0, d = 0] = network.split(".").map(Number);
  const [high, low] = [a * 256 + b, c * 256 + d].map((half) => half.toString(16));
  return [
    [`64:ff9b::${high}:${low}`, 96 + bits],
    [`64:ff9b:1::${high}:${low}`, 96 + bits],
    [`2002:${high}:${low}::`, 16 + bits],
    [`::${high}:${low}`, 96 + bits],
  ];
}

let metadataList: BlockList | null = null;

function metadata(): BlockList {
  if (metadataList !== null) return metadataList;
  const list = new BlockList();
  const all = [...METADATA, ["fd00:ec2::254", 128] as const, ...[...METADATA, ...ITS_OWN].flatMap(clothed)];
  for (const [network, bits] of all) list.addSubnet(network, bits, familyName(network));
  metadataList = list;
  return list;
}

function add(list: BlockList, text: string): void {
  const [address = "", bits] = text.split("/");
  if (bits === undefined) list.addAddress(address, familyName(address));
  else list.addSubnet(address, Number(bits), familyName(address));
}

function familyName(address: string): "ipv4" | "ipv6" {
  return ipFamily(address) === 6 ? "ipv6" : "ipv4";
}
