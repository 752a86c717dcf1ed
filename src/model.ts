/**
 * The domain on one page: a Target is probed for Evidence, which is judged into a Verdict; diagnoses are gathered
 * into a Report. Read this first.
 *
 * Each shape is defined once, as a zod schema, and everything else follows from it: the TypeScript type, the check
 * of a report read back, and `schema/report-v1.json`. All other modules import *types* from here, so the commands do
 * not pay for loading zod. Evidence is plain JSON: no classes, buffers, dates or errors. Durations are milliseconds
 * on a monotonic clock, with fractions.
 */
import { z } from "zod";

// ---------------------------------------------------------------------------------------------------------------
// Layers and outcomes
// ---------------------------------------------------------------------------------------------------------------

const elapsedMs = z.number().nonnegative();

/** Why a layer did not run at all. `earlier-layer`: the path ended before it. The other two cut a run short. */
const skipReason = z.enum(["earlier-layer", "deadline", "interrupted"]);

export type SkipReason = z.infer<typeof skipReason>;

const skipped = z.strictObject({ outcome: z.literal("skipped"), reason: skipReason });

/** Our own machine stopped it: nothing was put on the wire, so nothing is known of the peer. */
const notSent = z.strictObject({
  outcome: z.literal("not-sent"),
  errno: z.string().describe("POSIX errno name, such as EMFILE"),
});

const noAnswer = <Shape extends z.core.$ZodLooseShape>(more: Shape) =>
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

const ok = <Facts extends z.ZodType>(facts: Facts) =>
  z.strictObject({ outcome: z.literal("ok"), facts, elapsedMs });

const denied = <Denial extends z.ZodType>(denial: Denial) =>
  z.strictObject({ outcome: z.literal("denied"), denial, elapsedMs });

/** What a decoder found wrong. `at` is the byte offset, `what` a sentence in our own words (never peer text). */
export const decodeFaultSchema = z
  .strictObject({ at: z.int().nonnegative(), what: z.string() })
  .meta({ id: "DecodeFault" });
export type DecodeFault = z.infer<typeof decodeFaultSchema>;

// ---------------------------------------------------------------------------------------------------------------
// DNS
// ---------------------------------------------------------------------------------------------------------------

/** An address and port in text: `10.0.0.1` and 53. IPv6 without brackets. */
const socketAddress = z
  .strictObject({ address: z.string(), port: z.int().min(0).max(65535) })
  .meta({ id: "SocketAddress" });
export type SocketAddress = z.infer<typeof socketAddress>;

/** One SRV record as RFC 2782 names its fields. `target` without the final dot; "." where the record says so. */
export const srvRecordSchema = z
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

/** How the question went: kept whatever the outcome. */
const dnsExchange = z
  .strictObject({
    transport: z.enum(["udp", "tcp"]).describe("the transport of the last try"),
    tries: z.int().nonnegative(),
    truncated: z.boolean().describe("the UDP answer had TC set"),
    edns: z
      .boolean()
      .describe("false after the resolver refused the question with EDNS(0) and took it without"),
    ignored: ignoredAnswers,
  })
  .meta({ id: "DnsExchange" });
export type DnsExchange = z.infer<typeof dnsExchange>;

/** `rcode` by its IANA name; NODATA is NOERROR without a record of the type (RFC 2308). */
const dnsDenial = z.strictObject({ rcode: z.string(), nodata: z.boolean() }).meta({ id: "DnsDenial" });
export type DnsDenial = z.infer<typeof dnsDenial>;

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
  denied(dnsDenial),
  z.strictObject({ outcome: z.literal("malformed"), fault: decodeFaultSchema, elapsedMs }),
  noAnswer({}),
  notSent,
  skipped,
]);

/** One question for one family at one place: a resolver, or this machine's hosts file. */
export const addressLookupSchema = z
  .strictObject({
    family: z.union([z.literal(4), z.literal(6)]),
    asked: z.discriminatedUnion("by", [
      z.strictObject({ by: z.literal("resolver"), resolver: socketAddress, exchange: dnsExchange }),
      z.strictObject({ by: z.literal("hosts-file"), path: z.string() }),
    ]),
    name: z.string().describe("the fully qualified name that was asked"),
    answer: lookupOutcome,
  })
  .meta({ id: "AddressLookup" });
