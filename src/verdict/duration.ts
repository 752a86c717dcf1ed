const SECOND = 1_000;
const UNITS = [
  { ms: 86_400_000, name: "d" },
  { ms: 3_600_000, name: "h" },
  { ms: 60_000, name: "min" },
  { ms: SECOND, name: "s" },
] as const;

/**
 * A time as a person reads it, with no more digits than a network's times are worth: `0.42 ms`, `4.1 ms`, `250 ms`,
 * `4.4 s`, `2 min 5 s`, `3 h 59 min 59 s`, `2 d 4 h`, `4 h`. The one way in which times are told, in every report.
 * @param ms >= 0
 */
export function durationWords(ms: number): string {
  if (ms < 0.995) return `${Number(ms.toFixed(2))} ms`;
  if (ms < 99.95) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_950) return `${Number((ms / SECOND).toFixed(1))} s`;
  const whole = Math.round(ms / SECOND) * SECOND;
  // Beside days, minutes tell nothing.
  const units = whole >= UNITS[0].ms ? UNITS.slice(0, 2) : UNITS;
  const parts = units.map((unit, index) => {
    const before = UNITS[index - 1]?.ms ?? Number.POSITIVE_INFINITY;
    return { count: Math.floor((whole % before) / unit.ms), name: unit.name };
  });
  return parts
    .filter(({ count }) => count > 0)
    .map(({ count, name }) => `${count} ${name}`)
    .join(" ");
}
