import { describe, expect, it } from "vitest";
import { deadAmong, namesIn, parseLinks } from "../../../src/system/links.ts";

// iproute2 6.1 in a namespace of its own, 2026-11-28.
const LINKS = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
3: up0@up0p: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether 0e:6a:62:d5:1c:4e brd ff:ff:ff:ff:ff:ff
5: nocar@nocarp: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN> mtu 1500 qdisc noqueue state LOWERLAYERDOWN mode DEFAULT group default qlen 1000\\    link/ether 5a:0c:62:d5:1c:4e brd ff:ff:ff:ff:ff:ff
7: down0@if6: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 1000\\    link/ether 5a:0c:62:d5:1c:4f brd ff:ff:ff:ff:ff:ff
8: wg0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/none
`;
const ADDRESSES = `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
3: up0    inet 10.77.1.10/24 scope global up0\\       valid_lft forever preferred_lft forever
3: up0    inet6 fe80::c6a:62ff:fed5:1c4e/64 scope link \\       valid_lft forever preferred_lft forever
5: nocar    inet 10.77.2.10/24 scope global nocar\\       valid_lft forever preferred_lft forever
7: down0    inet 10.77.3.10 peer 10.77.3.1/32 scope global down0\\       valid_lft forever preferred_lft forever
`;

describe("the interfaces that ip(8) lists", () => {
  it("are read with their state and all their addresses, up or not", () => {
    expect(parseLinks(LINKS, ADDRESSES)).toEqual([
      { name: "lo", fault: null, addresses: ["127.0.0.1"] },
      { name: "up0", fault: null, addresses: ["10.77.1.10", "fe80::c6a:62ff:fed5:1c4e"] },
      { name: "nocar", fault: "no-carrier", addresses: ["10.77.2.10"] },
      { name: "down0", fault: "down", addresses: ["10.77.3.10"] },
      { name: "wg0", fault: null, addresses: [] },
    ]);
  });

  it("are dead with an address of their own and, where no other works, without one", () => {
    const links = parseLinks(LINKS, ADDRESSES);
    const bare = { name: "eth9", fault: "down", addresses: [] } as const;
    expect(deadAmong([...links, bare]).map(({ name }) => name)).toEqual(["nocar", "down0"]);
    const rest = [...links.filter(({ name }) => name !== "up0"), bare];
    expect(deadAmong(rest).map(({ name }) => name)).toEqual(["nocar", "down0", "eth9"]);
    expect(deadAmong(links.slice(0, 2))).toEqual([]);
  });

  it.each(["", "usage: ip link", "1: lo", "\u0000"])("are none in %j", (text) => {
    expect(parseLinks(text, ADDRESSES)).toEqual([]);
  });
});

it("without ip(8) the kernel's table of traffic has at least the names", () => {
  const table = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3124      36    0    0    0     0          0         0     3124      36    0    0    0     0       0          0
  eth0: 1000 10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
eth0.20:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`;
  expect(namesIn(table)).toEqual(["lo", "eth0", "eth0.20"]);
});
