/** What resolvers said: SRV records, and the addresses of the hosts that these name. */
import { z } from "zod";
import { decodeFaultSchema, denied, elapsedMs, noAnswer, notSent, ok, skipped } from "./outcome.ts";
import { sourceFaultSchema } from "./source.ts";

/** An address and port in text: `10.0.0.1` and 53. IPv6 without brackets. */
export const socketAddressSchema = z
  .strictObject({ address: z.string(), port: z.int().min(0).max(65535) })
  .meta({ id: "SocketAddress" });
export type SocketAddress = z.infer<typeof socketAddressSchema>;

/** One SRV record as RFC 2782 names its fields. `target` without the final dot; "." where the record says so. */
const srvRecordSchema = z
  .strictObject({
    priority: z.int().min(0).max(65535),
    weight: z.int().min(0).max(65535),
    port: z.int().min(0).max(65535),
    target: z.string(),
    ttlSeconds: z.int().nonnegative(),
  })
  .meta({ id: "SrvRecord" });
export type SrvRecord = z.infer<typeof srvRecordSchema>;

const glueAddress = z.strictObject({ name: z.string(), address: z.string() });

/** Datagrams that came on our port while we waited, and were not what we asked for: counted, never believed. */
const ignoredAnswers = z
  .strictObject({
    source: z.int().nonnegative().describe("from an address or port other than the resolver's"),
    id: z.int().nonnegative().describe("another transaction id"),
    question: z.int().nonnegative().describe("another question, or not a response"),
    malformed: z.int().nonnegative().describe("not a DNS message"),
  })
  .meta({ id: "IgnoredAnswers" });
export type IgnoredAnswers = z.infer<typeof ignoredAnswers>;

/** What an answer says besides its records: who denies, and why. */
const dnsSaid = z
  .strictObject({
    authoritative: z.boolean().describe("AA"),
    recursion: z.boolean().describe("RA"),
    soa: z
      .string()
      .nullable()
      .describe("owner of the SOA record in the authority section: the zone that denies; null for none"),
    referral: z
      .string()
      .nullable()
      .default(null)
      .describe(
        "owner of the NS records that stand in place of any answer: it refers to the servers of that zone, and denies nothing",
      ),
    policy: z
      .string()
      .nullable()
      .default(null)
      .describe(
        "owner of an SOA record in the additional section: the response policy zone by which the answer was made (BIND); null for none",
      ),
    errors: z
      .array(z.strictObject({ code: z.int(), text: z.string() }))
      .describe("extended errors (RFC 8914), with their text"),
    records: z.int().nonnegative().describe("records in the answer section, of any type"),
    udpSize: z.int().nullable().describe("the size that its OPT record offers; null without one"),
  })
  .meta({ id: "DnsSaid" });
export type DnsSaid = z.infer<typeof dnsSaid>;

/** How the question went: kept whatever the outcome. */
const dnsExchange = z
  .strictObject({
    transport: z.enum(["udp", "tcp"]).describe("the transport of the last try"),
    tries: z.int().nonnegative(),
    truncated: z.boolean().describe("an answer had TC set"),
    edns: z
      .boolean()
      .describe(
        "false after the resolver refused the question with EDNS(0), or left it unanswered, and took it without",
      ),
    ignored: ignoredAnswers,
    said: dnsSaid.nullable().default(null).describe("of the answer that counts; null where there was none"),
    deadLink: z
      .string()
      .nullable()
      .default(null)
      .describe(
        "the interface that leads to the resolver, where it has no carrier; looked for after silence",
      ),
    from: z
      .string()
      .nullable()
      .default(null)
      .describe("the local address that it was asked from, where one was chosen (--source)"),
    overTcp: z
      .string()
      .nullable()
      .default(null)
      .describe(
        'a connect to the same port after silence over UDP: "connected", "silent" or an errno name; null where it was not needed',
      ),
  })
  .meta({ id: "DnsExchange" });
export type DnsExchange = z.infer<typeof dnsExchange>;

/** `rcode` by its IANA name; NODATA is NOERROR without a record of the type (RFC 2308). */
const dnsDenial = z
  .strictObject({
    rcode: z.string(),
    nodata: z.boolean(),
    chain: z
      .enum(["loop", "too-long"])
      .nullable()
      .default(null)
      .describe("the aliases lead back to themselves, or on beyond the limit: nothing is known of their end"),
  })
  .meta({ id: "DnsDenial" });
export type DnsDenial = z.infer<typeof dnsDenial>;

const addressDenial = dnsDenial.extend({
  aliases: z
    .array(z.string())
    .default([])
    .describe("CNAME targets followed before it was denied: the last of them is what doesn't exist"),
});

const srvFacts = z
  .strictObject({
    records: z.array(srvRecordSchema),
    aliases: z.array(z.string()).describe("CNAME targets followed from the name that was asked, in order"),
    glue: z.array(glueAddress).describe("addresses in the additional section"),
    authoritative: z
      .boolean()
      .describe("AA was set: the TTLs are the zone's own, and not what is left of them in a cache"),
    dropped: z.int().nonnegative().describe("records beyond the limit, or of another owner name"),
  })
  .meta({ id: "SrvFacts" });

