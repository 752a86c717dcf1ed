import { expect, test } from "vitest";
import { literalAddress, probeHostAddresses } from "../../../src/probe/address.ts";
import { DEFAULT_SETTINGS } from "../../../src/run/settings.ts";

/** Nothing is asked: a hosts file has it. */
const context = {
  settings: DEFAULT_SETTINGS,
  source: null,
  signal: new AbortController().signal,
  clock: { nowMs: () => 0 },
  wallNowMs: () => 0,
  randomU16: () => 1,
  callId: () => 1,
};

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

test.each([
  ["64:ff9b::e000:5", "multicast"],
  ["64:ff9b::", "unspecified"],
  ["64:ff9b::255.255.255.255", "broadcast"],
  ["224.0.0.5", "multicast"],
] as const)(
  "%s is no other machine's, and behind a NAT64 gateway neither: it is not probed",
  async (address, use) => {
    const hosts = [{ address, names: ["kms1.corp.example"] }];
    const found = await probeHostAddresses("kms1.corp.example", [], { hosts, suffixes: [] }, context);
    expect(found).toMatchObject({ addresses: [], special: [{ address, use }] });
  },
);

test("an address that NAT64 leads to a host is probed", async () => {
  const hosts = [{ address: "64:ff9b::a01:203", names: ["kms1.corp.example"] }];
  const found = await probeHostAddresses("kms1.corp.example", [], { hosts, suffixes: [] }, context);
  expect(found).toMatchObject({ addresses: ["64:ff9b::a01:203"], special: [] });
});
