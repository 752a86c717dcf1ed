/** Whose RPC answers these are like, from a few connections that nothing else disturbs. */
import { z } from "zod";
import { controlAnswerSchema } from "./rpc.ts";

/** What a few connections found that were made when nothing else was under way. */
export const quietEvidenceSchema = z
  .strictObject({
    tcpMs: z
      .array(z.number().nonnegative())
      .describe("connect, SYN to SYN/ACK as this process saw it; one a connection"),
    bindMs: z
      .array(z.number().nonnegative())
      .describe("bind to bind_ack; one a connection that was answered"),
    fragments: z
      .strictObject({
        offered: z.int().nonnegative(),
        maxXmitFrag: z.int().nonnegative(),
        maxRecvFrag: z.int().nonnegative(),
      })
      .nullable()
      .describe("the answer to a bind that offers the largest fragments there are"),
    otherVersion: controlAnswerSchema.describe(
      "an alter_context for the KMS interface in an unknown version; RPC servers reject it",
    ),
  })
  .meta({ id: "QuietEvidence" });
export type QuietEvidence = z.infer<typeof quietEvidenceSchema>;

/** Whose RPC answers these are like. It names no vendor's service, and is no proof of anything. */
export const fingerprintSchema = z
  .strictObject({
    name: z.enum(["samba", "wine", "impacket", "emulator", "accepts-anything", "none"]),
    text: z.string().describe("such as `answers like Wine`, or `no known pattern`"),
    traits: z.array(z.string()).describe("what that is read from, a short phrase each"),
  })
  .meta({ id: "Fingerprint" });
export type Fingerprint = z.infer<typeof fingerprintSchema>;
