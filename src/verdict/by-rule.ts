/** Answers that a rule of the resolver made, as the answer itself says. */
import type { AddressEvidence, AddressLookup, DnsSaid } from "../model/dns.ts";

/** Extended errors (RFC 8914 4): blocked, censored, filtered. */
export const FILTER_ERRORS: readonly number[] = [15, 16, 17];
/** A forged answer. */
const FORGED = 4;
/** A stale answer. */
const STALE = 3;

/** Whether an answer without the zone's word names the policy by which it was made, or says that it was blocked. */
export function isByRule({ soa, policy, errors }: DnsSaid): boolean {
  return policy !== null || (soa === null && errors.some(({ code }) => FILTER_ERRORS.includes(code)));
}

/** Whether an address was made by a rule, or is an old one, by the word of the resolver that gave it. */
export function madeOf({ lookups }: AddressEvidence, address: string): { byRule: boolean; stale: boolean } {
  const said = lookups.flatMap((lookup) =>
    lookup.answer.outcome === "ok" && lookup.answer.facts.addresses.includes(address)
      ? (saidBy(lookup) ?? [])
      : [],
  );
  return {
    byRule: said.some((each) => isByRule(each) || each.errors.some(({ code }) => code === FORGED)),
    stale: said.some(({ errors }) => errors.some(({ code }) => code === STALE)),
  };
}

/**
 * Whether a resolver takes the host's name out by a rule: it says so, or denies as the owner of a name whose zone it
 * looks up for others, and shows no zone.
 */
export function isTakenOut({ lookups }: AddressEvidence): boolean {
  return lookups.some((lookup) => {
    const said = saidBy(lookup);
    if (said === null || lookup.answer.outcome !== "denied") return false;
    const { rcode, nodata } = lookup.answer.denial;
    if (rcode !== "NXDOMAIN" && !nodata) return false;
    return (
      isByRule(said) || (rcode === "NXDOMAIN" && said.soa === null && said.authoritative && said.recursion)
    );
  });
}

function saidBy({ asked }: AddressLookup): DnsSaid | null {
  return asked.by === "resolver" ? asked.exchange.said : null;
}
