import type { AddressEvidence } from "../model/dns.ts";
import { specialUse } from "../protocol/special-use.ts";

/** Addresses that DNS gave and that must not be connected to from here count as those that no other machine has. */
export function withoutForbidden(
  found: AddressEvidence,
  mayConnect: ((address: string) => boolean) | undefined,
): AddressEvidence {
  if (mayConnect === undefined || found.literal) return found;
  const forbidden = found.addresses.filter((address) => !mayConnect(address));
  if (forbidden.length === 0) return found;
  return {
    ...found,
    addresses: found.addresses.filter((address) => !forbidden.includes(address)),
    special: [
      ...found.special.filter(({ address }) => !forbidden.includes(address)),
      ...forbidden.map((address) => ({ address, use: specialUse(address) ?? ("link-local" as const) })),
    ],
  };
}
