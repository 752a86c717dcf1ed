import dns from "node:dns";
import type { SocketAddress } from "../model/dns.ts";
import { ipFamily } from "../protocol/ip.ts";

/** The resolvers this machine asks, in its order. */
export function systemResolvers(): SocketAddress[] {
  return dns.getServers().flatMap((server) => {
    // "10.0.0.1", "10.0.0.1:5353", "fd00::1" or "[fd00::1]:5353", the port only where it is not 53.
    if (ipFamily(server) !== 0) return [{ address: server, port: 53 }];
    const match = /^\[?([^\]]+?)\]?:(\d+)$/.exec(server);
    const [, address = "", port = ""] = match ?? [];
    return ipFamily(address) === 0 ? [] : [{ address, port: Number(port) }];
  });
}
