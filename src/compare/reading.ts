/**
 * A report read back for comparison: only what a comparison needs, and nothing is taken for granted. Any 1.x is read.
 * Unknown fields are passed over, unknown codes and outcomes stay opaque strings, and fields that 1.0 did not always
 * have may be missing.
 */
import ipaddr from "ipaddr.js";
import { z } from "zod";

/** A severity of a newer minor is one that we can't weigh. */
const severity = z.string().transform((word) => {
  const known = (["ok", "degraded", "failed", "inconclusive"] as const).find((each) => each === word);
  return known ?? "inconclusive";
});

const verdict = z.object({ code: z.string(), layer: z.string(), severity, serves: z.boolean() });
export type ReadVerdict = z.infer<typeof verdict>;

const timed = z.object({ outcome: z.string(), elapsedMs: z.number().nonnegative().optional() });
const bindTry = z.object({ answer: timed });

const sourceFault = z.object({ interface: z.string(), state: z.string() });

const attempt = z.object({
  address: z.string(),
  via: z.object({ address: z.string(), interface: z.string().nullable().default(null) }).nullable(),
  routeErrno: z.string().nullable().default(null),
  tcp: timed,
  rpc: z
    .object({
      bind: bindTry,
      plain: bindTry.nullable().default(null),
      latency: z.object({ samplesMs: z.array(z.number().nonnegative()) }),
    })
    .nullable(),
  here: z
    .object({ sourceFault: sourceFault.nullable().default(null) })
    .nullable()
    .default(null),
  verdict,
});
export type ReadAttempt = z.infer<typeof attempt>;

const port = z.int().min(0).max(65535);

const endpoint = z.object({
  endpoint: z.object({ host: z.string(), port }),
  address: z.object({ literal: z.boolean().default(false), addresses: z.array(z.string()) }),
  attempts: z.array(attempt),
  verdict,
});
export type ReadEndpoint = z.infer<typeof endpoint>;

const srvRecord = z.object({ priority: z.int(), weight: z.int(), port, target: z.string() });

const srvAnswer = z.object({
  resolver: z.object({ address: z.string(), port }),
  answer: z.object({
    outcome: z.string(),
    facts: z.object({ records: z.array(srvRecord) }).optional(),
    denial: z
      .object({ rcode: z.string(), nodata: z.boolean(), notOffered: z.boolean().default(false) })
      .optional(),
    cause: z.string().optional(),
  }),
});
export type ReadSrvAnswer = z.infer<typeof srvAnswer>;

const diagnosis = z.object({
  target: z.object({ kind: z.string(), domain: z.string().optional() }),
  source: z.string().nullable().default(null),
  srv: z.array(srvAnswer),
  endpoints: z.array(endpoint),
});
export type ReadDiagnosis = z.infer<typeof diagnosis>;

const network = z.object({ name: z.string(), cidr: z.string() });

export const reportReading = z.object({
  schemaVersion: z.string(),
  tool: z.object({ version: z.string() }),
  startedAt: z.iso.datetime(),
  from: z.object({ host: z.string(), platform: z.string() }),
  sources: z.array(z.object({ label: z.string() })).default([]),
  networks: z
    .array(network)
    .default([])
    .transform((all) => all.filter(({ cidr }) => ipaddr.isValidCIDR(cidr))),
  interrupted: z.boolean().default(false),
  diagnoses: z.array(diagnosis),
});
export type ReadReport = z.infer<typeof reportReading>;

/** `fault` says what is wrong, and where in the JSON; it may hold text of the file and is not escaped. */
export type Reading = { ok: true; report: ReadReport } | { ok: false; fault: string };

/** Reads the JSON of `check --format json`, or of `verify`, which has one in it. Never throws, whatever the text. */
export function readReport(text: string): Reading {
  const whole = readJson(text, "write the report with --format json");
  if (!whole.ok) return whole;
  const verification = z
    .object({ kind: z.literal("verification"), report: z.unknown() })
    .safeParse(whole.value);
  const parsed = verification.success ? { value: verification.data.report } : whole;
  const version = z.object({ schemaVersion: z.string() }).safeParse(parsed.value);
  if (!version.success) return { ok: false, fault: "is JSON, but no report: it has no schemaVersion" };
  const { schemaVersion } = version.data;
  const of = writtenBy(parsed.value);
  if (of !== "check" && of !== null)
    return {
      ok: false,
      fault: `is a report of ${of}, which kmsprobe show shows: only those of check and verify are compared`,
    };
  if (!/^1\.\d+$/.test(schemaVersion))
    return { ok: false, fault: `has schemaVersion ${schemaVersion}: this kmsprobe reads 1.x` };
  const report = reportReading.safeParse(parsed.value);
  if (report.success) return { ok: true, report: report.data };
  const [first] = report.error.issues;
  return {
    ok: false,
    fault: `is no report: ${pathOf(first?.path ?? [])}: ${first?.message ?? "unreadable"}`,
  };
}

export type Writer = "check" | "verify" | "compare" | "sweep" | "explain";

/** Which command a report is of, by what it has. @returns null for what is none, or of a command to come */
export function writtenBy(value: unknown): Writer | null {
  if (typeof value !== "object" || value === null || !("schemaVersion" in value)) return null;
  if ("kind" in value) {
    if (value.kind === "verification") return "verify";
    return value.kind === "comparison" ? "compare" : null;
  }
  if ("diagnoses" in value) return "check";
  if ("plan" in value && "coverage" in value) return "sweep";
  return "pieces" in value && "codes" in value ? "explain" : null;
}

export type JsonReading = { ok: true; value: unknown } | { ok: false; fault: string };

/** @param wayOut what to do where it is no JSON report */
export function readJson(text: string, wayOut: string): JsonReading {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, "")) };
  } catch {
    const trimmed = text.trim();
    if (trimmed === "") return { ok: false, fault: "is empty" };
    if (/^\{"type":"(?:endpoint|target|run)"/.test(trimmed))
      return { ok: false, fault: `is NDJSON: ${wayOut}` };
    if (trimmed.startsWith('{"type":"start","at":'))
      return { ok: false, fault: "is a log of watch, which has events and no report" };
    if (trimmed.startsWith('{"type":"start"'))
      return { ok: false, fault: "is NDJSON of a sweep: kmsprobe merge shows it" };
    if (trimmed.startsWith("{") && !trimmed.endsWith("}"))
      return { ok: false, fault: "is cut short: the JSON ends too early" };
    return { ok: false, fault: `is not JSON: ${wayOut}` };
  }
}

/** `diagnoses[0].endpoints[2].port`. */
function pathOf(path: readonly PropertyKey[]): string {
  const joined = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return joined.replace(/^\./, "") || "the whole";
}
