/** How far back the rate looks. */
const WINDOW_MS = 10_000;

/** The rate of something counted, over the last seconds: steady enough to tell how long the rest takes. */
export function createSteadyRate(): { add: (count: number, nowMs: number) => void; perSecond: () => number } {
  const seen: { count: number; nowMs: number }[] = [];
  return {
    add(count, nowMs) {
      seen.push({ count, nowMs });
      while ((seen[0]?.nowMs ?? nowMs) < nowMs - WINDOW_MS) seen.shift();
    },
    perSecond() {
      const first = seen[0];
      const last = seen.at(-1);
      if (!first || !last || last.nowMs <= first.nowMs) return 0;
      return ((last.count - first.count) * 1_000) / (last.nowMs - first.nowMs);
    },
  };
}
