import { nextTurn } from "../transport/patience.ts";

/** Waits for a turn of the event loop that nobody else has. */
export type Turns = () => Promise<void>;

/** One starts in a turn: what one measures is then not the start of all the others. */
export function createTurns(): Turns {
  let last = Promise.resolve();
  return () => (last = last.then(nextTurn));
}

/** Of jobs that start others, which wait for turns of their own. */
export const AT_ONCE: Turns = () => Promise.resolve();

/** Runs at most `limit` jobs at a time, in the order they come, each in its turn. */
export function createPool(
  limit: number,
  turns: Turns = createTurns(),
): <Value>(job: () => Promise<Value>) => Promise<Value> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (job) => {
    // Whoever ends hands its place over, so that nobody slips in between.
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      if (turns !== AT_ONCE) await turns();
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
