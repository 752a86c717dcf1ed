import type { Family } from "./ip-value.ts";
import { LOWER } from "./words.ts";

/** Addresses from `first` to `last`, both included. */
export type Span = { first: bigint; last: bigint };

const FIRST_ROOM = 8;

/**
 * Intervals of one family that are added in any order and come back sorted, disjoint, and as one where they overlap or
 * adjoin. An IPv4 interval takes 16 bytes and an IPv6 one 32, twice that while the list grows.
 */
export class IntervalList {
  readonly #firsts: AddressColumn;
  readonly #lasts: AddressColumn;
  #length = 0;
  #merged = true;

  constructor(family: Family) {
    this.#firsts = new AddressColumn(family);
    this.#lasts = new AddressColumn(family);
  }

  add(first: bigint, last: bigint): void {
    this.#firsts.set(this.#length, first);
    this.#lasts.set(this.#length, last);
    this.#length += 1;
    this.#merged = false;
  }

  /** How many there are; after `merge`, disjoint ones. */
  get length(): number {
    return this.#length;
  }

  /**
   * Sorts first and last addresses each for itself, which is enough: there is a gap before the i-th first address where
   * i intervals have ended before it, that is, where the last of the i smallest last addresses lies below it.
   */
  merge(): void {
    if (this.#merged) return;
    this.#merged = true;
    if (this.#length < 2) return;
    this.#firsts.sort(this.#length);
    this.#lasts.sort(this.#length);
    let kept = 0;
    let first = this.#firsts.at(0);
    for (let index = 0; index < this.#length; index++) {
      const last = this.#lasts.at(index);
      const more = index + 1 < this.#length;
      const next = more ? this.#firsts.at(index + 1) : 0n;
      if (more && next <= last + 1n) continue;
      // In place: as many were read as are written, at least.
      this.#firsts.set(kept, first);
      this.#lasts.set(kept, last);
      kept += 1;
      first = next;
    }
    this.#length = kept;
  }

  /** Merges first. */
  *spans(): Generator<Span> {
    this.merge();
    for (let index = 0; index < this.#length; index++) {
      yield { first: this.#firsts.at(index), last: this.#lasts.at(index) };
    }
  }
}

/** Addresses side by side: 8 bytes each for IPv4, 16 for IPv6. */
class AddressColumn {
  #low: BigUint64Array = new BigUint64Array(FIRST_ROOM);
  #high: BigUint64Array | null;

  constructor(family: Family) {
    this.#high = family === 6 ? new BigUint64Array(FIRST_ROOM) : null;
  }

  at(index: number): bigint {
    const low = this.#low[index] ?? 0n;
    return this.#high === null ? low : ((this.#high[index] ?? 0n) << 64n) | low;
  }

  /** @param index one beyond the last at most */
  set(index: number, value: bigint): void {
    if (index === this.#low.length) {
      this.#low = grown(this.#low);
      this.#high &&= grown(this.#high);
    }
    // An array of 64 bits takes the lower ones of what it is given.
    this.#low[index] = value;
    if (this.#high !== null) this.#high[index] = value >> 64n;
  }

  sort(length: number): void {
    const low = this.#low.subarray(0, length);
    if (this.#high === null) low.sort();
    else sortPairs(this.#high.subarray(0, length), low);
  }
}

function grown(column: BigUint64Array): BigUint64Array {
  const larger = new BigUint64Array(column.length * 2);
  larger.set(column);
  return larger;
}

/**
 * Sorts numbers whose halves stand in two columns: by their last byte, then, keeping that order among equals, by the
 * byte before it, and so on (radix sort). A comparison of BigInts takes longer than all sixteen rounds of it.
 */
function sortPairs(high: BigUint64Array, low: BigUint64Array): void {
  let order = Uint32Array.from(high.keys());
  let next = new Uint32Array(order.length);
  for (const column of [low, high]) {
    const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    for (let byte = 0; byte < 8; byte++) {
      const at = LOWER === 0 ? byte : 7 - byte;
      const places = placesOf(bytes, at);
      // Most bytes of most lists are the same throughout.
      if (places === null) continue;
      for (const index of order) {
        const value = bytes[index * 8 + at] ?? 0;
        const place = places[value] ?? 0;
        next[place] = index;
        places[value] = place + 1;
      }
      [order, next] = [next, order];
    }
  }
  for (const column of [low, high]) {
    const before = column.slice();
    order.forEach((index, place) => (column[place] = before[index] ?? 0n));
  }
}

/** By the value of one byte of each element: the place of the first that has it. Null where all have the same. */
function placesOf(bytes: Uint8Array, at: number): Uint32Array | null {
  const counts = new Uint32Array(256);
  for (let index = at; index < bytes.length; index += 8) {
    const value = bytes[index] ?? 0;
    counts[value] = (counts[value] ?? 0) + 1;
  }
  if (counts.includes(bytes.length / 8)) return null;
  let place = 0;
  return counts.map((count) => {
    place += count;
    return place - count;
  });
}
