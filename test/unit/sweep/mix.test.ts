import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../src/sweep/mix.ts";

describe("the digest of a plan", () => {
  it("is the same on every machine", () => {
    expect(digestOf(1, [])).toMatch(/^[0-9a-f]{32}$/);
    expect(digestOf(1, [Uint8Array.from([1, 2, 3]), Float64Array.from([0, 256])])).toBe(
      digestOf(1, [Uint8Array.from([1, 2, 3]), Float64Array.from([0, 256])]),
    );
  });

  it("is another one for another seed, another byte, and other ends", () => {
    const digests = [
      digestOf(1, [Uint8Array.from([1, 2, 3, 4, 5])]),
      digestOf(2, [Uint8Array.from([1, 2, 3, 4, 5])]),
      digestOf(1, [Uint8Array.from([1, 2, 3, 4, 6])]),
      digestOf(1, [Uint8Array.from([1, 2, 3, 4]), Uint8Array.from([5])]),
      digestOf(1, [Uint8Array.from([1, 2, 3, 4, 5, 0])]),
      digestOf(1, []),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  it("tells any two inputs apart, and changes in every part", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(39), (bytes, at) => {
        const other = bytes.slice();
        other[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 1;
        const [one, two] = [digestOf(1, [bytes]), digestOf(1, [other])];
        for (const from of [0, 8, 16, 24])
          expect(one.slice(from, from + 8)).not.toBe(two.slice(from, from + 8));
      }),
      { numRuns: 300 },
    );
  });
});
