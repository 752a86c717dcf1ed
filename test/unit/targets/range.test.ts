import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ipText } from "../../../src/targets/ip-value.ts";
import { parseExclusion, parseTarget } from "../../../src/targets/range.ts";
import type { Target } from "../../../src/targets/range.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

function shown(target: Target): string {
  if (target.kind === "name") return `name ${target.name} port ${target.port}`;
  const { family, first, last, port } = target;
  return `${ipText(family, first)} to ${ipText(family, last)} port ${port}`;
}

/** The line that a user reads; anything but a UsageError goes on. */
function complaint(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("it was taken");
}

/** Two addresses up to the last there is, in their order. */
function ends(most: bigint): fc.Arbitrary<bigint[]> {
  return fc
    .tuple(fc.bigInt(0n, most), fc.bigInt(0n, most))
    .map((pair) => pair.toSorted((a, b) => (a < b ? -1 : 1)));
}

describe("a target", () => {
  it.each([
    ["10.0.0.0/24", "10.0.0.0 to 10.0.0.255 port null"],
    ["10.0.0.77/24", "10.0.0.0 to 10.0.0.255 port null"],
    ["10.0.0.1/32", "10.0.0.1 to 10.0.0.1 port null"],
    ["10.0.0.0/8", "10.0.0.0 to 10.255.255.255 port null"],
    ["10.0.0.0/24:1700", "10.0.0.0 to 10.0.0.255 port 1700"],
    ["::ffff:10.0.0.0/120", "10.0.0.0 to 10.0.0.255 port null"],
    ["fd00::/120", "fd00:: to fd00::ff port null"],
    ["fd00::77/120", "fd00:: to fd00::ff port null"],
    ["fd00::1/128", "fd00::1 to fd00::1 port null"],
    ["[fd00::/120]:1700", "fd00:: to fd00::ff port 1700"],
    ["[fd00::/120]", "fd00:: to fd00::ff port null"],
    ["10.1.0.5-10.1.3.20", "10.1.0.5 to 10.1.3.20 port null"],
    ["10.1.0.5-20", "10.1.0.5 to 10.1.0.20 port null"],
    ["10.1.0.5-5", "10.1.0.5 to 10.1.0.5 port null"],
    ["10.1.0.5-20:1700", "10.1.0.5 to 10.1.0.20 port 1700"],
    ["10.1.0.5-10.1.0.20:1", "10.1.0.5 to 10.1.0.20 port 1"],
    ["fd00::1-fd00::ff", "fd00::1 to fd00::ff port null"],
    ["[fd00::1-fd00::ff]:65535", "fd00::1 to fd00::ff port 65535"],
    ["::ffff:10.0.0.1-10.0.0.9", "10.0.0.1 to 10.0.0.9 port null"],
    ["10.0.0.1", "10.0.0.1 to 10.0.0.1 port null"],
    ["10.0.0.1:1700", "10.0.0.1 to 10.0.0.1 port 1700"],
    ["fd00::1", "fd00::1 to fd00::1 port null"],
    ["[fd00::1]:1688", "fd00::1 to fd00::1 port 1688"],
    ["[fd00::1]", "fd00::1 to fd00::1 port null"],
    ["KMS1.Corp.Example.", "name kms1.corp.example port null"],
    ["kms1:1700", "name kms1 port 1700"],
    ["kms-1", "name kms-1 port null"],
    ["10-0-0-1", "name 10-0-0-1 port null"],
    ["10-0-0-1.corp.example:1700", "name 10-0-0-1.corp.example port 1700"],
    ["bücher.example", "name xn--bcher-kva.example port null"],
  ])("%j is %s", (text, is) => {
    expect(shown(parseTarget(text))).toBe(is);
  });

  it.each(["10.0.0.0/24", "10.0.0.1-5", "10.0.0.1", "fd00::1", "kms1"])(
    "%j takes the default port, and its own before that",
    (text) => {
      expect(parseTarget(text, 1688).port).toBe(1688);
      expect(parseTarget(text.includes("::") ? `[${text}]:1700` : `${text}:1700`, 1688).port).toBe(1700);
    },
  );

  it("is read back as any range is written", () => {
    fc.assert(
      fc.property(ends(0xffff_ffffn), ([first = 0n, last = 0n]) => {
        const written = `${ipText(4, first)}-${ipText(4, last)}`;
        expect(parseExclusion(written)).toEqual({ kind: "interval", family: 4, first, last, port: null });
      }),
    );
    fc.assert(
      fc.property(ends((1n << 128n) - 1n), ([first = 0n, last = 0n]) => {
        fc.pre(first >> 32n !== 0xffffn && last >> 32n !== 0xffffn);
        const written = `[${ipText(6, first)}-${ipText(6, last)}]:7`;
        expect(parseExclusion(written)).toEqual({ kind: "interval", family: 6, first, last, port: 7 });
      }),
    );
  });
});

