import dns from "node:dns";
import { afterEach, expect, test, vi } from "vitest";
import { besides, systemResolvers } from "../../../src/system/resolvers.ts";

const before = dns.getServers();
afterEach(() => dns.setServers(before));

test.each([
  ["10.0.0.53", { address: "10.0.0.53", port: 53 }],
  ["10.0.0.53:5353", { address: "10.0.0.53", port: 5353 }],
  ["fd00::53", { address: "fd00::53", port: 53 }],
  ["[fd00::53]:5353", { address: "fd00::53", port: 5353 }],
])("the resolver %s that a program has set is asked there", (server, expected) => {
  dns.setServers([server]);
  expect(systemResolvers()).toEqual([expected]);
});

test("resolvers keep the order that a program has set", () => {
  dns.setServers(["10.0.0.2", "fd00::1", "10.0.0.1"]);
  expect(systemResolvers().map(({ address }) => address)).toEqual(["10.0.0.2", "fd00::1", "10.0.0.1"]);
});

/** What Node would read of the system's configuration now. */
const nowReads = () => vi.spyOn(dns.Resolver.prototype, "getServers").mockReturnValue(["10.9.9.9"]);

test("what the system has changed to since this program began is not taken for what it has set", () => {
  const changed = nowReads();
  try {
    expect(systemResolvers()).toContainEqual({ address: "10.9.9.9", port: 53 });
  } finally {
    changed.mockRestore();
  }
  // Not while it is mocked: who sets servers gets the prototype's getServers anew.
  dns.setServers(["10.0.0.1"]);
  const changedAgain = nowReads();
  try {
    expect(systemResolvers()).toEqual([{ address: "10.0.0.1", port: 53 }]);
  } finally {
    changedAgain.mockRestore();
  }
});

const at = (address: string, port = 53): { address: string; port: number } => ({ address, port });

test("what only Node's list has stands behind what the file says", () => {
  expect(besides([at("10.0.0.1")], [at("10.0.0.1"), at("10.0.0.2")], [])).toEqual([
    at("10.0.0.1"),
    at("10.0.0.2"),
  ]);
});

test("a zone that Node leaves out, and another spelling, make no second server", () => {
  expect(besides([at("FE80:0::53%eth0")], [at("fe80::53")], [])).toEqual([at("FE80:0::53%eth0")]);
});

test("Node's reading of a line that is in doubt is not asked", () => {
  expect(besides([at("127.0.0.1")], [at("127.1.0.0")], [{ about: "resolver" }])).toEqual([at("127.0.0.1")]);
});

test("without a server in the file it is Node's list, which is this machine itself", () => {
  expect(besides([], [at("127.0.0.1")], [])).toEqual([at("127.0.0.1")]);
});
