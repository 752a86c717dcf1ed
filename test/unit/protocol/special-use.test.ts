import { expect, test } from "vitest";
import { specialUse } from "../../../src/protocol/special-use.ts";

test.each([
  ["0.0.0.0", "unspecified"],
  ["0.1.2.3", "unspecified"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.255", "loopback"],
  ["224.0.0.251", "multicast"],
  ["239.255.255.255", "multicast"],
  ["240.0.0.1", "reserved"],
  ["255.255.255.255", "broadcast"],
  ["192.0.2.1", "documentation"],
  ["198.51.100.7", "documentation"],
  ["203.0.113.255", "documentation"],
  ["198.18.0.5", "benchmarking"],
  ["198.19.255.255", "benchmarking"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["fe80::a00:27ff:fe4e:66a1", "link-local"],
  ["ff02::1", "multicast"],
  ["2001:db8:1::5", "documentation"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:7f00:1", "loopback"],
  ["::ffff:0:0", "unspecified"],
])("%s is %s", (address, use) => {
  expect(specialUse(address)).toBe(use);
});

test.each([
  "10.0.0.5",
  "100.64.0.1",
  "126.255.255.255",
  "128.0.0.1",
  "169.254.1.2",
  "223.255.255.255",
  "fd09::5",
  "2001:db7::1",
  "64:ff9b::a09:5",
  "::ffff:10.0.0.5",
  "::2",
  "fe80::5%eth0",
  "kms1.corp.example",
])("%s can be a host's, or is no address", (address) => {
  expect(specialUse(address)).toBeNull();
});
