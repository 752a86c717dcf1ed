/**
 * What `kmsprobe compare` says, as a value: each shape defined once, from which follow the type and
 * `schema/compare-v1.json`. Other modules import types from here. Durations are milliseconds. Strings that came from
 * the network are as they were: each output escapes for itself.
 */
import { z } from "zod";
import { conclusionSchema } from "../model/conclusion.ts";

const label = z.string().describe("label of a place");
const host = z.string().describe("lower case, without a final dot");
const port = z.int().min(0).max(65535);
const ms = z.number().nonnegative();

/** Where and when one report, or one source of a report, looked from. */
const place = z
  .strictObject({
    label: z.string().describe("unique; everything else refers to it"),
    file: z.string().describe("as it was named; - is standard input"),
    source: z
      .string()
      .nullable()
      .describe("label of the local address or interface; null for the system's choice"),
    host: z.string().describe("name of the machine that ran it"),
    platform: z.string(),
    startedAt: z.iso.datetime().describe("UTC"),
    toolVersion: z.string(),
    schemaVersion: z.string(),
    interrupted: z.boolean(),
  })
  .meta({ id: "Place" });
export type Place = z.infer<typeof place>;

const said = {
  code: z.string().describe("verdict code; one that this version doesn't know stays as it is"),
  title: z.string().describe("the code in a few words; the code itself where it isn't known"),
  layer: z.string(),
  severity: z.enum(["ok", "degraded", "failed", "inconclusive"]),
  serves: z.boolean(),
};

/** What one place saw of one address of one host. */
const cell = z
  .discriminatedUnion("seen", [
    z.strictObject({
      place: label,
      seen: z.literal("probed"),
      ...said,
      tcpMs: ms.nullable().describe("null where TCP did not connect"),
      rpcMs: ms.nullable().describe("median round trip, or the bind's own time; null without an RPC answer"),
      via: z
        .strictObject({ address: z.string(), interface: z.string().nullable() })
        .nullable()
        .describe("the local end"),
      noRoute: z.boolean().describe("the probing machine itself had no way there"),
      sourceFault: z
        .strictObject({ interface: z.string(), state: z.string() })
        .nullable()
        .default(null)
        .describe("the interface of the source can't be used: down, no-carrier, no-address"),
    }),
    z
      .strictObject({ place: label, seen: z.literal("unprobed"), ...said })
      .describe("the host was looked at, and no address of it probed"),
    z
      .strictObject({ place: label, seen: z.literal("other-addresses"), addresses: z.array(z.string()) })
      .describe("the host was probed at other addresses only"),
    z.strictObject({ place: label, seen: z.literal("nothing") }).describe("the host was not looked at"),
  ])
  .meta({ id: "Cell" });
export type Cell = z.infer<typeof cell>;
export type LookedCell = Extract<Cell, { seen: "probed" | "unprobed" }>;

const row = z
  .strictObject({
    host,
    port,
    address: z.string().nullable().describe("null for a host that has an address at no place"),
    cells: z.array(cell).describe("one for each place, in the order of the places"),
  })
  .meta({ id: "Row" });
export type Row = z.infer<typeof row>;

const group = z
  .strictObject({
    network: z
      .strictObject({ cidr: z.string(), name: z.string().nullable() })
      .nullable()
      .describe("named by the user, or else the address's /24 or /64; null without an address"),
    rows: z.array(row),
  })
  .meta({ id: "Group" });
export type Group = z.infer<typeof group>;

const listed = z.strictObject({ host, port, priority: z.int(), weight: z.int() }).meta({ id: "Listed" });
export type Listed = z.infer<typeof listed>;

const suffix = z
  .strictObject({
    domain: z.string(),
    differs: z.boolean(),
    places: z
      .array(
        z.strictObject({
          place: label,
          hosts: z.array(listed).describe("what any of its resolvers lists, sorted"),
          answers: z.array(
            z.strictObject({
              resolver: z.string().describe("address:port"),
              said: z.string().describe('"2 hosts", "NXDOMAIN", "no answer", ...'),
              hosts: z.array(listed),
            }),
          ),
        }),
      )
      .describe("the places that asked for this suffix"),
  })
  .meta({ id: "Suffix" });
export type Suffix = z.infer<typeof suffix>;

const failing = z.array(z.strictObject({ place: label, code: z.string(), title: z.string() }));

/** One thing that is not the same everywhere. Places that did not look, or could not finish, are no difference. */
const difference = z
  .discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z.literal("serving"),
        host,
        port,
        address: z.string().nullable().describe("null: of the host, whose addresses differ by place"),
        serves: z.array(label),
        fails: failing,
      })
      .describe("serves at some places and not at others"),
    z
      .strictObject({
        kind: z.literal("domain"),
        domain: z.string(),
        serves: z.array(label),
        fails: z.array(label),
      })
      .describe("under this suffix a client finds a host that serves at some places and none at others"),
    z
      .strictObject({
        kind: z.literal("verdict"),
        host,
        port,
        address: z.string().nullable(),
        fails: failing,
      })
      .describe("serves nowhere, and not for the same reason everywhere"),
    z.strictObject({
      kind: z.literal("listed"),
      domain: z.string(),
      host,
      port,
      listed: z.array(label),
      missing: z.array(label),
    }),
    z
      .strictObject({
        kind: z.literal("srv-answer"),
        domain: z.string(),
        said: z.array(z.strictObject({ place: label, words: z.string() })),
      })
      .describe("nobody lists a host, or only with other priorities and weights; the answers differ"),
    z
      .strictObject({
        kind: z.literal("addresses"),
        host,
        said: z.array(z.strictObject({ place: label, addresses: z.array(z.string()) })),
      })
      .describe("split DNS: the name has other addresses elsewhere"),
    z.strictObject({
      kind: z.literal("latency"),
      host,
      port,
      address: z.string(),
      layer: z.enum(["tcp", "rpc"]),
      fast: z.strictObject({ place: label, ms }),
      slow: z.strictObject({ place: label, ms }),
    }),
  ])
  .meta({ id: "Difference" });
export type Difference = z.infer<typeof difference>;

export const comparisonSchema = z.strictObject({
  schemaVersion: z.literal("1.0"),
  kind: z.literal("comparison"),
  tool: z.strictObject({ name: z.literal("kmsprobe"), version: z.string() }),
  places: z.array(place),
  groups: z.array(group),
  suffixes: z.array(suffix),
  differences: z.array(difference),
  conclusions: z.array(conclusionSchema),
  serving: z
    .enum(["same", "differs"])
    .describe("whether what serves differs by place: what the exit code says"),
});
export type Comparison = z.infer<typeof comparisonSchema>;
