/** What a client would experience. */
import { z } from "zod";
import { socketAddressSchema } from "./dns.ts";
import { endpointSchema } from "./evidence.ts";

/** How a client chooses. Microsoft's pages contradict each other, so both readings are computed. */
const clientModelSchema = z.enum(["rfc2782", "random"]);
export type ClientModel = z.infer<typeof clientModelSchema>;

/** What a client that believes these resolvers would experience. Chances are 0 to 1, exact by computation. */
const outlookView = z
  .strictObject({
    resolvers: z.array(socketAddressSchema).describe("resolvers with this same list"),
    believed: z
      .boolean()
      .default(false)
      .describe("whether one of them is the first in the list that answers"),
    models: z.array(
      z.strictObject({
        model: clientModelSchema,
        firstServes: z.number().min(0).max(1).describe("chance that the first host tried serves"),
        anyServes: z.boolean().describe("whether going down the list ends at a host that serves"),
        expectedSecondsLost: z
          .number()
          .nonnegative()
          .describe("mean of the time spent on silent hosts before that"),
        worstSecondsLost: z.number().nonnegative(),
      }),
    ),
    hosts: z.array(
      z.strictObject({
        endpoint: endpointSchema,
        rfc2782: z.number().min(0).max(1).describe("chance to be tried first, RFC 2782 order"),
        random: z.number().min(0).max(1).describe("chance to be tried first, plain random"),
      }),
    ),
  })
  .meta({ id: "OutlookView" });
export type OutlookView = z.infer<typeof outlookView>;

/** A schedule of a system's own resolver: what it waits for one that stays silent before it asks the next. */
const resolverWait = z
  .strictObject({ system: z.enum(["glibc", "windows"]), secondsLost: z.number().nonnegative() })
  .meta({ id: "ResolverWait" });
export type ResolverWait = z.infer<typeof resolverWait>;

export const outlookSchema = z
  .strictObject({
    believed: socketAddressSchema
      .nullable()
      .default(null)
      .describe("the resolver whose answer a client takes: the first that answers, be it NXDOMAIN or NODATA"),
    resolverWaits: z
      .array(resolverWait)
      .default([])
      .describe("time lost on silent resolvers before that one; empty where none is"),
    clientTimeoutMs: z.number().positive().describe("assumed: what a client loses on a silent host"),
    views: z.array(outlookView),
  })
  .meta({ id: "Outlook" });
export type Outlook = z.infer<typeof outlookSchema>;
