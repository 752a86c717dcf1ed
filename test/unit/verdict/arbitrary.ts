/**
 * Any evidence the schemas allow, as fast-check arbitraries. Values that decide are frequent (errnos, rcodes, context
 * results, figures near a threshold); strings are whatever a peer or a saved report may hold.
 */
import * as fc from "fast-check";
import type { ClockAnswer } from "../../../src/model/clock.ts";
import type {
  AddressEvidence,
  AddressLookup,
  DnsExchange,
  SocketAddress,
  SrvAnswer,
  SrvEvidence,
  SrvRecord,
} from "../../../src/model/dns.ts";
import type { AttemptEvidence, EndpointEvidence, Evidence, Target } from "../../../src/model/evidence.ts";
import type { BindAckFacts, BindEvidence, BindTry, RpcEvidence } from "../../../src/model/rpc.ts";
import type { TcpEvidence } from "../../../src/model/tcp.ts";
import type { TraceWalk } from "../../../src/model/trace.ts";
import { anyString } from "../any-string.ts";

/** What no report may let through: escape sequences, controls, bidi, invisible characters, formulas, line ends. */
export const HOSTILE = [
  "\u001b[2J\u001b]0;title\u0007",
  "a\u0000b",
  "line\r\nbreak",
  "\u202egnitrow\u202c",
  "zero\u200bwidth\u2060\ufeff",
  "\u2028\u2029\u0085\u00a0\u3000",
  "soft\u00adhyphen\u034f\u115f\u3164\ufe0f",
  "=cmd|' /C calc'!A0",
  "+1+1",
  "-1-1",
  "@SUM(1)",
  "\t=1",
  "\uff1d1",
  '"quoted", and; more',
  "🐟 \ud83d\udc1f é 漢字",
  "\ud800",
  "$(reboot)`id`",
  "\u009b31m",
  "x".repeat(400),
  "🐟".repeat(200),
  "",
  " ",
] as const;

/** A string without anything that looks like a placeholder of the catalogue. */
const text = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
    { weight: 2, arbitrary: anyString({ maxLength: 20 }) },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }) },
  )
  .filter((value) => !/\{\w+\}/.test(value));

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("kms1.corp.example", "kms2.corp.example", "kms3", "a.b") },
  { weight: 1, arbitrary: text },
);
const ip = fc.constantFrom("10.1.0.1", "10.1.0.2", "192.0.2.7", "fd00::1", "fd00::2", "127.0.0.1");
const anyAddress = fc.oneof({ weight: 6, arbitrary: ip }, { weight: 1, arbitrary: text });
const elapsedMs = fc.oneof(
  fc.constantFrom(0, 0.123, 1, 2_499.9, 2_500, 3_060, 4_000, 21_000),
  fc.double({ min: 0, max: 100_000, noNaN: true }).map((ms) => ms + 0),
);
const count = fc.oneof(fc.constant(0), fc.nat(5), fc.nat(1_000_000));
const u16 = fc.oneof(fc.constantFrom(0, 1, 10, 100, 65_535), fc.integer({ min: 0, max: 65_535 }));
const port = fc.oneof(fc.constantFrom(1688, 1689, 1), fc.integer({ min: 1, max: 65_535 }));
const ttlSeconds = fc.nat(2_147_483_647);
const errno = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "deadline",
      "closed",
      "ECONNREFUSED",
      "ECONNRESET",
      "EPIPE",
      "ETIMEDOUT",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "EACCES",
      "EPERM",
      "EMFILE",
      "ENOBUFS",
      "EADDRNOTAVAIL",
      "EAFNOSUPPORT",
      "EINVAL",
      "UNKNOWN",
    ),
  },
  { weight: 1, arbitrary: text },
);
const rcode = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", "NOTIMP", "FORMERR", "RCODE16"),
  },
  { weight: 1, arbitrary: text },
);

const skipped = fc.record({
  outcome: fc.constant("skipped" as const),
  reason: fc.constantFrom("earlier-layer", "deadline", "interrupted"),
});
const notSent = fc.record({ outcome: fc.constant("not-sent" as const), errno });
const noAnswer = { outcome: fc.constant("no-answer" as const), cause: errno, elapsedMs };
const decodeFault = fc.record({ at: count, what: text });
const malformed = fc.record({ outcome: fc.constant("malformed" as const), fault: decodeFault, elapsedMs });

