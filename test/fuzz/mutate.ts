import type { Random } from "./random.ts";

/** Longer inputs are cut: what matters happens in the first kilobytes. */
const MAX_LENGTH = 8 * 1024;

/** Values that lengths and counts are tampered to. */
const TELLING = [
  0, 1, 2, 3, 4, 15, 16, 63, 64, 127, 128, 191, 192, 255, 256, 4095, 5840, 5841, 32767, 32768, 65535,
] as const;

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const flipBits: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  for (let flips = 1 + random.below(8); flips > 0 && copy.length > 0; flips--) {
    const at = random.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  }
  return copy;
};

const replaceBytes: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  for (let count = 1 + random.below(4); count > 0 && copy.length > 0; count--) {
    copy[random.below(copy.length)] = random.byte();
  }
  return copy;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));

const insert: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const length = 1 + random.below(16);
  const fresh = random.below(2) === 0 ? random.bytes(length) : new Uint8Array(length).fill(random.byte());
  return join(bytes.subarray(0, at), fresh, bytes.subarray(at));
};

const remove: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  return join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16)));
};

/** A piece of the input again, perhaps many times: records, labels, results. */
const repeat: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  const piece = bytes.subarray(at, at + 1 + random.below(48));
  const times = 1 + random.below(random.below(8) === 0 ? 200 : 4);
  return join(bytes.subarray(0, at), ...Array.from({ length: times }, () => piece), bytes.subarray(at));
};

/** The head of one seed and the tail of another. */
const splice: Mutation = (bytes, random, other) =>
  join(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1)));

/** A length or count, of one, two or four bytes and either byte order, that lies. */
const tamper: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  const size = random.pick([1, 2, 2, 2, 4]);
  if (copy.length < size) return copy;
  const at = random.below(copy.length - size + 1);
  const value = random.below(3) === 0 ? copy.length - random.below(8) : random.pick(TELLING);
  const view = new DataView(copy.buffer);
  const little = random.below(2) === 0;
  if (size === 1) view.setUint8(at, value & 0xff);
  else if (size === 2) view.setUint16(at, value & 0xffff, little);
  else view.setUint32(at, value >>> 0, little);
  return copy;
};

const BINARY = [flipBits, replaceBytes, truncate, insert, remove, repeat, splice, tamper, tamper] as const;

/** In text a flipped bit mostly makes a letter nobody expects: less of that. */
const TEXT = [
  replaceBytes,
  replaceBytes,
  truncate,
  insert,
  insert,
  remove,
  repeat,
  splice,
  flipBits,
] as const;

/** One input: random bytes now and then, otherwise a seed after one to four mutations. */
export function nextInput(seeds: readonly [Uint8Array, ...Uint8Array[]], random: Random): Uint8Array {
  if (random.below(10) === 0) return random.bytes(random.below(random.below(4) === 0 ? 600 : 40));
  const mutations: readonly [Mutation, ...Mutation[]] = random.hasAlphabet ? TEXT : BINARY;
  let bytes = random.pick(seeds);
  for (let rounds = 1 + random.below(random.pick([1, 4])); rounds > 0; rounds--) {
    bytes = random.pick(mutations)(bytes, random, random.pick(seeds)).subarray(0, MAX_LENGTH);
  }
  return bytes.slice();
}

function join(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
