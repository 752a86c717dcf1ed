import type { Slowdown } from "../../sweep/model.ts";
import { conntrackUse } from "../../system/limits.ts";
import type { Board } from "./board.ts";

/** At this share of its table, connection tracking is given time; below the other the sweep goes on. */
const HIGH = 0.9;
const LOW = 0.75;

const EVERY_MS = 1_000;

export type Slowdowns = {
  note: (cause: string, concurrency: number) => void;
  readonly all: Slowdown[];
};

/** Counts what this machine was short of. @param concurrency what the sweep was cut to */
export function createSlowdowns(): Slowdowns {
  const byCause = new Map<string, Slowdown>();
  return {
    note(cause, concurrency) {
      const before = byCause.get(cause);
      byCause.set(cause, {
        cause,
        times: (before?.times ?? 0) + 1,
        concurrency: Math.max(1, Math.min(before?.concurrency ?? concurrency, concurrency)),
      });
    },
    get all() {
      return [...byCause.values()];
    },
  };
}

/** Pauses the sweep while the connection table of this machine is nearly full: what it then drops looks like silence. */
export function watchConntrack(board: Board, onFull: () => void): { stop: () => void } {
  const timer = setInterval(() => {
    const use = conntrackUse();
    if (use === null) return clearInterval(timer);
    if (use > HIGH && !board.paused) {
      board.paused = true;
      onFull();
    } else if (use < LOW) board.paused = false;
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
