import { describe, expect, it } from "vitest";
import { literalAddress } from "../../../src/probe/address.ts";
import { ofFamily } from "../../../src/run/family.ts";

const both = {
  ...literalAddress("10.0.0.1"),
  addresses: ["10.0.0.1", "fd00::1", "10.0.0.2", "fe80::1%eth0"],
};

describe("the addresses of one family", () => {
  it.each([
    [4, ["10.0.0.1", "10.0.0.2"], ["fd00::1", "fe80::1%eth0"]],
    [6, ["fd00::1", "fe80::1%eth0"], ["10.0.0.1", "10.0.0.2"]],
  ] as const)("are those that -%i leaves, the others are kept beside", (family, addresses, leftOut) => {
    expect(ofFamily(both, { family })).toEqual({ ...both, addresses, leftOut });
  });

  it("are all where none was asked for, and where there is no other", () => {
    expect(ofFamily(both, {})).toBe(both);
    const one = literalAddress("10.0.0.1");
    expect(ofFamily(one, { family: 4 })).toBe(one);
  });
});
