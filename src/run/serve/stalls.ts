/** Times in which this process stood still: stopped by a signal, starved of CPU, or busy with itself. */
import type { Clock } from "../../transport/clock.ts";

export type Stalls = {
  /** Whether it stood still since then: what timed out meanwhile may have been answered. */
  since: (startedMs: number) => boolean;
  stop: () => void;
};

export type StallsWorld = {
  clock: Clock;
  /** Calls again and again until it is ended. @returns ends it */
  every: (ms: number, job: () => void) => () => void;
  onStall: (ms: number) => void;
};

const BEAT_MS = 500;
/** Garbage collection and a slow page take less; every timeout that there is takes longer. */
const STALL_MS = 1_000;

export function watchStalls({ clock, every, onStall }: StallsWorld): Stalls {
  let lastMs = clock.nowMs();
  let endedMs = -Infinity;
  const beat = (): void => {
    const nowMs = clock.nowMs();
    const lateMs = nowMs - lastMs - BEAT_MS;
    lastMs = nowMs;
    if (lateMs < STALL_MS) return;
    endedMs = nowMs;
    onStall(lateMs);
  };
  const stop = every(BEAT_MS, beat);
  return {
    since(startedMs) {
      // A look may end before the beat that is late.
      return endedMs > startedMs || clock.nowMs() - lastMs - BEAT_MS >= STALL_MS;
    },
    stop,
  };
}
