import type { Comparison } from "../../compare/comparison.ts";
import { asciiJson } from "../escape.ts";

/** The whole comparison, as `schema/compare-v1.json` describes it. */
export function renderCompareJson(comparison: Comparison): string {
  return `${asciiJson(comparison, 2)}\n`;
}