const socketAddress: fc.Arbitrary<SocketAddress> = fc.record({
  address: anyAddress,
  port: fc.oneof(fc.constant(53), u16),
});
const exchange: fc.Arbitrary<DnsExchange> = fc.record({
  transport: fc.constantFrom("udp", "tcp"),
  tries: count,
  truncated: fc.boolean(),
  edns: fc.boolean(),
  from: fc.option(anyAddress),
  ignored: fc.record({ source: count, id: count, question: count, malformed: count }),
  said: fc.option(
    fc.record({
      authoritative: fc.boolean(),
      recursion: fc.boolean(),
      soa: fc.oneof(fc.constantFrom(null, ".", "corp.example", "example"), name),
      referral: fc.oneof(fc.constantFrom(null, ".", "example"), name),
      errors: fc.array(fc.record({ code: fc.constantFrom(0, 6, 14, 15, 22, 23), text }), { maxLength: 2 }),
      records: count,
      udpSize: fc.option(u16),
      policy: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, name),
    }),
  ),
  deadLink: fc.option(fc.constantFrom("tun0", "eth1")),
  overTcp: fc.option(fc.oneof(fc.constantFrom("connected", "silent"), errno)),
});

/** How a chain of aliases went. */
const chain = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom("loop" as const, "too-long" as const) },
);

const srvRecord: fc.Arbitrary<SrvRecord> = fc.record({
  priority: u16,
  weight: u16,
  port: fc.oneof(port, u16),
  target: fc.oneof(name, fc.constant(".")),
  ttlSeconds,
});

const srvAnswer: fc.Arbitrary<SrvEvidence> = fc.oneof(
  fc.record({
    outcome: fc.constant("ok" as const),
    facts: fc.record({
      records: fc.array(srvRecord, { maxLength: 4 }),
      aliases: fc.array(name, { maxLength: 2 }),
      glue: fc.array(fc.record({ name, address: anyAddress }), { maxLength: 2 }),
      authoritative: fc.boolean(),
      dropped: count,
    }),
    elapsedMs,
  }),
  fc.record({
    outcome: fc.constant("denied" as const),
    denial: fc.record({
      rcode,
      nodata: fc.boolean(),
      chain,
      notOffered: fc.boolean(),
      unfinished: fc.boolean(),
      aliases: fc.array(name, { maxLength: 2 }),
    }),
    elapsedMs,
  }),
  malformed,
  fc.record(noAnswer),
  notSent,
  skipped,
);

const sourceFault = fc.option(
  fc.record({ interface: text, state: fc.constantFrom("down", "no-carrier", "no-address") }),
);

const said: fc.Arbitrary<SrvAnswer> = fc.record({
  sourceFault,
  resolver: socketAddress,
  name: fc.oneof(fc.constant("_vlmcs._tcp.corp.example"), text),
  exchange,
  answer: srvAnswer,
  controls: fc.array(
    fc.record({
      purpose: fc.constantFrom("zone", "address", "same-name", "other-service", "nobody", "root", "bare"),
      name,
      type: fc.constantFrom("SOA", "SRV", "A"),
      rcode: fc.option(rcode),
      soa: fc.option(name),
      found: fc.array(text, { maxLength: 2 }),
    }),
    { maxLength: 4 },
  ),
});

const lookup: fc.Arbitrary<AddressLookup> = fc.record({
  family: fc.constantFrom(4, 6),
  asked: fc.oneof(
    fc.record({ by: fc.constant("resolver" as const), resolver: socketAddress, exchange }),
    fc.record({ by: fc.constant("hosts-file" as const), path: fc.oneof(fc.constant("/etc/hosts"), text) }),
  ),
  name,
  answer: fc.oneof(
    fc.record({
      outcome: fc.constant("ok" as const),
      facts: fc.record({
        addresses: fc.array(anyAddress, { minLength: 1, maxLength: 3 }),
        ttlSeconds,
        aliases: fc.array(name, { maxLength: 2 }),
      }),
      elapsedMs,
    }),
    fc.record({
      outcome: fc.constant("denied" as const),
      denial: fc.record({ rcode, nodata: fc.boolean(), chain, aliases: fc.array(name, { maxLength: 2 }) }),
      elapsedMs,
    }),
    malformed,
    fc.record(noAnswer),
    notSent,
    skipped,
  ),
});

const addressEvidence: fc.Arbitrary<AddressEvidence> = fc.record({
  literal: fc.boolean(),
  validName: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.boolean()),
  lookups: fc.array(lookup, { maxLength: 3 }),
  glue: fc.array(anyAddress, { maxLength: 2 }),
  addresses: fc.array(anyAddress, { maxLength: 3 }),
  dropped: count,
  special: fc.array(
    fc.record({
      address: anyAddress,
      use: fc.constantFrom("unspecified", "loopback", "multicast", "documentation", "benchmarking"),
    }),
    { maxLength: 1 },
  ),
  leftOut: fc.option(fc.array(anyAddress, { minLength: 1, maxLength: 1 }), { nil: undefined }),
  nobody: fc.option(
    fc.record({
      name,
      resolver: socketAddress,
      rcode: fc.option(rcode),
      found: fc.array(anyAddress, { maxLength: 2 }),
    }),
  ),
});

