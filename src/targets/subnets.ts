import type { AddressColumns } from "./address-columns.ts";
import { lastUpTo } from "./ascending.ts";
import { ipText } from "./ip-value.ts";
import { LOWER, UPPER, WORD } from "./words.ts";

/** More groups than that make no summary: IPv4 is then counted by /16. */
const MAX_GROUPS = 65_536;

/** Bits of an address that do not name its subnet: a /24, a /16 and a /64. */
const SHIFT_24 = 8;
const SHIFT_16 = 16;
const SHIFT_64 = 64n;

export type SubnetGroups = {
  readonly count: number;
  /** By row: the ordinal of the group that its first address is in. */
  readonly starts: Uint32Array;
  /** Bits of an IPv4 address that do not name its subnet. */
  readonly shift: number;
  at: (ordinal: number) => { subnet: string; port: number; planned: number };
  /** The same as `at(ordinal).planned`, at once. */
  plannedOf: (ordinal: number) => number;
};

/** Numbers the groups of subnet and port that hold an address, in the order of the rows. */
export function groupBySubnet(columns: AddressColumns): SubnetGroups {
  const fine = numberGroups(columns, SHIFT_24);
  const shift = fine.count > MAX_GROUPS && columns.families.includes(4) ? SHIFT_16 : SHIFT_24;
  const { starts, count } = shift === SHIFT_24 ? fine : numberGroups(columns, shift);
  const planned = countPlanned(columns, starts, count, shift);
  return {
    count,
    starts,
    shift,
    plannedOf: (ordinal) => planned[ordinal] ?? 0,
    at(ordinal) {
      if (!(ordinal >= 0 && ordinal < count)) throw new RangeError(`no subnet ${ordinal} among ${count}`);
      const row = lastUpTo(starts, ordinal, starts.length);
      const blocksOn = BigInt(ordinal - (starts[row] ?? 0));
      const family = columns.families[row] === 4 ? 4 : 6;
      const bits = family === 4 ? BigInt(shift) : SHIFT_64;
      const first = ((columns.high[row] ?? 0n) << 64n) | (columns.low[row] ?? 0n);
      const network = ipText(family, ((first >> bits) + blocksOn) << bits);
      return {
        subnet: `${network}/${family === 4 ? 32 - shift : 64}`,
        port: columns.ports[row] ?? 0,
        planned: planned[ordinal] ?? 0,
      };
    },
  };
}

function numberGroups(columns: AddressColumns, shift: number): { starts: Uint32Array; count: number } {
  const { ports, families, high } = columns;
  const cut = cutter(columns, shift);
  const starts = new Uint32Array(ports.length);
  let count = 0;
  /** Of the row before: the end of its last group, for IPv4 as an address, for IPv6 as the upper half. */
  let lastIpv4 = -1;
  let lastIpv6 = -1n;
  for (let row = 0; row < ports.length; row++) {
    const { first, size, blocks } = cut(row);
    const isIpv4 = families[row] === 4;
    const upper = isIpv4 ? 0n : (high[row] ?? 0n);
    const samePort = ports[row] === ports[row - 1] && families[row] === families[row - 1];
    const shared = samePort && (isIpv4 ? lastIpv4 === first >>> shift : lastIpv6 === upper);
    starts[row] = shared ? count - 1 : count;
    count += shared ? blocks - 1 : blocks;
    if (isIpv4) lastIpv4 = (first + size - 1) >>> shift;
    else lastIpv6 = upper + BigInt(blocks - 1);
  }
  return { starts, count };
}

/** Addresses by group. */
function countPlanned(
  columns: AddressColumns,
  starts: Uint32Array,
  count: number,
  shift: number,
): Float64Array {
  const cut = cutter(columns, shift);
  const planned = new Float64Array(count);
  starts.forEach((start, row) => {
    const { size, room, full, blocks } = cut(row);
    let left = size;
    for (let block = 0; block < blocks; block++) {
      const part = Math.min(left, block === 0 ? room : full);
      planned[start + block] = (planned[start + block] ?? 0) + part;
      left -= part;
    }
  });
  return planned;
}

/** How a row falls into subnets: `room` addresses in the first of `blocks`, then `full` ones each. */
function cutter({ families, low, offsets }: AddressColumns, shift: number) {
  const words = new Uint32Array(low.buffer, low.byteOffset, low.length * 2);
  return (row: number): { first: number; size: number; room: number; full: number; blocks: number } => {
    const first = words[row * 2 + LOWER] ?? 0;
    const size = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
    // Of a /64 only its last 2**32 addresses are near the next: a row has no more than that.
    const full = families[row] === 4 ? 2 ** shift : WORD;
    const nearEnd = families[row] === 4 || words[row * 2 + UPPER] === WORD - 1;
    const room = nearEnd ? full - (first % full) : full;
    return { first, size, room, full, blocks: size <= room ? 1 : 1 + Math.ceil((size - room) / full) };
  };
}
