import type { Severity } from "../model/verdict.ts";
import type { Mark } from "./spark.ts";

/** Colours by what they mean; none where NO_COLOR or --color never forbids them. Signs say the same. */
export type Palette = {
  tone: (tone: Severity | "note") => { color?: string };
  mark: (tone: Mark["tone"]) => { color?: string };
};

const TONES = {
  ok: "green",
  degraded: "yellow",
  failed: "red",
  inconclusive: "magenta",
  note: "cyan",
} as const;
const MARKS = { fine: "green", partly: "yellow", lost: "red", none: "white" } as const;

export function createPalette(color: boolean): Palette {
  if (!color) return { tone: () => ({}), mark: () => ({}) };
  return { tone: (tone) => ({ color: TONES[tone] }), mark: (tone) => ({ color: MARKS[tone] }) };
}
