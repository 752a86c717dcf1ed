import type { SrvAnswer } from "../model/dns.ts";
import type { EndpointEvidence } from "../model/evidence.ts";

/** Distinct hosts of one domain that are probed: a zone that lists more is not a KMS zone, or means us harm. */
export const MAX_ENDPOINTS = 128;

/** One host and port that a domain lists. `glue` are addresses that came with the answers. */
export type Listed = Pick<EndpointEvidence, "endpoint" | "listedBy"> & { glue: string[] };

/** One entry for each host and port that any resolver lists, in the order a client would take them. */
export function mergeListings(srv: readonly SrvAnswer[]): Listed[] {
  const merged = new Map<string, Listed>();
  for (const { resolver, answer } of srv) {
    if (answer.outcome !== "ok") continue;
    for (const { target, port, priority, weight, ttlSeconds } of answer.facts.records) {
      const key = `${target} ${port}`;
      const entry = merged.get(key) ?? { endpoint: { host: target, port }, listedBy: [], glue: [] };
      merged.set(key, entry);
      // The same host twice in one answer is one host to probe; its first record is the one kept here.
      if (!entry.listedBy.some((listing) => listing.resolver === resolver)) {
        entry.listedBy.push({ resolver, priority, weight, ttlSeconds });
      }
      for (const { name, address } of answer.facts.glue) {
        if (name === target && !entry.glue.includes(address)) entry.glue.push(address);
      }
    }
  }
  return [...merged.values()].toSorted(byPreference);
}

/** As a client would take them, and the same in every run: a resolver may turn its records round each time. */
function byPreference(a: Listed, b: Listed): number {
  const priority = ({ listedBy }: Listed): number => Math.min(...listedBy.map((listing) => listing.priority));
  const weight = ({ listedBy }: Listed): number => Math.max(...listedBy.map((listing) => listing.weight));
  return (
    priority(a) - priority(b) ||
    weight(b) - weight(a) ||
    (a.endpoint.host < b.endpoint.host ? -1 : Number(a.endpoint.host > b.endpoint.host)) ||
    a.endpoint.port - b.endpoint.port
  );
}
