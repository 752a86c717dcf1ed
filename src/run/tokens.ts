import type { Clock } from "../transport/clock.ts";

/** What may be started at once after a lull, as a share of a second. */
const BURST_SHARE = 1 / 20;

/** A token bucket. */
export type Tokens = {
  /** How many may be started now. */
  available: () => number;
  take: () => void;
  /** Milliseconds until one more may. */
  waitMs: () => number;
};

/**
 * @param rate a second; 0 for no limit
 * @param burst that may be started at once, at the beginning and after a lull; without it the rate holds from the first
 */
export function createTokens(rate: number, clock: Clock, burst = 0): Tokens {
  if (rate === 0) return { available: () => Infinity, take: () => {}, waitMs: () => 0 };
  const capacity = Math.max(1, rate * BURST_SHARE, burst);
  let tokens = Math.max(1, burst);
  let filledMs = clock.nowMs();
  const fill = (): void => {
    const nowMs = clock.nowMs();
    tokens = Math.min(capacity, tokens + ((nowMs - filledMs) * rate) / 1_000);
    filledMs = nowMs;
  };
  return {
    available() {
      fill();
      return Math.floor(tokens);
    },
    take: () => (tokens -= 1),
    waitMs: () => Math.max(1, ((1 - tokens) * 1_000) / rate),
  };
}