export type AddressLookup = z.infer<typeof addressLookupSchema>;

/** How the addresses of an endpoint were come by. A literal has no lookups. */
export const addressEvidenceSchema = z
  .strictObject({
    literal: z.boolean(),
    validName: z.boolean().describe("false for a target that can't be a host name; it is not looked up"),
    lookups: z.array(addressLookupSchema),
    glue: z.array(z.string()).describe("addresses that came with the SRV answer"),
    addresses: z.array(z.string()).describe("what is probed: the union, in order of first sight"),
    dropped: z.int().nonnegative().describe("addresses beyond the limit, not probed"),
  })
  .meta({ id: "AddressEvidence" });
export type AddressEvidence = z.infer<typeof addressEvidenceSchema>;

// ---------------------------------------------------------------------------------------------------------------
// TCP
// ---------------------------------------------------------------------------------------------------------------

/** What kind of link an interface is: by what the system says of it, not by its name alone. */
const linkKind = z.enum(["ethernet", "wireless", "tunnel", "bridge", "loopback", "other", "unknown"]);
export type LinkKind = z.infer<typeof linkKind>;

/** The local end: the address, and the interface that holds it. Null where the system doesn't say. */
const via = z.strictObject({ address: z.string(), interface: z.string().nullable(), link: linkKind });
export type Via = z.infer<typeof via>;

/** A local end that the user chose with --source: one address, or those of an interface. Null: none of that family. */
export const sourceSchema = z
  .strictObject({
    label: z.string().describe("as the user wrote it"),
    ipv4: z.string().nullable(),
    ipv6: z.string().nullable(),
    interface: z.string().nullable(),
    link: linkKind,
  })
  .meta({ id: "Source" });
export type Source = z.infer<typeof sourceSchema>;

/** A subnet that the user gave a name with --network. */
export const networkSchema = z.strictObject({ name: z.string(), cidr: z.string() }).meta({ id: "Network" });
export type Network = z.infer<typeof networkSchema>;

export const tcpEvidenceSchema = z
  .discriminatedUnion("outcome", [
    ok(z.strictObject({ tries: z.int().positive() })),
    noAnswer({ tries: z.int().positive() }),
    notSent,
    skipped,
  ])
  .meta({ id: "TcpEvidence" });
export type TcpEvidence = z.infer<typeof tcpEvidenceSchema>;

// ---------------------------------------------------------------------------------------------------------------
// RPC
// ---------------------------------------------------------------------------------------------------------------

/** Shape of a bind: as Windows sends it (NDR32, NDR64, bind-time features), or one plain NDR32 context. */
const bindShape = z.enum(["windows", "plain"]);
export type BindShape = z.infer<typeof bindShape>;

/** One entry of the result list, beside what was offered in that place (C706 12.6.3.1, MS-RPCE 2.2.2.4). */
const contextResult = z
  .strictObject({
    offered: z.enum(["NDR32", "NDR64", "BTFN"]),
    result: z.int().describe("0 acceptance, 1 user rejection, 2 provider rejection, 3 negotiate_ack"),
    reason: z.int().describe("for result 3, the granted feature bits"),
  })
  .meta({ id: "ContextResult" });
export type ContextResult = z.infer<typeof contextResult>;

const bindAckFacts = z
  .strictObject({
    contexts: z.array(contextResult),
    maxXmitFrag: z.int(),
    maxRecvFrag: z.int(),
    assocGroupId: z.int(),
    secondaryAddress: z.string().describe("the port the server says it listens on; may be empty"),
    pfcFlags: z.int(),
    callId: z.int(),
    byteOrder: z.enum(["little", "big"]),
  })
  .meta({ id: "BindAckFacts" });
export type BindAckFacts = z.infer<typeof bindAckFacts>;

const rpcDenial = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("bind-nak"),
    reason: z.int().describe("provider_reject_reason"),
    extendedError: z.boolean(),
  }),
  z.strictObject({ kind: z.literal("contexts"), ack: bindAckFacts }),
  z.strictObject({
    kind: z.literal("fault"),
    status: z.int().nullable().describe("null where the PDU was too short"),
  }),
]);
export type RpcDenial = z.infer<typeof rpcDenial>;

