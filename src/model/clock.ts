/** What hosts and resolvers say of the time (--clock). */
import { z } from "zod";
import { decodeFaultSchema, denied, elapsedMs, noAnswer, notSent, ok, skipped } from "./outcome.ts";

const clockFacts = z
  .strictObject({
    offsetMs: z.number().describe("the host's clock minus this machine's"),
    uncertaintyMs: z
      .number()
      .nonnegative()
      .describe("half the round trip plus the signal's own resolution: the offset is no further off"),
    at: z.iso.datetime().describe("what the host's clock said, UTC"),
    detail: z.string().nullable(),
  })
  .meta({ id: "ClockFacts" });
export type ClockFacts = z.infer<typeof clockFacts>;

const clockAnswer = z
  .discriminatedUnion("outcome", [
    ok(clockFacts),
    denied(z.strictObject({ what: z.string().describe("it answered, and gave no time: in our own words") })),
    z.strictObject({ outcome: z.literal("malformed"), fault: decodeFaultSchema, elapsedMs }),
    noAnswer({}),
    notSent,
    skipped,
  ])
  .meta({ id: "ClockAnswer" });
export type ClockAnswer = z.infer<typeof clockAnswer>;

/** One look at a host's clock, at a service that shows it before any logon. */
const clockReading = z
  .strictObject({
    by: z.enum(["smb2", "sntp", "http"]),
    port: z.int().min(1).max(65535),
    answer: clockAnswer,
  })
  .meta({ id: "ClockReading" });
export type ClockReading = z.infer<typeof clockReading>;

export const clockEvidenceSchema = z
  .strictObject({ readings: z.array(clockReading) })
  .meta({ id: "ClockEvidence" });
export type ClockEvidence = z.infer<typeof clockEvidenceSchema>;

/** The clocks of the resolvers, which often are domain controllers: what this machine's own clock is held against. */
export const ownClockEvidenceSchema = z
  .strictObject({ peers: z.array(z.strictObject({ address: z.string(), clock: clockEvidenceSchema })) })
  .meta({ id: "OwnClockEvidence" });
export type OwnClockEvidence = z.infer<typeof ownClockEvidenceSchema>;
