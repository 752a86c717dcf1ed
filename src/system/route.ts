/** What the routing table says beyond the address that packets leave from. */
import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import { promisify } from "node:util";
import type { Via } from "../model/source.ts";
import { ipFamily } from "../protocol/ip.ts";
import { linkKindOf, viaOf } from "./interfaces.ts";
import { parseRoutes4 } from "./network-changes.ts";

/**
 * A local end, with the interface that packets to an address leave by: it need not be the one that holds the local
 * address, since the route of a site-to-site VPN names another interface's.
 */
export async function viaTowards(local: string, to: string): Promise<Via> {
  const via = await viaOf(local);
  if (via.interface === null || via.link === "loopback") return via;
  const name = await outgoingInterface(to, local);
  if (name === null || name === via.interface) return via;
  const link = await linkKindOf(name);
  return link === "loopback" ? via : { ...via, interface: name, link };
}

/** Patience for a command that only reads. */
const IP_MS = 1_000;

/** Asked of ip(8); null where it does not say, and off Linux. */
async function outgoingInterface(to: string, from: string): Promise<string | null> {
  if (process.platform !== "linux" || ipFamily(to) === 0 || ipFamily(to) !== ipFamily(from)) return null;
  if (to.includes("%") || from.includes("%")) return null;
  const args = ["-o", "route", "get", to, "from", from];
  const { stdout } = await promisify(execFile)("ip", args, { timeout: IP_MS }).catch(() => ({ stdout: "" }));
  return interfaceIn(stdout);
}

/** @param text of `ip -o route get` */
export function interfaceIn(text: string): string | null {
  return / dev (\S+)/.exec(text)?.[1] ?? null;
}

/** The IPv4 gateways of this machine's default routes by an interface. */
export async function defaultGateways(name: string): Promise<string[]> {
  if (process.platform !== "linux") return [];
  return gatewaysIn(await fs.readFile("/proc/net/route", "latin1").catch(() => ""), name);
}

/** @param table the text of /proc/net/route */
export function gatewaysIn(table: string, name: string): string[] {
  return parseRoutes4(table).flatMap((route) => {
    const [, gateway, device] = /^default via (\S+) on (\S+)/.exec(route) ?? [];
    return gateway !== undefined && device === name ? [gateway] : [];
  });
}
