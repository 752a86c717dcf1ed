/** The text of a saved report in, the report in any of its shapes out. A file of its own: it loads zod. */
import { printable } from "../../report/escape.ts";
import { renderSweepCsv } from "../../report/sweep/csv.ts";
import { renderSweepJson } from "../../report/sweep/json.ts";
import { renderSweepText } from "../../report/sweep/text.ts";
import type { TextOptions } from "../../report/check/text.ts";
import { readSaved } from "../../saved/saved.ts";
import type { Saved } from "../../saved/saved.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { renderComparison } from "../compare/reports.ts";
import { EXIT, exitCodeOfMerge, exitCodeOfReport, exitCodeOfSweep, exitCodeOfVerification } from "../exit.ts";
import { isRecognised, render as renderExplanation } from "../explain/words.ts";
import { CHECK_KINDS, renderCheck } from "../output.ts";
import { renderVerifyNagios } from "../../report/verify/nagios.ts";
import { REPORT_KINDS } from "../verify/report-kinds.ts";
import { renderVerifyReport } from "../verify/reports.ts";

/** What each command's report can be shown as. */
const KINDS = {
  check: CHECK_KINDS,
  verify: REPORT_KINDS,
  compare: ["text", "json", "markdown"],
  sweep: ["text", "json", "csv"],
  explain: ["text", "json", "markdown"],
} as const satisfies Record<Saved["of"], readonly string[]>;

/** @throws UsageError where it is no report; `name` is fit for print */
export function savedIn(text: string, name: string): Saved {
  const reading = readSaved(text);
  if (!reading.ok) throw new UsageError(`${name} ${printable(reading.fault)}`);
  return reading.saved;
}

/** @throws UsageError where such a report has no such shape */
export async function renderSaved(saved: Saved, format: string, options: TextOptions): Promise<string> {
  switch (saved.of) {
    case "check":
      return await renderCheck(saved.report, kindOf(format, KINDS.check, saved), options);
    case "verify":
      return await renderVerifyReport(saved.report, kindOf(format, KINDS.verify, saved), options);
    case "compare": {
      const kind = kindOf(format, KINDS.compare, saved);
      return renderComparison(saved.report, { ...options, format: kind });
    }
    case "sweep":
      switch (kindOf(format, KINDS.sweep, saved)) {
        case "json":
          return renderSweepJson(saved.report);
        case "csv":
          return renderSweepCsv(saved.report);
        default:
          return renderSweepText(saved.report, options);
      }
    case "explain": {
      const kind = kindOf(format, KINDS.explain, saved);
      return renderExplanation(saved.report, { ...options, format: kind });
    }
    default:
      return saved satisfies never;
  }
}

/** The exit code that the run had, or would have had: whatever it was shown as. */
export function exitCodeOfSaved(saved: Saved, format: string): number {
  switch (saved.of) {
    case "check":
      return exitCodeOfReport(saved.report);
    case "verify":
      if (format === "nagios") return renderVerifyNagios(saved.report).code;
      return exitCodeOfVerification(saved.report, false);
    case "compare":
      return saved.report.serving === "differs" ? EXIT.wouldNotServe : EXIT.ok;
    case "sweep":
      return saved.report.shards.length > 1 ? exitCodeOfMerge(saved.report) : exitCodeOfSweep(saved.report);
    case "explain":
      return isRecognised(saved.report) ? EXIT.ok : EXIT.wouldNotServe;
    default:
      return saved satisfies never;
  }
}

function kindOf<Kind extends string>(format: string, kinds: readonly Kind[], { of }: Saved): Kind {
  const kind = kinds.find((each) => each === format);
  if (kind === undefined)
    throw new UsageError(`a report of ${of} is not shown as ${format}: it can be ${kinds.join(", ")}`);
  return kind;
}
