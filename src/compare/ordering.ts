/** One order of addresses, whatever the order of the reports: a comparison must not depend on it. */
import ipaddr from "ipaddr.js";
import type { Network } from "../model/source.ts";
import { ipFamily } from "../protocol/ip.ts";
import { subnetOf } from "../verdict/subnet.ts";
import type { Subnet } from "../verdict/subnet.ts";

/** Sorts IPv4 before IPv6 before anything that is no address, each by value. */
export function addressKey(address: string): string {
  if (ipFamily(address) === 0) return `9 ${address}`;
  const parsed = ipaddr.process(address.replace(/%.*$/, ""));
  const bytes = parsed.toByteArray().map((byte) => byte.toString(16).padStart(2, "0"));
  return `${parsed.kind() === "ipv4" ? 4 : 6} ${bytes.join("")} ${address}`;
}

/** Sorts subnets by their address; null, of hosts without one, comes last. */
export function subnetKey(subnet: Subnet | null): string {
  if (subnet === null) return "9";
  const [base = "", prefix = ""] = subnet.cidr.split("/");
  return `${addressKey(base)}/${prefix.padStart(3, "0")} ${subnet.name ?? ""}`;
}

/** Null for what is no address. */
export function subnetOfText(address: string | null, networks: readonly Network[]): Subnet | null {
  return address === null || ipFamily(address) === 0 ? null : subnetOf(address, networks);
}

/** By code units: the same on every machine, whatever its language. */
export function by<Value>(key: (value: Value) => string): (a: Value, b: Value) => number {
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  };
}

/** Values with the same key together, in the order of first sight. */
export function groupBy<Value>(values: readonly Value[], key: (value: Value) => string): Value[][] {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const name = key(value);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [value]);
    else group.push(value);
  }
  return [...groups.values()];
}

/** The user's names first, then those of the reports, each once. */
export function mergeNetworks(own: readonly Network[], reports: readonly Network[]): Network[] {
  const known = new Set(own.map(({ cidr }) => cidr));
  const sorted = reports.toSorted(by(({ cidr, name }) => `${cidr} ${name}`));
  const added: Network[] = [];
  for (const network of sorted) {
    if (known.has(network.cidr)) continue;
    known.add(network.cidr);
    added.push(network);
  }
  return [...own, ...added];
}
