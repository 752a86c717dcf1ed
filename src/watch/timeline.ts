/** One cell of the sparkline: the rounds of a few seconds. */
export type Cell = {
  rounds: number;
  served: number;
  /** Mean latency of those that had one; null where none had. */
  meanMs: number | null;
};

export type Timeline = {
  record: (nowMs: number, served: boolean, latencyMs: number | null) => void;
  /** The latest cells up to now, oldest first; cells without a round have `rounds` 0. */
  cells: (nowMs: number, count: number) => Cell[];
};

export const TIMELINE_CELLS = 60;

/** Five seconds a cell makes five minutes; rounds further apart get a cell each. */
export function cellMsFor(intervalMs: number): number {
  return Math.max(5_000, intervalMs);
}

/** A fixed ring of cells over time: the last minutes of one host. */
export function createTimeline(cellMs: number): Timeline {
  // Which cell of the whole watch stands in each slot.
  const epochs = new Float64Array(TIMELINE_CELLS).fill(-1);
  const rounds = new Uint32Array(TIMELINE_CELLS);
  const served = new Uint32Array(TIMELINE_CELLS);
  const timed = new Uint32Array(TIMELINE_CELLS);
  const sumMs = new Float64Array(TIMELINE_CELLS);
  return {
    record(nowMs, serves, latencyMs) {
      const epoch = Math.floor(nowMs / cellMs);
      const slot = epoch % TIMELINE_CELLS;
      if (at(epochs, slot) !== epoch) {
        epochs[slot] = epoch;
        for (const values of [rounds, served, timed, sumMs]) values[slot] = 0;
      }
      rounds[slot] = at(rounds, slot) + 1;
      if (serves) served[slot] = at(served, slot) + 1;
      if (latencyMs === null) return;
      timed[slot] = at(timed, slot) + 1;
      sumMs[slot] = at(sumMs, slot) + latencyMs;
    },
    cells(nowMs, count) {
      const last = Math.floor(nowMs / cellMs);
      const wanted = Math.min(count, TIMELINE_CELLS);
      return Array.from({ length: wanted }, (_, index): Cell => {
        const epoch = last - wanted + 1 + index;
        const slot = ((epoch % TIMELINE_CELLS) + TIMELINE_CELLS) % TIMELINE_CELLS;
        if (at(epochs, slot) !== epoch) return { rounds: 0, served: 0, meanMs: null };
        const meanMs = at(timed, slot) === 0 ? null : at(sumMs, slot) / at(timed, slot);
        return { rounds: at(rounds, slot), served: at(served, slot), meanMs };
      });
    },
  };
}

function at(values: Float64Array | Uint32Array, slot: number): number {
  return values[slot] ?? 0;
}
