/** One DNS question at one resolver: retransmission, truncation, EDNS fallback, and which answers count. */
import type { DnsExchange, DnsSaid, IgnoredAnswers, SocketAddress } from "../model/dns.ts";
import type { DecodeFault, SkipReason } from "../model/outcome.ts";
import { encodeQuery } from "../protocol/dns/query.ts";
import { decodeCutResponse, decodeResponse, messageId } from "../protocol/dns/response.ts";
import { normalizeName } from "../protocol/name.ts";
import type { DnsQuestion } from "../protocol/dns/query.ts";
import type { DnsResponse } from "../protocol/dns/response.ts";
import { isOurs } from "../transport/errno.ts";
import { skipReason } from "../transport/patience.ts";
import { connect } from "../transport/tcp.ts";
import { exchangeDatagrams } from "../transport/udp.ts";
import { localAddressFor, NO_SUCH_FAMILY } from "./context.ts";
import type { ProbeContext } from "./context.ts";

export type Unanswered =
  | { outcome: "malformed"; fault: DecodeFault; elapsedMs: number }
  | { outcome: "no-answer"; cause: string; elapsedMs: number }
  | { outcome: "not-sent"; errno: string }
  | { outcome: "skipped"; reason: SkipReason };

export type Asked = {
  exchange: DnsExchange;
  answer: { outcome: "ok"; response: DnsResponse; elapsedMs: number } | Unanswered;
};

/** How the patience for one question is shared among the sends: short first, since most losses are single. */
const SHARES = [0.2, 0.3, 0.5];

/** The longest message TCP can carry, with its length prefix (RFC 1035 4.2.2). */
const MAX_TCP_BYTES = 2 + 65535;

/** Messages that carry our id and are not the answer, looked at for one question: somebody makes them, and each is work. */
const MAX_UNFIT = 16;

/** Servers that don't know EDNS(0) say one of these (RFC 6891 7). */
const NO_EDNS = ["FORMERR", "NOTIMP", "BADVERS"];

/**
 * Asks over UDP with EDNS(0), again without EDNS where the resolver doesn't know it or something on the way drops it
 * (the last of several sends goes without), and over TCP where the answer
 * is truncated or `settings.dnsTcp` wants it; all of them in `settings.dnsTimeoutMs`. Never rejects.
 * @param how how the patience is shared among the sends over UDP, and whether EDNS(0) is worth a try
 */
export async function ask(
  resolver: SocketAddress,
  question: DnsQuestion,
  context: ProbeContext,
  { shares = SHARES, edns = true }: { shares?: readonly number[]; edns?: boolean } = {},
): Promise<Asked> {
  const { clock, settings } = context;
  const endsMs = clock.nowMs() + settings.dnsTimeoutMs;
  const state: DnsExchange = {
    transport: "udp",
    tries: 0,
    truncated: false,
    edns,
    ignored: { source: 0, id: 0, question: 0, malformed: 0 },
    said: null,
    deadLink: null,
    from: localAddressFor(context, resolver.address) ?? null,
    overTcp: null,
  };
  const over = async (transport: "udp" | "tcp"): Promise<Asked["answer"]> => {
    state.transport = transport;
    const round = transport === "udp" ? askUdp(shares) : askTcp;
    const answer = await round(resolver, question, state, within(context, endsMs));
    if (answer.outcome === "ok" && state.edns && NO_EDNS.includes(answer.response.rcode)) {
      state.edns = false;
      return await round(resolver, question, state, within(context, endsMs));
    }
    return answer;
  };
  let answer = await over(settings.dnsTcp ? "tcp" : "udp");
  if (answer.outcome === "ok" && answer.response.truncated && state.transport === "udp") {
    state.truncated = true;
    answer = await over("tcp");
  }
  if (answer.outcome === "ok") state.said = whatIsSaid(answer.response);
  if (answer.outcome === "ok" && answer.response.truncated) {
    state.truncated = true;
    const { answers: records, rcode } = answer.response;
    // What it holds is worth having; that it holds none says nothing.
    if (rcode === "NOERROR" && !records.some(({ type }) => type === question.type)) {
      answer = { outcome: "malformed", fault: CUT_OVER_TCP, elapsedMs: answer.elapsedMs };
    }
  }
  return { exchange: state, answer };
}

