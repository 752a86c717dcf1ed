/**
 * What `kmsprobe sweep` says, line by line and as one report: each shape defined once, from which follow the type, the
 * check of a line read back by `merge`, and `schema/sweep-v1.json`. Other modules import types from here. Durations
 * are milliseconds. Strings that came from the network are as they were: each output escapes for itself.
 */
import { z } from "zod";
import { endpointDiagnosisSchema } from "../model/diagnosis.ts";
import { socketAddressSchema, srvAnswerSchema } from "../model/dns.ts";
import { endpointSchema } from "../model/evidence.ts";
import { fingerprintSchema, quietEvidenceSchema } from "../model/fingerprint.ts";
import { defaultSchema } from "../model/report.ts";
import { verdictCodes } from "../model/verdict.ts";

export type { Fingerprint, QuietEvidence } from "../model/fingerprint.ts";

const ms = z.number().nonnegative();
const count = z.int().nonnegative();
const port = z.int().min(1).max(65535);

/** One of several runs that share a plan: `index` is 1 to `count`. */
const shard = z.strictObject({ index: z.int().positive(), count: z.int().positive() }).meta({ id: "Shard" });
export type Shard = z.infer<typeof shard>;

/** What is to be looked at, and in which order: the same for all shards of a sweep. */
const plan = z
  .strictObject({
    digest: z.string().describe("of the addresses, ports and seed: runs with the same one look at the same"),
    targets: z.array(z.string()).describe("as they were written; a file by its name"),
    excluded: z.array(z.string()),
    ports: z.array(port).describe("for targets without a port of their own"),
    addresses: count.describe("pairs of address and port, after exclusion and without duplicates"),
    seed: count.describe("of the visiting order"),
  })
  .meta({ id: "Plan" });
export type Plan = z.infer<typeof plan>;

const settings = z
  .strictObject({
    concurrency: z.int().positive().describe("connections in flight"),
    rate: count.describe(
      "connections started a second, after those that may begin at once where nobody names a rate; 0 for no limit",
    ),
    timeoutMs: ms.nullable().describe("timeout of one connect; null: by the round trips of each subnet"),
    retries: count.describe("further connects after silence"),
    rpcTimeoutMs: ms,
    count: count
      .nullable()
      .describe("quiet connections to each host that accepts the bind; null: by the number of such hosts"),
    workers: z.int().positive().describe("threads that connect"),
    maxTimeMs: ms.nullable(),
  })
  .meta({ id: "SweepSettings" });
export type SweepSettings = z.infer<typeof settings>;

const tool = z.strictObject({ name: z.literal("kmsprobe"), version: z.string() });
const from = z.strictObject({ host: z.string(), platform: z.string() });

const DEFAULTED = "what was asked because a configuration file or the environment says so";
const defaults = z.array(defaultSchema).optional();

/** The first line of a run. */
export const startLineSchema = z
  .strictObject({
    type: z.literal("start"),
    schemaVersion: z.literal("1.0"),
    tool,
    startedAt: z.iso.datetime().describe("UTC"),
    from,
    plan,
    shard,
    settings,
    defaults: defaults.describe(`${DEFAULTED}; left out where nothing was`),
  })
  .meta({ id: "StartLine" });
export type StartLine = z.infer<typeof startLineSchema>;

/**
 * An address that is worth a line: one that connected, or with --all any. The evidence is that of `check`;
 * `endpoint.host` is the name it was given by, or the address. A name without an address has no attempt.
 */
export const endpointLineSchema = endpointDiagnosisSchema
  .extend({
    type: z.literal("endpoint"),
    names: z.array(z.string()).describe("names on the command line or in a file that have this address"),
  })
  .meta({ id: "EndpointLine" });
export type EndpointLine = z.infer<typeof endpointLineSchema>;

/** Follows the endpoint's line at the end of the run, for each that accepted the bind. */
export const measuredLineSchema = z
  .strictObject({
    type: z.literal("measured"),
    endpoint: endpointSchema,
    address: z.string(),
    quiet: quietEvidenceSchema,
    fingerprint: fingerprintSchema,
  })
  .meta({ id: "MeasuredLine" });
