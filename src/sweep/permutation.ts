import { mix } from "./mix.ts";
import type { Shard } from "./model.ts";

/** Rounds of the Feistel network: four make the order look random; nobody is to be kept from guessing it. */
const ROUNDS = 4;

/**
 * A pseudo-random order of 0 to `size` - 1 that visits each number once, without a list of them: neighbours come far
 * apart, so that no subnet is hammered. The same seed gives the same order, on every machine.
 *
 * A Feistel network permutes the next larger power of four; where it leads beyond `size` it is applied again until it
 * doesn't (cycle walking), which takes less than four rounds of it on average.
 *
 * @param size 1 to 2**40
 * @param seed 0 to 2**32 - 1
 * @returns the number at place `index`
 */
export function createPermutation(size: number, seed: number): (index: number) => number {
  let halfBits = 1;
  while (2 ** (2 * halfBits) < size) halfBits += 1;
  const half = 2 ** halfBits;
  const keys = Array.from({ length: ROUNDS }, (_, round) => mix(seed ^ mix(round + 1)));
  const once = 2 * halfBits <= WHOLE_BITS ? inWords(halfBits, keys) : inHalves(half, keys);
  return (index) => {
    let value = once(index);
    while (value >= size) value = once(value);
    return value;
  };
}

/** Numbers of so many bits are shifted as they are: V8 keeps them out of the heap. */
const WHOLE_BITS = 30;

/** The same as `inHalves`, four times as fast. */
function inWords(halfBits: number, [a = 0, b = 0, c = 0, d = 0]: readonly number[]) {
  const mask = (1 << halfBits) - 1;
  return (value: number): number => {
    const left = value >>> halfBits;
    const right = value & mask;
    const first = left ^ (mix(right ^ a) & mask);
    const second = right ^ (mix(first ^ b) & mask);
    const third = first ^ (mix(second ^ c) & mask);
    return (third << halfBits) | (second ^ (mix(third ^ d) & mask));
  };
}

function inHalves(half: number, keys: readonly number[]) {
  const mask = half - 1;
  return (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (const key of keys) {
      const next = left ^ (mix(right ^ key) & mask);
      left = right;
      right = next;
    }
    return left * half + right;
  };
}

/**
 * The same for one shard of several, which takes the places k with k % count = index - 1.
 *
 * @returns the number at the shard's own place, from 0
 */
export function createShardOrder(
  size: number,
  seed: number,
  { index, count }: Shard,
): (place: number) => number {
  const visit = createPermutation(size, seed);
  return (place) => visit(place * count + (index - 1));
}
