import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressBuilder } from "../../../src/targets/address-builder.ts";
import { openSpace } from "../../../src/targets/address-set.ts";
import type { AddressSpace } from "../../../src/targets/address-set.ts";
import { ipText, parseIp } from "../../../src/targets/ip-value.ts";
import { parseExclusion } from "../../../src/targets/range.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

function built(targets: readonly string[], exclusions: readonly string[] = []): AddressBuilder {
  const builder = new AddressBuilder();
  for (const target of targets.map((text) => parseExclusion(text))) {
    if (target.kind === "interval") builder.add(target.family, target.first, target.last, target.port);
  }
  for (const target of exclusions.map((text) => parseExclusion(text))) {
    if (target.kind === "interval") builder.exclude(target.family, target.first, target.last, target.port);
  }
  return builder;
}

function space(targets: readonly string[], exclusions: readonly string[] = [], ports = [1688]): AddressSpace {
  return openSpace(built(targets, exclusions).build(ports));
}

/** All of it, in the order of the indices. */
function listed(of: AddressSpace): string[] {
  return Array.from({ length: of.size }, (_, index) => `${of.address(index)} ${of.port(index)}`);
}

function subnets(of: AddressSpace): string[] {
  return Array.from({ length: of.subnets }, (_, ordinal) => {
    const { subnet, port, planned } = of.subnetOf(ordinal);
    return `${subnet} ${port}: ${planned}`;
  });
}

describe("the addresses of a sweep", () => {
  it("are those of its ranges, by port, family and address", () => {
    expect(listed(space(["fd00::1-fd00::2", "10.0.0.254-10.0.1.1", "10.0.0.9:1700"]))).toEqual([
      "10.0.0.254 1688",
      "10.0.0.255 1688",
      "10.0.1.0 1688",
      "10.0.1.1 1688",
      "fd00::1 1688",
      "fd00::2 1688",
      "10.0.0.9 1700",
    ]);
  });

  it("have each of the ports, where they have none of their own", () => {
    expect(listed(space(["10.0.0.1", "10.0.0.2:80", "10.0.0.3:1700"], [], [1700, 1688]))).toEqual([
      "10.0.0.2 80",
      "10.0.0.1 1688",
      "10.0.0.1 1700",
      "10.0.0.3 1700",
    ]);
  });

  it("are each there once, however often they are named", () => {
    const once = listed(space(["10.0.0.0/30"]));
    expect(once).toHaveLength(4);
    const often = ["10.0.0.0/31", "10.0.0.2-10.0.0.3", "10.0.0.0/30:1688", "10.0.0.1", "::ffff:10.0.0.1"];
    expect(listed(space(often, [], [1688, 1688]))).toEqual(once);
  });

  it("are without those that are excluded, on the one port or on all", () => {
    const left = space(["10.0.0.0/30"], ["10.0.0.1", "10.0.0.2:1700", "fd00::/8"], [1688, 1700]);
    expect(listed(left)).toEqual([
      "10.0.0.0 1688",
      "10.0.0.2 1688",
      "10.0.0.3 1688",
      "10.0.0.0 1700",
      "10.0.0.3 1700",
    ]);
  });

  it("are one row where they adjoin, so that a list of a million takes no room", () => {
    const builder = new AddressBuilder();
    for (let each = 1_000_000n; each > 0n; each--) builder.add(4, each, each, null);
    const columns = builder.build([1688]);
    expect(columns.offsets).toEqual(Float64Array.of(0, 1_000_000));
    expect(columns.low).toEqual(BigUint64Array.of(1n));
  });

  it("may be none, where nothing was added", () => {
    const none = openSpace(new AddressBuilder().build([1688]));
    expect([none.size, none.subnets, none.indexOf("10.0.0.1", 1688)]).toEqual([0, 0, -1]);
    expect(() => none.address(0)).toThrow(RangeError);
  });

  it("reach over the end of 32 and 64 bits", () => {
    expect(listed(space(["fd00::ffff:ffff:ffff:fffe-fd00:0:0:1::1"]))).toEqual([
      "fd00::ffff:ffff:ffff:fffe 1688",
      "fd00::ffff:ffff:ffff:ffff 1688",
      "fd00:0:0:1:: 1688",
      "fd00:0:0:1::1 1688",
    ]);
    expect(listed(space(["fd00::ffff:fffe-fd00::1:0:1"]))).toHaveLength(4);
    expect(space(["fd00::ffff:fffe-fd00::1:0:1"]).address(2)).toBe("fd00::1:0:0");
  });

  it("have no address beyond the last", () => {
    const one = space(["10.0.0.1"]);
    for (const index of [-1, 1, Number.NaN]) expect(() => one.address(index)).toThrow(RangeError);
    expect(() => one.subnetOf(1)).toThrow("no subnet 1 among 1");
  });
});

