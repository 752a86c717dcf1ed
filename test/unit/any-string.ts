import * as fc from "fast-check";

/** What is special to somebody in JavaScript. */
const SPECIAL = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "key",
  "ref",
];

const LAST = 0x10ffff;
const SURROGATES = { first: 0xd800, count: 0x800 };

const codePoint = fc
  .integer({ min: 0, max: LAST - SURROGATES.count })
  .map((at) => String.fromCodePoint(at < SURROGATES.first ? at : at + SURROGATES.count));
const ascii = fc.integer({ min: 0, max: 0x7f }).map((at) => String.fromCodePoint(at));

/**
 * Strings of any characters there are. What fast-check calls the unit "binary", but for a table of a million characters
 * that it makes in two seconds, and keeps.
 */
export function anyString({
  minLength = 0,
  maxLength = 10,
}: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  const signs = fc.oneof({ weight: 3, arbitrary: codePoint }, { weight: 1, arbitrary: ascii });
  const special = SPECIAL.filter(({ length }) => length >= minLength && length <= maxLength);
  const written = fc.array(signs, { minLength, maxLength }).map((parts) => parts.join(""));
  if (special.length === 0) return written;
  return fc.oneof({ weight: 9, arbitrary: written }, { weight: 1, arbitrary: fc.constantFrom(...special) });
}