/** What the answer looked like when it was no DCE/RPC: a hint, from its first bytes. */
const protocolGuess = z.enum([
  "http",
  "tls",
  "ssh",
  "smtp-or-ftp",
  "smb",
  "rdp",
  "telnet",
  "mysql",
  "echo",
  "text",
  "dcerpc",
  "unknown",
]);
export type ProtocolGuess = z.infer<typeof protocolGuess>;

/** The kernel's view of our socket while it stayed silent (Linux, /proc/self/net/tcp). */
const kernelView = z
  .strictObject({
    state: z.string().describe("TCP state, such as ESTABLISHED"),
    unacknowledgedBytes: z.int().describe("tx_queue"),
    retransmissions: z.int().describe("retrnsmt"),
    probesWindow: z
      .boolean()
      .describe("tr is 4: the peer's window is shut, and the kernel asks whether it still is"),
  })
  .meta({ id: "KernelView" });
export type KernelView = z.infer<typeof kernelView>;

/** At most 256 bytes of what came back, as hex. */
const receivedHex = z.string().regex(/^[0-9a-f]*$/);

const bindEvidence = z
  .discriminatedUnion("outcome", [
    ok(bindAckFacts),
    denied(rpcDenial),
    z.strictObject({
      outcome: z.literal("malformed"),
      fault: decodeFaultSchema,
      looksLike: protocolGuess,
      elapsedMs,
    }),
    noAnswer({ kernel: kernelView.nullable() }),
    notSent,
    skipped,
  ])
  .meta({ id: "BindEvidence" });
export type BindEvidence = z.infer<typeof bindEvidence>;

/** One bind on a connection of its own. */
const bindTry = z
  .strictObject({ shape: bindShape, received: receivedHex, answer: bindEvidence })
  .meta({ id: "BindTry" });
export type BindTry = z.infer<typeof bindTry>;

const controlAnswer = z.enum(["rejected", "accepted", "fault", "closed", "silent", "malformed", "not-asked"]);

/**
 * The control: an alter_context (C706 12.6.4.1) that offers an interface nobody has. `rejected` is what an RPC server says, `accepted` what a
 * responder says that takes anything, `fault` what some stacks say to every alter_context.
 */
const control = z.strictObject({
  by: z
    .enum(["alter-context", "bind"])
    .describe("a bind on a connection of its own, where the alter_context met a fault or a close"),
  answer: controlAnswer,
});
export type ControlEvidence = z.infer<typeof control>;

/** Round trips of alter_context on the bound connection. Fewer than asked where the peer closed. */
const latency = z.strictObject({
  asked: z.int().nonnegative(),
  samplesMs: z.array(z.number().nonnegative()),
});
export type LatencyEvidence = z.infer<typeof latency>;

/**
 * A connection on which nothing is said. A peer that ends it does so at once or after a limit of its own, whatever it
 * is sent; on a bind the same peer is seen to close or to reset by chance.
 */
const unprompted = z
  .strictObject({
    end: z
      .enum(["closed", "reset", "silent", "not-connected"])
      .describe("silent: still open, or spoken to, when the patience ended"),
    elapsedMs,
  })
  .meta({ id: "Unprompted" });
export type Unprompted = z.infer<typeof unprompted>;

export const rpcEvidenceSchema = z
  .strictObject({
    bind: bindTry,
    plain: bindTry
      .nullable()
      .describe("asked only where the Windows-shaped bind met a close, a reset or silence"),
    control,
    latency,
    unprompted: unprompted
      .nullable()
      .default(null)
      .describe("asked only where the binds met a close or a reset; null where it was not"),
  })
  .meta({ id: "RpcEvidence" });
export type RpcEvidence = z.infer<typeof rpcEvidenceSchema>;

