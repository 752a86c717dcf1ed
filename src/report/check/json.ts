import type { Report } from "../../model/report.ts";
import { asciiJson } from "../escape.ts";

/** The full report with all its evidence, as `schema/report-v1.json` describes it. */
export function renderJson(report: Report): string {
  return `${asciiJson(report, 2)}\n`;
}

/**
 * One object a line: an `endpoint` for each listed or given host, then a `target` for each domain or list, then the
 * `run`. Each line stands for itself, and the three together are the report.
 */
export function renderNdjson(report: Report): string {
  const lines = report.diagnoses.flatMap(({ endpoints, ...rest }) => [
    ...endpoints.map((endpoint) => ({ type: "endpoint", target: rest.target, ...endpoint })),
    { type: "target", ...rest },
  ]);
  const { diagnoses: _, ...run } = report;
  return [...lines, { type: "run", ...run }].map((line) => `${asciiJson(line)}\n`).join("");
}