describe("the index of an address", () => {
  it.each([
    ["10.0.0.4", 1688, 4],
    ["::ffff:10.0.0.4", 1688, 4],
    ["10.0.0.8", 1688, -1],
    ["9.255.255.255", 1688, -1],
    ["10.0.0.4", 1689, -1],
    ["10.0.0.4", 1, -1],
    ["FD00:0::3", 1688, 11],
    ["fd00::4", 1688, -1],
    ["::", 1688, -1],
    ["kms1", 1688, -1],
    ["fe80::1%eth0", 1688, -1],
  ])("%s port %d is %d", (address, port, index) => {
    expect(space(["10.0.0.0/29", "fd00::/126"]).indexOf(address, port)).toBe(index);
  });
});

describe("what is too much", () => {
  it.each([
    [["0.0.0.0/0"], [1688, 1700], "the targets are more than 4,294,967,296 addresses and ports: name fewer"],
    [
      ["fd00::/64"],
      [1688],
      "fd00::-fd00::ffff:ffff:ffff:ffff has more than 4,294,967,296 addresses: IPv6 subnets of that size can't be swept, name hosts instead",
    ],
    [["fd00::/95"], [1688], "IPv6 subnets of that size can't be swept"],
    [["fd00::/97", "fd01::/97"], [1, 2], "the targets are more than 4,294,967,296 addresses and ports"],
  ])("%j on %j is refused", (targets, ports, message) => {
    expect(() => space(targets, [], ports)).toThrow(UsageError);
    expect(() => space(targets, [], ports)).toThrow(message);
  });

  it("is not 2**32 of them", () => {
    const most = space(["fd00::/96"]);
    expect(most.size).toBe(2 ** 32);
    expect(most.address(2 ** 32 - 1)).toBe("fd00::ffff:ffff");
    expect(most.indexOf("fd00::ffff:ffff", 1688)).toBe(2 ** 32 - 1);
    expect(subnets(most)).toEqual([`fd00::/64 1688: ${2 ** 32}`]);
    expect(space(["0.0.0.0/0"]).size).toBe(2 ** 32);
  });

  it("may be cut to size by exclusions", () => {
    expect(listed(space(["fd00::/64"], ["fd00::1-fd00::ffff:ffff:ffff:ffff"]))).toEqual(["fd00:: 1688"]);
  });

  it("is more separate ranges than are kept, with those of each port and the exclusions", () => {
    const message = "more than 8 separate ranges: name fewer of them or fewer ports at a time";
    const odd = [1n, 3n, 5n, 7n];
    const builder = new AddressBuilder(8);
    for (const value of odd) builder.add(4, value, value, null);
    expect(openSpace(builder.build([1, 2])).size).toBe(8);
    expect(() => builder.build([1, 2, 3])).toThrow(message);
    for (const value of odd) builder.exclude(4, value, value, 9);
    builder.add(4, 1n, 1n, null);
    expect(() => builder.add(6, 1n, 1n, null)).toThrow(message);
  });

  it("is not a long list that comes to a few ranges", () => {
    const builder = new AddressBuilder(8);
    for (let each = 100n; each > 0n; each--) builder.add(4, each, each, null);
    expect(openSpace(builder.build([1688])).size).toBe(100);
  });

  it("is nothing at all, once everything is excluded", () => {
    const message = "nothing is left to sweep: the exclusions cover every target";
    expect(() => space(["10.0.0.1", "10.0.0.3"], ["10.0.0.0/24"])).toThrow(new UsageError(message));
  });
});