/** What a few connections found that were made when nothing else was under way. */
export const quietEvidenceSchema = z
  .strictObject({
    tcpMs: z
      .array(z.number().nonnegative())
      .describe("connect, SYN to SYN/ACK as this process saw it; one a connection"),
    bindMs: z
      .array(z.number().nonnegative())
      .describe("bind to bind_ack; one a connection that was answered"),
    fragments: z
      .strictObject({
        offered: z.int().nonnegative(),
        maxXmitFrag: z.int().nonnegative(),
        maxRecvFrag: z.int().nonnegative(),
      })
      .nullable()
      .describe("the answer to a bind that offers the largest fragments there are"),
    otherVersion: controlAnswer.describe(
      "an alter_context for the KMS interface in a version nobody has; RPC servers reject it",
    ),
  })
  .meta({ id: "QuietEvidence" });
export type QuietEvidence = z.infer<typeof quietEvidenceSchema>;

/** Whose RPC answers these are like. It names no vendor's service, and is no proof of anything. */
export const fingerprintSchema = z
  .strictObject({
    name: z.enum(["samba", "wine", "impacket", "emulator", "accepts-anything", "none"]),
    text: z.string().describe("such as `answers like Wine`, or `no known pattern`"),
    traits: z.array(z.string()).describe("what that is read from, a short phrase each"),
  })
  .meta({ id: "Fingerprint" });
export type Fingerprint = z.infer<typeof fingerprintSchema>;

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

const traceHop = z.strictObject({ ttl: z.int().positive(), address: z.string().nullable() });
export type TraceHop = z.infer<typeof traceHop>;

/** Who answered when a packet expired at each distance; null for a hop that did not. */
const traceWalk = z.strictObject({ hops: z.array(traceHop), reached: z.boolean() }).meta({ id: "TraceWalk" });
export type TraceWalk = z.infer<typeof traceWalk>;

/** The path to the port with TCP, and a control by another way (ICMP or UDP). Null where it could not be walked. */
export const traceSchema = z
  .strictObject({
    program: z.string().nullable(),
    fault: z.string().nullable(),
    port: traceWalk.nullable(),
    control: traceWalk.nullable(),
  })
  .meta({ id: "Trace" });
export type Trace = z.infer<typeof traceSchema>;

/** One connect to a port nobody has a reason to listen on, where TCP connected and RPC stayed silent. */
const controlPort = z
  .strictObject({
    port: z.int(),
    answer: z.string().describe('"connected", "silent", "not-asked" or an errno name'),
  })
  .meta({ id: "ControlPort" });
export type ControlPort = z.infer<typeof controlPort>;

// ---------------------------------------------------------------------------------------------------------------
// Clock
// ---------------------------------------------------------------------------------------------------------------

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

// ---------------------------------------------------------------------------------------------------------------
// Verdicts
// ---------------------------------------------------------------------------------------------------------------

/** Every verdict there is. Public: codes are added or retired, never reworded. Words stand in verdict/catalog.ts. */
export const verdictCodes = [
  "srv-no-suffix",
  "srv-nxdomain",
  "srv-nodata",
  "srv-servfail",
  "srv-refused",
  "srv-other-rcode",
  "srv-no-answer",
  "srv-resolver-unreachable",
  "srv-malformed",
  "srv-mismatched",
  "srv-truncated",
  "srv-local-failure",
  "srv-not-offered",
  "srv-no-records",
  "srv-resolvers-disagree",
  "address-none",
  "address-lookup-failed",
  "address-invalid-target",
  "tcp-no-answer",
  "tcp-refused",
  "tcp-reset",
  "tcp-host-unreachable",
  "tcp-neighbour-silent",
  "tcp-net-unreachable",
  "tcp-not-permitted",
  "tcp-blackhole-route",
  "tcp-no-local-address",
  "tcp-local-resources",
  "tcp-other-error",
  "rpc-no-answer",
  "rpc-closed",
  "rpc-reset",
  "rpc-not-dcerpc",
  "rpc-malformed",
  "rpc-bind-nak",
  "rpc-fault",
  "rpc-interface-unknown",
  "rpc-syntax-refused",
  "rpc-accepts-anything",
  "rpc-plain-bind-only",
  "rpc-serves",
  "endpoint-partly-serves",
  "domain-partly-serves",
  "run-partly-serves",
  "run-cut-short",
] as const;
export const verdictCodeSchema = z.enum(verdictCodes);
export type VerdictCode = z.infer<typeof verdictCodeSchema>;

export const layerSchema = z.enum(["srv", "address", "tcp", "rpc", "endpoint", "domain", "run"]);
export type Layer = z.infer<typeof layerSchema>;

