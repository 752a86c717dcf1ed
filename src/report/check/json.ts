import type { Diagnosis, EndpointDiagnosis } from "../../model/diagnosis.ts";
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
  return [...ndjsonLines(report)].join("");
}

/** @param told pointers to the endpoints that have had their line */
export function* ndjsonLines(report: Report, told: ReadonlySet<string> = new Set()): Generator<string> {
  const { diagnoses, ...run } = report;
  for (const [at, { endpoints, ...rest }] of diagnoses.entries()) {
    const { target, source } = rest;
    for (const [index, endpoint] of endpoints.entries())
      if (!told.has(`/diagnoses/${at}/endpoints/${index}`)) yield endpointLine({ target, source, endpoint });
    yield line({ type: "target", ...rest });
  }
  yield line({ type: "run", ...run });
}

/** The line of `--format ndjson` that is printed as soon as a host is done. */
export function endpointLine({
  target,
  source,
  endpoint,
}: Pick<Diagnosis, "target" | "source"> & { endpoint: EndpointDiagnosis }): string {
  return line({ type: "endpoint", target, source, ...endpoint });
}

function line(value: unknown): string {
  return `${asciiJson(value)}\n`;
}