function whatIsSaid(response: DnsResponse): DnsSaid {
  return {
    authoritative: response.authoritative,
    recursion: response.recursionAvailable,
    soa: response.soa,
    referral: isReferral(response) ? response.referral : null,
    policy: response.policy,
    errors: response.opt?.errors ?? [],
    records: response.answerCount,
    udpSize: response.opt?.udpSize ?? null,
  };
}

/** What a server says that doesn't look further for this asker: no answer, no denial, and whom to ask (RFC 1034 4.3.2). */
function isReferral({ rcode, authoritative, soa, answerCount }: DnsResponse): boolean {
  return rcode === "NOERROR" && !authoritative && soa === null && answerCount === 0;
}

/** Patience for one connect to a port that was silent over UDP: it answers at once, or is silent here, too. */
const OVER_TCP_MS = 1_000;

/** Whether somebody is there at all, where UDP met silence: one connect, closed at once. */
export async function connectsOverTcp(resolver: SocketAddress, context: ProbeContext): Promise<string> {
  const { signal, clock, settings } = context;
  const localAddress = localAddressFor(context, resolver.address);
  if (localAddress === null) return NO_SUCH_FAMILY;
  const timeoutMs = Math.min(OVER_TCP_MS, settings.timeoutMs);
  const connected = await connect(resolver, { timeoutMs, signal, clock, localAddress });
  if (connected.end === "connected") connected.connection.close();
  return connected.end === "failed" ? connected.errno : connected.end;
}

/** There is nowhere left to ask for the rest. */
const CUT_OVER_TCP: DecodeFault = { at: 2, what: "TC is set in the answer over TCP, too" };

/** The same context with no more patience than is left. */
function within(context: ProbeContext, endsMs: number): ProbeContext {
  const dnsTimeoutMs = Math.max(1, endsMs - context.clock.nowMs());
  return { ...context, settings: { ...context.settings, dnsTimeoutMs } };
}

type Round = (
  resolver: SocketAddress,
  question: DnsQuestion,
  state: DnsExchange,
  context: ProbeContext,
) => Promise<Asked["answer"]>;

const askUdp =
  (shares: readonly number[]): Round =>
  async (resolver, question, state, context) => {
    const { settings, signal, clock } = context;
    const localAddress = localAddressFor(context, resolver.address);
    if (localAddress === null) return { outcome: "not-sent", errno: NO_SUCH_FAMILY };
    const filter = answerFilter(question, context.randomU16(), state);
    const plain = state.edns && shares.length > 1 ? filter.plainQuery(context.randomU16()) : undefined;
    const result = await exchangeDatagrams(resolver, filter.query, {
      waitsMs: shares.map((share) => share * settings.dnsTimeoutMs),
      signal,
      clock,
      accept: filter.accept,
      last: plain,
      localAddress,
    });
    state.tries += result.tries;
    state.ignored.source += result.fromElsewhere;
    const { elapsedMs } = result;
    switch (result.end) {
      case "answered":
        return filter.accepted(elapsedMs);
      case "silent":
        return filter.silence(elapsedMs);
      case "aborted":
        return { outcome: "skipped", reason: skipReason(signal) };
      case "failed":
        return failure(result.errno, elapsedMs);
      default:
        return result satisfies never;
    }
  };

const askTcp: Round = async (resolver, question, state, context) => {
  const { settings, signal, clock } = context;
  const localAddress = localAddressFor(context, resolver.address);
  if (localAddress === null) return { outcome: "not-sent", errno: NO_SUCH_FAMILY };
  const startedMs = clock.nowMs();
  const elapsed = (): number => clock.nowMs() - startedMs;
  state.tries += 1;
  const connected = await connect(resolver, {
    timeoutMs: settings.dnsTimeoutMs,
    signal,
    clock,
    localAddress,
  });
  if (connected.end === "aborted") return { outcome: "skipped", reason: skipReason(signal) };
  if (connected.end === "silent") return { outcome: "no-answer", cause: "deadline", elapsedMs: elapsed() };
  if (connected.end === "failed") return failure(connected.errno, elapsed());
  const filter = answerFilter(question, context.randomU16(), state);
  const { connection } = connected;
  try {
    const prefix = Uint8Array.of(filter.query.length >> 8, filter.query.length & 0xff);
    const { end, received } = await connection.exchange(Buffer.concat([prefix, filter.query]), {
      enough: (bytes) => wholeMessage(bytes),
      limit: MAX_TCP_BYTES,
      timeoutMs: Math.max(1, settings.dnsTimeoutMs - elapsed()),
      signal,
    });
    if (end === "enough") {
      return filter.accept(received.subarray(2)) ? filter.accepted(elapsed()) : filter.silence(elapsed());
    }
    if (end === "aborted") return { outcome: "skipped", reason: skipReason(signal) };
    if (typeof end === "object") return failure(end.errno, elapsed());
    return { outcome: "no-answer", cause: end === "closed" ? "closed" : "deadline", elapsedMs: elapsed() };
  } finally {
    connection.close();
  }
};