const tcp: fc.Arbitrary<TcpEvidence> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      outcome: fc.constant("ok" as const),
      facts: fc.record({ tries: fc.integer({ min: 1, max: 11 }) }),
      elapsedMs,
    }),
  },
  { weight: 2, arbitrary: fc.record({ ...noAnswer, tries: fc.integer({ min: 1, max: 11 }) }) },
  { weight: 1, arbitrary: notSent },
  { weight: 1, arbitrary: skipped },
);

const ackFacts: fc.Arbitrary<BindAckFacts> = fc.record({
  contexts: fc.array(
    fc.record({
      offered: fc.constantFrom("NDR32", "NDR64", "BTFN"),
      result: fc.oneof(fc.constantFrom(0, 1, 2, 3), u16),
      reason: fc.oneof(fc.constantFrom(0, 1, 2, 3), u16),
    }),
    { maxLength: 4 },
  ),
  maxXmitFrag: u16,
  maxRecvFrag: u16,
  assocGroupId: fc.nat(0xffffffff),
  secondaryAddress: fc.oneof(fc.constantFrom("1688", "1689", ""), text),
  pfcFlags: fc.nat(255),
  callId: fc.nat(0xffffffff),
  byteOrder: fc.constantFrom("little", "big"),
});

const bindAnswer: fc.Arbitrary<BindEvidence> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ outcome: fc.constant("ok" as const), facts: ackFacts, elapsedMs }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      outcome: fc.constant("denied" as const),
      denial: fc.oneof(
        fc.record({
          kind: fc.constant("bind-nak" as const),
          reason: fc.oneof(fc.nat(10), u16),
          extendedError: fc.boolean(),
        }),
        fc.record({ kind: fc.constant("contexts" as const), ack: ackFacts }),
        fc.record({
          kind: fc.constant("fault" as const),
          status: fc.oneof(fc.constantFrom(null, 5, 0x1c010003, 0x1c010014), fc.nat(0xffffffff)),
        }),
      ),
      elapsedMs,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      outcome: fc.constant("malformed" as const),
      fault: decodeFault,
      looksLike: fc.constantFrom(
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
      ),
      elapsedMs,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...noAnswer,
      kernel: fc.option(
        fc.record({
          state: fc.oneof(fc.constantFrom("ESTABLISHED", "CLOSE_WAIT"), text),
          unacknowledgedBytes: fc.oneof(fc.constantFrom(0, 72, 160), fc.integer()),
          retransmissions: fc.oneof(fc.constantFrom(0, 1, 5), fc.integer()),
          probesWindow: fc.boolean(),
        }),
      ),
    }),
  },
  { weight: 1, arbitrary: notSent },
  { weight: 1, arbitrary: skipped },
);

const bindTry: fc.Arbitrary<BindTry> = fc.record({
  shape: fc.constantFrom("windows", "plain"),
  received: fc.string({ unit: fc.nat(15).map((digit) => digit.toString(16)), maxLength: 100 }),
  answer: bindAnswer,
});

const rpc: fc.Arbitrary<RpcEvidence> = fc.record({
  bind: bindTry,
  plain: fc.option(bindTry),
  control: fc.record({
    by: fc.constantFrom("alter-context", "bind"),
    answer: fc.constantFrom("rejected", "accepted", "fault", "closed", "silent", "malformed", "not-asked"),
  }),
  latency: fc.record({ asked: count, samplesMs: fc.array(elapsedMs, { maxLength: 4 }) }),
  unprompted: fc.option(
    fc.record({ end: fc.constantFrom("closed", "reset", "silent", "not-connected"), elapsedMs }),
  ),
});

const traceWalk: fc.Arbitrary<TraceWalk> = fc.record({
  hops: fc.array(fc.record({ ttl: fc.integer({ min: 1, max: 64 }), address: fc.option(anyAddress) }), {
    maxLength: 4,
  }),
  reached: fc.boolean(),
});

const HOUR_MS = 3_600_000;
const clockAnswer: fc.Arbitrary<ClockAnswer> = fc.oneof(
  fc.record({
    outcome: fc.constant("ok" as const),
    facts: fc.record({
      offsetMs: fc.oneof(
        fc.constantFrom(0, HOUR_MS, -HOUR_MS, 4 * HOUR_MS, -4 * HOUR_MS),
        fc.double({ min: -1e13, max: 1e13, noNaN: true }).map((ms) => ms + 0),
      ),
      uncertaintyMs: elapsedMs,
      at: fc.constantFrom("2026-03-01T12:00:00.250Z", "1970-01-01T00:00:00.000Z"),
      detail: fc.option(text),
    }),
    elapsedMs,
  }),
  fc.record({ outcome: fc.constant("denied" as const), denial: fc.record({ what: text }), elapsedMs }),
  malformed,
  fc.record(noAnswer),
  notSent,
  skipped,
);

