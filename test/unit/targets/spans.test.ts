import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IntervalList } from "../../../src/targets/interval-list.ts";
import type { Span } from "../../../src/targets/interval-list.ts";
import { subtract, union } from "../../../src/targets/spans.ts";

/** A universe small enough to be listed. Around its middle the high half of an IPv6 address changes. */
const SIZE = 40;
const IPV6_START = (7n << 64n) - 20n;

const PAIRS = fc.array(
  fc.tuple(fc.integer({ min: 0, max: SIZE - 1 }), fc.integer({ min: 0, max: 9 })).map(([first, more]) => ({
    first: BigInt(first),
    last: BigInt(Math.min(SIZE - 1, first + more)),
  })),
  { maxLength: 12 },
);

function merged(spans: readonly Span[]): Span[] {
  const list = new IntervalList(4);
  for (const { first, last } of spans) list.add(first, last);
  return [...list.spans()];
}

function members(spans: Iterable<Span>, start = 0n): Set<number> {
  const found = new Set<number>();
  for (const { first, last } of spans)
    for (let each = first; each <= last; each++) found.add(Number(each - start));
  return found;
}

/** The spans of a set, one after the other, with a gap between each two. */
function spansOf(all: ReadonlySet<number>, start = 0n): Span[] {
  const spans: Span[] = [];
  for (const each of [...all].toSorted((a, b) => a - b)) {
    const value = start + BigInt(each);
    const latest = spans.at(-1);
    if (latest?.last === value - 1n) latest.last = value;
    else spans.push({ first: value, last: value });
  }
  return spans;
}

describe("a list of intervals", () => {
  it("is empty at first", () => {
    expect([...new IntervalList(4).spans()]).toEqual([]);
  });

  it("takes more after it was read", () => {
    const list = new IntervalList(6);
    list.add(5n, 6n);
    expect([...list.spans()]).toEqual([{ first: 5n, last: 6n }]);
    list.add(7n, 9n);
    list.add(1n, 2n);
    expect([...list.spans()]).toEqual([
      { first: 1n, last: 2n },
      { first: 5n, last: 9n },
    ]);
    expect(list.length).toBe(2);
  });

  it("reaches to the last address there is", () => {
    const last = (1n << 128n) - 1n;
    const list = new IntervalList(6);
    list.add(last, last);
    list.add(0n, last - 1n);
    expect([...list.spans()]).toEqual([{ first: 0n, last }]);
  });

  it.each([
    [4, 0n],
    [4, 0xffff_ffffn - BigInt(SIZE) + 1n],
    [6, 0n],
    [6, IPV6_START],
  ] as const)("of family %d from %d is sorted, disjoint and one where it adjoins", (family, start) => {
    fc.assert(
      fc.property(PAIRS, (pairs) => {
        const list = new IntervalList(family);
        for (const { first, last } of pairs) list.add(start + first, start + last);
        expect([...list.spans()]).toEqual(spansOf(members(pairs), start));
      }),
      { numRuns: 500 },
    );
  });

  it("sorts addresses of any kind, as many as there may be", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.bigInt(0n, (1n << 127n) - 1n), { maxLength: 400 }), (halves) => {
        // None adjoins another.
        const values = halves.map((half) => half * 2n);
        const list = new IntervalList(6);
        for (const value of values) list.add(value, value);
        const sorted = values.toSorted((a, b) => (a < b ? -1 : 1));
        expect([...list.spans()].map(({ first }) => first)).toEqual(sorted);
      }),
    );
  });
});

describe("sets of addresses", () => {
  it("are joined: what is in one or the other", () => {
    fc.assert(
      fc.property(PAIRS, PAIRS, (one, other) => {
        const both = new Set([...members(one), ...members(other)]);
        expect([...union(merged(one), merged(other))]).toEqual(spansOf(both));
      }),
      { numRuns: 1_000 },
    );
  });

  it("are subtracted: what is in the one and not in the other", () => {
    fc.assert(
      fc.property(PAIRS, PAIRS, (one, other) => {
        const without = members(other);
        const left = new Set([...members(one)].filter((each) => !without.has(each)));
        expect([...subtract(merged(one), merged(other))]).toEqual(spansOf(left));
      }),
      { numRuns: 1_000 },
    );
  });
});
