/** What the routing table says beyond the address that packets leave from. */
import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import type { Via } from "../model/source.ts";
import { ipFamily } from "../protocol/ip.ts";
import { linkKindOf, viaOf } from "./interfaces.ts";
import { parseRoutes4 } from "./network-changes.ts";
import { ip, IP_MS } from "./ip-command.ts";

/**
 * A local end, with the interface that packets to an address leave by: it need not be the one that holds the local
 * address, since the route of a site-to-site VPN names another interface's.
 */
export async function viaTowards(local: string, to: string): Promise<Via> {
  const via = await viaOf(local);
  if (!mayLeaveElsewhere(via, to)) return via;
  return await leavingBy(via, interfaceIn(await ip("route", "get", to, "from", local)));
}

export type Way = { via: Via; to: string };

/** The same for many local ends that are known, with one call of ip(8); in their order. */
export async function viasTowards(ways: readonly Way[]): Promise<Via[]> {
  const asked = ways.filter(({ via, to }) => mayLeaveElsewhere(via, to));
  const lines = new Set(asked.map(({ via, to }) => `route get ${to} from ${via.address}`));
  const said = lines.size === 0 ? new Map<string, string>() : interfacesIn(await ipBatch([...lines]));
  return await Promise.all(
    ways.map(({ via, to }) => leavingBy(via, said.get(wayKey(to, via.address)) ?? null)),
  );
}

/** Whether ip(8) can be asked: off Linux it can't, and 127/8 never leaves. */
function mayLeaveElsewhere({ address, interface: name }: Via, to: string): boolean {
  if (process.platform !== "linux" || name === null) return false;
  if (ipFamily(to) === 0 || ipFamily(to) !== ipFamily(address)) return false;
  if (to.includes("%") || address.includes("%")) return false;
  return !address.startsWith("127.") && address !== "::1";
}

async function leavingBy(via: Via, name: string | null): Promise<Via> {
  if (name === null || name === via.interface || via.interface === null) return via;
  const link = await linkKindOf(name);
  return link === "loopback" ? via : { ...via, interface: name, link, owner: via.interface };
}

/** A way that ip(8) does not know ends nothing: the others are told all the same. */
async function ipBatch(lines: readonly string[]): Promise<string> {
  return await new Promise((resolve) => {
    const options = { timeout: IP_MS, maxBuffer: 4 << 20 };
    const child = execFile("ip", ["-o", "-force", "-batch", "-"], options, (_, stdout) => resolve(stdout));
    // It may be missing, or have ended before it read all.
    child.stdin?.on("error", () => {});
    child.stdin?.end(`${lines.join("\n")}\n`);
  });
}

function wayKey(to: string, from: string): string {
  return `${to} ${from}`;
}

/** @param text of several `ip -o route get TO from FROM`, a line each; by TO and FROM */
export function interfacesIn(text: string): Map<string, string> {
  const lines = text.matchAll(/^(?:[a-z]+ )?([0-9a-f.:]+) from ([0-9a-f.:]+) .*?\bdev (\S+)/gm);
  return new Map(Array.from(lines, ([, to = "", from = "", name = ""]) => [wayKey(to, from), name]));
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
