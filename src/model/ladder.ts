/** Binds of several shapes, each on a connection of its own (--ladder). */
import { z } from "zod";

/** The rungs of the bind ladder, each on a connection of its own. `split`: the Windows-shaped bind in two segments. */
const rung = z.enum(["windows", "plain", "decoy", "split"]);
export type Rung = z.infer<typeof rung>;

/** What a rung met: `accepted` and `rejected` are answers about the interface, the others are not. */
const rungAnswer = z.enum([
  "accepted",
  "rejected",
  "nak",
  "fault",
  "malformed",
  "closed",
  "reset",
  "silent",
  "not-connected",
  "not-asked",
]);
export type RungAnswer = z.infer<typeof rungAnswer>;

export const ladderSchema = z.array(z.strictObject({ rung, answer: rungAnswer })).meta({ id: "Ladder" });
export type Ladder = z.infer<typeof ladderSchema>;
