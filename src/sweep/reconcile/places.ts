/** All that was swept, published or permitted, brought to places that each stand once. */
import { addressKey } from "./place.ts";
import type { Place } from "./place.ts";
import type { Listing } from "./published.ts";
import type { Permissions } from "./permitted.ts";
import type { Swept } from "./swept.ts";

/**
 * Every place that deserves a row, once.
 *
 * What is permitted at any port stands where something is known of it already, and only without that for itself; so
 * permissions come after the rest, those with a port first. A name without an address stands for whatever was swept or
 * published under it: DNS may have failed at one of two times.
 */
export function placesOf(swept: Swept, listing: Listing | null, permissions: Permissions | null): Place[] {
  const found = new Map<string, { address: string | null; port: number | null; names: Set<string> }>();
  const ports = new Map<string, Set<number>>();
  const add = (address: string | null, port: number | null, names: Iterable<string>): void => {
    const key =
      address === null ? `name ${[...names].join(" ")} ${port ?? "any"}` : addressKey(address, port);
    const place = found.get(key) ?? { address, port, names: new Set<string>() };
    for (const name of names) place.names.add(name);
    found.set(key, place);
    if (address !== null && port !== null) ports.set(address, (ports.get(address) ?? new Set()).add(port));
  };
  const addNamed = (name: string, port: number | null): void => {
    const named = swept.named(name, port);
    if (named.length === 0) add(null, port, [name]);
    for (const each of named) add(each.address, each.port, each.address === null ? [name] : each.names);
  };
  for (const { address, port, names } of swept.places.filter(({ answers }) => answers === "serves"))
    add(address, port, names);
  for (const { address, port, names } of listing?.places ?? []) add(address, port, names);
  for (const { name, port } of listing?.unresolved ?? []) addNamed(name, port);
  for (const { address, port, names } of permissions?.places ?? []) {
    if (port !== null) add(address, port, names);
  }
  for (const { address, port, names } of permissions?.places ?? []) {
    if (port !== null) continue;
    const those = ports.get(address) ?? new Set(swept.portsAt(address));
    if (those.size === 0) add(address, null, names);
    for (const each of those) add(address, each, names);
  }
  const known = portsByName(found.values());
  for (const { name, port } of permissions?.unresolved ?? []) {
    const those = known.get(name);
    if (those === undefined || (port !== null && !those.has(port))) addNamed(name, port);
  }
  return [...found.values()].map((place) => withSweptNames(place, swept));
}

function portsByName(places: Iterable<Place>): ReadonlyMap<string, ReadonlySet<number | null>> {
  const found = new Map<string, Set<number | null>>();
  for (const { names, port } of places) {
    for (const name of names) found.set(name, (found.get(name) ?? new Set()).add(port));
  }
  return found;
}

function withSweptNames(place: Place, swept: Swept): Place {
  return { ...place, names: new Set([...place.names, ...(swept.at(place)?.names ?? [])]) };
}
