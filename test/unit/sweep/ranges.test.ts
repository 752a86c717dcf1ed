import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rangesOf } from "../../../src/sweep/middlebox.ts";
import { holds, joinRanges, orderOf } from "../../../src/sweep/ranges.ts";
import { ipText, parseIp } from "../../../src/targets/ip-value.ts";

/** Addresses that are often neighbours. */
const address = fc
  .record({ family: fc.constantFrom<(4 | 6)[]>(4, 6), value: fc.bigInt(0n, 60n) })
  .map(({ family, value }) => ipText(family, (family === 4 ? 0x0a01_03f0n : 0xfd00n << 112n) + value));

describe("addresses as ranges", () => {
  it.each<[string[], string[]]>([
    [[], []],
    [["10.1.3.7"], ["10.1.3.7"]],
    [["10.1.3.2", "10.1.3.1"], ["10.1.3.1-10.1.3.2"]],
    [["10.1.3.255", "10.1.4.0"], ["10.1.3.255-10.1.4.0"]],
    [
      ["10.1.3.1", "10.1.3.3"],
      ["10.1.3.1", "10.1.3.3"],
    ],
    [["10.1.3.10", "10.1.3.9", "10.1.3.9"], ["10.1.3.9-10.1.3.10"]],
    [
      ["fd00::ffff", "10.1.3.1", "fd00::1:0"],
      ["10.1.3.1", "fd00::ffff-fd00::1:0"],
    ],
    [["10.1.3.1-10.1.3.4", "10.1.3.3-10.1.3.9", "10.1.3.10"], ["10.1.3.1-10.1.3.10"]],
    [
      ["255.255.255.255", "::"],
      ["255.255.255.255", "::"],
    ],
    [
      ["kms1.corp.example", "10.1.3.1", "fe80::1%eth0"],
      ["10.1.3.1", "fe80::1%eth0", "kms1.corp.example"],
    ],
    [["10.1.3.9-10.1.3.1"], ["10.1.3.9-10.1.3.1"]],
  ])("%j are %j", (addresses, ranges) => {
    expect(rangesOf(addresses)).toEqual(ranges);
  });

  it("hold exactly what they are made of, whatever the order, and fit no better", () => {
    fc.assert(
      fc.property(fc.array(address, { maxLength: 40 }), fc.array(address), (members, others) => {
        const { ranges, rest } = joinRanges(members);
        expect(rest).toEqual([]);
        for (const each of [...members, ...others]) {
          const ip = parseIp(each);
          expect(ip !== null && holds(ranges, ip)).toBe(members.includes(each));
        }
        const size = ranges.reduce((sum, { from, to }) => sum + to - from + 1n, 0n);
        expect(size).toBe(BigInt(new Set(members).size));
        for (const [index, range] of ranges.entries()) {
          const next = ranges[index + 1];
          if (next?.family === range.family) expect(next.from > range.to + 1n).toBe(true);
        }
        expect(rangesOf(rangesOf(members))).toEqual(rangesOf(members.toReversed()));
      }),
      { seed: 1024 },
    );
  });
});

describe("the order of addresses", () => {
  it("is by number, IPv4 first, and what is no address last", () => {
    const given = ["kms1", "fd00::10", "10.0.0.10", "fd00::9", "9.255.255.255", "10.0.0.9", "::1", "0x0a.1"];
    expect(given.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))).toEqual([
      "9.255.255.255",
      "10.0.0.9",
      "10.0.0.10",
      "::1",
      "fd00::9",
      "fd00::10",
      "0x0a.1",
      "kms1",
    ]);
  });

  it("is the same for all spellings of one address", () => {
    expect(orderOf("FD00:0:0::1")).toBe(orderOf("fd00::1"));
    expect(orderOf("::ffff:10.0.0.1")).toBe(orderOf("10.0.0.1"));
  });
});
