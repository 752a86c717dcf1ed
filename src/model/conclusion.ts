/** What several places or sources come to, taken together. */
import { z } from "zod";

/** A firewall rule worth asking for. `from` is the subnet of the probe's own address: before any NAT. */
const ask = z
  .strictObject({
    place: z.string().describe("label of a place"),
    from: z.string().describe("CIDR"),
    to: z.array(z.string()).describe("one CIDR, or addresses"),
    ports: z.array(z.int().min(0).max(65535)),
  })
  .meta({ id: "Ask" });
export type Ask = z.infer<typeof ask>;

const conclusionRules = [
  "blocked",
  "no-route",
  "neighbour",
  "source-unusable",
  "rpc-blocked",
  "no-name",
  "other-failure",
  "changed",
  "same-everywhere",
  "differs-everywhere",
  "dns",
  "addresses",
  "not-tested",
  "latency",
  "nothing-in-common",
  "nothing-differs",
  "note",
] as const;

/** One sentence about several places, or several sources, taken together; by rule. */
export const conclusionSchema = z
  .strictObject({
    rule: z.enum(conclusionRules),
    places: z
      .array(z.string())
      .describe(
        "labels of the places (in a report: of its sources) it speaks of first: where it fails, or who differs",
      ),
    hosts: z.array(
      z.strictObject({
        host: z.string().describe("lower case, without a final dot"),
        port: z.int().min(0).max(65535),
        address: z.string().nullable(),
      }),
    ),
    asks: z.array(ask),
    text: z.string(),
  })
  .meta({ id: "Conclusion" });
export type Conclusion = z.infer<typeof conclusionSchema>;
