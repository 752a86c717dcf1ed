/** Addresses of both families as numbers: in order, and those that adjoin as one range. */
import { ipText, parseIp } from "../targets/ip-value.ts";
import type { Family, IpValue } from "../targets/ip-value.ts";

const HEX_DIGITS = { 4: 8, 6: 32 } as const;

/** Text whose plain order is that of the addresses: IPv4, then IPv6, by number; what is no address comes last. */
export function orderOf(address: string): string {
  const ip = parseIp(address);
  if (ip === null) return `9${address}`;
  return `${ip.family}${ip.value.toString(16).padStart(HEX_DIGITS[ip.family], "0")}`;
}

/** Addresses from one to another, both included. */
export type Range = { family: Family; from: bigint; to: bigint };

/**
 * Addresses and ranges (`10.0.0.1`, `10.0.0.1-10.0.0.9`) in as few ranges as they fit, in order. `rest` is what has no
 * number: names, and addresses with a zone.
 */
export function joinRanges(texts: readonly string[]): { ranges: Range[]; rest: string[] } {
  const given: Range[] = [];
  const rest = new Set<string>();
  for (const text of texts) {
    const range = rangeOf(text);
    if (range === null) rest.add(text);
    else given.push(range);
  }
  const ranges: Range[] = [];
  for (const { family, from, to } of given.toSorted(byFrom)) {
    const last = ranges.at(-1);
    if (last === undefined || last.family !== family || from > last.to + 1n)
      ranges.push({ family, from, to });
    else if (to > last.to) last.to = to;
  }
  return { ranges, rest: [...rest].toSorted() };
}

/** `10.0.0.1`, or `10.0.0.1-10.0.0.9`. */
export function textOf({ family, from, to }: Range): string {
  return from === to ? ipText(family, from) : `${ipText(family, from)}-${ipText(family, to)}`;
}

/** @param ranges as `joinRanges` gives them */
export function holds(ranges: readonly Range[], { family, value }: IpValue): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range !== undefined && (range.family < family || (range.family === family && range.to < value)))
      low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range.family === family && range.from <= value;
}

function rangeOf(text: string): Range | null {
  const dash = text.indexOf("-");
  const from = parseIp(dash === -1 ? text : text.slice(0, dash));
  const to = dash === -1 ? from : parseIp(text.slice(dash + 1));
  if (from === null || to === null || from.family !== to.family || from.value > to.value) return null;
  return { family: from.family, from: from.value, to: to.value };
}

function byFrom(a: Range, b: Range): number {
  return a.family - b.family || Number(a.from > b.from) - Number(a.from < b.from);
}
