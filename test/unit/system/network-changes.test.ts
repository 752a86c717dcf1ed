import { describe, expect, test } from "vitest";
import { diffNetwork, parseRoutes4, parseRoutes6, readNetwork } from "../../../src/system/network-changes.ts";

const TABLE_4 = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
tun0\t00001E0A\t0100080A\t0003\t0\t0\t50\t0000FFFF\t0\t0\t0
*\t00281E0A\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0
tun0\t00001F0A\t0100080A\t0002\t0\t0\t50\t0000FFFF\t0\t0\t0
`;

const ZERO = "00000000000000000000000000000000";
const TABLE_6 = `fd000000000000000000000000000000 40 ${ZERO} 00 ${ZERO} 00000100 00000001 00000000 00000001     eth0
${ZERO} 00 ${ZERO} 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
00000000000000000000000000000001 80 ${ZERO} 00 ${ZERO} 00000000 00000004 00000000 80200001       lo
fd000000000000000000000000000002 80 ${ZERO} 00 ${ZERO} 00000000 00000003 00000000 80200001     eth0
ff000000000000000000000000000000 08 ${ZERO} 00 ${ZERO} 00000100 00000003 00000000 00000001     eth0
${ZERO} 00 ${ZERO} 00 ${ZERO} ffffffff 00000001 00000000 00200200       lo
`;

describe("Linux's route tables", () => {
  test("IPv4: default, network, through a gateway, unreachable; not those that are down", () => {
    expect(parseRoutes4(TABLE_4)).toEqual([
      "default via 192.0.2.1 on eth0",
      "192.0.2.0/24 on eth0 metric 100",
      "10.30.0.0/16 via 10.8.0.1 on tun0 metric 50",
      "unreachable 10.30.40.0/24",
    ]);
  });

  test("IPv6: without our own addresses, multicast and the last resort", () => {
    expect(parseRoutes6(TABLE_6)).toEqual([
      "fd00::/64 on eth0 metric 256",
      "default (IPv6) via fd00::1 on eth0 metric 1024",
    ]);
  });

  test("nothing in them is believed: any other text is no route", () => {
    for (const text of [
      "",
      "\n",
      "a b c",
      "eth0 xyz 0 0003 0 0 0 zz",
      `${"f".repeat(40)} 1 2 3 4 5 6 7 8 9`,
    ]) {
      expect(parseRoutes4(text)).toEqual([]);
      expect(parseRoutes6(text)).toEqual([]);
    }
  });
});

describe("changes of the network", () => {
  const before = {
    interfaces: ["lo", "tun0"],
    addresses: ["127.0.0.1/8 on lo", "10.8.0.2/24 on tun0"],
    routes: ["default via 192.0.2.1 on eth0", "10.30.0.0/16 via 10.8.0.1 on tun0"],
  };

  test("a tunnel that drops is an interface, an address and a route that went", () => {
    const after = {
      interfaces: ["lo"],
      addresses: ["127.0.0.1/8 on lo"],
      routes: ["default via 192.0.2.1 on eth0"],
    };
    expect(diffNetwork(before, after)).toEqual([
      { what: "interface", change: "went", name: "tun0" },
      { what: "address", change: "went", name: "10.8.0.2/24 on tun0" },
      { what: "route", change: "went", name: "10.30.0.0/16 via 10.8.0.1 on tun0" },
    ]);
    expect(diffNetwork(after, before).map(({ change }) => change)).toEqual(["came", "came", "came"]);
  });

  test("another order, or the same route twice, is no change", () => {
    const turned = { ...before, routes: [...before.routes, ...before.routes].toReversed() };
    expect(diffNetwork(before, turned)).toEqual([]);
  });

  test("a table that could not be read says nothing about routes", () => {
    expect(diffNetwork(before, { ...before, routes: null })).toEqual([]);
    expect(diffNetwork({ ...before, routes: null }, before)).toEqual([]);
  });

  test("this machine has a loopback address, and the same network twice in a row", async () => {
    const once = await readNetwork();
    expect(once?.addresses.some((name) => name.startsWith("127.0.0.1/8 on "))).toBe(true);
    const again = await readNetwork();
    expect(once && again && diffNetwork(once, again)).toEqual([]);
  });
});