describe("the subnets of a sweep", () => {
  it("are /24 and /64 with a port each, in the order of the addresses", () => {
    const some = space(
      ["10.0.0.250-10.0.2.3", "10.0.2.9", "10.0.4.0", "fd00::9", "fd00::1", "fd00:0:0:2::1"],
      ["10.0.1.7"],
      [1688, 1700],
    );
    const each = [
      ["10.0.0.0/24", 6],
      ["10.0.1.0/24", 255],
      ["10.0.2.0/24", 5],
      ["10.0.4.0/24", 1],
      ["fd00::/64", 2],
      ["fd00:0:0:2::/64", 1],
    ];
    expect(subnets(some)).toEqual(
      [1688, 1700].flatMap((port) => each.map(([subnet, planned]) => `${subnet} ${port}: ${planned}`)),
    );
  });

  it("are told apart where the row of an IPv6 range crosses from one /64 into the next", () => {
    const two = space([
      "fd00::ffff:ffff:ffff:fffe-fd00:0:0:1::5",
      "fd00:0:0:1::9",
      "fd00:0:0:1:ffff:ffff:0:0-fd00:0:0:1:ffff:ffff:0:3",
    ]);
    expect(subnets(two)).toEqual(["fd00::/64 1688: 2", "fd00:0:0:1::/64 1688: 11"]);
    expect(Array.from({ length: two.size }, (_, index) => two.subnet(index))).toEqual([
      0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ]);
  });

  it("are /24 up to 65,536 of them, and /16 beyond", () => {
    const most = space(["10.0.0.0/8"]);
    expect([most.subnets, most.subnetOf(65_535)]).toEqual([
      65_536,
      { subnet: "10.255.255.0/24", port: 1688, planned: 256 },
    ]);
    const more = space(["10.0.0.0/8", "11.0.0.0/20"]);
    expect(more.subnets).toBe(257);
    expect(more.subnetOf(256)).toEqual({ subnet: "11.0.0.0/16", port: 1688, planned: 4_096 });
    expect(more.subnet(more.size - 1)).toBe(256);
    expect(more.subnet(65_536)).toBe(1);
  });

  it("of IPv6 stay /64, however many", () => {
    const builder = new AddressBuilder();
    for (let each = 0n; each < 70_000n; each++)
      builder.add(6, ((0xfd00n << 48n) + each) << 64n, ((0xfd00n << 48n) + each) << 64n, null);
    builder.add(4, 0x0a000101n, 0x0a000201n, null);
    const many = openSpace(builder.build([1688]));
    expect(many.subnets).toBe(70_001);
    expect(many.subnetOf(0)).toEqual({ subnet: "10.0.0.0/16", port: 1688, planned: 257 });
    expect(many.subnetOf(70_000)).toEqual({ subnet: "fd00:0:1:116f::/64", port: 1688, planned: 1 });
  });
});

/** Three small stretches where something may go wrong: within a /24, over its end, over the end of a /64. */
const STRETCHES = [
  { family: 4, start: 0x0a0000f8n },
  { family: 4, start: 0xfffffff0n - 8n },
  { family: 6, start: (0xfd00_0000_0000_0001n << 64n) - 8n },
] as const;
const PORTS = [1688, 1700, 80];

const INTERVAL = fc
  .record({
    stretch: fc.constantFrom(...STRETCHES),
    from: fc.integer({ min: 0, max: 15 }),
    more: fc.integer({ min: 0, max: 6 }),
    port: fc.constantFrom(null, 1688, 80),
  })
  .map(({ stretch: { family, start }, from, more, port }) => ({
    family,
    first: start + BigInt(from),
    last: start + BigInt(Math.min(15, from + more)),
    port,
  }));

