import { expect, test } from "vitest";
import { literalAddress } from "../../../src/probe/address.ts";

test.each(["10.0.0.1", "2001:db8::1"])("the literal %s is its own address, without a lookup", (address) => {
  expect(literalAddress(address)).toEqual({
    literal: true,
    validName: true,
    lookups: [],
    glue: [],
    addresses: [address],
    dropped: 0,
    special: [],
    nobody: null,
  });
});
