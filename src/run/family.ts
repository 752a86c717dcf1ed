import type { AddressEvidence } from "../model/dns.ts";
import type { Settings } from "../model/settings.ts";
import { ipFamily } from "../protocol/ip.ts";

/** What -4 and -6 leave of a host: addresses of the other family are kept beside, and nobody connects to them. */
export function ofFamily(found: AddressEvidence, { family }: Pick<Settings, "family">): AddressEvidence {
  if (family === undefined) return found;
  const leftOut = found.addresses.filter((address) => ipFamily(address) !== family);
  if (leftOut.length === 0) return found;
  return { ...found, addresses: found.addresses.filter((address) => !leftOut.includes(address)), leftOut };
}