function naive(
  intervals: readonly { family: 4 | 6; first: bigint; last: bigint; port: number | null }[],
  portsOf: (port: number | null) => number | readonly number[],
): Set<string> {
  const found = new Set<string>();
  for (const { family, first, last, port } of intervals) {
    for (const each of [portsOf(port)].flat())
      for (let value = first; value <= last; value++) found.add(`${ipText(family, value)} ${each}`);
  }
  return found;
}

function subnetText(address: string): string {
  const ip = parseIp(address) ?? { family: 4, value: 0n };
  const bits = ip.family === 4 ? 8n : 64n;
  return `${ipText(ip.family === 4 ? 4 : 6, (ip.value >> bits) << bits)}/${ip.family === 4 ? 24 : 64}`;
}

describe("any targets and exclusions", () => {
  const swept = [1700, 1688];
  const property = fc.property(
    fc.array(INTERVAL, { maxLength: 10 }),
    fc.array(INTERVAL, { maxLength: 6 }),
    (targets, exclusions) => {
      const wanted = naive(targets, (port) => port ?? swept);
      for (const key of naive(exclusions, (port) => port ?? PORTS)) wanted.delete(key);
      const builder = new AddressBuilder();
      for (const { family, first, last, port } of targets) builder.add(family, first, last, port);
      for (const { family, first, last, port } of exclusions) builder.exclude(family, first, last, port);
      if (wanted.size === 0 && targets.length > 0) {
        expect(() => builder.build(swept)).toThrow("nothing is left");
        return;
      }
      const columns = builder.build(swept);
      const of = openSpace(columns);
      // They are the same as by a list of each single one,
      expect(listed(of)).toHaveLength(wanted.size);
      expect(new Set(listed(of))).toEqual(wanted);
      // have an index that leads back,
      for (let index = 0; index < of.size; index++)
        expect(of.indexOf(of.address(index), of.port(index))).toBe(index);
      // stand in rows that are sorted, disjoint and do not adjoin,
      const rows = [...builder.rows(swept)];
      for (const [at, row] of rows.entries()) {
        const before = rows[at - 1];
        const samePart = before?.port === row.port && before.family === row.family;
        if (before !== undefined && samePart) expect(row.first - before.last).toBeGreaterThan(1n);
        if (before !== undefined && !samePart)
          expect(before.port * 10 + before.family).toBeLessThan(row.port * 10 + row.family);
        expect(row.last).toBeGreaterThanOrEqual(row.first);
      }
      expect(rows).toHaveLength(columns.ports.length);
      // and are counted by subnet.
      const counted = new Map<string, number>();
      for (let index = 0; index < of.size; index++) {
        const ordinal = of.subnet(index);
        const key = `${ordinal} ${subnetText(of.address(index))} ${of.port(index)}`;
        counted.set(key, (counted.get(key) ?? 0) + 1);
      }
      const told = Array.from({ length: of.subnets }, (_, ordinal) => {
        const { subnet, port, planned } = of.subnetOf(ordinal);
        return [`${ordinal} ${subnet} ${port}`, planned];
      });
      expect([...counted]).toEqual(told);
    },
  );

  it("come to what a list of every single address comes to", () => {
    fc.assert(property, { numRuns: 600 });
  });
});

describe("the columns", () => {
  it("are the same after a trip to another thread", () => {
    const columns = built(["10.0.0.0/24", "fd00::1"], ["10.0.0.9"]).build([1688]);
    const copy = structuredClone(columns);
    expect(listed(openSpace(copy))).toEqual(listed(openSpace(columns)));
    expect(copy.low.buffer.byteLength).toBe(3 * 8);
  });

  it("may be a part of a larger buffer", () => {
    const columns = built(["10.0.0.1", "10.0.0.3"]).build([1688]);
    const low = new BigUint64Array([7n, ...columns.low, 7n]).subarray(1, 3);
    const high = new BigUint64Array([7n, ...columns.high, 7n]).subarray(1, 3);
    expect(listed(openSpace({ ...columns, low, high }))).toEqual(["10.0.0.1 1688", "10.0.0.3 1688"]);
  });
});
