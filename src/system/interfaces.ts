import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import ipaddr from "ipaddr.js";
import type { LinkKind, Source, SourceFault, Via } from "../model/source.ts";
import { deadAmong, readLinks } from "./links.ts";
import { recent, recentEach } from "./recent.ts";
import { ip } from "./ip-command.ts";

/** The interface that holds a local address, or null. IPv6 zone ids are ignored in the comparison. */
export function interfaceOf(address: string): string | null {
  const plain = withoutZone(address);
  // An address that was not there just now may have come since.
  const owner = ownerIn(recentInterfaces(), plain) ?? ownerIn(allInterfaces(), plain);
  if (owner !== null) return owner;
  // The whole of 127/8 is on the loopback interface, which lists one address of it.
  return plain.startsWith("127.") && plain !== "127.0.0.1" ? interfaceOf("127.0.0.1") : null;
}

type Interfaces = ReturnType<typeof os.networkInterfaces>;

function ownerIn(interfaces: Interfaces, plain: string): string | null {
  for (const [name, entries] of Object.entries(interfaces))
    if (entries?.some((entry) => withoutZone(entry.address) === plain)) return name;
  return null;
}

/** Asking takes a descriptor: where none is left, nothing is known. */
function allInterfaces(): Interfaces {
  try {
    return os.networkInterfaces();
  } catch {
    return {};
  }
}

/** An address that moves to another interface is told of the old one for so long. */
const RECENT_MS = 100;

const recentInterfaces = recent(RECENT_MS, allInterfaces);

/** A local address with its interface and what kind of link that is. */
export async function viaOf(address: string): Promise<Via> {
  const name = interfaceOf(address) ?? (await downInterfaceOf(address));
  return { address, interface: name, link: name === null ? "unknown" : await linkKindOf(name), owner: null };
}

/**
 * The interface of an address that Node does not list, since nothing runs on it: the kernel still chooses such an
 * address as a source. Asked of ip(8), and null without it.
 */
async function downInterfaceOf(address: string): Promise<string | null> {
  const plain = withoutZone(address);
  if (process.platform !== "linux" || !ipaddr.isValid(plain)) return null;
  const family = plain.includes(":") ? "-6" : "-4";
  const said = await ip(family, "addr", "show", "to", plain);
  return /^\d+: ([^ ]+) /.exec(said)?.[1] ?? null;
}

/** Whether the interface is there and nothing is at its other end. Reading this of one that is down is an error. */
export async function isWithoutCarrier(name: string): Promise<boolean> {
  if (process.platform !== "linux") return false;
  const file = `/sys/class/net/${name.replace(/[/:].*$/, "")}/carrier`;
  return (await fs.readFile(file, "utf8").catch(() => "")).trim() === "0";
}

/**
 * What the user means by a source: a local address, or the first addresses of an interface.
 * @returns null where this machine has neither
 */
export async function findSource(label: string): Promise<Source | null> {
  const owner = interfaceOf(label);
  if (owner !== null) {
    const ipv6 = label.includes(":");
    const link = await linkKindOf(owner);
    return { label, ipv4: ipv6 ? null : label, ipv6: ipv6 ? label : null, interface: owner, link };
  }
  const entries = allInterfaces()[label];
  if (entries === undefined) return await findUnlisted(label);
  const first = (family: "IPv4" | "IPv6"): string | null =>
    // A link-local address reaches the link only: another one goes first.
    entries
      .filter((entry) => entry.family === family)
      .toSorted((a, b) => Number(isLinkLocal(a.address)) - Number(isLinkLocal(b.address)))[0]?.address ??
    null;
  return { label, ipv4: first("IPv4"), ipv6: first("IPv6"), interface: label, link: await linkKindOf(label) };
}

