/** What evidence is judged into. Words stand in verdict/catalog/. */
import { z } from "zod";

/** Every verdict there is. Public: codes are added or retired, never reworded. Words stand in verdict/catalog/. */
export const verdictCodes = [
  "srv-no-suffix",
  "srv-nxdomain",
  "srv-nodata",
  "srv-servfail",
  "srv-refused",
  "srv-other-rcode",
  "srv-no-answer",
  "srv-resolver-unreachable",
  "srv-malformed",
  "srv-mismatched",
  "srv-truncated",
  "srv-local-failure",
  "srv-not-offered",
  "srv-no-records",
  "srv-alias-chain",
  "srv-resolvers-disagree",
  "address-none",
  "address-lookup-failed",
  "address-invalid-target",
  "address-null",
  "address-loopback",
  "address-no-host",
  "address-left-out",
  "tcp-no-answer",
  "tcp-refused",
  "tcp-reset",
  "tcp-host-unreachable",
  "tcp-neighbour-silent",
  "tcp-net-unreachable",
  "tcp-not-permitted",
  "tcp-blackhole-route",
  "tcp-source-refused",
  "tcp-source-unusable",
  "tcp-proxy-failed",
  "tcp-no-local-address",
  "tcp-local-resources",
  "tcp-other-error",
  "rpc-no-answer",
  "rpc-closed",
  "rpc-reset",
  "rpc-not-dcerpc",
  "rpc-malformed",
  "rpc-bind-nak",
  "rpc-fault",
  "rpc-interface-unknown",
  "rpc-syntax-refused",
  "rpc-accepts-anything",
  "rpc-plain-bind-only",
  "rpc-serves",
  "endpoint-partly-serves",
  "domain-partly-serves",
  "run-partly-serves",
  "run-cut-short",
] as const;

const verdictCodeSchema = z.enum(verdictCodes);
export type VerdictCode = z.infer<typeof verdictCodeSchema>;

export const layerSchema = z.enum(["srv", "address", "tcp", "rpc", "endpoint", "domain", "run"]);
export type Layer = z.infer<typeof layerSchema>;

/** `ok`: a client would be served. `degraded`: it would, with trouble. `failed`: it wouldn't. `inconclusive`: not known. */
export const severitySchema = z.enum(["ok", "degraded", "failed", "inconclusive"]);
export type Severity = z.infer<typeof severitySchema>;

/**
 * `certain`: what was seen allows one reading. `likely`: one reading fits far better. `ambiguous`: several causes
 * give this very picture, and nothing that an unprivileged process can see tells them apart.
 */
export const certaintySchema = z.enum(["certain", "likely", "ambiguous"]);
export type Certainty = z.infer<typeof certaintySchema>;

/** One thing to do, where to do it, and the exact line where there is one. */
export const stepSchema = z
  .strictObject({
    where: z.enum(["here", "client", "kms-host", "dns", "firewall"]),
    text: z.string(),
    command: z.string().nullable(),
  })
  .meta({ id: "Step" });
export type Step = z.infer<typeof stepSchema>;

/** A cause that fits what was seen here, and not what was seen elsewhere in the same run. */
const refutedCause = z
  .strictObject({
    cause: z.string(),
    because: z.string().describe("RFC 6901 pointer into the report, to what refutes it"),
  })
  .meta({ id: "RefutedCause" });
export type RefutedCause = z.infer<typeof refutedCause>;

export const verdictSchema = z
  .strictObject({
    code: verdictCodeSchema,
    layer: layerSchema,
    severity: severitySchema,
    serves: z.boolean().describe("whether a client would be served at RPC level; never more than that"),
    certainty: certaintySchema,
    because: z.string().describe("RFC 6901 pointer into this diagnosis (or this report), to what decided"),
    observed: z.string(),
    causes: z.array(z.string()).describe("every cause that fits, likeliest first"),
    refuted: z
      .array(refutedCause)
      .default([])
      .describe("causes that would fit, were it not for what another source or resolver of this run saw"),
    next: z.array(stepSchema).describe("what to do, most useful first"),
    clientError: z
      .string()
      .nullable()
      .describe("code a Windows client would log for this in event 12288: inferred from documents, not seen"),
  })
  .meta({ id: "Verdict" });
export type Verdict = z.infer<typeof verdictSchema>;
