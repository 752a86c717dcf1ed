import type { AddressColumns } from "./address-columns.ts";
import { lastUpTo } from "./ascending.ts";
import { ipText, ipv4Text, ipv6Text, parseIp } from "./ip-value.ts";
import type { Family } from "./ip-value.ts";
import { groupBySubnet } from "./subnets.ts";
import { LOWER, UPPER, WORD } from "./words.ts";

/** Each pair of address and port has an index from 0; it is never a list of them. */
export type AddressSpace = {
  /** Pairs of address and port, up to 2**32. */
  readonly size: number;
  /** Canonical text (RFC 5952 for IPv6). */
  address: (index: number) => string;
  port: (index: number) => number;
  /** Groups of subnet and port that hold an address. */
  readonly subnets: number;
  /** The ordinal of the address's group: 0 to `subnets` - 1. */
  subnet: (index: number) => number;
  /** A /24 for IPv4 (a /16 where there would be more than 65,536 groups), a /64 for IPv6. */
  subnetOf: (ordinal: number) => { subnet: string; port: number; planned: number };
  /** How many of the group's addresses are in it: the same as `subnetOf` says, for one who asks at each address. */
  plannedOf: (ordinal: number) => number;
  /** -1 where it is not in it. */
  indexOf: (address: string, port: number) => number;
};

/** @param columns are neither copied nor changed */
export function openSpace(columns: AddressColumns): AddressSpace {
  const { ports, families, high, low, offsets } = columns;
  const rows = ports.length;
  const size = offsets[rows] ?? 0;
  // An element of 64 bits is a BigInt, which is slow: its halves are numbers.
  const highWords = new Uint32Array(high.buffer, high.byteOffset, rows * 2);
  const lowWords = new Uint32Array(low.buffer, low.byteOffset, rows * 2);
  const groups = groupBySubnet(columns);
  let latest = 0;

  function rowOf(index: number): number {
    if (!(index >= 0 && index < size)) throw new RangeError(`no address ${index} among ${size}`);
    if (index < (offsets[latest] ?? 0) || index >= (offsets[latest + 1] ?? 0))
      latest = lastUpTo(offsets, index, rows);
    return latest;
  }

  function ipv6At(row: number, beyond: number): string {
    const sum = (lowWords[row * 2 + LOWER] ?? 0) + beyond;
    const carry = sum >= WORD ? 1 : 0;
    const upper = (lowWords[row * 2 + UPPER] ?? 0) + carry;
    if (upper === WORD) return ipText(6, (((high[row] ?? 0n) << 64n) | (low[row] ?? 0n)) + BigInt(beyond));
    return ipv6Text(highWords[row * 2 + UPPER] ?? 0, highWords[row * 2 + LOWER] ?? 0, upper, sum % WORD);
  }

  /** The last row that does not begin beyond; -1 where all do. */
  function rowUpTo(port: number, family: Family, value: bigint): number {
    const upper = value >> 64n;
    const lower = BigInt.asUintN(64, value);
    let from = 0;
    let to = rows;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const order =
        (ports[middle] ?? 0) - port ||
        (families[middle] ?? 0) - family ||
        compare(high[middle] ?? 0n, upper) ||
        compare(low[middle] ?? 0n, lower);
      if (order <= 0) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }

  return {
    size,
    address(index) {
      const row = rowOf(index);
      const beyond = index - (offsets[row] ?? 0);
      return families[row] === 4 ? ipv4Text((lowWords[row * 2 + LOWER] ?? 0) + beyond) : ipv6At(row, beyond);
    },
    port(index) {
      return ports[rowOf(index)] ?? 0;
    },
    subnets: groups.count,
    subnet(index) {
      const row = rowOf(index);
      const beyond = index - (offsets[row] ?? 0);
      const start = groups.starts[row] ?? 0;
      const lower = lowWords[row * 2 + LOWER] ?? 0;
      if (families[row] === 4) return start + ((lower + beyond) >>> groups.shift) - (lower >>> groups.shift);
      // An interval has at most 2**32 addresses: it crosses into the next /64 once, or not at all.
      const crosses = lowWords[row * 2 + UPPER] === WORD - 1 && lower + beyond >= WORD;
      return crosses ? start + 1 : start;
    },
    subnetOf: groups.at,
    plannedOf: groups.plannedOf,
    indexOf(address, port) {
      const ip = parseIp(address);
      if (ip === null) return -1;
      const row = rowUpTo(port, ip.family, ip.value);
      if (row < 0 || ports[row] !== port || families[row] !== ip.family) return -1;
      const offset = offsets[row] ?? 0;
      const beyond = ip.value - (((high[row] ?? 0n) << 64n) | (low[row] ?? 0n));
      return beyond < (offsets[row + 1] ?? 0) - offset ? offset + Number(beyond) : -1;
    },
  };
}

function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
