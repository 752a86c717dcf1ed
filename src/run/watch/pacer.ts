import type { Clock } from "../../transport/clock.ts";
import { createSchedule } from "../../watch/schedule.ts";

/** Loops that each keep a pace of their own, and rest together while the watch is paused. */
export type Pacer = {
  readonly paused: boolean;
  /** Going on begins each loop's next turn at once. */
  togglePause: () => void;
  /** Does the job again and again, until it says false or the signal aborts. Turns of one loop never overlap. */
  loop: (intervalMs: number, signal: AbortSignal, job: () => boolean | Promise<boolean>) => Promise<void>;
};

export type PacerWorld = {
  clock: Clock;
  random: () => number;
  /** Resolves after `ms`, or as soon as the signal aborts; never rejects. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export function createPacer({ clock, random, sleep }: PacerWorld): Pacer {
  let paused = false;
  /** Of those who sleep now. */
  const wakers = new Set<() => void>();

  /** @returns whether something woke it before its time */
  const rest = async (ms: number | null, signal: AbortSignal): Promise<boolean> => {
    const awake = new AbortController();
    const wake = (): void => awake.abort();
    wakers.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    if (ms === null) await untilAborted(awake.signal);
    else await sleep(ms, awake.signal);
    wakers.delete(wake);
    signal.removeEventListener("abort", wake);
    return awake.signal.aborted;
  };

  return {
    get paused() {
      return paused;
    },
    togglePause() {
      paused = !paused;
      for (const wake of wakers) wake();
    },
    async loop(intervalMs, signal, job) {
      const schedule = createSchedule(intervalMs, random);
      while (!signal.aborted) {
        const now = clock.nowMs();
        const ms = paused ? null : schedule.next(now) - now;
        if ((ms === null || ms > 0) && (await rest(ms, signal))) schedule.restart();
        else if (!(await job())) return;
      }
    },
  };
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
