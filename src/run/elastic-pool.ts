import type { Clock } from "../transport/clock.ts";
import { createTurns } from "./pool.ts";
import type { Turns } from "./pool.ts";
import { createTokens } from "./tokens.ts";

/** A job that has gone on for so long waits for its peer: what answers is done within a fraction of it. */
const LENT_AFTER_MS = 250;

/** Where its timer comes this late, it is this process that others wait for. */
const BUSY_MS = 50;

export type Elastic = {
  /** Jobs at a time that keep this process busy. */
  busy: number;
  /** And all of them, with those that wait. */
  most: number;
  /** Started a second. */
  rate: number;
};

/**
 * Runs jobs in the order they come, so many at a time; but one that waits costs no work, and lends its place to the
 * next. Silence is then waited for together, while whatever answers is done few at a time. It is the rate of starts that
 * keeps it polite. One starts a turn of the event loop.
 */
export function createElasticPool(
  { busy, most, rate }: Elastic,
  clock: Clock,
  turns: Turns = createTurns(),
): <Value>(job: () => Promise<Value>) => Promise<Value> {
  const tokens = createTokens(rate, clock);
  const waiting: (() => void)[] = [];
  let atWork = 0;
  let running = 0;
  let timer: NodeJS.Timeout | null = null;

  function admit(): void {
    while (waiting.length > 0 && atWork < busy && running < most) {
      if (tokens.available() < 1) {
        timer ??= setTimeout(() => {
          timer = null;
          admit();
        }, tokens.waitMs());
        return;
      }
      tokens.take();
      atWork += 1;
      running += 1;
      waiting.shift()?.();
    }
  }

  /** Gives the place of a job to the next, as soon as it can be said to wait. */
  function lend(): { giveBack: () => void } {
    let lent = false;
    let lender: NodeJS.Timeout;
    const look = (): void => {
      const setMs = clock.nowMs();
      lender = setTimeout(() => {
        if (clock.nowMs() - setMs > LENT_AFTER_MS + BUSY_MS) return look();
        lent = true;
        atWork -= 1;
        admit();
      }, LENT_AFTER_MS);
    };
    look();
    return {
      giveBack() {
        clearTimeout(lender);
        if (!lent) atWork -= 1;
        running -= 1;
        admit();
      },
    };
  }

  return async (job) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      admit();
    });
    const turn = turns();
    const place = lend();
    try {
      await turn;
      return await job();
    } finally {
      place.giveBack();
    }
  };
}
