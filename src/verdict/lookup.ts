/** Who was asked for a host's address, and how that failed. */
import type { AddressEvidence, AddressLookup } from "../model/dns.ts";
import { specialUse } from "../protocol/special-use.ts";
import type { Hint } from "./catalog/entry.ts";
import { bindOption } from "./words.ts";
import type { Values } from "./words.ts";

/**
 * For a question by hand: the resolver that gave this address or, of none, the first that was asked. Empty where no
 * resolver was, as of a literal and of a name of the hosts file.
 */
export function askedFor({ lookups }: AddressEvidence, address: string | null): Values {
  const gave = lookups.find(
    ({ answer }) => answer.outcome === "ok" && address !== null && answer.facts.addresses.includes(address),
  );
  return asValues(gave ?? lookups.find(({ asked }) => asked.by === "resolver"));
}

/** The same of a lookup that failed: one that denied is not to blame. */
export function failedAt(evidence: AddressEvidence): Values {
  const lookups = atResolvers(evidence);
  return asValues(lookups.find((lookup) => hintOf(lookup) !== null) ?? lookups[0]);
}

function asValues(lookup: AddressLookup | undefined): Values {
  if (lookup?.asked.by !== "resolver") return {};
  const { address, port } = lookup.asked.resolver;
  const { from } = lookup.asked.exchange;
  return {
    resolverAddress: address,
    resolverPort: String(port),
    bind: bindOption(from),
    asked: lookup.name,
  };
}

function atResolvers({ lookups }: AddressEvidence): AddressLookup[] {
  return lookups.filter(({ asked }) => asked.by === "resolver");
}

/** Each way in which lookups failed. @param own what this machine's configuration lacks */
export function lookupHints(evidence: AddressEvidence, own: readonly Hint[]): Hint[] {
  const lookups = atResolvers(evidence);
  if (lookups.length === 0) return ["no-lookup"];
  const hints = lookups.flatMap((lookup) => hintOf(lookup) ?? []);
  const dead = hints.includes("resolver-refuses") || hints.includes("resolver-unreachable");
  const stub = lookups.every(({ asked }) => asked.by === "resolver" && isStub(asked.resolver));
  return [...new Set([...own, ...hints, ...(dead && stub ? (["stub"] as const) : [])])];
}

/** A server of this machine at a port of its own is no stub: systemd-resolved and its like listen on 53. */
function isStub({ address, port }: { address: string; port: number }): boolean {
  return port === 53 && specialUse(address) === "loopback";
}

/** Nothing is denied where other servers are named in place of an answer. */
export function refersElsewhere({ asked, answer }: Pick<AddressLookup, "asked" | "answer">): boolean {
  return (
    answer.outcome === "denied" &&
    asked.by === "resolver" &&
    typeof asked.exchange.said?.referral === "string"
  );
}

function hintOf({ asked, answer }: AddressLookup): Hint | null {
  switch (answer.outcome) {
    case "no-answer":
      if (answer.cause === "deadline" || answer.cause === "closed") return "resolver-silent";
      return answer.cause === "ECONNREFUSED" ? "resolver-refuses" : "resolver-unreachable";
    case "denied":
      if (refersElsewhere({ asked, answer })) return "resolver-refers";
      if (answer.denial.rcode === "SERVFAIL") return "resolver-fails";
      return answer.denial.rcode === "REFUSED" ? "resolver-denies" : null;
    case "malformed":
      return "resolver-garbled";
    case "not-sent":
      return "unasked";
    case "ok":
    case "skipped":
      return null;
    default:
      return answer satisfies never;
  }
}