describe("what is no target", () => {
  it.each([
    ["10.0.0.0/33", "'10.0.0.0/33' has no prefix from 0 to 32 after its slash: write one as in 10.0.0.0/24"],
    ["10.0.0.0/", "'10.0.0.0/' has no prefix from 0 to 32 after its slash: write one as in 10.0.0.0/24"],
    ["10.0.0.0/255.255.255.0", "'10.0.0.0/255.255.255.0' has no prefix from 0 to 32 after its slash"],
    ["10.0.0.0/8/8", "'10.0.0.0/8/8' has no prefix from 0 to 32 after its slash"],
    ["fd00::/129", "'fd00::/129' has no prefix from 0 to 128 after its slash: write one as in fd00::/120"],
    ["::ffff:10.0.0.0/24", "'::ffff:10.0.0.0/24' has no prefix from 0 to 32 after its slash"],
    ["fd00::/120:1688", "'fd00::/120:1688' is not a subnet: with a port it is written [fd00::/120]:1688"],
    ["10.0.0/24", "'10.0.0/24' is not a subnet: write ADDRESS/PREFIX, as in 10.0.0.0/24 or fd00::/120"],
    ["http://kms1", "'http://kms1' is a URL"],
    ["kms1/24", "'kms1/24' is not a subnet: write ADDRESS/PREFIX"],
    ["10.0.0.0/24:0", "'10.0.0.0/24:0' has no port from 1 to 65535 after its colon"],
    ["10.0.0.1-5:99999", "'10.0.0.1-5:99999' has no port from 1 to 65535 after its colon"],
    ["[fd00::/120]:", "'[fd00::/120]:' has no port from 1 to 65535 after its colon"],
    ["10.0.0.9-10.0.0.1", "'10.0.0.9-10.0.0.1' ends before it begins: write 10.0.0.1-10.0.0.9"],
    ["10.0.0.9-1", "'10.0.0.9-1' ends before it begins: write 10.0.0.1-10.0.0.9"],
    ["fd00::9-fd00::1", "'fd00::9-fd00::1' ends before it begins: write fd00::1-fd00::9"],
    [
      "10.0.0.1-fd00::1",
      "'10.0.0.1-fd00::1' has an IPv4 and an IPv6 end: write two addresses of the same family",
    ],
    [
      "10.0.0.1-256",
      "'10.0.0.1-256' is not a range: write FIRST-LAST, as in 10.0.0.1-10.0.3.254 or 10.0.0.1-254",
    ],
    ["10.1.2.*", "'10.1.2.*' is a subnet: write 10.1.2.0/24"],
    ["10.1.*.*", "'10.1.*.*' is a subnet: write 10.1.0.0/16"],
    ["10.*.*.*:1700", "'10.*.*.*:1700' is a subnet: write 10.0.0.0/8"],
    ["10.*.2.3", "'10.*.2.3' is not a host"],
    ["10.0.0.1-", "'10.0.0.1-' is not a range: write FIRST-LAST"],
    ["10.0.0-3.1-254", "'10.0.0-3.1-254' is not a range: write FIRST-LAST"],
    ["10.0.0.1-5-9", "'10.0.0.1-5-9' is not a range: write FIRST-LAST"],
    ["fd00::1-ff", "'fd00::1-ff' is not a range: write FIRST-LAST"],
    ["10.0.0.256", "'10.0.0.256' is not an IPv4 address: write four numbers, as in 10.0.0.1"],
    ["kms1:", "'kms1:' has no port from 1 to 65535 after its colon"],
    ["[10.0.0.0/24]:1688", "'[10.0.0.0/24]:1688' is not a subnet"],
    ["", "'' names no host"],
    [
      "fe80::1%eth0",
      "'fe80::1%eth0' is on one interface only, which a sweep can't tell apart: ask it with kmsprobe check",
    ],
    ["[fe80::1%eth0]:1688", "'[fe80::1%eth0]:1688' is on one interface only"],
    ["\u001b[2J/24", "'?[2J/24' is not a subnet"],
    ["a".repeat(513), `'${"a".repeat(77)}...' is too long for a target: write one a line`],
  ])("%j: %s", (text, message) => {
    expect(complaint(() => parseTarget(text))).toContain(message);
  });
});

describe("what is never swept", () => {
  it.each([
    ["0.0.0.0", "0.0.0.0/8 (this network)"],
    ["0.0.0.0/0", "0.0.0.0/8 (this network)"],
    ["0.255.255.255-1.0.0.0", "0.0.0.0/8 (this network)"],
    ["224.0.0.1", "multicast addresses (224.0.0.0/4)"],
    ["223.255.255.255-224.0.0.0", "multicast addresses (224.0.0.0/4)"],
    ["239.1.0.0/16:1688", "multicast addresses (224.0.0.0/4)"],
    ["240.0.0.0/8", "reserved addresses (240.0.0.0/4)"],
    ["240.0.0.0/4", "reserved addresses (240.0.0.0/4)"],
    ["255.255.255.255", "the limited broadcast address 255.255.255.255"],
    ["::", "the unspecified address ::"],
    ["::/96", "the unspecified address ::"],
    ["fe80::1", "link-local addresses (fe80::/10), which need an interface"],
    ["ff02::1", "multicast addresses (ff00::/8)"],
    ["::ffff:224.0.0.1", "multicast addresses (224.0.0.0/4)"],
  ])("%s holds %s", (text, what) => {
    expect(complaint(() => parseTarget(text))).toBe(
      `'${text}' holds ${what}: it is never swept, leave it out`,
    );
  });

  it.each(["1.0.0.0-223.255.255.255", "::1", "fe7f::1", "fec0::1", "feff:ffff::/32"])("%s is not", (text) => {
    expect(parseTarget(text).kind).toBe("interval");
  });

  it("may be excluded all the same", () => {
    expect(shown(parseExclusion("224.0.0.0/4"))).toBe("224.0.0.0 to 239.255.255.255 port null");
  });
});
