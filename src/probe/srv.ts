import type { DnsDenial, SocketAddress, SrvAnswer, SrvEvidence, SrvFacts } from "../model/dns.ts";
import { isEncodableName, normalizeName } from "../protocol/name.ts";
import type { QueryType } from "../protocol/dns/query.ts";
import type { DnsResponse } from "../protocol/dns/response.ts";
import { sourceFaultOf } from "../system/interfaces.ts";
import { withDeadline } from "../transport/patience.ts";
import type { ProbeContext } from "./context.ts";
import { deadLinkTowards } from "./here.ts";
import { ask, connectsOverTcp } from "./question.ts";
import type { Asked } from "./question.ts";

/** Service and protocol labels of a KMS host's SRV record. */
const SRV_PREFIX = "_vlmcs._tcp.";

/** A name that nobody asks for: KMS is TCP only. People publish under it all the same. */
export const UDP_PREFIX = "_vlmcs._udp.";

/** SRV records of one answer that are kept. */
const MAX_KEPT = 256;

const MAX_ALIASES = 8;

/** Asks one resolver for the SRV records of `_vlmcs._tcp.<domain>`, or of its twin. Never rejects. */
export async function probeSrv(
  domain: string,
  resolver: SocketAddress,
  context: ProbeContext,
  prefix = SRV_PREFIX,
): Promise<SrvAnswer> {
  const name = prefix + domain;
  const { asked, aliases } = await askFollowing(name, "SRV", resolver, context);
  const { exchange, answer } = asked;
  const silent = answer.outcome === "no-answer" && answer.cause === "deadline";
  // A forwarder whose upstreams are dead is as silent over UDP as no machine at all.
  if (answer.outcome === "no-answer") exchange.deadLink = await deadLinkTowards(resolver, context);
  if (silent && exchange.transport === "udp" && exchange.deadLink === null)
    exchange.overTcp = await connectsOverTcp(resolver, context);
  return {
    resolver,
    name,
    exchange,
    answer: answer.outcome === "ok" ? readSrv(name, answer, aliases) : answer,
    controls: [],
    sourceFault: leftNothing(asked) && context.source !== null ? await sourceFaultOf(context.source) : null,
  };
}

/** Whether this machine itself kept the question back. UDP counts its sends. */
function leftNothing({ exchange, answer }: Asked): boolean {
  return answer.outcome === "not-sent" || (answer.outcome === "no-answer" && exchange.tries === 0);
}

/**
 * Asks, and goes on asking where an alias leads out of the answer (RFC 1034 3.6.2).
 * @returns the last exchange, with the tries and ignored answers of all, and the chain from the first name
 */
export async function askFollowing(
  name: string,
  type: QueryType,
  resolver: SocketAddress,
  parent: ProbeContext,
): Promise<{ asked: Asked; aliases: string[] }> {
  // A resolver that leads from alias to alias, each answered late, must not hold us for ever.
  const { signal, cancel } = withDeadline(parent.signal, parent.settings.deadlineMs);
  const context = { ...parent, signal };
  try {
    return await follow(name, type, resolver, context);
  } finally {
    cancel();
  }
}

async function follow(
  name: string,
  type: QueryType,
  resolver: SocketAddress,
  context: ProbeContext,
): Promise<{ asked: Asked; aliases: string[] }> {
  const aliases: string[] = [];
  const origin = normalizeName(name);
  let asked = await ask(resolver, { name, type }, context);
  for (;;) {
    if (asked.answer.outcome !== "ok") return { asked, aliases };
    const { response } = asked.answer;
    const before = aliases.length;
    followAliases(response, origin, aliases);
    const last = aliases.at(-1);
    const led = aliases.length > before && last !== undefined && isEncodableName(last);
    const done = response.answers.some((record) => record.type === type && record.owner === (last ?? origin));
    if (!led || done || response.rcode !== "NOERROR" || aliases.length >= MAX_ALIASES)
      return { asked, aliases };
    const next = await ask(resolver, { name: last, type }, context);
    next.exchange.tries += asked.exchange.tries;
    for (const kind of ["source", "id", "question", "malformed"] as const) {
      next.exchange.ignored[kind] += asked.exchange.ignored[kind];
    }
    asked = next;
  }
}

/** Appends the aliases that this answer holds, in order; stops at a loop. */
function followAliases(response: DnsResponse, name: string, aliases: string[]): void {
  for (;;) {
    const owner = aliases.at(-1) ?? name;
    const alias = aliasOf(response, owner);
    if (alias === null || alias === name || aliases.includes(alias) || aliases.length >= MAX_ALIASES) return;
    aliases.push(alias);
  }
}

function aliasOf(response: DnsResponse, owner: string): string | null {
  for (const record of response.answers) {
    if (record.type === "CNAME" && record.owner === owner) return record.target;
  }
  return null;
}

/** What a denial is, or null where the answer holds records of the type. */
export function denialOf(
  response: DnsResponse,
  found: boolean,
  aliases: readonly string[],
): DnsDenial | null {
  if (response.rcode !== "NOERROR") return { rcode: response.rcode, nodata: false, chain: null };
  if (found) return null;
  const chain = unendedChain(response, aliases);
  return { rcode: "NOERROR", nodata: chain === null, chain };
}

/** Whether the last alias leads on all the same: nothing was said of what it leads to. */
function unendedChain(response: DnsResponse, aliases: readonly string[]): DnsDenial["chain"] {
  const owner = aliases.at(-1) ?? response.question?.name ?? "";
  const next = aliasOf(response, owner);
  if (next !== null && next !== owner && !aliases.includes(next) && aliases.length >= MAX_ALIASES)
    return "too-long";
  if (next !== null) return "loop";
  return aliases.length >= MAX_ALIASES && response.question?.name !== owner ? "too-long" : null;
}

function readSrv(
  name: string,
  { response, elapsedMs }: { response: DnsResponse; elapsedMs: number },
  aliases: string[],
): SrvEvidence {
  const owner = aliases.at(-1) ?? normalizeName(name);
  const all = response.answers.filter((record) => record.type === "SRV");
  const own = all.filter((record) => record.owner === owner);
  // Target "." beside others means nothing (RFC 2782 speaks of a lone one); port 0 can't be connected to.
  const usable = own.filter((record) => record.target !== "." && record.port > 0);
  const denial = denialOf(response, own.length > 0, aliases);
  if (denial) {
    const plain = { notOffered: false, unfinished: false };
    return { outcome: "denied", denial: { ...denial, ...plain, aliases }, elapsedMs };
  }
  const [only] = own;
  if (own.length === 1 && only?.target === ".") {
    const unfinished = only.port === 1 && only.ttlSeconds === 0;
    return {
      outcome: "denied",
      denial: { rcode: "NOERROR", nodata: false, chain: null, notOffered: true, unfinished, aliases },
      elapsedMs,
    };
  }
  const facts: SrvFacts = {
    records: usable.slice(0, MAX_KEPT).map(({ priority, weight, port, target, ttlSeconds }) => {
      return { priority, weight, port, target, ttlSeconds };
    }),
    aliases,
    glue: response.additionals.flatMap((record) => {
      return record.type === "A" || record.type === "AAAA"
        ? [{ name: record.owner, address: record.address }]
        : [];
    }),
    authoritative: response.authoritative,
    dropped: response.dropped + all.length - Math.min(usable.length, MAX_KEPT),
  };
  return { outcome: "ok", facts, elapsedMs };
}
