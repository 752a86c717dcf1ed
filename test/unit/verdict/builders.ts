/** Evidence in a few words. Every builder gives the plainest case; what a test is about goes into `over`. */
import type {
  AddressEvidence,
  AddressLookup,
  DnsExchange,
  DnsSaid,
  SocketAddress,
  SrvAnswer,
  SrvEvidence,
  SrvControl,
  SrvFacts,
  SrvRecord,
} from "../../../src/model/dns.ts";
import type { AttemptEvidence, EndpointEvidence, Evidence, Target } from "../../../src/model/evidence.ts";
import type { DecidesHere } from "../../../src/model/here.ts";
import type {
  BindAckFacts,
  BindEvidence,
  BindTry,
  ContextResult,
  ControlEvidence,
  KernelView,
  RpcEvidence,
} from "../../../src/model/rpc.ts";

/** Nothing on this machine decides in place of the network. */
export const NOTHING_HERE: DecidesHere = {
  noCarrier: false,
  preloaded: null,
  refusedSource: null,
  sourceFault: null,
  userModeGateway: false,
  ipsecWithoutState: false,
  deadLinks: [],
  nextHop: null,
  ownBridge: false,
};

export const DOMAIN = "corp.example";
export const CLIENT_TIMEOUT_MS = 21_000;

/** `10.0.0.<last>:53`. */
export function resolver(last = 53): SocketAddress {
  return { address: `10.0.0.${last}`, port: 53 };
}

export function exchange(over: Partial<DnsExchange> = {}): DnsExchange {
  const went = { transport: "udp" as const, tries: 1, truncated: false, edns: true };
  return { ...went, ignored: ignored(), said: null, deadLink: null, from: null, overTcp: null, ...over };
}

/** What a denial says of itself: the zone's own, unless told otherwise. */
export function saying(over: Partial<DnsSaid> = {}): DnsExchange {
  const said = {
    authoritative: false,
    recursion: true,
    soa: "corp.example",
    referral: null,
    policy: null,
    errors: [],
    records: 0,
    udpSize: 1232,
  };
  return exchange({ said: { ...said, ...over } });
}

export function ignored(over: Partial<DnsExchange["ignored"]> = {}): DnsExchange["ignored"] {
  return { source: 0, id: 0, question: 0, malformed: 0, ...over };
}

// ------------------------------------------------------------------------------------------------------- srv

export function record(target: string, over: Partial<SrvRecord> = {}): SrvRecord {
  return { priority: 0, weight: 0, port: 1688, target, ttlSeconds: 600, ...over };
}

export function lists(records: SrvRecord[], over: Partial<SrvFacts> = {}): SrvEvidence {
  return {
    outcome: "ok",
    facts: { records, aliases: [], glue: [], authoritative: true, dropped: 0, ...over },
    elapsedMs: 1.5,
  };
}

export function denies(
  rcode: string,
  more: {
    nodata?: boolean;
    notOffered?: boolean;
    chain?: "loop" | "too-long";
    unfinished?: boolean;
    aliases?: string[];
  } = {},
): SrvEvidence {
  const denial = {
    rcode,
    nodata: false,
    chain: null,
    notOffered: false,
    unfinished: false,
    aliases: [],
    ...more,
  };
  return { outcome: "denied", denial, elapsedMs: 1.5 };
}

/** A question beside the question, denied by nobody unless told otherwise. */
export function control(purpose: SrvControl["purpose"], over: Partial<SrvControl> = {}): SrvControl {
  return {
    purpose,
    name: `${purpose}.${DOMAIN}`,
    type: "SRV",
    rcode: "NXDOMAIN",
    soa: null,
    found: [],
    ...over,
  };
}

export function unanswered(cause: string, elapsedMs = 5_000): Extract<SrvEvidence, { outcome: "no-answer" }> {
  return { outcome: "no-answer", cause, elapsedMs };
}

export function says(answer: SrvEvidence, over: Partial<SrvAnswer> = {}): SrvAnswer {
  return {
    resolver: resolver(),
    name: `_vlmcs._tcp.${DOMAIN}`,
    exchange: exchange(),
    answer,
    controls: [],
    sourceFault: null,
    ...over,
  };
}

// --------------------------------------------------------------------------------------------------- address

export function lookup(answer: AddressLookup["answer"], over: Partial<AddressLookup> = {}): AddressLookup {
  return {
    family: 4,
    asked: { by: "resolver", resolver: resolver(), exchange: exchange() },
    name: `kms1.${DOMAIN}`,
    answer,
    ...over,
  };
}

