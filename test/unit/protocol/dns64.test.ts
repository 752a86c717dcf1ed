import { expect, test } from "vitest";
import { embeddedIpv4 } from "../../../src/protocol/dns64.ts";

// RFC 6052 2.4 has these, all of 192.0.2.33.
test.each([
  ["2001:db8:c000:221::", false],
  ["2001:db8:1c0:2:21::", false],
  ["2001:db8:122:c000:2:2100::", false],
  ["2001:db8:122:3c0:0:221::", false],
  ["2001:db8:122:344:c0:2:2100::", false],
  ["2001:db8:122:344::192.0.2.33", false],
  ["64:ff9b::192.0.2.33", true],
])("%s holds 192.0.2.33", (address, wellKnown) => {
  expect(embeddedIpv4(address, ["10.0.0.5", "192.0.2.33"])).toEqual({ ipv4: "192.0.2.33", wellKnown });
});

test("the well-known prefix is told without an A record beside it, another one is not", () => {
  expect(embeddedIpv4("64:ff9b::a09:5", [])).toEqual({ ipv4: "10.9.0.5", wellKnown: true });
  expect(embeddedIpv4("fd00::a09:5", [])).toBeNull();
  expect(embeddedIpv4("fd00::a09:5", ["10.9.0.6"])).toBeNull();
});

test.each(["10.9.0.5", "fd09::5", "::1", "::", "fe80::a09:5%eth0", "kms1.corp.example", "2001:db8:a09:5::1"])(
  "%s holds none",
  (address) => {
    expect(embeddedIpv4(address, ["10.9.0.5"])).toBeNull();
  },
);
