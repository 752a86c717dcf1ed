/**
 * What `kmsprobe verify` says: each shape defined once, from which follow the type, the check and
 * `schema/verify-v1.json`. Other modules import types from here. Durations are milliseconds. Strings that came from the
 * network are as they were: each output escapes for itself.
 */
import { z } from "zod";
import { addressEvidenceSchema } from "../model/dns.ts";
import { attemptEvidenceSchema } from "../model/evidence.ts";
import { defaultSchema, reportSchema } from "../model/report.ts";
import { certaintySchema, stepSchema, verdictSchema } from "../model/verdict.ts";

const count = z.int().nonnegative();
const ms = z.number().nonnegative();
const port = z.int().min(1).max(65535);

/** What a policy can expect, by its key there. */
export const expectationKinds = [
  "serve",
  "closed",
  "latency",
  "listed",
  "agree",
  "clock",
  "permitted",
  "lint",
] as const;
const kind = z.enum(expectationKinds);
export type ExpectationKind = z.infer<typeof kind>;

/**
 * `met`: seen to hold. `failed`: seen not to hold. `error`: it could not be checked, so nothing is known. `skipped`: it
 * is for other places than this one.
 */
const status = z.enum(["met", "failed", "error", "skipped"]);

/** What a failure means: `error` fails the run, `warning` is told and does not. */
const level = z.enum(["error", "warning"]);
export type Level = z.infer<typeof level>;

/** Where something stands in the policy file: line and column from 1. */
const position = z
  .strictObject({ line: z.int().positive(), column: z.int().positive() })
  .meta({ id: "Position" });
export type Position = z.infer<typeof position>;

/** A step of the way to a host, in the order in which they are taken. */
const stage = z.enum(["dns", "tcp", "rpc"]);
export type Stage = z.infer<typeof stage>;

/**
 * One thing that was looked at for an expectation: a host's address, a resolver, a finding. `holds` says how it bears
 * on the expectation; with "at least one serves", the result may be met while one of its details does not hold.
 */
const detail = z
  .strictObject({
    about: z.string().describe("what it speaks of: HOST:PORT at ADDRESS, a resolver, a domain"),
    holds: z.boolean(),
    observed: z.string().describe("one sentence"),
    code: z.string().nullable().describe("verdict or finding code; null for neither"),
    certainty: certaintySchema.nullable(),
    causes: z.array(z.string()).describe("every cause that fits, likeliest first"),
    next: z.array(stepSchema).describe("what to do, most useful first"),
    pointer: z
      .string()
      .nullable()
      .describe("RFC 6901 pointer into this verification, to the evidence; null where there is none"),
  })
  .meta({ id: "Detail" });
export type Detail = z.infer<typeof detail>;

/** One expectation at one source: what one test case is in JUnit. */
const result = z
  .strictObject({
    id: z.string().describe("unique in the policy: given there, or the kind and a number, such as serve-2"),
    kind,
    name: z.string().describe("what must hold, in one sentence"),
    level,
    at: position,
    source: z
      .string()
      .nullable()
      .describe("label of the source it was looked at from; null: system's choice"),
    status,
    expected: z.string().describe("what the policy demands, in a few words"),
    observed: z.string().describe("what was seen instead, or what it rests on"),
    details: z.array(detail).describe("at most 64 a result, those that do not hold first"),
    detailsDropped: count.describe("details beyond that"),
  })
  .meta({ id: "ExpectationResult" });
export type ExpectationResult = z.infer<typeof result>;

/** One address and port that must not be reachable: one connect, and nothing sent on it. */
const closedAttempt = attemptEvidenceSchema
  .pick({ address: true, family: true, via: true, routeErrno: true, tcp: true, controlPort: true })
  .extend({ verdict: verdictSchema.nullable().describe("why it does not connect; null where it does") })
  .meta({ id: "ClosedAttempt" });
export type ClosedAttempt = z.infer<typeof closedAttempt>;

const closed = z
  .strictObject({
    source: z.string().nullable(),
    host: z.string(),
    port,
    address: addressEvidenceSchema,
    attempts: z.array(closedAttempt),
  })
  .meta({ id: "ClosedEvidence" });
export type ClosedEvidence = z.infer<typeof closed>;

/** How something compares with the baseline. Only `worse` fails a run. */
const direction = z
  .enum(["worse", "better", "changed", "flapping"])
  .describe("flapping: worse in one look, and not in two of three");
export type Direction = z.infer<typeof direction>;

const change = z
  .strictObject({
    what: z.enum(["host", "latency", "listing", "resolver", "closed"]),
    about: z.string(),
    source: z.string().nullable(),
    direction,
    before: z.string(),
    after: z.string(),
    looks: z
      .strictObject({ worse: count, of: z.int().positive() })
      .describe("looks taken, and how many were worse"),
    next: z.array(stepSchema),
    pointer: z.string().nullable().describe("RFC 6901 pointer into this verification"),
  })
  .meta({ id: "Change" });
export type Change = z.infer<typeof change>;

const baselineComparison = z
  .strictObject({
    file: z.string(),
    writtenAt: z.iso.datetime().describe("UTC"),
    changes: z.array(change),
    unchanged: count,
    notCompared: count.describe(
      "in the baseline, and not looked at in this run: the policy asks for something else",
    ),
  })
  .meta({ id: "BaselineComparison" });
export type BaselineComparison = z.infer<typeof baselineComparison>;

/** `failed`: an expectation of level error failed, or something got worse. `error`: nothing failed, and not all could be checked. */
const outcome = z.enum(["met", "warned", "failed", "error"]);
export type Outcome = z.infer<typeof outcome>;

export const verificationSchema = z.strictObject({
  schemaVersion: z.literal("1.0"),
  kind: z.literal("verification"),
  tool: z.strictObject({ name: z.literal("kmsprobe"), version: z.string() }),
  policy: z.strictObject({
    file: z.string().describe("as it was named on the command line"),
    name: z.string().nullable(),
    place: z.string().nullable(),
  }),
  defaults: z
    .array(defaultSchema)
    .optional()
    .describe("the place, where a configuration file or the environment named it; left out where a flag did"),
  startedAt: z.iso.datetime().describe("UTC"),
  elapsedMs: ms,
  interrupted: z.boolean(),
  outcome,
  counts: z.strictObject({
    met: count,
    failed: count.describe("of level error"),
    warned: count.describe("failed, of level warning"),
    error: count,
    skipped: count,
  }),
  results: z.array(result),
  baseline: baselineComparison.nullable().describe("null without --baseline"),
  closed: z.array(closed),
  report: reportSchema.describe("the whole evidence, as kmsprobe check reports it"),
});
export type Verification = z.infer<typeof verificationSchema>;