export type MeasuredLine = z.infer<typeof measuredLineSchema>;

const codeCounts = z
  .partialRecord(z.enum(verdictCodes), z.int().positive())
  .describe("addresses by verdict code");
export type CodeCounts = z.infer<typeof codeCounts>;

/** A subnet where every address that said anything accepted the connection: one device, not that many hosts. */
const middlebox = z
  .strictObject({
    subnet: z.string(),
    port,
    accepted: z.int().positive(),
    silent: count,
    tried: z.int().positive(),
    counts: codeCounts.describe("of the accepted ones, by what the bind met"),
    addresses: z.array(z.string()).describe("the accepted ones, as ranges where they adjoin"),
    sample: endpointDiagnosisSchema.describe("one of them, with its evidence"),
  })
  .meta({ id: "Middlebox" });
export type Middlebox = z.infer<typeof middlebox>;

export const middleboxLineSchema = middlebox
  .extend({ type: z.literal("middlebox") })
  .meta({ id: "MiddleboxLine" });
export type MiddleboxLine = z.infer<typeof middleboxLineSchema>;

const subnetCount = z
  .strictObject({
    subnet: z.string().describe("CIDR: a /24 or /64, larger where there would be more than 65,536 of them"),
    port,
    planned: z.int().positive().describe("addresses of the plan in it, all shards together"),
    covered: z.int().positive().describe("of these, looked at"),
    counts: codeCounts,
  })
  .meta({ id: "SubnetCount" });
export type SubnetCount = z.infer<typeof subnetCount>;

/** A limit of this machine that the sweep met and waited for. Nothing of it is in any verdict. */
const slowdown = z
  .strictObject({
    cause: z.string().describe("errno name, or `conntrack`"),
    times: z.int().positive(),
    concurrency: z.int().positive().describe("the least it was cut to"),
  })
  .meta({ id: "Slowdown" });
export type Slowdown = z.infer<typeof slowdown>;

/** What DNS lists for one domain, and the addresses of each listed host. */
const publishedDomain = z
  .strictObject({
    domain: z.string(),
    srv: z.array(srvAnswerSchema),
    hosts: z.array(
      z.strictObject({
        endpoint: endpointSchema,
        addresses: z.array(z.string()),
        gone: z
          .boolean()
          .default(false)
          .describe("DNS says for certain that no client can be served under that name"),
      }),
    ),
  })
  .meta({ id: "PublishedDomain" });
export type PublishedDomain = z.infer<typeof publishedDomain>;

/** One line of the file of --allowed. `addresses` are those of a name; a literal or CIDR stands in `text` alone. */
const permittedEntry = z
  .strictObject({
    text: z.string().describe("NAME, ADDRESS or CIDR, as it was written, without a port"),
    port: port.nullable().describe("null: any port"),
    addresses: z.array(z.string()),
    resolver: socketAddressSchema
      .nullable()
      .default(null)
      .describe("the first that was asked for a name's addresses; null where none was"),
  })
  .meta({ id: "PermittedEntry" });
export type PermittedEntry = z.infer<typeof permittedEntry>;

/** The last line of a run, and of an interrupted one, too. A killed run has none. */
export const endLineSchema = z
  .strictObject({
    type: z.literal("end"),
    plan: z.string().describe("digest of the plan"),
    shard,
    elapsedMs: ms.describe("of all runs that it took, where it was resumed"),
    runs: z.int().positive().describe("1, and one more for each time it was resumed"),
    interrupted: z.boolean().describe("by the user; --max-time only ends it early"),
    planned: count.describe("addresses of this shard"),
    covered: count,
    unsent: count
      .default(0)
      .describe("of the covered ones: nothing left this machine, for want of a way there or of means"),
    subnets: z.array(subnetCount).describe("those with a covered address"),
    slowdowns: z.array(slowdown),
    published: z.array(publishedDomain).nullable().describe("null where DNS was not asked"),
    permitted: z.array(permittedEntry).nullable().describe("null without --allowed"),
  })
  .meta({ id: "EndLine" });
export type EndLine = z.infer<typeof endLineSchema>;