/** One that Node does not list since nothing runs on it: the user means it all the same, and is told its state. */
async function findUnlisted(label: string): Promise<Source | null> {
  const links = await readLinks();
  const plain = withoutZone(label);
  const owner = links.find(({ addresses }) => addresses.includes(plain));
  const found = owner ?? links.find(({ name }) => name === label);
  if (found === undefined) return null;
  const own = owner === undefined ? found.addresses : [plain];
  return {
    label,
    ipv4: own.find((address) => !address.includes(":")) ?? null,
    ipv6: own.find((address) => address.includes(":") && !isLinkLocal(address)) ?? null,
    interface: found.name,
    link: await linkKindOf(found.name),
  };
}

/** What keeps the interface of a source from being used now; null where nothing of it is seen. */
export async function sourceFaultOf({ interface: name, ...source }: Source): Promise<SourceFault | null> {
  const link = (await readLinks()).find((each) => each.name === name);
  if (name === null || link === undefined) return null;
  if (link.fault !== null) return { interface: name, state: link.fault };
  const reachesOut = source.ipv4 !== null || (source.ipv6 !== null && !isLinkLocal(source.ipv6));
  return reachesOut ? null : { interface: name, state: "no-address" };
}

/** So many are told: a machine of containers has hundreds. */
const MAX_DEAD_LINKS = 8;

/** Asked for every address of a run that has no route. */
export const deadLinks = recent(RECENT_MS, readDeadLinks);

/** Links that are down or without carrier and may be why a route is missing: no bridge, whose ends are this machine's. */
async function readDeadLinks(): Promise<SourceFault[]> {
  const dead = await Promise.all(
    deadAmong(await readLinks()).map(async (link) => ({ ...link, kind: await linkKindOf(link.name) })),
  );
  return dead
    .flatMap(({ name, fault, addresses, kind }): SourceFault[] => {
      // The kernel makes a device of each kind of tunnel by itself, which nobody uses.
      const unused = kind === "bridge" || (kind === "tunnel" && addresses.length === 0);
      return fault === null || unused ? [] : [{ interface: name, state: fault }];
    })
    .slice(0, MAX_DEAD_LINKS);
}

/**
 * The local end in a subnet: the first addresses of this machine that lie there.
 * @param cidr a valid one
 * @returns null where this machine has none
 */
export async function findSourceIn(label: string, cidr: string): Promise<Source | null> {
  const [network, prefix] = ipaddr.parseCIDR(cidr);
  for (const [name, entries] of Object.entries(allInterfaces())) {
    const address = entries?.find((entry) => {
      const plain = withoutZone(entry.address);
      if (!ipaddr.isValid(plain)) return false;
      const parsed = ipaddr.process(plain);
      return parsed.kind() === network.kind() && parsed.match(network, prefix);
    })?.address;
    if (address === undefined) continue;
    const isIpv6 = address.includes(":");
    const ends = { ipv4: isIpv6 ? null : address, ipv6: isIpv6 ? address : null };
    return { label, ...ends, interface: name, link: await linkKindOf(name) };
  }
  return null;
}

/** All of this machine, whatever their state. */
export async function interfaceNames(): Promise<string[]> {
  const links = (await readLinks()).map(({ name }) => name);
  return [...new Set([...Object.keys(allInterfaces()), ...links])];
}

/** Whether this machine has an interface of that name, up or not. Windows numbers its zones. */
export function isInterface(name: string): boolean {
  if (Object.hasOwn(allInterfaces(), name)) return true;
  if (process.platform === "win32") return /^\d+$/.test(name);
  return process.platform === "linux" && /^[^/.][^/]*$/.test(name) && existsSync(`/sys/class/net/${name}`);
}

/** ARPHRD numbers of /sys/class/net/<name>/type (include/uapi/linux/if_arp.h). */
const ARPHRD: Readonly<Record<string, LinkKind>> = {
  "512": "tunnel", // PPP
  "768": "tunnel", // IPIP
  "769": "tunnel", // IP6IP6
  "772": "loopback",
  "776": "tunnel", // SIT
  "778": "tunnel", // GRE
  "823": "tunnel", // IP6GRE
};

