/** IPv6 addresses that DNS64 makes up for hosts with IPv4 only (RFC 6147), by the layouts of RFC 6052 2.2. */
import { ipFamily } from "./ip.ts";

/** Where the four bytes of the IPv4 address stand, for each length of the prefix; byte 8 is always zero below 96. */
const LAYOUTS = [
  [4, 5, 6, 7],
  [5, 6, 7, 9],
  [6, 7, 9, 10],
  [7, 9, 10, 11],
  [9, 10, 11, 12],
  [12, 13, 14, 15],
] as const;

/** 64:ff9b::/96, which is for nothing else. */
const WELL_KNOWN = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

export type Embedded = {
  ipv4: string;
  /** The prefix is for that alone: of any other the address may as well be numbered after the IPv4 one. */
  wellKnown: boolean;
};

/**
 * @param beside IPv4 addresses of the same name: by another prefix than the well-known one only these are looked for
 * @returns null for an address that holds none
 */
export function embeddedIpv4(address: string, beside: readonly string[]): Embedded | null {
  const bytes = bytesOf(address);
  // Mapped and compatible IPv4 is the address itself, in other clothes.
  if (bytes === null || bytes.slice(0, 10).every((byte) => byte === 0)) return null;
  if (WELL_KNOWN.every((byte, index) => bytes[index] === byte))
    return { ipv4: bytes.slice(12).join("."), wellKnown: true };
  for (const layout of LAYOUTS) {
    const ipv4 = layout.map((index) => bytes[index]).join(".");
    const last = layout[3];
    const rest = bytes.slice(last + 1).every((byte) => byte === 0);
    const reserved = last === 15 || bytes[8] === 0;
    if (rest && reserved && beside.includes(ipv4)) return { ipv4, wellKnown: false };
  }
  return null;
}

/** The 16 bytes; null for what is no IPv6 address, and for one with a zone. */
function bytesOf(address: string): number[] | null {
  if (ipFamily(address) !== 6 || address.includes("%")) return null;
  // A URL writes an address that ends in an IPv4 one as all the others.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = plain.split("::");
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const middle = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return [...front, ...middle, ...back].flatMap((group) => [group >> 8, group & 0xff]);
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
