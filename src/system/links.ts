/** Interfaces that Node does not list: those that are down, without carrier, or without an address. Linux only. */
import fs from "node:fs/promises";
import { ip } from "./ip-command.ts";

export type Link = { name: string; fault: "down" | "no-carrier" | null; addresses: readonly string[] };

/** All that this machine has; asked of ip(8), and from /proc without it, which knows names only. */
export async function readLinks(): Promise<Link[]> {
  if (process.platform !== "linux") return [];
  const [links, addresses] = await Promise.all([ip("link", "show"), ip("addr", "show")]);
  if (links !== "") return parseLinks(links, addresses);
  const table = await fs.readFile("/proc/net/dev", "latin1").catch(() => "");
  return namesIn(table).map((name) => ({ name, fault: null, addresses: [] }));
}

/**
 * @param links the text of `ip -o link show`: `2: eth0@if3: <NO-CARRIER,BROADCAST,UP> mtu …`
 * @param addresses that of `ip -o addr show`: `2: eth0    inet 10.0.0.5/24 …`
 */
export function parseLinks(links: string, addresses: string): Link[] {
  const owned = Array.from(addresses.matchAll(/^\d+: +(\S+) +inet6? ([0-9a-f.:]+)/gm));
  return Array.from(
    links.matchAll(/^\d+: +([^\s@]+?)(?:@\S+)?: <([A-Z0-9_,-]*)>/gm),
    ([, name = "", flags = ""]) => {
      const is = new Set(flags.split(","));
      return {
        name,
        fault: !is.has("UP") ? "down" : is.has("NO-CARRIER") ? "no-carrier" : null,
        addresses: owned.flatMap(([, owner, address = ""]) => (owner === name ? [address] : [])),
      };
    },
  );
}

/**
 * Those by which nothing leaves, so that their routes are missing: with an address of their own or, where no link is
 * left that has one and works, all.
 */
export function deadAmong(links: readonly Link[]): Link[] {
  const others = links.filter(({ name }) => name !== "lo");
  const works = others.some(({ fault, addresses }) => fault === null && addresses.length > 0);
  return others.filter(({ fault, addresses }) => fault !== null && (!works || addresses.length > 0));
}

/** @param table the text of /proc/net/dev: two lines of headings, then `name: figures` */
export function namesIn(table: string): string[] {
  return Array.from(table.matchAll(/^ *([^\s:|]+(?::\d+)?): /gm), ([, name = ""]) => name);
}
