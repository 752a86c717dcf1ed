import type { Clock } from "../../transport/clock.ts";
import { createTokens } from "../tokens.ts";
import type { Job } from "./share.ts";

/** Connects started in one turn of the event loop: all at once takes Node twice as long. */
const STARTS_A_TURN = 32;

/** Addresses being probed beyond TCP at a time: each holds some 10 KB. */
const MAX_PROBING = 512;

const FEWEST = 8;
export const PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** What is under way: connects, and addresses that are looked at beyond them. */
export type UnderWay = { connecting: number; probing: number };

/** How many connects may begin, and when: by rate, by what is in flight, and by what this machine was short of. */
export type Pace = {
  /** How many more there is room for now. */
  free: (now: UnderWay) => number;
  /** How many may begin in this turn, whatever there is room for. */
  allowed: () => number;
  take: () => void;
  /** Until the next may begin by the rate. */
  waitMs: () => number;
  /** Until anything may begin, after a shortage: 0 for now. */
  pausedMs: () => number;
  /** This machine was short of something: fewer at a time from now on, after a pause. @returns how many */
  slowDown: (now: UnderWay) => number;
};

/** Goes down by a quarter at a shortage, and up again by a tenth each second without one. */
export function createPace({ concurrency, rate, burst }: Job, clock: Clock): Pace {
  const tokens = createTokens(rate, clock, burst);
  let limit = concurrency;
  let troubledMs = -Infinity;
  let pauseMs = PAUSE_MS;
  let pausedUntilMs = -Infinity;

  function recover(nowMs: number): void {
    if (limit >= concurrency || nowMs - troubledMs <= LONGEST_PAUSE_MS) return;
    limit = Math.min(concurrency, Math.ceil(limit * 1.1));
    troubledMs = nowMs;
    pauseMs = PAUSE_MS;
  }

  return {
    free({ connecting, probing }) {
      recover(clock.nowMs());
      return Math.min(limit - connecting - probing, probing < MAX_PROBING ? Infinity : 0);
    },
    allowed: () => Math.min(STARTS_A_TURN, tokens.available()),
    take: tokens.take,
    waitMs: tokens.waitMs,
    pausedMs: () => Math.max(0, pausedUntilMs - clock.nowMs()),
    slowDown({ connecting, probing }) {
      const nowMs = clock.nowMs();
      // Many fail together: one lesson for all of them.
      if (nowMs - troubledMs > PAUSE_MS) {
        limit = Math.max(FEWEST, Math.floor(Math.min(limit, connecting + probing) * 0.75));
        troubledMs = nowMs;
        pausedUntilMs = nowMs + pauseMs;
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      }
      return limit;
    },
  };
}