function wholeMessage(bytes: Uint8Array): number | null {
  const [high, low] = bytes;
  if (high === undefined || low === undefined) return null;
  const length = 2 + high * 256 + low;
  return bytes.length >= length ? length : null;
}

/** Takes the one answer that fits the question, and counts what does not (RFC 5452 9.1). */
type AnswerFilter = {
  query: Uint8Array;
  /** The same question without EDNS(0), by an id of its own, which tells which of them was answered. */
  plainQuery: (id: number) => Uint8Array;
  accept: (bytes: Uint8Array) => boolean;
  /** What was accepted; before that, the same as `silence`. */
  accepted: (elapsedMs: number) => Asked["answer"];
  /** Silence is only silence where nothing came: otherwise what came was wrong. */
  silence: (elapsedMs: number) => Unanswered;
};

function answerFilter(question: DnsQuestion, id: number, state: DnsExchange): AnswerFilter {
  const { ignored } = state;
  let response: DnsResponse | null = null;
  let lastFault: DecodeFault | null = null;
  let unfit = 0;
  let plainId: number | null = null;
  const accept = (bytes: Uint8Array): boolean => {
    const said = messageId(bytes);
    if (said !== id && (said === null || said !== plainId))
      return count(ignored, bytes.length < 12 ? "malformed" : "id");
    if (unfit >= MAX_UNFIT) return count(ignored, "malformed");
    unfit += 1;
    let decoded = decodeResponse(bytes);
    if (!decoded.ok) {
      lastFault = decoded.fault;
      // Cut inside a record: what is there isn't looked at, since it is asked for again over TCP.
      if (state.transport === "udp") decoded = decodeCutResponse(bytes);
    }
    if (!decoded.ok) return count(ignored, "malformed");
    if (!decoded.value.isResponse || !answers(decoded.value, question)) return count(ignored, "question");
    response = decoded.value;
    if (said === plainId) state.edns = false;
    return true;
  };
  const silence = (elapsedMs: number): Unanswered => {
    const total = ignored.id + ignored.question + ignored.malformed + ignored.source;
    if (total === 0) return { outcome: "no-answer", cause: "deadline", elapsedMs };
    const fault = lastFault ?? { at: 0, what: "only answers to other questions came, or from elsewhere" };
    return { outcome: "malformed", fault, elapsedMs };
  };
  const accepted = (elapsedMs: number): Asked["answer"] =>
    response === null ? silence(elapsedMs) : { outcome: "ok", response, elapsedMs };
  const plainQuery = (random: number): Uint8Array => {
    plainId = random === id ? random ^ 1 : random;
    return encodeQuery(question, plainId, false);
  };
  return { query: encodeQuery(question, id, state.edns), plainQuery, accept, accepted, silence };
}

function count(ignored: IgnoredAnswers, kind: keyof IgnoredAnswers): false {
  ignored[kind] += 1;
  return false;
}

/** The question must come back; a server that could not parse it may leave it out (RFC 1035 7.3, RFC 6891 7). */
function answers(response: DnsResponse, { name, type }: DnsQuestion): boolean {
  const { question } = response;
  if (question === null) return NO_EDNS.includes(response.rcode) && response.answers.length === 0;
  return question.name === normalizeName(name) && question.type === type && question.class === "IN";
}

function failure(errno: string, elapsedMs: number): Unanswered {
  return isOurs(errno) ? { outcome: "not-sent", errno } : { outcome: "no-answer", cause: errno, elapsedMs };
}
