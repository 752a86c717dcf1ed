import type { SweepLine, SweepReport } from "../../sweep/model.ts";
import { asciiJson } from "../escape.ts";

/** The whole report, as `schema/sweep-v1.json` describes it. */
export function renderSweepJson(report: SweepReport): string {
  return `${asciiJson(report, 2)}\n`;
}

/** One line, as `schema/sweep-line-v1.json` describes it. */
export function renderSweepLine(line: SweepLine): string {
  return `${asciiJson(line)}\n`;
}
