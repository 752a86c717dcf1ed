/** What was asked of a run. */
import { z } from "zod";

/** How many listed hosts must serve: any, all, or a number. */
export const requirementSchema = z.union([z.literal("any"), z.literal("all"), z.int().positive()]);
export type Requirement = z.infer<typeof requirementSchema>;

/** Where a requirement must be met: at each source of the run, or at any one of them. */
export const requireAtSchema = z.enum(["each", "any"]);
export type RequireAt = z.infer<typeof requireAtSchema>;

export const settingsSchema = z
  .strictObject({
    timeoutMs: z.number().positive().describe("timeout of one TCP connect"),
    retries: z.int().nonnegative().describe("further connects after silence"),
    rpcTimeoutMs: z.number().positive().describe("timeout of one RPC answer"),
    dnsTimeoutMs: z.number().positive().describe("timeout of one DNS question, its retransmissions included"),
    deadlineMs: z.number().positive().describe("timeout of one address, all layers together"),
    clientTimeoutMs: z.number().positive(),
    dnsTcp: z.boolean(),
    count: z.int().nonnegative(),
    ladder: z.boolean(),
    trace: z.boolean(),
    clock: z.boolean(),
    family: z
      .union([z.literal(4), z.literal(6)])
      .optional()
      .describe("the one family whose addresses of hosts are probed (-4, -6); left out where both are"),
    require: requirementSchema,
    requireAt: requireAtSchema
      .default("each")
      .describe("whether each source must meet it, or any one of them is enough"),
  })
  .meta({ id: "Settings" });
export type Settings = z.infer<typeof settingsSchema>;
