/** Times as a person reads them. */

/** `2026-01-02 03:04:05 UTC`. */
export function momentWords(iso: string): string {
  return iso.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

/** `0.42 ms`, `4.1 ms`, `250 ms`, `4.4 s`, `2 min 5 s`: no more digits than a network's times are worth. */
export function durationWords(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
