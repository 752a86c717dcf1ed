/** Addresses as numbers, and back as text. */
import { ipFamily } from "../protocol/ip.ts";

export type Family = 4 | 6;

/** An address as a number: 32 bits for IPv4, 128 for IPv6. */
export type IpValue = { family: Family; value: bigint };

/** All of ::ffff:0:0/96 but the IPv4 address in it (RFC 4291 2.5.5.2). */
const MAPPED = 0xffffn;

const OCTETS = Array.from({ length: 256 }, (_, octet) => String(octet));
const DOTTED = OCTETS.map((octet) => `${octet}.`);

/**
 * Reads an address as people write it. One that is IPv4 in IPv6's clothes (::ffff:10.0.0.1) is that IPv4 address: a
 * connect to either goes to the same host.
 * @returns null for anything else, and for an IPv6 address with a zone
 */
export function parseIp(text: string): IpValue | null {
  if (!text.includes(":")) {
    const value = parseIpv4(text);
    return value < 0 ? null : { family: 4, value: BigInt(value) };
  }
  if (ipFamily(text) !== 6 || text.includes("%")) return null;
  const value = ipv6Value(text);
  return value >> 32n === MAPPED ? { family: 4, value: value & 0xffff_ffffn } : { family: 6, value };
}

/** Four numbers without leading zeros, which some read as octal. By hand: a list may have millions. @returns -1 for others */
function parseIpv4(text: string): number {
  let value = 0;
  let dots = 0;
  let octet = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      if (octet < 0) return -1;
      value = value * 256 + octet;
      dots += 1;
      octet = -1;
    } else {
      const digit = code - 0x30;
      if (digit < 0 || digit > 9 || octet === 0) return -1;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return -1;
    }
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : -1;
}

/** @param text an IPv6 address without a zone, by `ipFamily`, which checks it */
function ipv6Value(text: string): bigint {
  const [head = "", tail = ""] = text.split("::");
  const front = hexOf(head);
  const back = hexOf(tail);
  return BigInt(`0x${front}${"0".repeat(32 - front.length - back.length)}${back}`);
}

/** Four digits a group, eight for two groups that are written as an IPv4 address. */
function hexOf(groups: string): string {
  if (groups === "") return "";
  let digits = "";
  for (const group of groups.split(":")) {
    digits += group.includes(".") ? parseIpv4(group).toString(16).padStart(8, "0") : group.padStart(4, "0");
  }
  return digits;
}

export function ipText(family: Family, value: bigint): string {
  if (family === 4) return ipv4Text(Number(value));
  const word = (shift: bigint): number => Number((value >> shift) & 0xffff_ffffn);
  return ipv6Text(word(96n), word(64n), word(32n), word(0n));
}

export function ipv4Text(value: number): string {
  return (
    (DOTTED[value >>> 24] ?? "") +
    (DOTTED[(value >>> 16) & 0xff] ?? "") +
    (DOTTED[(value >>> 8) & 0xff] ?? "") +
    (OCTETS[value & 0xff] ?? "")
  );
}

/**
 * Lower case, no leading zeros, the first longest run of two or more zero groups as `::` (RFC 5952 4).
 * @param words 32 bits each, the upper ones first
 */
export function ipv6Text(...words: [number, number, number, number]): string {
  let start = 0;
  let length = 1;
  for (let at = 0, run = 0; at < 8; at++) {
    run = groupOf(words, at) === 0 ? run + 1 : 0;
    if (run > length) {
      length = run;
      start = at - run + 1;
    }
  }
  if (length === 1) return groupsText(words, 0, 8);
  return `${groupsText(words, 0, start)}::${groupsText(words, start + length, 8)}`;
}

function groupsText(words: readonly number[], from: number, to: number): string {
  let text = "";
  for (let at = from; at < to; at++) text += (at > from ? ":" : "") + groupOf(words, at).toString(16);
  return text;
}

/** 16 of their bits. */
function groupOf(words: readonly number[], at: number): number {
  const word = words[at >>> 1] ?? 0;
  return at % 2 === 0 ? word >>> 16 : word & 0xffff;
}
