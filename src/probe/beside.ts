/** One question beside the question: one datagram, and little patience. */
import type { SocketAddress } from "../model/dns.ts";
import { normalizeName } from "../protocol/name.ts";
import type { DnsQuestion, QueryType } from "../protocol/dns/query.ts";
import type { ProbeContext } from "./context.ts";
import { ask } from "./question.ts";

/** A resolver on this network answers in a few milliseconds; whoever takes longer is not waited for. */
const PATIENCE_MS = 250;

/** Records of one answer that are kept. */
const MAX_FOUND = 64;

/** No second datagram for what only helps to understand the first. */
const ONCE = [1];

/** `rcode` is null where no answer came in time. */
export type Beside = { rcode: string | null; soa: string | null; found: string[] };

/**
 * Never rejects.
 * @param edns false where that resolver is known to take no question with EDNS(0)
 */
export async function askBeside(
  { name, type }: DnsQuestion,
  resolver: SocketAddress,
  context: ProbeContext,
  edns = true,
): Promise<Beside> {
  const dnsTimeoutMs = Math.min(PATIENCE_MS, context.settings.dnsTimeoutMs);
  const impatient = { ...context, settings: { ...context.settings, dnsTimeoutMs } };
  const { exchange, answer } = await ask(resolver, { name, type }, impatient, { shares: ONCE, edns });
  if (answer.outcome !== "ok") return { rcode: null, soa: null, found: [] };
  const { response } = answer;
  const found = foundIn(response, type).slice(0, MAX_FOUND);
  return { rcode: response.rcode, soa: exchange.said?.soa ?? null, found };
}

type Response = Extract<Awaited<ReturnType<typeof ask>>["answer"], { outcome: "ok" }>["response"];

/** Addresses, `HOST:PORT` of SRV records, the owner of an SOA record. */
function foundIn(response: Response, type: QueryType): string[] {
  if (response.rcode !== "NOERROR") return [];
  if (type === "SOA") return response.zone === null ? [] : [response.zone];
  return response.answers.flatMap((record) => {
    if (record.type === "SRV" && type === "SRV" && record.target !== ".")
      return [`${normalizeName(record.target)}:${record.port}`];
    return record.type === type && "address" in record ? [record.address] : [];
  });
}
