import ipaddr from "ipaddr.js";
import type { Network } from "../model/source.ts";

/** A subnet to group hosts by: one the user named, or else the usual size of one. */
export type Subnet = { cidr: string; name: string | null };

/** What a LAN usually is: nobody told us. */
const USUAL_PREFIX = { ipv4: 24, ipv6: 64 } as const;

/** The named network that holds the address, the smallest of several; without one its /24 or /64. */
export function subnetOf(address: string, networks: readonly Network[]): Subnet {
  const plain = address.replace(/%.*$/, "");
  if (!ipaddr.isValid(plain)) return { cidr: plain, name: null };
  const parsed = ipaddr.process(plain);
  const holding = networks
    .map((network) => ({ ...network, range: ipaddr.parseCIDR(network.cidr) }))
    .filter(({ range }) => range[0].kind() === parsed.kind() && parsed.match(range))
    .toSorted((a, b) => b.range[1] - a.range[1]);
  const [named] = holding;
  if (named) return { cidr: named.cidr, name: named.name };
  const prefix = USUAL_PREFIX[parsed.kind()];
  const family = parsed.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return {
    cidr: `${family.networkAddressFromCIDR(`${parsed.toString()}/${prefix}`).toString()}/${prefix}`,
    name: null,
  };
}

/** `hq (10.20.0.0/16)`, or the bare subnet. */
export function subnetLabel({ cidr, name }: Subnet): string {
  return name === null ? cidr : `${name} (${cidr})`;
}
