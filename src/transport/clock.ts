/** Monotonic milliseconds with fractions. An argument everywhere, so that unit tests need not sleep. */
export type Clock = { nowMs(): number };

export const monotonicClock: Clock = { nowMs: () => performance.now() };
