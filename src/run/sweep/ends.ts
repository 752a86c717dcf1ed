import type { BurstEnd } from "../../transport/burst.ts";
import type { Connects } from "./connects.ts";
import type { Flight } from "./flight.ts";
import type { Onward, OnwardWorld } from "./onward.ts";
import { NO_ANSWER, NO_NEIGHBOUR, REFUSED } from "./share.ts";
import type { Silence } from "./silence.ts";

/** What the end of a connect, or of the wait for one, comes to: an outcome, another connect, or a look beyond it. */
export type Ends = {
  onEnd: (flight: Flight, end: BurstEnd) => void;
  /** @returns how much longer its latest connect is waited for */
  onDue: (flight: Flight) => number;
};

/** Whom the addresses are handed on to. */
export type EndsWays = {
  silence: Silence;
  connects: Connects;
  onward: Onward;
  settle: (flight: Flight, outcome: number) => void;
};

/** @param wantsEvidence of an address in the space: an outcome of one byte will not do for it */
export function createEnds(
  { space, clock, mixed }: Pick<OnwardWorld, "space" | "clock" | "mixed">,
  { silence, connects, onward, settle }: EndsWays,
  wantsEvidence: (index: number) => boolean,
): Ends {
  function onSilence(flight: Flight): void {
    const { index, tries } = flight;
    // The others lasted longer.
    const elapsedMs = clock.nowMs() - flight.latestMs;
    connects.callOff(flight);
    if (!wantsEvidence(index)) return settle(flight, NO_ANSWER);
    const evidence = { outcome: "no-answer", cause: "deadline", tries, elapsedMs } as const;
    void onward.probe(flight, { evidence, connection: null });
  }

  return {
    onDue(flight) {
      const subnet = space.subnet(flight.index);
      const next = silence.next(flight);
      if (typeof next === "number") return next;
      // One packet that was lost is not silence.
      if (!flight.quiet && (next !== "beside" || flight.tries > 1)) {
        flight.quiet = true;
        mixed.silent(subnet);
      }
      switch (next) {
        case "beside":
          connects.beside(flight);
          return Infinity;
        case "again":
          connects.again(flight);
          return 0;
        case "silent":
          onSilence(flight);
          return 0;
        case "nobody":
          connects.callOff(flight);
          mixed.answered(subnet);
          settle(flight, NO_NEIGHBOUR);
          return 0;
        default:
          return next satisfies never;
      }
    },
    onEnd(flight, end) {
      const { index, tries } = flight;
      connects.callOff(flight);
      switch (end.end) {
        case "connected": {
          silence.answered(flight, end.elapsedMs);
          const { connection, elapsedMs } = end;
          const evidence = { outcome: "ok", facts: { tries }, elapsedMs } as const;
          return void onward.probe(flight, { evidence, connection });
        }
        case "failed":
          if (end.errno === "ECONNREFUSED") {
            silence.answered(flight, end.elapsedMs);
            mixed.answered(space.subnet(index));
            if (!wantsEvidence(index)) return settle(flight, REFUSED);
          }
          return void onward.failed(flight, end.errno, end.elapsedMs);
        case "silent":
          // What becomes of those that say nothing is `onDue`'s to say.
          return;
        default:
          return end satisfies never;
      }
    },
  };
}
