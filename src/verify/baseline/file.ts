/** A baseline: what was seen at one time, small enough to live beside the policy and to be read in a diff. */
import { z } from "zod";
import { show } from "../../targets/parse.ts";
import { UsageError } from "../../targets/usage-error.ts";

const count = z.int().nonnegative();
const ms = z.number().nonnegative();
const port = z.int().min(1).max(65535);
const source = z.string().nullable().describe("where it was looked at from; null: system's choice");

const hostRow = z
  .strictObject({
    source,
    host: z.string(),
    port,
    address: z.string().nullable().describe("null for a host without an address"),
    listed: z.boolean().describe("by DNS; else the policy names it"),
    serves: z.boolean(),
    verdict: z.string(),
    rpc: z
      .strictObject({ medianMs: ms, p95Ms: ms, samples: count })
      .nullable()
      .describe("round trips; null where it does not serve"),
  })
  .meta({ id: "HostRow" });
export type HostRow = z.infer<typeof hostRow>;

const listingRow = z
  .strictObject({
    source,
    domain: z.string(),
    resolver: z.string(),
    answers: z.boolean().describe("a resolver that denies answers, too"),
    said: z.string(),
    hosts: z.array(z.string()).describe("HOST:PORT, sorted"),
  })
  .meta({ id: "ListingRow" });
export type ListingRow = z.infer<typeof listingRow>;

const closedRow = z
  .strictObject({
    source,
    host: z.string(),
    port,
    address: z.string(),
    answer: z.enum(["connects", "no-answer", "refused"]),
  })
  .meta({ id: "ClosedRow" });
export type ClosedRow = z.infer<typeof closedRow>;

export const baselineSchema = z.strictObject({
  schemaVersion: z.literal("1.0"),
  kind: z.literal("baseline"),
  tool: z.strictObject({ name: z.literal("kmsprobe"), version: z.string() }),
  writtenAt: z.iso.datetime().describe("UTC"),
  policy: z.strictObject({ name: z.string().nullable(), place: z.string().nullable() }),
  hosts: z.array(hostRow),
  listings: z.array(listingRow),
  closed: z.array(closedRow),
});
export type Baseline = z.infer<typeof baselineSchema>;

/**
 * Reads a baseline back.
 * @param name of the file, for messages
 * @param place where it is to be compared: what another place sees is no baseline for this one
 * @throws UsageError on anything else
 */
export function readBaseline(text: string, name: string, place: string | null): Baseline {
  const read = baselineSchema.safeParse(parse(text, name));
  if (!read.success) {
    const [first] = read.error.issues;
    const path = (first?.path ?? []).map(String).join(".") || "the whole";
    throw new UsageError(
      `${name} is no baseline (${show(path)}: ${show(first?.message ?? "unreadable")}): write one with --write-baseline`,
    );
  }
  const { policy } = read.data;
  if (policy.place !== place) {
    throw new UsageError(
      `${name} was written at ${placeWords(policy.place)}, and this is ${placeWords(place)}: write a baseline for each`,
    );
  }
  return read.data;
}

function placeWords(place: string | null): string {
  return place === null ? "no place" : `place '${place}'`;
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${name} is not JSON: write a baseline with --write-baseline`);
  }
}