/** `ok`: a client would be served. `degraded`: it would, with trouble. `failed`: it wouldn't. `inconclusive`: not known. */
export const severitySchema = z.enum(["ok", "degraded", "failed", "inconclusive"]);
export type Severity = z.infer<typeof severitySchema>;

/**
 * `certain`: what was seen allows one reading. `likely`: one reading fits far better. `ambiguous`: several causes
 * give this very picture, and nothing that an unprivileged process can see tells them apart.
 */
export const certaintySchema = z.enum(["certain", "likely", "ambiguous"]);
export type Certainty = z.infer<typeof certaintySchema>;

/** One thing to do, where to do it, and the exact line where there is one. */
export const stepSchema = z
  .strictObject({
    where: z.enum(["here", "client", "kms-host", "dns", "firewall"]),
    text: z.string(),
    command: z.string().nullable(),
  })
  .meta({ id: "Step" });
export type Step = z.infer<typeof stepSchema>;

/** A cause that fits what was seen here, and not what was seen elsewhere in the same run. */
const refutedCause = z
  .strictObject({
    cause: z.string(),
    because: z.string().describe("RFC 6901 pointer into the report, to what refutes it"),
  })
  .meta({ id: "RefutedCause" });
export type RefutedCause = z.infer<typeof refutedCause>;

export const verdictSchema = z
  .strictObject({
    code: verdictCodeSchema,
    layer: layerSchema,
    severity: severitySchema,
    serves: z.boolean().describe("whether a client would be served at RPC level; never more than that"),
    certainty: certaintySchema,
    because: z.string().describe("RFC 6901 pointer into this diagnosis (or this report), to what decided"),
    observed: z.string(),
    causes: z.array(z.string()).describe("every cause that fits, likeliest first"),
    refuted: z
      .array(refutedCause)
      .default([])
      .describe("causes that would fit, were it not for what another source or resolver of this run saw"),
    next: z.array(stepSchema).describe("what to do, most useful first"),
    clientError: z
      .string()
      .nullable()
      .describe("code a Windows client would log for this in event 12288: inferred from documents, not seen"),
  })
  .meta({ id: "Verdict" });
export type Verdict = z.infer<typeof verdictSchema>;

/** Findings stand beside a verdict and do not decide it. */
export const findingCodes = [
  "srv-resolvers-disagree",
  "srv-alias-target",
  "srv-resolver-failed",
  "srv-answers-ignored",
  "srv-records-dropped",
  "srv-edns-refused",
  "address-glue-differs",
  "address-resolvers-disagree",
  "address-dropped",
  "rpc-reads-rpc",
  "rpc-accepts-anything",
  "rpc-control-unanswered",
  "rpc-other-port",
  "tcp-answers-every-port",
  "tcp-taken-here",
  "ladder-passes",
  "ladder-refuses-syntaxes",
  "ladder-filters-interface",
  "ladder-no-reassembly",
  "ladder-nothing-passes",
  "trace-reached",
  "trace-ends",
  "trace-unavailable",
  "lint-dangling-target",
  "lint-literal-target",
  "lint-doubled-zone",
  "lint-duplicate-record",
  "lint-other-port",
  "lint-udp-twin",
  "lint-missing-in-domain",
  "lint-missing-at-resolver",
  "lint-mixed-weights",
  "lint-ttl",
  "lint-many-hosts",
  "lint-not-answering",
  "clock-beyond-four-hours",
  "clock-off",
  "clock-no-signal",
  "clock-signals-differ",
  "clock-own-off",
] as const;

/** One line for each kind of DNS server. Null where a name is unfit for a command line, or nothing needs changing. */
const fix = z
  .strictObject({
    windows: z.string().nullable().describe("PowerShell on a DNS server; the zone is taken to be the domain"),
    bind: z.string().nullable().describe("a shell line that hands its changes to nsupdate"),
  })
  .meta({ id: "Fix" });
export type Fix = z.infer<typeof fix>;