export function found(values: string[], aliases: string[] = []): AddressLookup["answer"] {
  return { outcome: "ok", facts: { addresses: values, ttlSeconds: 300, aliases }, elapsedMs: 0.5 };
}

export function refuses(rcode: string, nodata = false, aliases: string[] = []): AddressLookup["answer"] {
  return { outcome: "denied", denial: { rcode, nodata, chain: null, aliases }, elapsedMs: 0.5 };
}

export function addresses(values: string[], over: Partial<AddressEvidence> = {}): AddressEvidence {
  return {
    literal: false,
    validName: true,
    lookups: [],
    glue: [],
    addresses: values,
    dropped: 0,
    special: [],
    nobody: null,
    ...over,
  };
}

// ------------------------------------------------------------------------------------------------------- tcp

export const ADDRESS = "10.1.0.1";

/** What is null at an address unless a flag asks for it. */
const NOT_ASKED_THERE = {
  controlPort: null,
  takenHere: null,
  here: null,
  ladder: null,
  trace: null,
  clock: null,
};

/** What a target's evidence holds unless a flag asks for more. */
const NOT_ASKED = { source: null, ownClock: null, udpTwin: [], configuration: null };

/** Evidence read from a fixture, which leaves out what was not asked for. */
export function completed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(completed);
  if (typeof value !== "object" || value === null) return value;
  const whole = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, completed(part)]));
  if ("target" in whole && "srv" in whole) return { ...NOT_ASKED, ...whole };
  return "tcp" in whole ? { ...NOT_ASKED_THERE, ...whole } : whole;
}

/** One address with TCP open and the given RPC answer. */
export function connected(answers: RpcEvidence | null, over: Partial<AttemptEvidence> = {}): AttemptEvidence {
  return {
    address: ADDRESS,
    family: 4,
    via: { address: "10.8.0.6", interface: "tun0", link: "tunnel", owner: null },
    routeErrno: null,
    tcp: { outcome: "ok", facts: { tries: 1 }, elapsedMs: 2.25 },
    rpc: answers,
    ...NOT_ASKED_THERE,
    ...over,
  };
}

/** One address where the network said `cause`, or stayed silent ("deadline"). */
export function unconnected(
  cause: string,
  elapsedMs: number,
  over: Partial<AttemptEvidence> = {},
): AttemptEvidence {
  return connected(null, { tcp: { outcome: "no-answer", cause, elapsedMs, tries: 1 }, ...over });
}

/** One address that our own machine could not even try. */
export function unsent(errno: string, over: Partial<AttemptEvidence> = {}): AttemptEvidence {
  return connected(null, { via: null, tcp: { outcome: "not-sent", errno }, ...over });
}

// ------------------------------------------------------------------------------------------------------- rpc

/** `NDR32 0/0` and the like, as "result/reason" for NDR32, NDR64 and BTFN in turn. */
export function contexts(...results: string[]): ContextResult[] {
  const offered = ["NDR32", "NDR64", "BTFN"] as const;
  return results.flatMap((text, index) => {
    const [result = 0, reason = 0] = text.split("/").map(Number);
    const name = offered[index];
    return name === undefined ? [] : [{ offered: name, result, reason }];
  });
}

export function ack(results: ContextResult[], over: Partial<BindAckFacts> = {}): BindAckFacts {
  return {
    contexts: results,
    maxXmitFrag: 5840,
    maxRecvFrag: 5840,
    assocGroupId: 4660,
    secondaryAddress: "1688",
    pfcFlags: 3,
    callId: 1,
    byteOrder: "little",
    ...over,
  };
}

export function bind(answer: BindEvidence, over: Partial<BindTry> = {}): BindTry {
  return { shape: "windows", received: "", answer, ...over };
}

export function plainBind(answer: BindEvidence): BindTry {
  return bind(answer, { shape: "plain" });
}

export function accepted(...results: string[]): BindEvidence {
  return {
    outcome: "ok",
    facts: ack(contexts(...(results.length > 0 ? results : ["0/0", "2/2", "3/3"]))),
    elapsedMs: 3.5,
  };
}

export function rejected(...results: string[]): BindEvidence {
  return {
    outcome: "denied",
    denial: { kind: "contexts", ack: ack(contexts(...results)) },
    elapsedMs: 3.5,
  };
}

export function nak(reason: number): BindEvidence {
  return { outcome: "denied", denial: { kind: "bind-nak", reason, extendedError: false }, elapsedMs: 3.5 };
}