const srvDenial = dnsDenial.extend({
  aliases: z.array(z.string()).describe("CNAME targets followed before it was denied"),
  notOffered: z.boolean().describe('a lone record with Target ".": decidedly not offered (RFC 2782)'),
  unfinished: z
    .boolean()
    .default(false)
    .describe("that record has port 1 and TTL 0, as dnsmasq makes of an srv-host line without a host"),
});

export const srvEvidenceSchema = z
  .discriminatedUnion("outcome", [
    ok(srvFacts),
    denied(srvDenial),
    z.strictObject({ outcome: z.literal("malformed"), fault: decodeFaultSchema, elapsedMs }),
    noAnswer({}),
    notSent,
    skipped,
  ])
  .meta({ id: "SrvEvidence" });
export type SrvEvidence = z.infer<typeof srvEvidenceSchema>;
export type SrvFacts = z.infer<typeof srvFacts>;

const addressFacts = z
  .strictObject({
    addresses: z.array(z.string()).min(1),
    ttlSeconds: z.int().nonnegative(),
    aliases: z.array(z.string()),
  })
  .meta({ id: "AddressFacts" });
export type AddressFacts = z.infer<typeof addressFacts>;

const lookupOutcome = z.discriminatedUnion("outcome", [
  ok(addressFacts),
  denied(addressDenial),
  z.strictObject({ outcome: z.literal("malformed"), fault: decodeFaultSchema, elapsedMs }),
  noAnswer({}),
  notSent,
  skipped,
]);

/** One question for one family at one place: a resolver, or this machine's hosts file. */
const addressLookupSchema = z
  .strictObject({
    family: z.union([z.literal(4), z.literal(6)]),
    asked: z.discriminatedUnion("by", [
      z.strictObject({ by: z.literal("resolver"), resolver: socketAddressSchema, exchange: dnsExchange }),
      z.strictObject({ by: z.literal("hosts-file"), path: z.string() }),
    ]),
    name: z.string().describe("the fully qualified name that was asked"),
    answer: lookupOutcome,
  })
  .meta({ id: "AddressLookup" });
export type AddressLookup = z.infer<typeof addressLookupSchema>;

/** An address that names no other machine, or none at all. */
const specialAddress = z.strictObject({
  address: z.string(),
  use: z.enum([
    "unspecified",
    "loopback",
    "link-local",
    "multicast",
    "broadcast",
    "reserved",
    "documentation",
    "benchmarking",
  ]),
});

/** The same address for a name that nobody has: a wildcard gives it, or a resolver that answers every name. */
const besideIt = z.strictObject({
  name: z.string(),
  resolver: socketAddressSchema,
  rcode: z.string().nullable().describe("null where no answer came in time"),
  found: z.array(z.string()),
});

/** How the addresses of an endpoint were come by. A literal has no lookups. */
export const addressEvidenceSchema = z
  .strictObject({
    literal: z.boolean(),
    validName: z.boolean().describe("false for a target that can't be a host name; it is not looked up"),
    lookups: z.array(addressLookupSchema),
    glue: z.array(z.string()).describe("addresses that came with the SRV answer"),
    addresses: z.array(z.string()).describe("what is probed: the union, in order of first sight"),
    dropped: z.int().nonnegative().describe("addresses beyond the limit, not probed"),
    special: z
      .array(specialAddress)
      .default([])
      .describe(
        "addresses that DNS gives and no KMS host can have: not probed, but for those of documentation, benchmarks and the reserved block",
      ),
    leftOut: z
      .array(z.string())
      .optional()
      .describe("addresses of the family that -4 or -6 leaves out: neither probed nor counted"),
    nobody: besideIt
      .nullable()
      .default(null)
      .describe(
        "a name that nobody has, asked for beside a listed host that does not serve; null where it was not",
      ),
  })
  .meta({ id: "AddressEvidence" });
export type AddressEvidence = z.infer<typeof addressEvidenceSchema>;

/** A question beside the question, asked where a client finds no host: it tells who denied, and why. */
const srvControlSchema = z
  .strictObject({
    purpose: z
      .enum([
        "zone",
        "address",
        "same-name",
        "other-service",
        "nobody",
        "root",
        "bare",
        "udp",
        "doubled",
        "misspelt",
        "parent",
        "sibling",
      ])
      .describe("what it is to tell: see docs/dns.md"),
    name: z.string(),
    type: z.enum(["SOA", "SRV", "A"]),
    rcode: z.string().nullable().describe("null where no answer came in time"),
    soa: z.string().nullable().describe("owner of the SOA record of a denial"),
    found: z.array(z.string()).describe("addresses, HOST:PORT of SRV records, or the zone of an SOA record"),
  })
  .meta({ id: "SrvControl" });
export type SrvControl = z.infer<typeof srvControlSchema>;

/** What one resolver said to `_vlmcs._tcp.<domain>`. */
export const srvAnswerSchema = z
  .strictObject({
    resolver: socketAddressSchema,
    name: z.string().describe("the fully qualified name that was asked"),
    exchange: dnsExchange,
    answer: srvEvidenceSchema,
    controls: z
      .array(srvControlSchema)
      .default([])
      .describe("questions beside it, where a client finds no host"),
    sourceFault: sourceFaultSchema
      .nullable()
      .default(null)
      .describe("the interface of the source that was asked for, where no question could leave from it"),
  })
  .meta({ id: "SrvAnswer" });
export type SrvAnswer = z.infer<typeof srvAnswerSchema>;
