/** Lists of hosts that many ask for: one question at a time for each domain, and none sooner than is stated. */
import type { Clock } from "../../transport/clock.ts";
import { createPool } from "../pool.ts";
import { listHosts } from "./listing.ts";
import type { Listing } from "./listing.ts";
import type { CheckOptions } from "../request.ts";

/** One list: its name, and what DNS is asked. */
export type ListKey = { name: string; options: CheckOptions & { domains: readonly [string] } };

/** Domains that are asked for at a time, and answers that are kept. */
const AT_A_TIME = 16;
const MOST_KEPT = 4_096;
/** No resolver may hold on to a question for ever. */
const LIMIT_MS = 30_000;

export function createListings(
  clock: Clock,
  minIntervalMs: () => number,
  list = listHosts,
): (key: ListKey) => Promise<Listing> {
  const pool = createPool(AT_A_TIME);
  const kept = new Map<string, { startedMs: number; listing: Promise<Listing> }>();
  return ({ name, options }) => {
    const nowMs = clock.nowMs();
    const known = kept.get(name);
    if (known !== undefined && nowMs - known.startedMs < minIntervalMs()) return known.listing;
    // Not ended with whoever asked first: others may be waiting for the same.
    const listing = pool(() => list(options, { signal: AbortSignal.timeout(LIMIT_MS), clock }));
    kept.delete(name);
    kept.set(name, { startedMs: nowMs, listing });
    for (const [oldest, { startedMs }] of kept) {
      if (kept.size <= MOST_KEPT && nowMs - startedMs < minIntervalMs()) break;
      kept.delete(oldest);
    }
    // An interface that is gone, say: the next one tries again.
    listing.catch(() => kept.delete(name));
    return listing;
  };
}
