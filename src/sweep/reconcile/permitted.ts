import ipaddr from "ipaddr.js";
import type { SocketAddress } from "../../model/dns.ts";
import { ipFamily } from "../../protocol/ip.ts";
import type { PermittedEntry } from "../model.ts";
import { canonical, nameOf } from "./place.ts";
import type { Place } from "./place.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = { base: Address; prefix: number; port: number | null };

export type Permissions = {
  /** Addresses that are permitted as themselves or by a name; port null for any. */
  places: readonly (Place & { address: string })[];
  /** Permitted names for which no address was found. */
  unresolved: readonly { name: string; port: number | null; resolver: SocketAddress | null }[];
  permits: (place: Place) => boolean;
};

export function permissionsOf(entries: readonly PermittedEntry[]): Permissions {
  const places: Permissions["places"][number][] = [];
  const unresolved: Permissions["unresolved"][number][] = [];
  const ranges: Range[] = [];
  for (const { text, port, addresses, resolver } of entries) {
    if (ipFamily(text) !== 0) {
      places.push({ address: canonical(text), port, names: new Set() });
    } else if (ipaddr.isValidCIDR(text)) {
      const [base, prefix] = ipaddr.parseCIDR(text);
      ranges.push({ base, prefix, port });
    } else if (addresses.length === 0) {
      unresolved.push({ name: nameOf(text), port, resolver });
    } else {
      const names = new Set([nameOf(text)]);
      places.push(...addresses.map((address) => ({ address: canonical(address), port, names })));
    }
  }
  const ports = portsBy(places, ({ address }) => address);
  // A name with addresses stands for these alone: whoever lists it in DNS must not permit others by that.
  const namedPorts = portsBy(unresolved, ({ name }) => name);
  return {
    places,
    unresolved,
    permits({ address, port, names }) {
      if (address !== null && takes(ports.get(address), port)) return true;
      if ([...names].some((name) => takes(namedPorts.get(name), port))) return true;
      return address !== null && isWithin(address, port, ranges);
    },
  };
}

function takes(known: ReadonlySet<number | null> | undefined, port: number | null): boolean {
  return known?.has(null) === true || (port !== null && known?.has(port) === true);
}

function portsBy<Item extends { port: number | null }>(
  items: readonly Item[],
  key: (item: Item) => string,
): ReadonlyMap<string, ReadonlySet<number | null>> {
  const found = new Map<string, Set<number | null>>();
  for (const item of items) found.set(key(item), (found.get(key(item)) ?? new Set()).add(item.port));
  return found;
}

function isWithin(address: string, port: number | null, ranges: readonly Range[]): boolean {
  const plain = address.replace(/%.*$/, "");
  if (!ipaddr.isValid(plain)) return false;
  const parsed = ipaddr.parse(plain);
  return ranges.some(
    (range) =>
      (range.port === null || range.port === port) &&
      range.base.kind() === parsed.kind() &&
      parsed.match(range.base, range.prefix),
  );
}
