/** Who denied, and why: what an answer says besides its records, as hints for the catalogue. */
import { specialUse } from "../protocol/special-use.ts";
import type { AddressEvidence, AddressLookup, DnsExchange, SocketAddress, SrvAnswer } from "../model/dns.ts";
import { isHostName } from "../protocol/name.ts";
import type { Hint } from "./catalog/entry.ts";
import { FILTER_ERRORS, isByRule } from "./by-rule.ts";
import { controlHints, publishedElsewhere } from "./controls.ts";

/** Extended errors by what they come to (RFC 8914 4). */
const NETWORK_ERRORS = [14, 22, 23];
const VALIDATION_ERRORS = [1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 27];

/** Docker's and Tailscale's own resolvers; those on loopback are seen by their address. */
const STUBS = ["127.0.0.11", "100.100.100.100"];

/** OPT size of systemd-resolved's own answers. */
const RESOLVED_SIZE = 65_494;

/** @param domain whose records were asked for */
export function denialHints(answer: SrvAnswer, domain: string): Hint[] {
  const { resolver } = answer;
  const { said, overTcp, deadLink } = answer.exchange;
  const hints = controlHints(answer, domain);
  const isStub = STUBS.includes(resolver.address) || specialUse(resolver.address) === "loopback";
  if (isStub) hints.push("stub");
  // systemd-resolved keeps these for itself: REFUSED with AA, which no server of zones says; its stub has that size.
  const isLocal = /(^|\.)local$/.test(domain) || !domain.includes(".");
  const isResolved = said?.udpSize === RESOLVED_SIZE || isLocal;
  if (said?.authoritative === true && said.soa === null && isResolved) hints.push("stub-refuses");
  if (overTcp === "connected") hints.push("alive-over-tcp");
  if (deadLink !== null) hints.push("link-down");
  if (answer.answer.outcome === "denied" && answer.answer.denial.aliases.length > 0) hints.push("alias");
  if (said === null) return hints;
  hints.push(zoneHint(said.soa, domain));
  if (answer.answer.outcome === "denied" && isByRule(said)) hints.push("by-rule");
  if (said.records > 0) hints.push("records-beside");
  if (said.referral !== null) hints.push("refers");
  if (publishedElsewhere(answer).length > 0) hints.push("published-elsewhere");
  for (const [codes, hint] of [
    [NETWORK_ERRORS, "resolver-network"],
    [FILTER_ERRORS, "resolver-filters"],
    [VALIDATION_ERRORS, "validation"],
  ] as const) {
    if (said.errors.some(({ code }) => codes.includes(code))) hints.push(hint);
  }
  return hints;
}

function zoneHint(soa: string | null, domain: string): Hint {
  if (soa === null) return "nobody-denies";
  if (soa === ".") return "root-denies";
  return soa === domain || soa.endsWith(`.${domain}`) ? "zone-denies" : "parent-denies";
}

/**
 * Where the record would be added: the zone that the answer names, and the name as seen from there. The zone is taken
 * to be the domain where nobody names one.
 */
export function placeFor(said: SrvAnswer, domain: string): { zone: string; node: string } {
  const { name, answer } = said;
  const usual = { zone: domain, node: "_vlmcs._tcp" };
  const owner = answer.outcome === "denied" ? (answer.denial.aliases.at(-1) ?? name) : name;
  const zone = zoneNamed(said);
  if (zone === null || !isHostName(owner)) return usual;
  if (owner === zone) return { zone, node: "@" };
  return owner.endsWith(`.${zone}`) ? { zone, node: owner.slice(0, -zone.length - 1) } : usual;
}

/**
 * The zone that an answer names in what it denies, or that a question beside it found. Null for a top-level domain and
 * the root, which hold no record of anybody's, and for what is unfit for a command line.
 */
export function zoneNamed({ exchange, controls }: Pick<SrvAnswer, "exchange" | "controls">): string | null {
  const asked = controls.find(({ purpose }) => purpose === "zone");
  const zone = exchange.said?.soa ?? asked?.found[0] ?? asked?.soa ?? null;
  return zone !== null && zone.includes(".") && isHostName(zone) ? zone : null;
}

/** What the extended errors of an answer say, for a sentence; empty where there is none. */
export function errorWords({ said }: DnsExchange): string {
  const errors = said?.errors ?? [];
  const words = errors.map(({ code, text }) => `${code}${text === "" ? "" : ` "${text}"`}`);
  return words.length === 0 ? "" : ` (extended error ${words.join(", ")})`;
}

/**
 * Whether somebody takes private addresses out of answers: a resolver denies one family without the zone's SOA, and
 * the other with it, or says itself that it blocks.
 */
export function isStripped({ lookups }: AddressEvidence): boolean {
  return lookups.some((lookup) => {
    if (!isNodata(lookup) || lookup.asked.by !== "resolver") return false;
    const { exchange, resolver } = lookup.asked;
    if (exchange.said === null || exchange.said.soa !== null) return false;
    if (exchange.said.errors.some(({ code }) => FILTER_ERRORS.includes(code))) return true;
    return lookups.some(
      (other) =>
        other.family !== lookup.family &&
        other.asked.by === "resolver" &&
        other.asked.resolver.address === resolver.address &&
        other.asked.resolver.port === resolver.port &&
        isNodata(other) &&
        typeof other.asked.exchange.said?.soa === "string",
    );
  });
}

/**
 * Whether every resolver says that the host's name exists and has no address, and none shows the zone's SOA: the zone
 * may have one, which the resolver takes out.
 */
export function isDeniedByNobody({ lookups }: AddressEvidence): boolean {
  const asked = lookups.filter(({ asked: { by } }) => by === "resolver");
  return asked.length > 0 && asked.every((lookup) => isNodata(lookup) && lacksSoa(lookup));
}

function lacksSoa({ asked }: AddressLookup): boolean {
  return asked.by === "resolver" && asked.exchange.said !== null && asked.exchange.said.soa === null;
}

function isNodata({ answer }: AddressLookup): boolean {
  return answer.outcome === "denied" && answer.denial.nodata;
}

/** The resolvers that were asked for this family and said that there is no such record. */
export function deniersOf({ lookups }: AddressEvidence, family: 4 | 6): SocketAddress[] {
  return lookups.flatMap(({ family: asked, asked: whom, answer }) => {
    const denies =
      answer.outcome === "denied" && (answer.denial.nodata || answer.denial.rcode === "NXDOMAIN");
    return asked === family && denies && whom.by === "resolver" ? [whom.resolver] : [];
  });
}
