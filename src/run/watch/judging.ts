import type { AttemptEvidence } from "../../model/evidence.ts";
import { judgeHosts } from "../../verdict/judge.ts";
import type { Moment } from "../../watch/host.ts";
import { placeKey } from "../../watch/looks.ts";
import type { Looks, Place } from "../../watch/looks.ts";
import type { WatchState } from "../../watch/state.ts";
import type { PacerWorld } from "./pacer.ts";

/** Looks that end at about the same time are judged together: what one source saw is evidence for the others. */
const TOGETHER_MS = 50;

/** Takes looks, and has them judged a moment later. */
export type Judging = {
  take: (place: Place, attempt: AttemptEvidence, moment: Moment) => void;
  /** What was taken, at once. */
  judge: () => void;
};

/** @param signal ends the wait for others */
export function createJudging(
  looks: Looks,
  state: Pick<WatchState, "looked">,
  sleep: PacerWorld["sleep"],
  signal: AbortSignal,
): Judging {
  const fresh = new Map<string, Moment>();
  let waiting = false;

  const judge = (): void => {
    if (fresh.size === 0) return;
    state.looked(judgeHosts([...looks.evidence(), ...looks.strays()]), fresh);
    fresh.clear();
  };

  const judgeSoon = async (): Promise<void> => {
    waiting = true;
    await sleep(TOGETHER_MS, signal);
    waiting = false;
    judge();
  };

  return {
    take(place, attempt, moment) {
      const key = placeKey(place);
      // Each look counts, also where the next one ends a moment later.
      if (fresh.has(key)) judge();
      looks.record(place, attempt);
      fresh.set(key, moment);
      if (!waiting) void judgeSoon();
    },
    judge,
  };
}
