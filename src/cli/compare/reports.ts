/** Texts of reports in, the text of their comparison out. A file of its own: it loads zod, which other commands don't. */
import { compare } from "../../compare/compare.ts";
import type { Comparison } from "../../compare/comparison.ts";
import { labelsOf } from "../../compare/labels.ts";
import { readReport } from "../../compare/reading.ts";
import type { ReadReport } from "../../compare/reading.ts";
import type { Network } from "../../model/source.ts";
import { renderCompareJson } from "../../report/compare/json.ts";
import { renderCompareMarkdown } from "../../report/compare/markdown.ts";
import { renderCompareText } from "../../report/compare/text.ts";
import { printable } from "../../report/escape.ts";
import { VERSION } from "../../version.ts";

export type CompareRequest = {
  files: readonly string[];
  labels: readonly string[];
  networks: readonly Network[];
  format: "text" | "json" | "markdown";
  color: boolean;
  width: number;
};

/** `fault` names the file and is fit for print. */
export type Compared =
  | { ok: true; text: string; serving: Comparison["serving"] }
  | { ok: false; fault: string };

/** @param read hands over one file's text at a time: not all of them need to fit into memory as text */
export async function compareReports(
  request: CompareRequest,
  read: (file: string) => Promise<string>,
): Promise<Compared> {
  const reports: { file: string; report: ReadReport }[] = [];
  for (const file of request.files) {
    const reading = readReport(await read(file));
    if (!reading.ok) {
      const name = file === "-" ? "standard input" : file;
      return { ok: false, fault: `${printable(name)} ${printable(reading.fault)}` };
    }
    reports.push({ file, report: reading.report });
  }
  const labels = labelsOf(
    reports.map(({ file, report }) => ({ file, host: report.from.host })),
    request.labels,
  );
  const labelled = reports.map((each, index) => ({ ...each, label: labels[index] ?? each.file }));
  const comparison = compare(labelled, request.networks, VERSION);
  if (comparison.places.length < 2)
    return { ok: false, fault: "one report from one place: name another to compare it with" };
  return { ok: true, text: renderComparison(comparison, request), serving: comparison.serving };
}

export function renderComparison(
  comparison: Comparison,
  { format, color, width }: Pick<CompareRequest, "format" | "color" | "width">,
): string {
  switch (format) {
    case "text":
      return renderCompareText(comparison, { color, width });
    case "json":
      return renderCompareJson(comparison);
    case "markdown":
      return renderCompareMarkdown(comparison);
    default:
      return format satisfies never;
  }
}
