import { describe, expect, test } from "vitest";
import { gatewaysIn, interfaceIn, interfacesIn } from "../../../src/system/route.ts";

// As slirp4netns leaves it (Linux 6.18): 10.0.2.2 by tap0.
const TABLE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
tap0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
tap0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
`;

describe("the default gateways by an interface", () => {
  test.each([
    ["tap0", ["10.0.2.2"]],
    ["eth0", ["192.168.1.1"]],
    ["tun0", []],
  ])("%s", (name, gateways) => {
    expect(gatewaysIn(TABLE, name)).toEqual(gateways);
  });

  test("are none where the table can't be read", () => {
    expect(gatewaysIn("", "tap0")).toEqual([]);
  });
});

describe("the interface that packets leave by", () => {
  test("is the one that ip route names, whoever has the address", () => {
    const said = "10.77.0.9 from 10.66.8.2 dev ipsec0 table 220 uid 0 \\    cache";
    expect(interfaceIn(said)).toBe("ipsec0");
  });

  test.each(["", "RTNETLINK answers: Invalid argument"])("is not known from %j", (text) => {
    expect(interfaceIn(text)).toBeNull();
  });
});

test("many ways are told apart by both their ends, and those that are not known are left out", () => {
  // iproute2 6.1, -force -batch: errors go to standard error, and no line stands for them.
  const said = [
    "10.77.0.9 from 10.66.8.2 dev ipsec0 table 220 uid 0 \\    cache ",
    "10.77.0.9 from 10.71.1.10 via 10.71.1.1 dev to-hq table 101 uid 0 \\    cache ",
    "local 10.71.1.10 from 10.71.1.10 dev lo table local uid 0 \\    cache <local> ",
    "fd71:2::10 from fd71:1::10 via fd71:1::1 dev to-router metric 1024 pref medium",
    "RTNETLINK answers: Network is unreachable",
  ].join("\n");
  expect([...interfacesIn(said)]).toEqual([
    ["10.77.0.9 10.66.8.2", "ipsec0"],
    ["10.77.0.9 10.71.1.10", "to-hq"],
    ["10.71.1.10 10.71.1.10", "lo"],
    ["fd71:2::10 fd71:1::10", "to-router"],
  ]);
});