const attempt: fc.Arbitrary<AttemptEvidence> = fc.record({
  address: anyAddress,
  family: fc.constantFrom(4, 6),
  via: fc.option(
    fc.record({
      address: anyAddress,
      interface: fc.option(fc.oneof(fc.constantFrom("eth0", "tun0"), text)),
      link: fc.constantFrom("ethernet", "wireless", "tunnel", "bridge", "loopback", "other", "unknown"),
      owner: fc.option(text),
    }),
  ),
  routeErrno: fc.option(errno, { freq: 2 }),
  tcp,
  rpc: fc.option(rpc, { freq: 5 }),
  controlPort: fc.option(
    fc.record({ port, answer: fc.oneof(fc.constantFrom("connected", "silent", "not-asked"), errno) }),
  ),
  takenHere: fc.option(port),
  here: fc.option(
    fc.record({
      noCarrier: fc.boolean(),
      preloaded: fc.option(text),
      refusedSource: fc.option(anyAddress),
      sourceFault,
      userModeGateway: fc.boolean(),
      ipsecWithoutState: fc.boolean(),
      deadLinks: fc.array(
        fc.record({
          interface: text,
          state: fc.constantFrom("down" as const, "no-carrier" as const, "no-address" as const),
        }),
        { maxLength: 3 },
      ),
      nextHop: fc.option(fc.record({ gateway: fc.option(anyAddress), answers: fc.option(fc.boolean()) })),
      ownBridge: fc.boolean(),
    }),
  ),
  ladder: fc.option(
    fc.array(
      fc.record({
        rung: fc.constantFrom("windows", "plain", "decoy", "split"),
        answer: fc.constantFrom(
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
        ),
      }),
      { maxLength: 4 },
    ),
  ),
  trace: fc.option(
    fc.record({
      program: fc.option(fc.constantFrom("mtr", "traceroute")),
      fault: fc.option(text),
      port: fc.option(traceWalk),
      control: fc.option(traceWalk),
    }),
  ),
  clock: fc.option(
    fc.record({
      readings: fc.array(
        fc.record({ by: fc.constantFrom("smb2", "sntp", "http"), port, answer: clockAnswer }),
        { maxLength: 4 },
      ),
    }),
  ),
});

const endpoint: fc.Arbitrary<EndpointEvidence> = fc.record({
  endpoint: fc.record({ host: name, port }),
  listedBy: fc.array(fc.record({ resolver: socketAddress, priority: u16, weight: u16, ttlSeconds }), {
    maxLength: 2,
  }),
  address: addressEvidence,
  attempts: fc.array(attempt, { maxLength: 3 }),
});

const target: fc.Arbitrary<Target> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("domain" as const),
      domain: name,
      source: fc.oneof(fc.constantFrom("the command line", "/etc/resolv.conf (search)"), text),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("list" as const),
      source: fc.oneof(fc.constant("the command line"), text),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("no-suffix" as const),
      looked: fc.array(text, { maxLength: 3 }),
    }),
  },
);

/** Evidence of one target whose parts need not fit together. */
const looseEvidence: fc.Arbitrary<Evidence> = fc.record({
  target,
  source: fc.option(fc.oneof(fc.constant("tun0"), text)),
  srv: fc.array(said, { maxLength: 3 }),
  udpTwin: fc.array(said, { maxLength: 2 }),
  configuration: fc.option(
    fc.record({
      unread: fc.array(
        fc.record({
          file: fc.constant("/etc/resolv.conf"),
          line: fc.integer({ min: 1, max: 9 }),
          text: name,
          about: fc.constantFrom("resolver", "suffix", "both"),
          why: fc.constant("it names no address"),
        }),
        { maxLength: 2 },
      ),
      noResolver: fc.boolean(),
    }),
  ),
  ownClock: fc.constant(null),
  recordsDropped: count,
  endpoints: fc.array(endpoint, { maxLength: 3 }),
});

/** The same, where the first resolver lists what was probed. */
function fitted(evidence: Evidence): Evidence {
  const records = evidence.endpoints.map(({ endpoint: { host, port: at } }): SrvRecord => {
    return { priority: 0, weight: 0, port: at, target: host, ttlSeconds: 600 };
  });
  const facts = { records, aliases: [], glue: [], authoritative: true, dropped: 0 };
  const [first, ...rest] = evidence.srv;
  if (first === undefined) return evidence;
  return { ...evidence, srv: [{ ...first, answer: { outcome: "ok", facts, elapsedMs: 1 } }, ...rest] };
}

/** Any evidence of one target, whether or not a prober would ever hand it over. */
export const anyEvidence: fc.Arbitrary<Evidence> = fc.oneof(
  { weight: 2, arbitrary: looseEvidence },
  { weight: 1, arbitrary: looseEvidence.map(fitted) },
);
