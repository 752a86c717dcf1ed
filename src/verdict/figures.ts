/** Figures that stand for many samples. */

/** The middle one, or the mean of the two middle ones; null of none. */
export function median(samples: readonly number[]): number | null {
  const sorted = samples.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}

/**
 * The smallest sample that at least this share of all does not exceed (nearest rank): always one that was seen.
 * @param share 0 to 1; of few samples, a high one is the largest
 * @returns null of none
 */
export function quantile(samples: readonly number[], share: number): number | null {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

const UNITS = [
  { ms: 3_600_000, name: "h" },
  { ms: 60_000, name: "min" },
  { ms: 1_000, name: "s" },
] as const;

/** `2.1 ms`, `50 ms`, `5 s`, `4 h`: as many digits as tell something. */
export function msWords(ms: number): string {
  const unit = UNITS.find((each) => ms >= each.ms) ?? { ms: 1, name: "ms" };
  const value = ms / unit.ms;
  return `${Number(value.toFixed(value < 10 && unit.name !== "h" ? 1 : 0))} ${unit.name}`;
}

/** `1 host`, `2 hosts`, `2 addresses`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}
