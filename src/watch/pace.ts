import { createRing } from "./ring.ts";

/** How often a host is really looked at: one that stays silent takes its time. */
export type Pace = {
  /** When a look began. */
  record: (begunMs: number) => void;
  /** What lies between the last look and the next is no pace: a pause, or a sleep of this machine. */
  breakSeries: () => void;
  /** Mean time from one of the latest looks to the next; null before the second. */
  everyMs: () => number | null;
};

/** Few enough to follow a host that falls silent, many enough to be no jitter. */
const LOOKS_KEPT = 6;

/** How far the looks at a host really lie apart. */
export function createPace(): Pace {
  const gaps = createRing<number>(LOOKS_KEPT);
  let lastMs: number | null = null;
  return {
    record(begunMs) {
      if (lastMs !== null) gaps.push(begunMs - lastMs);
      lastMs = begunMs;
    },
    breakSeries() {
      lastMs = null;
    },
    everyMs() {
      const latest = gaps.latest();
      return latest.length === 0 ? null : latest.reduce((sum, ms) => sum + ms, 0) / latest.length;
    },
  };
}
