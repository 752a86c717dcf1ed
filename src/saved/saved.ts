/** A report that was saved as JSON, read back whole: of which command it is, is seen by what it has. */
import type { Comparison } from "../compare/comparison.ts";
import { comparisonSchema } from "../compare/comparison.ts";
import { readJson, writtenBy } from "../compare/reading.ts";
import type { Explanation } from "../explain/model.ts";
import { explanationSchema } from "../explain/model.ts";
import type { Report } from "../model/report.ts";
import { reportSchema } from "../model/report.ts";
import type { SweepReport } from "../sweep/model.ts";
import { sweepReportSchema } from "../sweep/model.ts";
import type { Verification } from "../verify/model.ts";
import { verificationSchema } from "../verify/model.ts";

export type Saved =
  | { of: "check"; report: Report }
  | { of: "verify"; report: Verification }
  | { of: "compare"; report: Comparison }
  | { of: "sweep"; report: SweepReport }
  | { of: "explain"; report: Explanation };

/** `fault` says what is wrong, and where in the JSON; it may hold text of the file and is not escaped. */
export type SavedReading = { ok: true; saved: Saved } | { ok: false; fault: string };

/**
 * Never throws, whatever the text. Unlike a comparison, which takes what it needs of any 1.x, it wants the whole report as
 * this version writes it: what is not understood can't be shown.
 */
export function readSaved(text: string): SavedReading {
  const parsed = readJson(text, "save the report with --format json");
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { ok: false, fault: "is JSON, but no report: it is no object" };
  const of = writtenBy(value);
  if (of === null)
    return {
      ok: false,
      fault: "is JSON, but no report of check, sweep, merge, verify, compare or explain",
    };
  const version = "schemaVersion" in value ? value.schemaVersion : undefined;
  if (version !== "1.0")
    return {
      ok: false,
      fault: `has schemaVersion ${String(version)}: this kmsprobe shows 1.0; use the one that wrote it`,
    };
  switch (of) {
    case "check":
      return read(reportSchema.safeParse(value), (report) => ({ of, report }));
    case "verify":
      return read(verificationSchema.safeParse(value), (report) => ({ of, report }));
    case "compare":
      return read(comparisonSchema.safeParse(value), (report) => ({ of, report }));
    case "sweep":
      return read(sweepReportSchema.safeParse(value), (report) => ({ of, report }));
    case "explain":
      return read(explanationSchema.safeParse(value), (report) => ({ of, report }));
    default:
      return of satisfies never;
  }
}

type Parsed<Value> =
  | { success: true; data: Value }
  | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };

function read<Value>(parsed: Parsed<Value>, saved: (report: Value) => Saved): SavedReading {
  if (parsed.success) return { ok: true, saved: saved(parsed.data) };
  const [first] = parsed.error.issues;
  const where = (first?.path ?? []).map(String).join(".") || "the whole";
  return {
    ok: false,
    fault: `is not as this kmsprobe writes it: ${where}: ${first?.message ?? "unreadable"}; use the one that wrote it`,
  };
}