/** An interface that is made anew as another kind is told of as the old one for so long. */
const KIND_MS = 1_000;

/** Three files each: an exporter would read them hundreds of times a second. */
const kinds = recentEach(KIND_MS, readLinkKind);

/** The link's kind: on Linux read from the system, elsewhere from the name where that says it. */
export async function linkKindOf(name: string): Promise<LinkKind> {
  return await kinds(name);
}

async function readLinkKind(name: string): Promise<LinkKind> {
  if (recentInterfaces()[name]?.some((entry) => entry.internal)) return "loopback";
  if (process.platform !== "linux") return kindByName(name);
  const dir = `/sys/class/net/${name.replace(/[/:].*$/, "")}`;
  const read = (file: string): Promise<string> => fs.readFile(`${dir}/${file}`, "utf8").catch(() => "");
  const [type, uevent, tunFlags] = await Promise.all([read("type"), read("uevent"), read("tun_flags")]);
  const isTap = (Number.parseInt(tunFlags, 16) & IFF_TAP) !== 0;
  if (isTap && hasSlirpAddress(name)) return "user-mode";
  // pasta may leave the outer /sys in place, which does not know the interfaces inside.
  if ((isTap || type === "") && (await isInUserNamespace())) return "user-mode";
  if (type.trim() === "1" && isDesktopKernel(os.release())) return "user-mode";
  return kindOfLink({
    type: type.trim(),
    devtype: /^DEVTYPE=(.*)$/m.exec(uevent)?.[1] ?? "",
    tun: tunFlags !== "",
  });
}

/** A TAP device, of include/uapi/linux/if_tun.h. */
const IFF_TAP = 0x2;

/** In a rootless container users are others than outside: its TAP is the end of a program's own TCP stack. */
async function isInUserNamespace(): Promise<boolean> {
  const map = await fs.readFile("/proc/self/uid_map", "utf8").catch(() => "");
  return map.trim() !== "" && !/^\s*0\s+0\s+4294967295\s*$/.test(map);
}

/** The virtual machine of Docker Desktop, whose only way out is a program of the machine outside. */
export function isDesktopKernel(release: string): boolean {
  return release.endsWith("-linuxkit");
}

/** The network that libslirp gives its guests where nobody says otherwise. */
function hasSlirpAddress(name: string): boolean {
  return allInterfaces()[name]?.some(({ address }) => address.startsWith("10.0.2.")) ?? false;
}

/** Links that are the end of a tunnel by their own driver, though some look like a card. */
const TUNNELS = new Set(
  (
    "wireguard tun vti ipsec xfrm vxlan geneve gre gretap ip6gre ip6gretap erspan " +
    "ipip sit ip6tnl vti6 ppp l2tpeth bareudp ovpn"
  ).split(" "),
);

/** @param link what /sys/class/net says: `type` is an ARPHRD number, `tun` whether it is a TUN or TAP device */
export function kindOfLink(link: { type: string; devtype: string; tun: boolean }): LinkKind {
  if (link.tun || TUNNELS.has(link.devtype)) return "tunnel";
  if (link.devtype === "wlan") return "wireless";
  if (link.devtype === "bridge") return "bridge";
  const known = ARPHRD[link.type];
  if (known !== undefined) return known;
  if (link.type === "") return "unknown";
  // ARPHRD_NONE is what tunnels without a link layer say, WireGuard among them.
  if (link.type === "65534") return "tunnel";
  return link.type === "1" ? "ethernet" : "other";
}

/** macOS calls its tunnels utunN, ipsecN and pppN; Windows names are the user's. */
function kindByName(name: string): LinkKind {
  return /^(utun|ipsec|ppp|tun|tap|wg)\d/.test(name) ? "tunnel" : "unknown";
}

function isLinkLocal(address: string): boolean {
  return address.toLowerCase().startsWith("fe80:");
}

function withoutZone(address: string): string {
  const zone = address.indexOf("%");
  return (zone === -1 ? address : address.slice(0, zone)).toLowerCase();
}
