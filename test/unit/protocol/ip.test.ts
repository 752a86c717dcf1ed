import net from "node:net";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ipFamily } from "../../../src/protocol/ip.ts";

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
