/**
 * The addresses that this machine looks for on its own links, and whether anybody has answered its queries (ARP): on
 * Linux and for IPv4, where every process may read that.
 */
import fs from "node:fs";
import os from "node:os";
import ipaddr from "ipaddr.js";

export type Neighbour =
  /** Somebody has answered for it. */
  | "answered"
  /** The query is under way, or nobody has answered it. */
  | "unanswered"
  /** Nothing is asked: the table may be full. */
  | "unasked"
  /** Not on a link of ours that asks. */
  | "elsewhere"
  /** On a link of ours, of which no table tells. */
  | "untold";

export type Neighbours = {
  /** As it stands now, or stood a moment ago. */
  of: (address: string, nowMs: number) => Neighbour;
};

/** A table is good for so long. */
const FRESH_MS = 50;

/** Routes may come and go with a VPN. */
const ROUTES_FRESH_MS = 5_000;

/** Sources are arguments for tests. */
export function createNeighbours(
  read: (file: string) => string | null = readText,
  platform: string = process.platform,
  ownSubnets: () => readonly string[] = subnetsHere,
): Neighbours {
  let table: ReadonlyMap<string, boolean> = new Map();
  let readMs = -Infinity;
  let routes: readonly Route[] | null = null;
  let subnets: readonly ReturnType<typeof ipaddr.parseCIDR>[] = [];
  let routesMs = -Infinity;

  function refreshRoutes(nowMs: number): void {
    if (nowMs - routesMs < ROUTES_FRESH_MS) return;
    routesMs = nowMs;
    const text = platform === "linux" ? read("/proc/net/route") : null;
    routes = text === null ? null : routesIn(text, (device) => asks(read(`/sys/class/net/${device}/flags`)));
    subnets = ownSubnets().map((cidr) => ipaddr.parseCIDR(cidr));
  }

  return {
    of(address, nowMs) {
      refreshRoutes(nowMs);
      const isIpv4 = !address.includes(":");
      if (!isIpv4 || routes === null) {
        const parsed = ipaddr.parse(address.replace(/%.*$/, ""));
        const near = subnets.some(
          ([net, prefix]) => net.kind() === parsed.kind() && parsed.match(net, prefix),
        );
        return near ? "untold" : "elsewhere";
      }
      if (!isOnLink(routes, valueOf(address))) return "elsewhere";
      if (nowMs - readMs >= FRESH_MS) {
        readMs = nowMs;
        table = neighboursIn(read("/proc/net/arp") ?? "");
      }
      const answered = table.get(address);
      return answered === undefined ? "unasked" : answered ? "answered" : "unanswered";
    },
  };
}

type Route = { net: number; mask: number; onLink: boolean };

/** Flags of linux/route.h and net/if.h. */
const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;
const IFF_LOOPBACK = 0x8;
const IFF_NOARP = 0x80;

/** @param text of /proc/net/route, longest prefix first in the answer; `asksOf` whether a device sends ARP queries */
function routesIn(text: string, asksOf: (device: string) => boolean): Route[] {
  const routes = text.split("\n").flatMap((line) => {
    const [device = "", net = "", , flagsHex = "", , , , mask = ""] = line.trim().split(/\s+/);
    const flags = Number.parseInt(flagsHex, 16);
    if (!/^[0-9A-F]{8}$/.test(net) || !/^[0-9A-F]{8}$/.test(mask) || !(flags & RTF_UP)) return [];
    const onLink = (flags & RTF_GATEWAY) === 0 && asksOf(device);
    return [{ net: hostOrder(net), mask: hostOrder(mask), onLink }];
  });
  return routes.toSorted((a, b) => b.mask - a.mask);
}

function isOnLink(routes: readonly Route[], value: number): boolean {
  return routes.find(({ net, mask }) => (value & mask) >>> 0 === net)?.onLink ?? false;
}

/** @param text of /proc/net/arp. @returns whether each address in it was answered for */
function neighboursIn(text: string): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const line of text.split("\n").slice(1)) {
    const [address, , flags] = line.split(/\s+/);
    // ATF_COM of linux/if_arp.h: complete.
    if (address && flags) found.set(address, (Number.parseInt(flags, 16) & 0x2) !== 0);
  }
  return found;
}

/** A device that can't be read may ask: then nothing is cut short. */
function asks(flagsText: string | null): boolean {
  const flags = Number.parseInt(flagsText ?? "0", 16);
  return (flags & (IFF_LOOPBACK | IFF_NOARP)) === 0;
}

/** The kernel prints the bytes of an address as a number of this machine, whose lowest byte comes first. */
function hostOrder(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE();
}

function valueOf(address: string): number {
  return address.split(".").reduce((value, part) => value * 256 + Number(part), 0) >>> 0;
}

function subnetsHere(): string[] {
  try {
    return Object.values(os.networkInterfaces()).flatMap((entries) =>
      (entries ?? []).flatMap(({ cidr, internal }) => (cidr === null || internal ? [] : [cidr])),
    );
  } catch {
    return [];
  }
}

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, "latin1");
  } catch {
    return null;
  }
}
