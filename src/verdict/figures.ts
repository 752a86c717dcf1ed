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

/** `1 host`, `2 hosts`, `2 addresses`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** `50 %`; with a decimal where it would look like none, or like all: `0.2 %`, `99.8 %`. */
export function percentWords(share: number): string {
  const percent = share * 100;
  if (percent <= 0 || percent >= 100) return `${percent <= 0 ? 0 : 100} %`;
  const digits = percent < 10 || percent > 99 ? 1 : 0;
  return `${Number(Math.min(99.9, Math.max(0.1, percent)).toFixed(digits))} %`;
}
