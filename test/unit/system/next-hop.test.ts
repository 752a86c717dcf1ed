import { describe, expect, test } from "vitest";
import { answersIn, wayIn } from "../../../src/system/next-hop.ts";

// As iproute2 6.1 prints them.
describe("the way that ip route names", () => {
  test.each([
    [
      "10.71.2.99 from 10.71.1.10 via 10.71.1.1 dev to-router uid 0 \\    cache ",
      { gateway: "10.71.1.1", device: "to-router" },
    ],
    ["10.71.1.99 from 10.71.1.10 dev to-router uid 0 \\    cache ", { gateway: null, device: "to-router" }],
    [
      "fd71:2::99 from fd71:1::10 via fd71:1::1 dev to-router metric 1024 pref medium",
      { gateway: "fd71:1::1", device: "to-router" },
    ],
    ["10.9.0.1 from 10.0.0.5 via inet6 fe80::1 dev eth0 uid 0", { gateway: "fe80::1", device: "eth0" }],
    ["local 10.71.1.10 from 10.71.1.10 dev lo table local uid 0 \\    cache <local> ", null],
    ["RTNETLINK answers: Network is unreachable", null],
    ["", null],
  ])("%j", (text, way) => {
    expect(wayIn(text)).toEqual(way);
  });
});

describe("whether a neighbour has answered", () => {
  test.each([
    ["10.71.1.99 FAILED \n", false],
    ["10.71.1.99 INCOMPLETE \n", false],
    ["10.71.1.1 lladdr 3e:16:44:aa:fe:0c REACHABLE \n", true],
    ["fd71:1::1 lladdr 3e:16:44:aa:fe:0c router STALE \n", true],
    ["10.71.1.1 lladdr 3e:16:44:aa:fe:0c PERMANENT \n", true],
    ["10.9.0.1 lladdr 00:00:00:00:00:00 NOARP \n", null],
    ["", null],
  ])("%j", (text, answers) => {
    expect(answersIn(text)).toBe(answers);
  });
});
