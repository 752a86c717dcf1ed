/** What the prober hands to the judge. */
import { z } from "zod";
import { clockEvidenceSchema, ownClockEvidenceSchema } from "./clock.ts";
import { configurationSchema } from "./configuration.ts";
import { addressEvidenceSchema, socketAddressSchema, srvAnswerSchema } from "./dns.ts";
import { decidesHereSchema } from "./here.ts";
import { ladderSchema } from "./ladder.ts";
import { rpcEvidenceSchema } from "./rpc.ts";
import { viaSchema } from "./source.ts";
import { controlPortSchema, tcpEvidenceSchema } from "./tcp.ts";
import { traceSchema } from "./trace.ts";

/** Where a listed host is listed: one entry a resolver. Empty for a host given by the user. */
const listingSchema = z
  .strictObject({
    resolver: socketAddressSchema,
    priority: z.int(),
    weight: z.int(),
    ttlSeconds: z.int().nonnegative(),
  })
  .meta({ id: "Listing" });
export type Listing = z.infer<typeof listingSchema>;

export const endpointSchema = z
  .strictObject({ host: z.string(), port: z.int().min(1).max(65535) })
  .meta({ id: "Endpoint" });
export type Endpoint = z.infer<typeof endpointSchema>;

/** All that was tried at one address of one endpoint, before judgement. */
export const attemptEvidenceSchema = z.strictObject({
  address: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  via: viaSchema.nullable(),
  routeErrno: z
    .string()
    .nullable()
    .describe(
      "errno of this machine's own routing table for that address (asked without sending); null where it has a way",
    ),
  here: decidesHereSchema
    .nullable()
    .default(null)
    .describe("what decides on this machine in place of the network; null where nothing of it was seen"),
  tcp: tcpEvidenceSchema,
  rpc: rpcEvidenceSchema.nullable().describe("null where TCP did not connect"),
  controlPort: controlPortSchema.nullable().describe("null where it was not needed"),
  takenHere: z
    .int()
    .nullable()
    .default(null)
    .describe(
      "the port of this machine whose listener took a connection that was meant for that address (Linux; looked for where a connection came to nothing)",
    ),
  ladder: ladderSchema.nullable().describe("null unless --ladder asks for it"),
  trace: traceSchema.nullable().describe("null unless --trace asks for it and the address does not serve"),
  clock: clockEvidenceSchema.nullable().describe("null unless --clock asks for it"),
});
export type AttemptEvidence = z.infer<typeof attemptEvidenceSchema>;

export const endpointEvidenceSchema = z.strictObject({
  endpoint: endpointSchema,
  listedBy: z.array(listingSchema),
  address: addressEvidenceSchema,
  attempts: z.array(attemptEvidenceSchema),
});
export type EndpointEvidence = z.infer<typeof endpointEvidenceSchema>;

const targetSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("domain"),
      domain: z.string(),
      source: z.string().describe("where the suffix comes from: the command line, /etc/resolv.conf, ..."),
    }),
    z.strictObject({ kind: z.literal("list"), source: z.string() }),
    z.strictObject({ kind: z.literal("no-suffix"), looked: z.array(z.string()) }),
  ])
  .meta({ id: "Target" });
export type Target = z.infer<typeof targetSchema>;

/** What the prober hands to the judge for one target. */
export const evidenceSchema = z.strictObject({
  target: targetSchema,
  source: z
    .string()
    .nullable()
    .describe("label of the source it was probed from; null for the system's choice"),
  srv: z.array(srvAnswerSchema),
  udpTwin: z
    .array(srvAnswerSchema)
    .describe("answers to _vlmcs._udp.<domain>, asked of each resolver that lists hosts under _tcp"),
  ownClock: ownClockEvidenceSchema
    .nullable()
    .describe("clocks of the resolvers, to check this machine's own by; null unless --clock asks for it"),
  configuration: configurationSchema
    .nullable()
    .default(null)
    .describe("what this machine's own configuration lacks; null where it is whole, or was not used"),
  recordsDropped: z.int().nonnegative().describe("distinct listed hosts beyond the limit, not probed"),
  endpoints: z.array(endpointEvidenceSchema),
});
export type Evidence = z.infer<typeof evidenceSchema>;
