/** A report that was saved as JSON, read back whole: of which command it is, is seen by what it has. */
import type { Comparison } from "../compare/comparison.ts";
import { comparisonSchema } from "../compare/comparison.ts";
import { readJson } from "../compare/reading.ts";
import type { JsonReading } from "../compare/reading.ts";
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
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { ok: false, fault: "is JSON, but no report: it is no object" };
  const fields = new Map<string, unknown>(Object.entries(value));
  const of = commandOf(fields);
  if (of === null)
    return {
      ok: false,
      fault: "is JSON, but no report of check, sweep, merge, verify, compare or explain",
    };
  const version = fields.get("schemaVersion");
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

function commandOf(fields: ReadonlyMap<string, unknown>): Saved["of"] | null {
  if (!fields.has("schemaVersion")) return null;
  if (fields.get("kind") === "verification") return "verify";
  if (fields.get("kind") === "comparison") return "compare";
  if (fields.has("kind")) return null;
  if (fields.has("diagnoses")) return "check";
  if (fields.has("plan") && fields.has("coverage")) return "sweep";
  return fields.has("pieces") && fields.has("codes") ? "explain" : null;
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

function parse(text: string): JsonReading {
  const reading = readJson(text, "save the report with --format json");
  return !reading.ok && text.trim().startsWith('{"type":"start"')
    ? { ok: false, fault: "is NDJSON of a sweep: kmsprobe merge shows it" }
    : reading;
}