export const findingSchema = z
  .strictObject({
    code: z.enum(findingCodes),
    severity: z.enum(["warning", "note"]),
    subject: z.string().describe("RFC 6901 pointer into this diagnosis"),
    observed: z.string(),
    next: z.string(),
    fix: fix.nullable().describe("null for what is not put right in DNS"),
  })
  .meta({ id: "Finding" });
export type Finding = z.infer<typeof findingSchema>;
export type FindingCode = Finding["code"];

// ---------------------------------------------------------------------------------------------------------------
// Diagnoses and the report
// ---------------------------------------------------------------------------------------------------------------

/** Where a listed host is listed: one entry a resolver. Empty for a host given by the user. */
const listing = z
  .strictObject({
    resolver: socketAddress,
    priority: z.int(),
    weight: z.int(),
    ttlSeconds: z.int().nonnegative(),
  })
  .meta({ id: "Listing" });
export type Listing = z.infer<typeof listing>;

export const endpointSchema = z
  .strictObject({ host: z.string(), port: z.int().min(1).max(65535) })
  .meta({ id: "Endpoint" });
export type Endpoint = z.infer<typeof endpointSchema>;

/** All that was tried at one address of one endpoint, before judgement. */
export const attemptEvidenceSchema = z.strictObject({
  address: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  via: via.nullable(),
  routeErrno: z
    .string()
    .nullable()
    .describe(
      "errno of this machine's own routing table for that address (asked without sending); null where it has a way",
    ),
  tcp: tcpEvidenceSchema,
  rpc: rpcEvidenceSchema.nullable().describe("null where TCP did not connect"),
  controlPort: controlPort.nullable().describe("null where it was not needed"),
  takenHere: z
    .int()
    .nullable()
    .default(null)
    .describe(
      "the port of this machine whose listener took a connection that was meant for that address (Linux; looked for where a connection came to nothing)",
    ),
  ladder: ladderSchema.nullable().describe("null unless --ladder asks for it"),
  trace: traceSchema.nullable().describe("null unless --trace asks for it and the address does not serve"),
  clock: clockEvidenceSchema.nullable().describe("null unless --clock asks for it"),
});
export type AttemptEvidence = z.infer<typeof attemptEvidenceSchema>;

export const attemptSchema = attemptEvidenceSchema.extend({ verdict: verdictSchema }).meta({ id: "Attempt" });
export type Attempt = z.infer<typeof attemptSchema>;

export const endpointEvidenceSchema = z.strictObject({
  endpoint: endpointSchema,
  listedBy: z.array(listing),
  address: addressEvidenceSchema,
  attempts: z.array(attemptEvidenceSchema),
});
export type EndpointEvidence = z.infer<typeof endpointEvidenceSchema>;

export const endpointDiagnosisSchema = endpointEvidenceSchema
  .extend({
    attempts: z.array(attemptSchema),
    verdict: verdictSchema,
  })
  .meta({ id: "EndpointDiagnosis" });
export type EndpointDiagnosis = z.infer<typeof endpointDiagnosisSchema>;

/** What one resolver said to `_vlmcs._tcp.<domain>`. */
export const srvAnswerSchema = z
  .strictObject({
    resolver: socketAddress,
    name: z.string().describe("the fully qualified name that was asked"),
    exchange: dnsExchange,
    answer: srvEvidenceSchema,
  })
  .meta({ id: "SrvAnswer" });
export type SrvAnswer = z.infer<typeof srvAnswerSchema>;

export const targetSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("domain"),
      domain: z.string(),
      source: z.string().describe("where the suffix comes from: the command line, /etc/resolv.conf, ..."),
    }),
    z.strictObject({ kind: z.literal("list"), source: z.string() }),
    z.strictObject({ kind: z.literal("no-suffix"), looked: z.array(z.string()) }),
  ])
  .meta({ id: "Target" });
export type Target = z.infer<typeof targetSchema>;

