/** Monotonic milliseconds with fractions. An argument everywhere, so that unit tests need not sleep. */
export type Clock = { nowMs(): number };

export const monotonicClock: Clock = { nowMs: () => performance.now() };

/**
 * When the event loop last came back from the kernel, for stamping what it brought: all that one poll found ready was
 * ready by then, however long the listeners before take. The first call in a turn reads the clock.
 */
export function createPollClock(clock: Clock): Clock {
  let polledMs: number | null = null;
  return {
    nowMs() {
      if (polledMs === null) {
        polledMs = clock.nowMs();
        // Runs right after the poll's listeners.
        setImmediate(() => (polledMs = null));
      }
      return polledMs;
    },
  };
}
