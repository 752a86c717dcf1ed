import dns from "node:dns";
import fs from "node:fs";
import type { SocketAddress } from "../model/dns.ts";
import { ipFamily } from "../protocol/ip.ts";

const RESOLV_CONF = "/etc/resolv.conf";

/** The resolvers this machine asks, in its order. */
export function systemResolvers(): SocketAddress[] {
  const servers = dns.getServers().flatMap((server) => {
    // "10.0.0.1", "10.0.0.1:5353", "fd00::1" or "[fd00::1]:5353", the port only where it is not 53.
    if (ipFamily(server) !== 0) return [{ address: server, port: 53 }];
    const match = /^\[?([^\]]+?)\]?:(\d+)$/.exec(server);
    const [, address = "", port = ""] = match ?? [];
    return ipFamily(address) === 0 ? [] : [{ address, port: Number(port) }];
  });
  if (process.platform === "win32" || !servers.some(({ address }) => lacksZone(address))) return servers;
  try {
    return withZones(servers, fs.readFileSync(RESOLV_CONF, "utf8"));
  } catch {
    return servers;
  }
}

/**
 * Gives link-local servers back the zones that Node's list leaves out (seen on Node 20 to 26): without one they can't be
 * asked. The same address in two zones is one server to Node, and two here.
 * @param text of resolv.conf
 */
export function withZones(servers: readonly SocketAddress[], text: string): SocketAddress[] {
  const zoned = text.split("\n").flatMap((line) => {
    const [, address = ""] = /^\s*nameserver\s+(\S+?%[^\s;#]+)/.exec(line) ?? [];
    return ipFamily(address) === 6 ? [address] : [];
  });
  return servers.flatMap(({ address, port }) => {
    const own = lacksZone(address) ? zoned.filter((each) => sameButZone(each, address)) : [];
    return own.length === 0
      ? [{ address, port }]
      : [...new Set(own)].map((each) => ({ address: each, port }));
  });
}

function lacksZone(address: string): boolean {
  return /^fe[89ab]/i.test(address) && !address.includes("%");
}

/** Whatever way the file spells it. */
function sameButZone(zoned: string, address: string): boolean {
  const plain = zoned.replace(/%.*/, "");
  return new URL(`http://[${plain}]`).hostname === new URL(`http://[${address}]`).hostname;
}
