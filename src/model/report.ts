/** All of a run, as it is written and read back. */
import { z } from "zod";
import { causeNames, causeSchema } from "./causes.ts";
import { conclusionSchema } from "./conclusion.ts";
import { diagnosisSchema } from "./diagnosis.ts";
import { elapsedMs } from "./outcome.ts";
import { requireAtSchema, requirementSchema, settingsSchema } from "./settings.ts";
import { networkSchema, sourceSchema } from "./source.ts";
import { verdictSchema } from "./verdict.ts";

/** Hosts are counted, not looks at them: a host is one, under however many suffixes and from however many sources. */
const sourceCount = z
  .strictObject({
    source: z.string().nullable().describe("label of the source; null for the system's choice"),
    serving: z
      .int()
      .nonnegative()
      .describe("hosts that a client there would find and be served by, by the resolver it believes"),
    listed: z.int().nonnegative().describe("hosts that were listed or given there"),
    met: z.boolean(),
  })
  .meta({ id: "SourceCount" });
export type SourceCount = z.infer<typeof sourceCount>;

/** What the user's own configuration set, where no flag did. */
export const defaultSchema = z
  .strictObject({
    setting: z.string().describe("as it is called in the configuration file"),
    value: z.string().describe("in words"),
    from: z.enum(["file", "environment"]),
    where: z.string().describe("the file with its line, or the variable"),
  })
  .meta({ id: "Default" });
export type Default = z.infer<typeof defaultSchema>;

export const reportSchema = z.strictObject({
  schemaVersion: z.literal("1.0"),
  tool: z.strictObject({ name: z.literal("kmsprobe"), version: z.string() }),
  startedAt: z.iso.datetime().describe("UTC"),
  elapsedMs,
  from: z.strictObject({ host: z.string(), platform: z.string() }).describe("where it was run"),
  sources: z.array(sourceSchema).describe("empty where the system chose"),
  networks: z.array(networkSchema),
  settings: settingsSchema,
  defaults: z
    .array(defaultSchema)
    .optional()
    .describe(
      "what was asked because a configuration file or the environment says so; left out where nothing was",
    ),
  interrupted: z.boolean(),
  diagnoses: z.array(diagnosisSchema),
  requirement: z.strictObject({
    require: requirementSchema,
    at: requireAtSchema.default("each"),
    serving: z.int().nonnegative().describe("hosts that serve from at least one source"),
    listed: z.int().nonnegative().describe("hosts, each counted once"),
    met: z.boolean().describe("at each source, or at any one, as was asked"),
    bySource: z.array(sourceCount).default([]).describe("in the order of the sources"),
  }),
  verdict: verdictSchema,
  conclusions: z
    .array(conclusionSchema)
    .default([])
    .describe(
      "what its sources come to, taken together, as kmsprobe compare would say it; empty for one source",
    ),
  causes: z.array(causeSchema).length(causeNames.length).describe("the eight usual causes, in their order"),
});
export type Report = z.infer<typeof reportSchema>;
