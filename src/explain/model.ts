/**
 * What `kmsprobe explain` says, as a value: each shape defined once, from which follow the type and
 * `schema/explain-v1.json`. Strings that came out of the text are as they were: each output escapes for itself.
 */
import { z } from "zod";
import { causeNames, causeSchema } from "../model/causes.ts";
import { reportSchema } from "../model/report.ts";
import { stepSchema } from "../model/verdict.ts";

const kinds = [
  "slmgr-dlv",
  "slmgr-dli",
  "slmgr-xpr",
  "slmgr-ato",
  "ospp-dstatus",
  "ospp-act",
  "ospp-dhistorykms",
  "event",
  "dialog",
  "cim",
  "registry",
  "nslookup",
  "resolve-dnsname",
  "test-netconnection",
  "telnet",
  "psping",
  "netstat",
  "ipconfig",
  "w32tm",
  "sc-query",
] as const;
const kind = z.enum(kinds);
export type Kind = z.infer<typeof kind>;

export const licenceStates = [
  "unlicensed",
  "licensed",
  "initial-grace",
  "additional-grace",
  "non-genuine-grace",
  "notification",
  "extended-grace",
] as const;

const port = z.int().min(1).max(65_535);
const many = z.int().nonnegative();
const code = z.string().describe("an HRESULT, 0x and eight digits");

const srv = z
  .strictObject({
    name: z.string(),
    priority: z.int().min(0).max(65_535),
    weight: z.int().min(0).max(65_535),
    port: z.int().min(0).max(65_535),
    target: z.string(),
  })
  .meta({ id: "PastedSrv" });
export type PastedSrv = z.infer<typeof srv>;

const productFacts = {
  product: z.string(),
  channel: z.string().describe("such as VOLUME_KMSCLIENT"),
  licenceStatus: z.enum(licenceStates),
  partialKey: z.string().describe("the last five characters of the key"),
  setupKey: z
    .string()
    .nullable()
    .describe("the product whose public client setup key ends so; null for any other key"),
  minutesLeft: many,
  errorCodes: z.array(code),
};
const pastedProduct = z.strictObject(productFacts).partial().meta({ id: "PastedProduct" });
export type PastedProduct = z.infer<typeof pastedProduct>;

/** Everything that is read out of text. Each is whole or absent. */
const facts = z
  .strictObject({
    ...productFacts,
    products: z.array(pastedProduct).describe("where a text lists several"),
    errorIsInformational: z.boolean(),
    expires: z.string().describe("as printed: local time, in the local form"),
    activationId: z.string(),
    applicationId: z.string(),
    activationType: z.enum(["all", "ad", "kms", "token"]),
    kmsHost: z.string(),
    kmsPort: port,
    kmsIp: z.string(),
    hostFrom: z.enum(["dns", "registry", "cache", "ad"]),
    hostCaching: z.boolean(),
    lookupDomain: z.string(),
    cmid: z.string(),
    activationIntervalMinutes: many,
    renewalIntervalMinutes: many,
    isKmsHost: z.boolean(),
    currentCount: many,
    requiredCount: many,
    listeningPort: port,
    dnsPublishing: z.boolean(),
    requestsTotal: many,
    requestsFailed: many,
    requestsUnlicensed: many,
    requestsLicensed: many,
    requestsInitialGrace: many,
    requestsExpired: many,
    requestsNonGenuine: many,
    requestsNotification: many,
    hostTime: z.string(),
    activationObject: z.string(),
    eventIds: z.array(z.int()),
    eventTime: z.string(),
    statusFlags: z.string(),
    activated: z.boolean(),
    clientTime: z.string(),
    clientName: z.string(),
    nPolicy: many.describe("the count that the product needs"),
    trigger: z.string(),
    zone: z.string(),
    primarySuffix: z.string(),
    suffixes: z.array(z.string()),
    connectionSuffixes: z.array(z.string()),
    dnsServers: z.array(z.string()),
    addresses: z.array(z.string()),
    dnsServer: z.string().describe("that answered"),
    question: z.string(),
    rcode: z.enum(["NOERROR", "NXDOMAIN", "NODATA", "SERVFAIL", "REFUSED", "TIMEOUT"]),
    srv: z.array(srv),
    interfaceAlias: z.string(),
    sourceAddress: z.string(),
    pingSucceeded: z.boolean(),
    tcpSucceeded: z.boolean(),
    listening: z.boolean(),
    samples: many,
    clockHost: z.string().describe("whose clock was asked"),
    timeSource: z.string().describe("by which this machine's clock is set"),
    offsetSeconds: z.number().describe("the other clock minus this one"),
    service: z.string(),
    serviceState: z.enum(["stopped", "start-pending", "stop-pending", "running", "paused"]),
    exitCode: z.int().nonnegative(),
  })
  .partial()
  .meta({ id: "PastedFacts" });
export type Facts = z.infer<typeof facts>;

const piece = z
  .strictObject({
    kind,
    side: z.enum(["client", "host", "either"]),
    language: z.string().nullable().describe("null where the text does not tell"),
    input: z.string().describe("the file, - for standard input"),
    lines: z.strictObject({ from: z.int().positive(), to: z.int().positive() }),
    facts,
    cause: z
      .enum([...causeNames, "none", "unknown"])
      .describe("what it shows by itself; none: nothing is wrong here; unknown: it does not say"),
    says: z.string(),
    doesNotTell: z.string(),
    next: z.array(stepSchema),
  })
  .meta({ id: "Piece" });
export type Piece = z.infer<typeof piece>;

const explainedCode = z
  .strictObject({
    code: z.string().describe("an HRESULT, the number of an event, or one of kmsprobe's own codes"),
    name: z.string().nullable(),
    known: z.boolean(),
    success: z.boolean(),
    says: z.string(),
    proves: z.enum(causeNames).nullable(),
    fits: z.array(z.enum(causeNames)),
    next: z.string(),
    lines: z.array(z.int().positive()).describe("where it stands, at most ten; empty for an argument"),
  })
  .meta({ id: "ExplainedCode" });
export type ExplainedCode = z.infer<typeof explainedCode>;

const contradiction = z
  .strictObject({
    rule: z.string(),
    text: z.string(),
    piece: z.string().nullable().describe("RFC 6901 pointer into this document, to what the text says"),
    network: z.string().nullable().describe("RFC 6901 pointer into this document, to what the network shows"),
    next: stepSchema.nullable(),
  })
  .meta({ id: "Contradiction" });
export type Contradiction = z.infer<typeof contradiction>;

export const explanationSchema = z.strictObject({
  schemaVersion: z.literal("1.0"),
  tool: z.strictObject({ name: z.literal("kmsprobe"), version: z.string() }),
  inputs: z.array(
    z.strictObject({
      name: z.string(),
      encoding: z.string(),
      lines: many,
      left: many.describe("lines that were not read: beyond the limit of pieces, or of lines"),
    }),
  ),
  pieces: z.array(piece),
  codes: z.array(explainedCode),
  causes: z.array(causeSchema).length(causeNames.length).describe("the eight usual causes, in their order"),
  contradictions: z.array(contradiction).describe("between the text and the network; empty without a check"),
  report: reportSchema
    .nullable()
    .default(null)
    .describe(
      "of the check that looked at what the text names, as report-v1.json has it; null without a check",
    ),
});
export type Explanation = z.infer<typeof explanationSchema>;