export function fault(status: number | null): BindEvidence {
  return { outcome: "denied", denial: { kind: "fault", status }, elapsedMs: 3.5 };
}

export function silent(kernel: KernelView | null = null): BindEvidence {
  return { outcome: "no-answer", cause: "deadline", kernel, elapsedMs: 5_000 };
}

export function hungUp(cause: string): BindEvidence {
  return { outcome: "no-answer", cause, kernel: null, elapsedMs: 2 };
}

export function garbage(
  looksLike: Extract<BindEvidence, { outcome: "malformed" }>["looksLike"],
  what = "rpc_vers is 72, not 5",
): BindEvidence {
  return { outcome: "malformed", fault: { at: 0, what }, looksLike, elapsedMs: 2 };
}

export function rpc(answer: BindEvidence, over: Partial<RpcEvidence> = {}): RpcEvidence {
  return {
    bind: bind(answer),
    plain: null,
    control: { by: "alter-context", answer: "not-asked" },
    latency: { asked: 0, samplesMs: [] },
    unprompted: null,
    ...over,
  };
}

/** What a KMS host says: the bind accepted, the control rejected, three round trips. */
export function serving(over: Partial<RpcEvidence> = {}): RpcEvidence {
  return rpc(accepted(), {
    control: { by: "alter-context", answer: "rejected" },
    latency: { asked: 3, samplesMs: [1.5, 0.5, 1] },
    ...over,
  });
}

export function controlled(
  answer: ControlEvidence["answer"],
  by: ControlEvidence["by"] = "alter-context",
): RpcEvidence {
  return serving({ control: { by, answer } });
}

// ------------------------------------------------------------------------------------------------- aggregates

export function endpoint(
  attempts: AttemptEvidence[],
  over: Partial<EndpointEvidence> = {},
): EndpointEvidence {
  return {
    endpoint: { host: `kms1.${DOMAIN}`, port: 1688 },
    listedBy: [],
    address: addresses(attempts.map(({ address }) => address)),
    attempts,
    ...over,
  };
}

/** `kms<n>.corp.example`, with an address of its own, as resolver 53 lists it. */
export function listed(
  n: number,
  make: (over: Partial<AttemptEvidence>) => AttemptEvidence,
): EndpointEvidence {
  return endpoint([make({ address: `10.1.0.${n}` })], {
    endpoint: { host: `kms${n}.${DOMAIN}`, port: 1688 },
    listedBy: [{ resolver: resolver(), priority: 0, weight: 0, ttlSeconds: 600 }],
  });
}

export const isServing = (over: Partial<AttemptEvidence>): AttemptEvidence => connected(serving(), over);
export const isSilent = (over: Partial<AttemptEvidence>): AttemptEvidence =>
  unconnected("deadline", 4_000, over);
export const isRefused = (over: Partial<AttemptEvidence>): AttemptEvidence =>
  unconnected("ECONNREFUSED", 1.25, over);

/** A domain as the user named it; every listed endpoint is in the one resolver's answer. */
export function domain(
  srv: SrvAnswer[],
  endpoints: EndpointEvidence[],
  over: Partial<Omit<Evidence, "target">> & { suffixFrom?: string; named?: string } = {},
): Evidence {
  const { suffixFrom = "the command line", named = DOMAIN, ...rest } = over;
  const target: Target = { kind: "domain", domain: named, source: suffixFrom };
  return {
    target,
    source: null,
    srv,
    udpTwin: [],
    configuration: null,
    ownClock: null,
    recordsDropped: 0,
    endpoints,
    ...rest,
  };
}

/** A domain whose one resolver lists exactly these endpoints. */
export function zone(endpoints: EndpointEvidence[], over: Parameters<typeof domain>[2] = {}): Evidence {
  const records = endpoints.map((each) => record(each.endpoint.host, { port: each.endpoint.port }));
  return domain([says(lists(records))], endpoints, over);
}

export function list(endpoints: EndpointEvidence[]): Evidence {
  return {
    target: { kind: "list", source: "the command line" },
    ...NOT_ASKED,
    srv: [],
    udpTwin: [],
    configuration: null,
    recordsDropped: 0,
    endpoints,
  };
}

/** One host the user named, with one address. */
export function host(attempt: AttemptEvidence): Evidence {
  return list([endpoint([attempt])]);
}

/** A machine without any DNS suffix. */
export function noSuffix(...looked: string[]): Evidence {
  return { target: { kind: "no-suffix", looked }, ...NOT_ASKED, srv: [], recordsDropped: 0, endpoints: [] };
}
