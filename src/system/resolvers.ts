/** The resolvers this machine asks, in its order. */
import dns from "node:dns";
import fs from "node:fs";
import type { UnreadLine } from "../model/configuration.ts";
import type { SocketAddress } from "../model/dns.ts";
import { ipFamily } from "../protocol/ip.ts";
import { isInterface } from "./interfaces.ts";
import { readResolvConf, RESOLV_CONF } from "./resolv-conf.ts";

/** `named`: whether the system names any; without one, programs ask this machine itself. */
export type SystemResolvers = { servers: SocketAddress[]; named: boolean; unread: UnreadLine[] };

export function systemResolvers(): SocketAddress[] {
  return readResolvers().servers;
}

/**
 * What /etc/resolv.conf says, and behind it what only Node's list has. That list leaves out the zones of link-local
 * servers, and lines that the C library reads (seen on Node 20 to 26). Where a program has set it, it counts alone.
 */
export function readResolvers(): SystemResolvers {
  const listed = dns.getServers();
  const system = systemServers();
  const isSet = isSetByProgram(listed, system);
  const own = (isSet ? listed : system).flatMap(serverOf);
  // Windows and macOS have lists elsewhere, which Node knows.
  if (process.platform === "win32" || process.platform === "darwin" || isSet)
    return { servers: own, named: own.length > 0, unread: [] };
  const { servers, unread } = readResolvConf(readText(), isInterface);
  return {
    servers: besides(servers, own, unread),
    named: servers.length > 0,
    unread: unread.filter(({ about }) => about !== "suffix"),
  };
}

/** @param own Node's, of which only those are taken that the file's reading cannot have meant otherwise */
export function besides(
  servers: readonly SocketAddress[],
  own: readonly SocketAddress[],
  unread: readonly Pick<UnreadLine, "about">[],
): SocketAddress[] {
  if (servers.length === 0) return [...own];
  // Where a line is in doubt, Node's reading of it is the doubtful one.
  if (unread.some(({ about }) => about !== "suffix")) return [...servers];
  const known = new Set(servers.map(canonical));
  return [...servers, ...own.filter((each) => !known.has(canonical(each)))];
}

/** Node reads its list once, and the system's may change: what differs from it now was set only if it differed then. */
const atStart = { listed: dns.getServers().join(" "), system: systemServers().join(" ") };

function isSetByProgram(listed: readonly string[], system: readonly string[]): boolean {
  const now = listed.join(" ");
  return now !== system.join(" ") && (now !== atStart.listed || atStart.listed !== atStart.system);
}

/** What Node's list would be if it were read now. */
function systemServers(): string[] {
  return new dns.Resolver().getServers();
}

function readText(): string {
  try {
    return fs.readFileSync(RESOLV_CONF, "utf8");
  } catch {
    return "";
  }
}

/** "10.0.0.1", "10.0.0.1:5353", "fd00::1" or "[fd00::1]:5353", the port only where it is not 53. */
function serverOf(server: string): SocketAddress[] {
  if (ipFamily(server) !== 0) return [{ address: server, port: 53 }];
  const [, address = "", port = ""] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(server) ?? [];
  return ipFamily(address) === 0 ? [] : [{ address, port: Number(port) }];
}

/** One spelling of a server, whatever way the file has it; without a zone. */
function canonical({ address, port }: SocketAddress): string {
  const plain = address.replace(/%.*/, "");
  return `${ipFamily(plain) === 6 ? new URL(`http://[${plain}]`).hostname : plain} ${port}`;
}
