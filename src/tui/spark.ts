import type { Cell } from "../watch/timeline.ts";

/** One character of the sparkline. `lost`: no round of it served; `partly`: some did. */
export type Mark = { glyph: string; tone: "fine" | "partly" | "lost" | "none" };

const LEVELS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** A span smaller than this share of the latency is drawn flat: noise is no news. */
const SMALLEST_SPAN = 0.5;

/** Latency as height, scaled to the host's own range; a cross where nothing served. */
export function sparkline(cells: readonly Cell[]): Mark[] {
  const means = cells.flatMap(({ meanMs, served }) => (meanMs === null || served === 0 ? [] : [meanMs]));
  const low = Math.min(...means);
  const span = Math.max(Math.max(...means) - low, low * SMALLEST_SPAN, 0.1);
  return cells.map(({ rounds, served, meanMs }): Mark => {
    if (rounds === 0) return { glyph: " ", tone: "none" };
    if (served === 0) return { glyph: "×", tone: "lost" };
    const level = meanMs === null ? 0 : Math.min(7, Math.max(0, Math.floor(((meanMs - low) / span) * 8)));
    return { glyph: LEVELS[level] ?? LEVELS[0], tone: served < rounds ? "partly" : "fine" };
  });
}

/** Neighbours of one tone together, as one piece of text. */
export function runsOf(marks: readonly Mark[]): { text: string; tone: Mark["tone"] }[] {
  const runs: { text: string; tone: Mark["tone"] }[] = [];
  for (const { glyph, tone } of marks) {
    const last = runs.at(-1);
    if (last?.tone === tone) last.text += glyph;
    else runs.push({ text: glyph, tone });
  }
  return runs;
}
