import dns from "node:dns";
import { afterEach, expect, test } from "vitest";
import { systemResolvers } from "../../../src/system/resolvers.ts";

const before = dns.getServers();
afterEach(() => dns.setServers(before));

test.each([
  ["10.0.0.53", { address: "10.0.0.53", port: 53 }],
  ["10.0.0.53:5353", { address: "10.0.0.53", port: 5353 }],
  ["fd00::53", { address: "fd00::53", port: 53 }],
  ["[fd00::53]:5353", { address: "fd00::53", port: 5353 }],
])("the resolver %s is asked there", (server, expected) => {
  dns.setServers([server]);
  expect(systemResolvers()).toEqual([expected]);
});

test("resolvers keep the system's order", () => {
  dns.setServers(["10.0.0.2", "fd00::1", "10.0.0.1"]);
  expect(systemResolvers().map(({ address }) => address)).toEqual(["10.0.0.2", "fd00::1", "10.0.0.1"]);
});
