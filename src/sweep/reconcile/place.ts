/** Where a KMS host may be: an address and port, or a name that has no address. */
import ipaddr from "ipaddr.js";
import { ipFamily, withHexTail } from "../../protocol/ip.ts";
import { normalizeName } from "../../protocol/name.ts";

export type Place = {
  /** As `canonical` writes it; null for a name without an address. */
  address: string | null;
  /** Null where a permission names none, and nothing is known at any port. */
  port: number | null;
  /** In lower case. Of a place with an address, all that lead there. */
  names: ReadonlySet<string>;
};

/** One spelling for each address, IPv4 also where it is mapped into IPv6. Text that is no address stays as it is. */
export function canonical(address: string): string {
  return ipFamily(address) !== 0 && ipaddr.isValid(address)
    ? ipaddr.process(withHexTail(address)).toString()
    : address;
}

/** The key of an address and port. */
export function addressKey(address: string, port: number | null): string {
  return `${address} ${port ?? "any"}`;
}

/** Names as they are compared. An address that stands in place of a name is its own. */
export function nameOf(host: string): string {
  return ipFamily(host) === 0 ? normalizeName(host) : canonical(host);
}

/** What a host that is listed without an address may be listed as: a name, or the address itself. */
export function namesAt({ address, names }: Place): string[] {
  return address !== null && ipFamily(address) !== 0 ? [...names, address] : [...names];
}