export const sweepLineSchema = z
  .discriminatedUnion("type", [
    startLineSchema,
    endpointLineSchema,
    measuredLineSchema,
    middleboxLineSchema,
    endLineSchema,
  ])
  .meta({ id: "SweepLine" });
export type SweepLine = z.infer<typeof sweepLineSchema>;

// ---------------------------------------------------------------------------------------------------------------
// The report: what the lines of one run, or of all shards, come to
// ---------------------------------------------------------------------------------------------------------------

const step = endpointDiagnosisSchema.shape.verdict.shape.next.element;

/** What published × answering × permitted comes to for one address. Public: added or retired, never reworded. */
export const reconcileCodes = [
  "published-dead",
  "published-not-swept",
  "unpublished-answering",
  "not-permitted-answering",
  "not-permitted-published",
  "permitted-dead",
  "permitted-unpublished",
  "permitted-not-swept",
] as const;
export type ReconcileCode = (typeof reconcileCodes)[number];

const reconcileRow = z
  .strictObject({
    address: z.string().nullable().describe("null for a published or permitted name without an address"),
    port: port.nullable(),
    names: z.array(z.string()),
    published: z
      .boolean()
      .nullable()
      .describe("null where DNS was not asked, or did not give its whole list"),
    answers: z
      .enum(["serves", "does-not-serve", "not-swept"])
      .describe(
        "serves: accepts the KMS bind, and no more than that; not-swept: also where this machine could not tell",
      ),
    permitted: z.boolean().nullable().describe("null without --allowed"),
    code: z.enum(verdictCodes).nullable().describe("verdict of the sweep; null where it was not swept"),
    findings: z.array(
      z.strictObject({
        code: z.enum(reconcileCodes),
        severity: z.enum(["warning", "note"]),
        observed: z.string(),
        next: z.array(step),
      }),
    ),
  })
  .meta({ id: "ReconcileRow" });
export type ReconcileRow = z.infer<typeof reconcileRow>;

const reconcile = z
  .strictObject({
    domains: z.array(z.string()),
    rows: z
      .array(reconcileRow)
      .describe("every address that is published, answers as a KMS host, or is permitted"),
  })
  .meta({ id: "Reconcile" });
export type Reconcile = z.infer<typeof reconcile>;

const sweepHost = endpointLineSchema
  .omit({ type: true })
  .extend({ quiet: quietEvidenceSchema.nullable(), fingerprint: fingerprintSchema.nullable() })
  .meta({ id: "SweepHost" });
export type SweepHost = z.infer<typeof sweepHost>;

const gap = z
  .strictObject({
    shard,
    addresses: z.int().positive(),
    why: z.enum(["shard-missing", "shard-killed", "interrupted"]),
    text: z.string(),
  })
  .meta({ id: "Gap" });
export type Gap = z.infer<typeof gap>;

export const sweepReportSchema = z.strictObject({
  schemaVersion: z.literal("1.0"),
  tool,
  startedAt: z.iso.datetime().describe("UTC, of the first run"),
  elapsedMs: ms.describe("of the longest shard"),
  from: z.array(from).describe("where it was run; several places for shards"),
  plan,
  shards: z.array(shard).describe("those seen, in order"),
  settings,
  defaults: defaults.describe(`${DEFAULTED}, of all runs; left out where nothing was`),
  interrupted: z.boolean(),
  coverage: z.strictObject({
    planned: count,
    covered: count,
    complete: z.boolean(),
    gaps: z.array(gap),
  }),
  unsent: count
    .default(0)
    .describe("of the covered addresses: nothing left the machine, for want of a way there or of means"),
  totals: codeCounts,
  serving: count.describe(
    "addresses that would serve a client at RPC level, those behind a middlebox not counted",
  ),
  hosts: z.array(sweepHost).describe("by address; those behind a middlebox left out"),
  hostsDropped: count.describe("hosts that do not serve, beyond the limit of the report: counted only"),
  middleboxes: z.array(middlebox),
  subnets: z.array(subnetCount),
  slowdowns: z.array(slowdown),
  reconcile: reconcile.nullable(),
});
export type SweepReport = z.infer<typeof sweepReportSchema>;
