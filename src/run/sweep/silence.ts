/** What is done about an address that has not answered, by what was seen of its subnet and of this machine's neighbours. */
import { createNeighbours } from "../../system/neighbours.ts";
import type { AddressSpace } from "../../targets/address-set.ts";
import type { Clock } from "../../transport/clock.ts";
import type { Flight } from "./flight.ts";
import { createPatience } from "./patience.ts";
import type { Next, SoFar } from "./patience.ts";
import type { Job } from "./share.ts";

/**
 * Linux asks for a neighbour at once, after 1 s and after 2 s, and gives up after 3.05 s. So long after the first the
 * second has had its time, too.
 */
const TWO_QUERIES_MS = 1_100;

export type Silence = {
  /** How long the first connect to an address is waited for, before `next` is asked. */
  firstMs: number;
  /** Its latest connect has been waited for as long as was said. "nobody": it is a neighbour, and nobody has that address. */
  next: (flight: Flight) => Next | "nobody";
  /** It was answered: so long do answers take there. */
  answered: (flight: Flight, elapsedMs: number) => void;
};

/** @param wantsEvidence of an address in the space: nobody is in haste about it */
export function createSilence(
  { timeoutMs: fixedMs, retries, short }: Job,
  space: AddressSpace,
  clock: Clock,
  wantsEvidence: (index: number) => boolean,
): Silence {
  const patience = createPatience({ fixedMs, retries, short }, space.subnets);
  const neighbours = createNeighbours();

  /** All connects wait for the one answer to the query: a second connect adds nothing. */
  function unanswered(flight: Flight, so: SoFar, nowMs: number): Next | "nobody" {
    const subnet = space.subnet(flight.index);
    // The first connect sent the first query; later on, a table that was full may have.
    if (flight.queriedMs === 0)
      flight.queriedMs = so.tries === 1 && so.sinceFirstMs < 200 ? flight.sinceMs : nowMs;
    const isEarly = nowMs - flight.queriedMs < TWO_QUERIES_MS;
    return isEarly || wantsEvidence(flight.index) || patience.sawLoss(subnet)
      ? patience.nextWithoutHaste(subnet, so)
      : "nobody";
  }

  return {
    firstMs: patience.firstMs,
    next(flight) {
      const nowMs = clock.nowMs();
      const { index, tries, sinceMs, latestMs } = flight;
      const subnet = space.subnet(index);
      const so = { tries, sinceFirstMs: nowMs - sinceMs, sinceLatestMs: nowMs - latestMs };
      const next = patience.next(subnet, so);
      if (typeof next === "number" || !patience.isShort(subnet)) return next;
      switch (neighbours.of(space.address(index), nowMs)) {
        case "elsewhere":
        case "answered":
          return next;
        case "unanswered":
          return unanswered(flight, so, nowMs);
        default:
          return patience.nextWithoutHaste(subnet, so);
      }
    },
    answered({ index, tries }, elapsedMs) {
      patience.sample(space.subnet(index), elapsedMs, tries);
    },
  };
}