/** What the prober hands to the judge for one target. */
export const evidenceSchema = z.strictObject({
  target: targetSchema,
  source: z
    .string()
    .nullable()
    .describe("label of the source it was probed from; null for the system's choice"),
  srv: z.array(srvAnswerSchema),
  udpTwin: z
    .array(srvAnswerSchema)
    .describe("answers to _vlmcs._udp.<domain>, asked of each resolver that lists hosts under _tcp"),
  ownClock: ownClockEvidenceSchema
    .nullable()
    .describe("clocks of the resolvers, to check this machine's own by; null unless --clock asks for it"),
  recordsDropped: z.int().nonnegative().describe("distinct listed hosts beyond the limit, not probed"),
  endpoints: z.array(endpointEvidenceSchema),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** How a client chooses. Microsoft's pages contradict each other, so both readings are computed. */
export const clientModelSchema = z.enum(["rfc2782", "random"]);
export type ClientModel = z.infer<typeof clientModelSchema>;

/** What a client that believes these resolvers would experience. Chances are 0 to 1, exact by computation. */
const outlookView = z
  .strictObject({
    resolvers: z.array(socketAddress).describe("resolvers with this same list"),
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
    believed: socketAddress
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

export const diagnosisSchema = evidenceSchema
  .extend({
    endpoints: z.array(endpointDiagnosisSchema),
    findings: z.array(findingSchema),
    outlook: outlookSchema.nullable().describe("null for a given list, and where no host is listed"),
    verdict: verdictSchema,
  })
  .meta({ id: "Diagnosis" });
export type Diagnosis = z.infer<typeof diagnosisSchema>;

/** The eight usual causes of trouble with KMS, in the order they are usually told. */
export const causeNames = [
  "connectivity",
  "kms-host",
  "client-configuration",
  "activation-threshold",
  "clock",
  "dns",
  "host-key",
  "vpn",
] as const;

/**
 * What one look from here says of one usual cause. `confirmed`: seen, wherever it could be. `possible`: seen in part,
 * or one of several readings. `ruled-out`: looked at, and sound as seen from here. Never ruled out unseen.
 */
const causeSchema = z
  .strictObject({
    cause: z.enum(causeNames),
    state: z.enum(["ruled-out", "confirmed", "possible", "not-visible-from-here"]),
    evidence: z.string(),
    pointer: z.string().nullable().describe("RFC 6901 pointer into this report, to what decided"),
    step: stepSchema.nullable().describe("what settles it; null where nothing is left to settle"),
  })
  .meta({ id: "Cause" });
export type Cause = z.infer<typeof causeSchema>;

/** How many listed hosts must serve: any, all, or a number. */
const requirement = z.union([z.literal("any"), z.literal("all"), z.int().positive()]);
export type Requirement = z.infer<typeof requirement>;

/** Where a requirement must be met: at each source of the run, or at any one of them. */
const requireAt = z.enum(["each", "any"]);
export type RequireAt = z.infer<typeof requireAt>;

export const settingsSchema = z
  .strictObject({
    timeoutMs: z.number().positive().describe("patience for one TCP connect"),
    retries: z.int().nonnegative().describe("further connects after silence"),
    rpcTimeoutMs: z.number().positive().describe("patience for one RPC answer"),
    dnsTimeoutMs: z
      .number()
      .positive()
      .describe("patience for one DNS question, its retransmissions included"),
    deadlineMs: z.number().positive().describe("patience for one address, all layers together"),
    clientTimeoutMs: z.number().positive(),
    dnsTcp: z.boolean(),
    count: z.int().nonnegative(),
    ladder: z.boolean(),
    trace: z.boolean(),
    clock: z.boolean(),
    require: requirement,
    requireAt: requireAt
      .default("each")
      .describe("whether each source must meet it, or any one of them is enough"),
  })
  .meta({ id: "Settings" });
export type Settings = z.infer<typeof settingsSchema>;

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

export const conclusionRules = [
  "blocked",
  "no-route",
  "neighbour",
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

export const reportSchema = z.strictObject({
  schemaVersion: z.literal("1.0"),
  tool: z.strictObject({ name: z.literal("kmsprobe"), version: z.string() }),
  startedAt: z.iso.datetime().describe("UTC"),
  elapsedMs,
  from: z.strictObject({ host: z.string(), platform: z.string() }).describe("where it was run"),
  sources: z.array(sourceSchema).describe("empty where the system chose"),
  networks: z.array(networkSchema),
  settings: settingsSchema,
  interrupted: z.boolean(),
  diagnoses: z.array(diagnosisSchema),
  requirement: z.strictObject({
    require: requirement,
    at: requireAt.default("each"),
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
