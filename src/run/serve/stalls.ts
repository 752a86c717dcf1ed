/** Times in which this process stood still: stopped by a signal, starved of CPU, or busy with itself. */
import type { Clock } from "../../transport/clock.ts";

export type Stalls = {
  /** Whether it stood still since then: what timed out meanwhile may have been answered. */
  since: (startedMs: number) => boolean;
  /** What is taken up now may have waited for so long: nobody could look while this process stood still. */
  behindMs: () => number;
  stop: () => void;
};

export type StallsWorld = {
  clock: Clock;
  /** Calls again and again until it is ended. @returns ends it */
  every: (ms: number, job: () => void) => () => void;
  onStall: (ms: number) => void;
};

const BEAT_MS = 100;
/** Who came while it stood still has been taken up by then: an accept and a handshake are turns of their own. */
const CATCHING_UP_MS = 100;
/** Garbage collection and a slow page take less; every timeout that there is takes longer. */
const STALL_MS = 1_000;

/** Whether this process itself was held up: what was timed meanwhile says nothing of a host. */
export function watchStalls({ clock, every, onStall }: StallsWorld): Stalls {
  let lastMs = clock.nowMs();
  let endedMs = -Infinity;
  /** The beat before the last one that was late, and that one. */
  let late = { fromMs: lastMs, endedMs: -Infinity };
  const beat = (): void => {
    const nowMs = clock.nowMs();
    const lateMs = nowMs - lastMs - BEAT_MS;
    if (lateMs >= BEAT_MS) late = { fromMs: lastMs, endedMs: nowMs };
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
    behindMs() {
      const nowMs = clock.nowMs();
      const since = nowMs - late.endedMs < CATCHING_UP_MS ? late.fromMs : lastMs;
      return Math.max(0, nowMs - since - BEAT_MS);
    },
    stop,
  };
}
