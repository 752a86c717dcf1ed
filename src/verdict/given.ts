/** Whose an address is that DNS gave: the host's own, or made up for it. */
import type { AddressEvidence } from "../model/dns.ts";
import type { EndpointEvidence } from "../model/evidence.ts";
import type { Embedded } from "../protocol/dns64.ts";
import { embeddedIpv4 } from "../protocol/dns64.ts";
import { madeOf } from "./by-rule.ts";
import type { Hint } from "./catalog/entry.ts";
import { askedFor } from "./lookup.ts";
import type { Values } from "./words.ts";

/** `embedded` is the IPv4 address that an IPv6 one was, or may have been, made from; `asked` whom to ask again. */
export type Given = { hints: readonly Hint[]; embedded: string | null; asked: Values };

export const NOTHING_GIVEN: Given = { hints: [], embedded: null, asked: {} };

/** @param address one of those that DNS gave, or that the user wrote */
export function givenBy(
  { endpoint, listedBy, address: evidence }: Pick<EndpointEvidence, "endpoint" | "listedBy" | "address">,
  address: string,
): Given {
  if (evidence.literal) return NOTHING_GIVEN;
  const made = madeFrom(evidence, address);
  const hints: Hint[] = [];
  const { byRule, stale } = madeOf(evidence, address);
  if (byRule) hints.push("by-rule");
  if (stale) hints.push("stale-answer");
  if (isByWildcard(evidence, address)) hints.push("by-wildcard");
  if (address.startsWith("169.254.")) hints.push("apipa");
  const use = evidence.special.find((each) => each.address === address)?.use;
  if (use === "benchmarking") hints.push("fake-ip");
  if (use === "documentation" || use === "reserved") hints.push("placeholder");
  if (made !== null) hints.push(made.wellKnown ? "dns64" : "dns64-like");
  const suffix = listedBy.length === 0 ? suffixOf(endpoint.host) : null;
  if (suffix !== null) hints.push("suffix-unasked");
  const asked = { ...askedFor(evidence, address), ...(suffix === null ? {} : { suffix }) };
  return { hints, embedded: made?.ipv4 ?? null, asked };
}

/** Under which a host of that name would be listed; null for one below nothing but a top-level domain. */
function suffixOf(host: string): string | null {
  const suffix = host.replace(/\.$/, "").split(".").slice(1).join(".");
  return suffix.includes(".") ? suffix : null;
}

/** Whether a name that nobody has was given the same address. */
export function isByWildcard({ nobody }: Pick<AddressEvidence, "nobody">, address: string): boolean {
  return nobody !== null && nobody.found.includes(address);
}

/** The IPv4 address that DNS64 made this one from, or may have. */
export function madeFrom({ lookups, glue }: AddressEvidence, address: string): Embedded | null {
  const answered = lookups.flatMap(({ answer }) => (answer.outcome === "ok" ? answer.facts.addresses : []));
  return embeddedIpv4(address, [...answered, ...glue]);
}
