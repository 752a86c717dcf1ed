import { nextTurn } from "../transport/patience.ts";

/**
 * Runs at most `limit` jobs at a time, in the order they come, and starts one a turn of the event loop: what one
 * measures is then not the start of all the others.
 */
export function createPool(limit: number): <Value>(job: () => Promise<Value>) => Promise<Value> {
  let running = 0;
  const waiting: (() => void)[] = [];
  let lastTurn = Promise.resolve();
  return async (job) => {
    // Whoever ends hands its place over, so that nobody slips in between.
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    const turn = lastTurn.then(nextTurn);
    lastTurn = turn;
    try {
      await turn;
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
