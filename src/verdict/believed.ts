/**
 * Which resolver a client believes: the first in its list that answers. NXDOMAIN and NODATA are answers and end its
 * search; SERVFAIL, REFUSED, any other error and silence let it go on to the next. docs/resolvers.md has the sources.
 */
import type { EndpointDiagnosis } from "../model/diagnosis.ts";
import type { SrvAnswer } from "../model/dns.ts";
import type { Evidence } from "../model/evidence.ts";
import type { ResolverWait } from "../model/outlook.ts";
import { hostPort } from "./words.ts";

/** Index of the answer that a client believes; null where no resolver gives one. */
export function believedIndex(srv: readonly SrvAnswer[]): number | null {
  const index = srv.findIndex(({ answer }) => endsSearch(answer));
  return index === -1 ? null : index;
}

function endsSearch(answer: SrvAnswer["answer"]): boolean {
  if (answer.outcome === "ok") return true;
  if (answer.outcome !== "denied") return false;
  const { rcode, nodata, notOffered, chain } = answer.denial;
  return notOffered || nodata || chain !== null || rcode === "NXDOMAIN";
}

/**
 * The hosts that a client would find: those that were given, and of a domain those that the believed resolver lists.
 * What only other resolvers list is looked at and told, and serves nobody who asks in this order.
 */
export function foundHosts<Host extends Pick<EndpointDiagnosis, "endpoint">>({
  target,
  srv,
  endpoints,
}: Pick<Evidence, "target" | "srv"> & { endpoints: readonly Host[] }): Host[] {
  const index = target.kind === "domain" ? believedIndex(srv) : null;
  const answer = index === null ? undefined : srv[index]?.answer;
  if (answer === undefined) return [...endpoints];
  if (answer.outcome !== "ok") return [];
  const listed = new Set(answer.facts.records.map((record) => hostPort(record.target, record.port)));
  return endpoints.filter(({ endpoint }) => listed.has(hostPort(endpoint.host, endpoint.port)));
}

/** glibc asks three at most (MAXNS). */
const GLIBC_RESOLVERS = 3;

/**
 * What a client loses on resolvers that stay silent before the one it believes, by its system's own schedule. Only
 * silence costs time: an error comes at once.
 */
export function resolverWaits(srv: readonly SrvAnswer[]): ResolverWait[] {
  const end = believedIndex(srv) ?? srv.length;
  const silent = srv
    .slice(0, end)
    .map(({ answer }) => answer.outcome === "no-answer" && answer.cause === "deadline");
  if (!silent.includes(true)) return [];
  const dead = silent.filter(Boolean).length;
  return [
    { system: "glibc", secondsLost: glibcSeconds(silent, Math.min(srv.length, GLIBC_RESOLVERS)) },
    { system: "windows", secondsLost: dead < 3 ? dead : 4 },
  ];
}

/**
 * `(timeout << n) / resolvers` for the nth resolver, the first gets its 5 s whole. Measured with glibc 2.36: 5.0 s
 * with the first of two silent, 8.0 s with two of three.
 */
function glibcSeconds(silent: readonly boolean[], asked: number): number {
  return silent.slice(0, asked).reduce((sum, isSilent, index) => {
    if (!isSilent) return sum;
    return sum + (index === 0 ? 5 : Math.max(1, Math.floor((5 << index) / asked)));
  }, 0);
}

/** A resolver as a key: address and port. */
export function keyOf({ address, port }: SrvAnswer["resolver"]): string {
  return hostPort(address, port);
}
