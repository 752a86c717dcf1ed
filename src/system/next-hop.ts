/** Who is to take a packet first, and whether it answers for its address: asked of ip(8). Linux only. */
import type { NextHop } from "../model/here.ts";
import { ipFamily } from "../protocol/ip.ts";
import { ip } from "./ip-command.ts";

/**
 * Asked after an unreachable host: the kernel keeps for some seconds whom it has looked for in vain.
 * @returns null where the system doesn't say, and for an address of this machine itself
 */
export async function nextHopTowards(to: string, from: string): Promise<NextHop | null> {
  if (process.platform !== "linux" || ipFamily(to) === 0 || to.includes("%") || from.includes("%"))
    return null;
  const way = wayIn(await ip("route", "get", to, "from", from));
  if (way === null) return null;
  const said = await ip("neigh", "show", "to", way.gateway ?? to, "dev", way.device);
  return { gateway: way.gateway, answers: answersIn(said) };
}

/** @param text of `ip -o route get`: `10.0.9.1 from 10.0.0.5 via 10.0.0.1 dev eth0 uid 0`; null for this machine itself */
export function wayIn(text: string): { gateway: string | null; device: string } | null {
  const device = / dev (\S+)/.exec(text)?.[1];
  if (device === undefined || text.startsWith("local ")) return null;
  return { gateway: / via (?:inet6? )?([0-9a-f.:]+) /.exec(text)?.[1] ?? null, device };
}

/** @param text of `ip -o neigh show`: `10.0.0.1 lladdr 02:… REACHABLE`, `10.0.0.9 FAILED`; null where no query is made */
export function answersIn(text: string): boolean | null {
  const state = /\b([A-Z]+)\s*$/.exec(text.trimEnd())?.[1];
  switch (state) {
    case "FAILED":
    case "INCOMPLETE":
      return false;
    case "REACHABLE":
    case "STALE":
    case "DELAY":
    case "PROBE":
    case "PERMANENT":
      return true;
    default:
      return null;
  }
}
