import { isIPv4, isIPv6 } from "node:net";
import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { ipText, parseIp } from "../../../src/targets/ip-value.ts";

const IPV4 = fc.bigInt(0n, 0xffff_ffffn);
/** Groups of zeros are what its text is about. */
const IPV6 = fc
  .array(fc.oneof(fc.constant(0n), fc.constant(0n), fc.bigInt(0n, 0xffffn)), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.reduce((value, group) => (value << 16n) | group, 0n))
  .filter((value) => value >> 32n !== 0xffffn);

describe("an address as a number", () => {
  it.each([
    ["0.0.0.0", 4, 0n],
    ["10.0.0.1", 4, 0x0a000001n],
    ["255.255.255.255", 4, 0xffff_ffffn],
    ["::", 6, 0n],
    ["::1", 6, 1n],
    ["fd00::1", 6, (0xfd00n << 112n) + 1n],
    ["FD00::A", 6, (0xfd00n << 112n) + 10n],
    ["1:2:3:4:5:6:7:8", 6, 0x00010002000300040005000600070008n],
    ["1::", 6, 1n << 112n],
    ["64:ff9b::10.0.0.1", 6, (0x64ff9bn << 96n) + 0x0a000001n],
    ["1:2:3:4:5:6:10.0.0.1", 6, 0x0001000200030004000500060a000001n],
    ["::ffff:10.0.0.1", 4, 0x0a000001n],
    ["::ffff:a00:1", 4, 0x0a000001n],
  ])("%j is IPv%d %d", (text, family, value) => {
    expect(parseIp(text)).toEqual({ family, value });
  });

  it.each([
    "",
    "10",
    "10.0.0",
    "10.0.0.1.2",
    "10.0.0.256",
    "10.0.0.01",
    "10..0.1",
    ".10.0.1",
    "10.0.0.",
    " 10.0.0.1",
    "0x0a.0.0.1",
    "1:2:3:4:5:6:7",
    "1::2::3",
    "::10.0.0.256",
    "fe80::1%eth0",
    "[::1]",
    "kms1",
  ])("%j is none", (text) => {
    expect(parseIp(text)).toBeNull();
  });

  it("comes back from its text, in both families", () => {
    fc.assert(
      fc.property(IPV4, (value) => {
        expect(parseIp(ipText(4, value))).toEqual({ family: 4, value });
      }),
    );
    fc.assert(
      fc.property(IPV6, (value) => {
        expect(parseIp(ipText(6, value))).toEqual({ family: 6, value });
      }),
    );
  });

  it("is read where Node reads one, and as ipaddr.js reads it", () => {
    const written = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      IPV6.map((value) => ipText(6, value)),
      fc.stringMatching(/^[0-9abf:.]{0,20}$/),
    );
    fc.assert(
      fc.property(written, (text) => {
        const ip = parseIp(text);
        expect(ip !== null).toBe(isIPv4(text) || isIPv6(text));
        if (ip === null) return;
        // ipaddr.js takes ::10.0.0.1 for ::ffff:10.0.0.1 (2.5.0): it is given the text that the URL standard makes of it.
        const plain = isIPv4(text) ? text : new URL(`http://[${text}]`).hostname.slice(1, -1);
        const bytes = ipaddr.process(plain).toByteArray();
        expect(ip).toEqual({
          family: bytes.length === 4 ? 4 : 6,
          value: bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n),
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the text of an address", () => {
  it.each([
    [0n, "::"],
    [1n, "::1"],
    [1n << 112n, "1::"],
    // RFC 5952 4.2.2: one zero group is no run.
    [0x20010db8000000010001000100010001n, "2001:db8:0:1:1:1:1:1"],
    // 4.2.3: the longest run, and the first of two.
    [0x20010000000000010000000000000001n, "2001:0:0:1::1"],
    [0x20010db8000000000001000000000001n, "2001:db8::1:0:0:1"],
    [0x00010002000300040005000600070000n, "1:2:3:4:5:6:7:0"],
    [0xffffffffffffffffffffffffffffffffn, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    [0xabcdn << 80n, "0:0:abcd::"],
    [0xabcdn << 32n, "::abcd:0:0"],
  ])("of %d is %s", (value, text) => {
    expect(ipText(6, value)).toBe(text);
  });

  it("is that of ipaddr.js, which keeps RFC 5952, too", () => {
    fc.assert(
      fc.property(IPV6, (value) => {
        const text = ipText(6, value);
        expect(text).toBe(ipaddr.IPv6.parse(text).toRFC5952String());
      }),
      { numRuns: 1_000 },
    );
  });
});
