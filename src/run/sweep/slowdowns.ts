import type { Slowdown } from "../../sweep/model.ts";
import { CONNTRACK_FULL, conntrackUse } from "../../system/limits.ts";
import type { Board } from "./board.ts";

/** Once it was full, connection tracking is given time until it is down to this. */
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
  let full = false;
  const timer = setInterval(() => {
    const use = conntrackUse();
    if (use === null) return clearInterval(timer);
    if (use > CONNTRACK_FULL && !full) {
      full = true;
      onFull();
    } else if (use < LOW) full = false;
    board.paused = full;
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
