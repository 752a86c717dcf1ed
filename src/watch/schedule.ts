/** When the next round starts, on the monotonic clock. */
export type Schedule = {
  /** The start of the next round; in the past where the last one took longer than the interval. */
  next: (nowMs: number) => number;
  /** The next round starts at once, and the others are counted from there. */
  restart: () => void;
};

/** Share of the interval by which a start is moved, either way: several watchers must not march in step. */
export const JITTER = 0.1;

/**
 * Starts stand on a grid, each moved a little by itself, so that neither the jitter nor the length of a round adds up.
 * A round that overran its interval moves the grid: rounds that were missed are not made up for.
 * @param random a number from 0 up to 1, for each start
 */
export function createSchedule(intervalMs: number, random: () => number): Schedule {
  let nominalMs: number | null = null;
  return {
    next(nowMs) {
      if (nominalMs === null) {
        nominalMs = nowMs;
        return nowMs;
      }
      nominalMs = Math.max(nominalMs + intervalMs, nowMs);
      return nominalMs + (random() * 2 - 1) * JITTER * intervalMs;
    },
    restart() {
      nominalMs = null;
    },
  };
}
