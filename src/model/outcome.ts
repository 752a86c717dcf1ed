/**
 * How a layer's try can end: six outcomes, the same for every layer. Durations are milliseconds on a monotonic clock,
 * with fractions.
 */
import { z } from "zod";

export const elapsedMs = z.number().nonnegative();

/** Why a layer did not run at all. `earlier-layer`: the path ended before it. The other two cut a run short. */
const skipReason = z.enum(["earlier-layer", "deadline", "interrupted"]);
export type SkipReason = z.infer<typeof skipReason>;

export const skipped = z.strictObject({ outcome: z.literal("skipped"), reason: skipReason });

/** Our own machine stopped it: nothing was put on the wire, so nothing is known of the peer. */
export const notSent = z.strictObject({
  outcome: z.literal("not-sent"),
  errno: z.string().describe("POSIX errno name, such as EMFILE"),
});

export const noAnswer = <Shape extends z.core.$ZodLooseShape>(more: Shape) =>
  z.strictObject({
    outcome: z.literal("no-answer"),
    cause: z
      .string()
      .describe(
        '"deadline" (silence), "closed" (FIN), or the errno name the network caused, such as ECONNREFUSED',
      ),
    elapsedMs,
    ...more,
  });

export const ok = <Facts extends z.ZodType>(facts: Facts) =>
  z.strictObject({ outcome: z.literal("ok"), facts, elapsedMs });

export const denied = <Denial extends z.ZodType>(denial: Denial) =>
  z.strictObject({ outcome: z.literal("denied"), denial, elapsedMs });

/** What a decoder found wrong. `at` is the byte offset, `what` a sentence in our own words (never peer text). */
export const decodeFaultSchema = z
  .strictObject({ at: z.int().nonnegative(), what: z.string() })
  .meta({ id: "DecodeFault" });
export type DecodeFault = z.infer<typeof decodeFaultSchema>;
