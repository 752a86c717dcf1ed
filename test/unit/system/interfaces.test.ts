import os from "node:os";
import { describe, expect, test } from "vitest";
import {
  findSource,
  interfaceOf,
  isDesktopKernel,
  isInterface,
  kindOfLink,
  linkKindOf,
  viaOf,
} from "../../../src/system/interfaces.ts";

test("every address of this machine is on an interface that holds it", () => {
  const interfaces = os.networkInterfaces();
  for (const { address } of Object.values(interfaces).flatMap((entries) => entries ?? [])) {
    const name = interfaceOf(address) ?? "";
    expect(interfaces[name]?.map((entry) => entry.address)).toContain(address);
  }
});

test("all of 127/8 is on the loopback interface", () => {
  const loopback = interfaceOf("127.0.0.1");
  expect(loopback).toMatch(/^lo/);
  expect(interfaceOf("127.71.3.4")).toBe(loopback);
});

test("a zone and the case of letters do not matter", () => {
  expect(interfaceOf("::1%lo")).toBe(interfaceOf("::1"));
});

test.each(["192.0.2.1", "2001:db8::1", "", "nonsense"])("%j is on none of them", (address) => {
  expect(interfaceOf(address)).toBeNull();
});

describe("kindOfLink", () => {
  const link = { type: "1", devtype: "", tun: false };

  // What /sys/class/net says on Linux 6: type, DEVTYPE of uevent, and whether there are tun_flags.
  test.each([
    ["a network card", link, "ethernet"],
    ["a virtual card", { ...link, devtype: "vlan" }, "ethernet"],
    ["a wireless card", { ...link, devtype: "wlan" }, "wireless"],
    ["a bridge", { ...link, devtype: "bridge" }, "bridge"],
    ["OpenVPN's tun0", { type: "65534", devtype: "", tun: true }, "tunnel"],
    ["a TAP device, which looks like a card", { ...link, tun: true }, "tunnel"],
    ["WireGuard in the kernel", { type: "65534", devtype: "wireguard", tun: false }, "tunnel"],
    ["VXLAN, which looks like a card", { ...link, devtype: "vxlan" }, "tunnel"],
    ["an Ethernet tunnel over GRE", { ...link, devtype: "gretap" }, "tunnel"],
    ["PPP", { type: "512", devtype: "ppp", tun: false }, "tunnel"],
    ["GRE", { type: "778", devtype: "", tun: false }, "tunnel"],
    ["another link without a link layer", { type: "65534", devtype: "", tun: false }, "tunnel"],
    ["the loopback", { type: "772", devtype: "", tun: false }, "loopback"],
    ["InfiniBand", { type: "32", devtype: "", tun: false }, "other"],
    ["a link of which nothing can be read", { type: "", devtype: "", tun: false }, "unknown"],
  ])("%s", (_, said, kind) => {
    expect(kindOfLink(said)).toBe(kind);
  });
});

describe("findSource", () => {
  test("takes an address of this machine", async () => {
    expect(await findSource("127.0.0.1")).toEqual({
      label: "127.0.0.1",
      ipv4: "127.0.0.1",
      ipv6: null,
      interface: interfaceOf("127.0.0.1"),
      link: "loopback",
    });
  });

  test("takes an interface by its name, with its addresses", async () => {
    const name = interfaceOf("127.0.0.1") ?? "";
    expect(await findSource(name)).toMatchObject({
      label: name,
      ipv4: "127.0.0.1",
      interface: name,
      link: "loopback",
    });
  });

  test.each(["192.0.2.1", "2001:db8::1", "no-such-interface", ""])("has nothing for %j", async (label) => {
    expect(await findSource(label)).toBeNull();
  });
});

test("viaOf names the interface of an address and the kind of link", async () => {
  expect(await viaOf("127.0.0.1")).toEqual({
    address: "127.0.0.1",
    interface: interfaceOf("127.0.0.1"),
    link: "loopback",
    owner: null,
  });
  expect(await viaOf("192.0.2.1")).toEqual({
    address: "192.0.2.1",
    interface: null,
    link: "unknown",
    owner: null,
  });
});

test("an interface that isn't there is of no known kind", async () => {
  expect(await linkKindOf("no-such-interface")).toBe("unknown");
});

test.each(["nosuch0", "3", "", "..", "lo/../lo"])("%j is no interface", (name) => {
  expect(isInterface(name)).toBe(false);
});

test("every interface of this machine is one", () => {
  for (const name of Object.keys(os.networkInterfaces())) expect(isInterface(name)).toBe(true);
});

describe("the kernel of Docker Desktop's virtual machine", () => {
  test.each([
    ["6.10.14-linuxkit", true],
    ["6.1.0-37-amd64", false],
    ["5.15.167.4-microsoft-standard-WSL2", false],
  ])("%s: %s", (release, is) => {
    expect(isDesktopKernel(release)).toBe(is);
  });
});
