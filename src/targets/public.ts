import { parseCidr } from "./cidr.ts";
import type { Interval } from "./cidr.ts";
import { IntervalList } from "./interval-list.ts";
import type { Span } from "./interval-list.ts";
import { ipText } from "./ip-value.ts";
import type { Family } from "./ip-value.ts";
import { subtract } from "./spans.ts";

/**
 * What nobody can reach from the Internet: the entries of IANA's special-purpose address registries (RFC 6890) that are
 * not globally reachable. Not here: 6to4 and NAT64's 64:ff9b::/96, behind which public IPv4 addresses are, and what is
 * not handed out yet.
 */
const NOT_REACHABLE = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared: carrier-grade NAT
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local
  "172.16.0.0/12", // private
  "192.0.0.0/24", // IETF protocol assignments
  "192.0.2.0/24", // documentation
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast, in a registry of its own
  "240.0.0.0/4", // reserved, and limited broadcast
  "::/128", // unspecified
  "::1/128", // loopback
  "64:ff9b:1::/48", // local-use NAT64
  "100::/64", // discard-only
  "100:0:0:1::/64", // dummy prefix
  "2001::/23", // IETF protocol assignments
  "2001:db8::/32", // documentation
  "3fff::/20", // documentation
  "5f00::/16", // segment routing
  "fc00::/7", // unique local
  "fe80::/10", // link-local
  "ff00::/8", // multicast, in a registry of its own
];

/** Parts of those that are reachable after all, by entries of their own. */
const REACHABLE = [
  "192.0.0.9/32", // anycast: PCP
  "192.0.0.10/32", // anycast: TURN
  "2001::/32", // Teredo: its hosts have public IPv4 addresses
  "2001:1::1/128", // anycast: PCP
  "2001:1::2/128", // anycast: TURN
  "2001:1::3/128", // anycast: DNS-SD SRP
  "2001:3::/32", // AMT
  "2001:4:112::/48", // AS112
  "2001:20::/28", // ORCHIDv2
  "2001:30::/28", // drone remote ids
];

const lists = new Map<Family, readonly Span[]>();

/** The first address of an interval that is reachable from the Internet, as text; null where there is none. */
export function firstPublic({ family, first, last }: Interval): string | null {
  for (const span of subtract([{ first, last }], notPublic(family))) return ipText(family, span.first);
  return null;
}

/** Made when it is first asked for: most sweeps are of one family. */
function notPublic(family: Family): readonly Span[] {
  const known = lists.get(family) ?? [
    ...subtract(listOf(family, NOT_REACHABLE).spans(), listOf(family, REACHABLE).spans()),
  ];
  lists.set(family, known);
  return known;
}

function listOf(family: Family, cidrs: readonly string[]): IntervalList {
  const list = new IntervalList(family);
  for (const cidr of cidrs) {
    const interval = cidr.includes(":") === (family === 6) ? parseCidr(cidr) : null;
    if (interval) list.add(interval.first, interval.last);
  }
  return list;
}
