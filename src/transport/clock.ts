/** Monotonic milliseconds with fractions. An argument everywhere, so that unit tests need not sleep. */
export type Clock = { nowMs(): number };

export const monotonicClock: Clock = { nowMs: () => performance.now() };

export type PollClock = {
  /** @param sinceMs when what is timed began, by the same clock: nothing that it brought was there before */
  nowMs: (sinceMs: number) => number;
};

/**
 * When the event loop last came back from the kernel, for stamping what it brought: all that one poll found ready was
 * ready by then, however long the listeners before take. The first call in a turn reads the clock.
 *
 * A turn has no end that one could rely on: on Windows libuv goes from one read to the next without letting setImmediate
 * in between, where the answer is there by the time that reading is resumed. So a stamp is good only for what began before.
 */
export function createPollClock(clock: Clock): PollClock {
  let polledMs: number | null = null;
  let waiting = false;
  return {
    nowMs(sinceMs) {
      if (polledMs === null || polledMs < sinceMs) polledMs = clock.nowMs();
      if (!waiting) {
        waiting = true;
        // Runs right after the poll's listeners.
        setImmediate(() => {
          polledMs = null;
          waiting = false;
        });
      }
      return polledMs;
    },
  };
}
