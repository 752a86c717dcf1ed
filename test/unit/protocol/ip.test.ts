import net from "node:net";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ipFamily, withHexTail } from "../../../src/protocol/ip.ts";

test.each([
  ["10.0.0.1", 4],
  ["255.255.255.255", 4],
  ["::1", 6],
  ["2001:db8::1", 6],
  ["fe80::1%eth0", 6],
  ["::ffff:10.0.0.1", 6],
  ["10.0.0", 0],
  ["10.0.0.256", 0],
  ["010.0.0.1", 0],
  ["10.0.0.1.", 0],
  ["kms1.corp.test", 0],
  ["[::1]", 0],
  ["::1::", 0],
  ["10.0.0.1:53", 0],
  ["", 0],
])("the family of %j is %i", (text, family) => {
  expect(ipFamily(text)).toBe(family);
});

test("is what Node says, of any text", () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.string(),
    fc.stringMatching(/^[0-9a-f:.%]{0,40}$/),
  );
  fc.assert(
    fc.property(text, (some) => {
      expect(ipFamily(some)).toBe(net.isIP(some));
    }),
  );
});

test.each([
  ["::10.20.0.5", "::a14:5"],
  ["::ffff:10.20.0.5", "::ffff:a14:5"],
  ["64:ff9b::10.20.0.255", "64:ff9b::a14:ff"],
  ["fe80::10.20.0.5%eth0.5", "fe80::a14:5%eth0.5"],
  ["::10.20.0.0/112", "::a14:0/112"],
  ["10.20.0.5", "10.20.0.5"],
  ["fe80::1%eth0.100", "fe80::1%eth0.100"],
])("an IPv4 tail of %j in hexadecimal is %j", (text, hexadecimal) => {
  expect(withHexTail(text)).toBe(hexadecimal);
});

const normal = (address: string): string => new URL(`http://[${address}]/`).hostname;

test("in hexadecimal it is the address that a URL makes of it", () => {
  fc.assert(
    fc.property(fc.constantFrom("::", "::ffff:", "64:ff9b::", "1:2:3:4:5:6:"), fc.ipV4(), (head, tail) => {
      expect(normal(withHexTail(head + tail))).toBe(normal(head + tail));
      expect(withHexTail(head + tail)).not.toContain(".");
    }),
  );
});
