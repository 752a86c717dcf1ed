import { createHistogram } from "node:perf_hooks";

/** Milliseconds over the whole watch. `jitterMs` is the mean absolute difference of consecutive samples (RFC 3550's idea, unsmoothed). */
export type LatencyFigures = {
  count: number;
  lastMs: number;
  minMs: number;
  medianMs: number;
  p95Ms: number;
  /** Null before there are two samples. */
  jitterMs: number | null;
};

export type Latency = {
  record: (ms: number) => void;
  /** The next sample follows none: what lies between them was no ordinary interval. */
  breakSeries: () => void;
  /** Null before the first sample. */
  figures: () => LatencyFigures | null;
};

const MICROSECONDS = 1_000;

/** Longer than any patience allowed on the command line is ever spent on one answer. */
const HIGHEST_US = 3_600_000_000;

/** Two significant figures: median and p95 are within 1 %, in 20 kB a host however long the watch runs. */
const FIGURES = 2;

export function createLatency(): Latency {
  const histogram = createHistogram({ lowest: 1, highest: HIGHEST_US, figures: FIGURES });
  let count = 0;
  let lastMs = 0;
  let minMs = Number.POSITIVE_INFINITY;
  let maxMs = 0;
  let differences = 0;
  let differenceSumMs = 0;
  let follows = false;
  const percentileMs = (percentile: number): number => {
    // The histogram rounds to its own steps: never beyond what was really seen.
    const ms = histogram.percentile(percentile) / MICROSECONDS;
    return Math.min(Math.max(ms, minMs), maxMs);
  };
  return {
    record(ms) {
      histogram.record(Math.min(HIGHEST_US, Math.max(1, Math.round(ms * MICROSECONDS))));
      if (follows) {
        differences += 1;
        differenceSumMs += Math.abs(ms - lastMs);
      }
      follows = true;
      count += 1;
      lastMs = ms;
      minMs = Math.min(minMs, ms);
      maxMs = Math.max(maxMs, ms);
    },
    breakSeries() {
      follows = false;
    },
    figures() {
      if (count === 0) return null;
      return {
        count,
        lastMs,
        minMs,
        medianMs: percentileMs(50),
        p95Ms: percentileMs(95),
        jitterMs: differences === 0 ? null : differenceSumMs / differences,
      };
    },
  };
}
