import dns from "node:dns";
import { afterEach, expect, test } from "vitest";
import { systemResolvers, withZones } from "../../../src/system/resolvers.ts";

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

const linkLocal = { address: "fe80::53", port: 53 };

test.each([
  ["the zone of the file", "nameserver fe80::53%eth0\n", ["fe80::53%eth0"]],
  ["in whatever spelling", "  nameserver FE80:0::53%eth0 # router\r\n", ["FE80:0::53%eth0"]],
  [
    "both zones where it has two",
    "nameserver fe80::53%eth0\nnameserver fe80::53%wg0\n",
    ["fe80::53%eth0", "fe80::53%wg0"],
  ],
  ["none where the file has none", "nameserver fe80::53\n", ["fe80::53"]],
  ["none of another address", "nameserver fe80::54%eth0\n", ["fe80::53"]],
  ["none out of a comment", "# nameserver fe80::53%eth0\n", ["fe80::53"]],
])("a link-local resolver gets %s", (_, text, expected) => {
  const others = { address: "10.0.0.53", port: 53 };
  expect(withZones([linkLocal, others], text).map(({ address }) => address)).toEqual([
    ...expected,
    "10.0.0.53",
  ]);
});
