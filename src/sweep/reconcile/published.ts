import type { Endpoint } from "../../model/evidence.ts";
import { ipFamily } from "../../protocol/ip.ts";
import type { PublishedDomain } from "../model.ts";
import { append } from "./multimap.ts";
import { addressKey, canonical, nameOf, namesAt } from "./place.ts";
import type { Place } from "./place.ts";

/** One host of one domain's list, with what holds its records. */
export type PublishedRecord = { domain: PublishedDomain; endpoint: Endpoint; gone: boolean };

export type Listing = {
  domains: readonly PublishedDomain[];
  /** Whether DNS gave all of its list, so that what is missing there is unpublished. */
  complete: boolean;
  places: readonly (Place & { address: string; port: number })[];
  /** Hosts for which no address was found. */
  unresolved: readonly { name: string; port: number }[];
  recordsOf: (place: Place) => PublishedRecord[];
};

export function listingOf(published: readonly PublishedDomain[]): Listing {
  const domains = published.toSorted((a, b) => (a.domain < b.domain ? -1 : Number(a.domain > b.domain)));
  const byAddress = new Map<string, PublishedRecord[]>();
  const byName = new Map<string, PublishedRecord[]>();
  const places = new Map<string, { address: string; port: number; names: Set<string> }>();
  const unresolved = new Map<string, Listing["unresolved"][number]>();
  for (const domain of domains) {
    for (const { endpoint, addresses, gone } of domain.hosts) {
      const { port } = endpoint;
      const name = nameOf(endpoint.host);
      const record = { domain, endpoint, gone };
      for (const address of addresses.map(canonical)) {
        const key = addressKey(address, port);
        append(byAddress, key, record);
        const place = places.get(key) ?? { address, port, names: new Set<string>() };
        if (ipFamily(endpoint.host) === 0) place.names.add(name);
        places.set(key, place);
      }
      if (addresses.length > 0) continue;
      const key = `${name} ${port}`;
      append(byName, key, record);
      unresolved.set(key, { name, port });
    }
  }
  const recordsOf = (place: Place): PublishedRecord[] => {
    const { address, port } = place;
    const at = address === null ? [] : (byAddress.get(addressKey(address, port)) ?? []);
    const named = namesAt(place).flatMap((name) => byName.get(`${name} ${port}`) ?? []);
    return [...at, ...named].toSorted(byRecord);
  };
  return {
    domains,
    complete: domains.every(isComplete),
    places: [...places.values()],
    unresolved: [...unresolved.values()],
    recordsOf,
  };
}

function byRecord(a: PublishedRecord, b: PublishedRecord): number {
  const [left = "", right = ""] = [a, b].map(
    ({ domain, endpoint }) => `${domain.domain} ${endpoint.host} ${endpoint.port}`,
  );
  return left < right ? -1 : Number(left > right);
}

/** Somebody answered for the domain, and none of its hosts was left out. A denial is an answer: nobody is listed. */
function isComplete({ srv, hosts }: PublishedDomain): boolean {
  const listed = new Set<string>();
  let answered = false;
  for (const { answer } of srv) {
    if (answer.outcome === "denied") {
      const { rcode } = answer.denial;
      answered ||= rcode === "NOERROR" || rcode === "NXDOMAIN";
    }
    if (answer.outcome !== "ok") continue;
    if (answer.facts.dropped > 0) return false;
    answered = true;
    for (const { target, port } of answer.facts.records) listed.add(`${target} ${port}`);
  }
  return answered && listed.size <= hosts.length;
}
