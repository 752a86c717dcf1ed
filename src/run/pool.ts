import { nextTurn } from "../transport/patience.ts";
import type { StopSignal } from "../transport/stop.ts";

/** Waits for a turn of the event loop that nobody else has. */
export type Turns = () => Promise<void>;

/** One starts in a turn: what one measures is then not the start of all the others. */
export function createTurns(): Turns {
  let last = Promise.resolve();
  return () => (last = last.then(nextTurn));
}

/** Of jobs that start others, which wait for turns of their own. */
export const AT_ONCE: Turns = () => Promise.resolve();

/**
 * Runs a job when there is a place. One whose signal aborts while it waits is run at once, and takes none: with a signal
 * that is aborted it has nothing to do but to say so.
 */
export type Pool = <Value>(job: () => Promise<Value>, signal?: StopSignal) => Promise<Value>;

/** Runs at most `limit` jobs at a time, in the order they come, each in its turn. */
export function createPool(limit: number, turns: Turns = createTurns()): Pool {
  let running = 0;
  const waiting: (() => void)[] = [];
  const inLine = (signal: StopSignal | undefined): Promise<"placed" | "aborted"> =>
    new Promise((resolve) => {
      const take = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve("placed");
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(take), 1);
        resolve("aborted");
      };
      waiting.push(take);
      signal?.addEventListener("abort", leave, { once: true });
      if (signal?.aborted === true) leave();
    });
  return async (job, signal) => {
    // Whoever ends hands its place over, so that nobody slips in between.
    if (running < limit) running += 1;
    else if ((await inLine(signal)) === "aborted") return await job();
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
