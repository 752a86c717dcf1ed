/** Who may be asked for, and which addresses may be connected to: an exporter is no relay into the network. */
import { BlockList } from "node:net";
import { ipFamily } from "../protocol/ip.ts";
import { specialUse } from "../protocol/special-use.ts";
import type { AllowedEntry } from "../targets/allowed.ts";
import type { LookTarget } from "./target.ts";

export type Permission = {
  target: (target: LookTarget) => boolean;
  /**
   * Of an address that DNS gave. Cloud metadata (169.254.169.254, fd00:ec2::254), loopback and what else is no other
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

let metadataList: BlockList | null = null;

/** Link-local IPv4 holds the metadata services of most clouds; one has an address of its own in IPv6. */
function metadata(): BlockList {
  if (metadataList !== null) return metadataList;
  const list = new BlockList();
  list.addSubnet("169.254.0.0", 16, "ipv4");
  list.addSubnet("::ffff:169.254.0.0", 112, "ipv6");
  list.addAddress("fd00:ec2::254", "ipv6");
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
