/** The eight usual causes, each as seen from here. */
import { z } from "zod";
import { stepSchema } from "./verdict.ts";

/** The eight usual causes of trouble with KMS, in the order they are usually told. */
export const causeNames = [
  "connectivity",
  "kms-host",
  "client-configuration",
  "activation-threshold",
  "clock",
  "dns",
  "host-key",
  "vpn",
] as const;

/**
 * What one look from here says of one usual cause. `confirmed`: seen, wherever it could be. `possible`: seen in part,
 * or one of several readings. `ruled-out`: looked at, and sound as seen from here. Never ruled out unseen.
 */
export const causeSchema = z
  .strictObject({
    cause: z.enum(causeNames),
    state: z.enum(["ruled-out", "confirmed", "possible", "not-visible-from-here"]),
    evidence: z.string(),
    pointer: z.string().nullable().describe("RFC 6901 pointer into this report, to what decided"),
    step: stepSchema.nullable().describe("what settles it; null where nothing is left to settle"),
  })
  .meta({ id: "Cause" });
export type Cause = z.infer<typeof causeSchema>;
