import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressesOfShards, coverageOf } from "../../../src/sweep/coverage.ts";
import { end, net, plan } from "./builders.ts";

const of = (count: number, ...indexes: number[]) => indexes.map((index) => ({ index, count }));

describe("the addresses of a shard", () => {
  it("are those places of the order whose remainder is its own", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 40 }), (addresses, count) => {
        const places = Array.from({ length: addresses }, (_, place) => (place % count) + 1);
        for (let index = 1; index <= count; index++) {
          const own = places.filter((each) => each === index).length;
          expect(addressesOfShards({ addresses }, { index, count })).toBe(own);
          const upTo = places.filter((each) => each <= index).length;
          expect(addressesOfShards({ addresses }, { index: 1, count }, { index, count })).toBe(upTo);
        }
      }),
      { seed: 4096 },
    );
  });
});

const done = (covered: number, interrupted = false) =>
  end([net("10.1.0.0/24", { "tcp-no-answer": covered })], { interrupted });

describe("coverage", () => {
  it("is complete where every shard came to its end", () => {
    const ends = new Map([
      [1, done(5)],
      [2, done(5)],
      [3, done(4)],
    ]);
    expect(coverageOf(plan({ addresses: 14 }), of(3, 1, 2, 3), ends)).toEqual({
      planned: 14,
      covered: 14,
      complete: true,
      gaps: [],
    });
  });

  it("counts pairs where there are several ports", () => {
    const ports = [1688, 1700];
    const { gaps } = coverageOf(plan({ addresses: 10, ports }), of(2, 1), new Map([[1, done(3, true)]]));
    expect(gaps.map(({ text }) => text)).toEqual([
      "shard 1 of 2 was interrupted: 2 pairs of address and port of 5 left; run it again, where it goes on if it had a --state file, else from the start",
      "shard 2 of 2 is missing: 5 pairs of address and port",
    ]);
  });

  it("names the shards that are missing, neighbours together", () => {
    const ends = new Map([
      [2, done(16_384)],
      [6, done(16_384)],
    ]);
    const { gaps, complete, covered } = coverageOf(plan({ addresses: 131_072 }), of(8, 2, 6), ends);
    expect({ complete, covered }).toEqual({ complete: false, covered: 32_768 });
    expect(gaps).toEqual([
      {
        shard: { index: 1, count: 8 },
        addresses: 16_384,
        why: "shard-missing",
        text: "shard 1 of 8 is missing: 16,384 addresses",
      },
      {
        shard: { index: 3, count: 8 },
        addresses: 49_152,
        why: "shard-missing",
        text: "shards 3 to 5 of 8 are missing: 49,152 addresses",
      },
      {
        shard: { index: 7, count: 8 },
        addresses: 32_768,
        why: "shard-missing",
        text: "shards 7 to 8 of 8 are missing: 32,768 addresses",
      },
    ]);
  });

  it("tells a killed run from an interrupted one", () => {
    const ends = new Map([
      [1, done(300, true)],
      [2, done(511)],
    ]);
    const { gaps } = coverageOf(plan({ addresses: 1_536 }), of(3, 1, 2, 3), ends);
    expect(gaps.map(({ why, addresses, text }) => [why, addresses, text])).toEqual([
      [
        "interrupted",
        212,
        "shard 1 of 3 was interrupted: 212 addresses of 512 left; run it again, where it goes on if it had a --state file, else from the start",
      ],
      [
        "interrupted",
        1,
        "shard 2 of 3 ended early: 1 address of 512 left; run it again, where it goes on if it had a --state file, else from the start",
      ],
      [
        "shard-killed",
        512,
        "shard 3 of 3 was killed, and how far it came of 512 addresses is not known: run it again, where it goes on if it had a --state file, else from the start",
      ],
    ]);
  });

  it("speaks of the run where there is only one", () => {
    const { gaps } = coverageOf(plan({ addresses: 8 }), of(1, 1), new Map());
    expect(gaps.map(({ text }) => text)).toEqual([
      "the run was killed, and how far it came of 8 addresses is not known: run it again, where it goes on if it had a --state file, else from the start",
    ]);
  });

  it("has no gap where a shard has nothing to do", () => {
    expect(
      coverageOf(
        plan({ addresses: 2 }),
        of(5, 1, 2, 4),
        new Map([
          [1, done(1)],
          [2, done(1)],
        ]),
      ).gaps,
    ).toEqual([]);
  });

  it("takes no longer for a forged number of shards", () => {
    const count = Number.MAX_SAFE_INTEGER;
    const { gaps } = coverageOf(plan({ addresses: 8 }), of(count, 7), new Map());
    expect(gaps.map(({ addresses, why }) => [addresses, why])).toEqual([
      [6, "shard-missing"],
      [1, "shard-killed"],
      [1, "shard-missing"],
    ]);
  });
});
