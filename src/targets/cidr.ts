import { parseIp } from "./ip-value.ts";
import type { Family } from "./ip-value.ts";

/** Addresses of one family from `first` to `last`, both included. */
export type Interval = { family: Family; first: bigint; last: bigint };

/** The difference between ::ffff:10.0.0.0/120 and 10.0.0.0/24. */
const MAPPED_BITS = 96;

/** Where bits of the host are set, the subnet that the address lies in. @returns null for anything but ADDRESS/PREFIX */
export function parseCidr(text: string): Interval | null {
  const [, address = "", prefixText = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const ip = parseIp(address);
  if (ip === null) return null;
  const isMapped = ip.family === 4 && address.includes(":");
  const prefix = Number(prefixText) - (isMapped ? MAPPED_BITS : 0);
  const bits = (ip.family === 4 ? 32 : 128) - prefix;
  if (prefix < 0 || bits < 0) return null;
  const hosts = BigInt(bits);
  const first = (ip.value >> hosts) << hosts;
  return { family: ip.family, first, last: first + (1n << hosts) - 1n };
}
