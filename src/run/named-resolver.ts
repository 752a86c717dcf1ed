/** Resolvers as they were named: an address as it stands, a name looked up as this machine would. */
import type { SocketAddress } from "../model/dns.ts";
import { everyAddress, probeHostAddresses } from "../probe/address.ts";
import { ipFamily } from "../protocol/ip.ts";
import { readHostsFile } from "../system/hosts-file.ts";
import { systemResolvers } from "../system/resolvers.ts";
import { systemSuffixes } from "../system/suffixes.ts";
import { parseNamedResolver, show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { monotonicClock } from "../transport/clock.ts";
import { Stop } from "../transport/stop.ts";
import type { StopSignal } from "../transport/stop.ts";
import { contextOf } from "./context.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

/**
 * @returns one address each, the first that the name has
 * @throws UsageError where a name has none, or nobody says so
 */
export async function findResolvers(
  texts: readonly string[],
  signal: StopSignal | undefined,
): Promise<SocketAddress[]> {
  const until = signal ?? new Stop();
  return await Promise.all(
    texts.map(async (text) => {
      const { name, port } = parseNamedResolver(text);
      return { address: ipFamily(name) === 0 ? await addressOf(name, text, until) : name, port };
    }),
  );
}

async function addressOf(name: string, text: string, signal: StopSignal): Promise<string> {
  const [hosts, { suffixes }] = await Promise.all([readHostsFile(), systemSuffixes()]);
  const local = { hosts, suffixes: suffixes.map(({ domain }) => domain) };
  const resolvers = systemResolvers();
  const context = contextOf(DEFAULT_SETTINGS, null, { signal, clock: monotonicClock });
  const found = await probeHostAddresses(name, resolvers, local, context);
  const [first] = everyAddress(found);
  if (first !== undefined) return first;
  const asked = resolvers.map(({ address }) => address).join(", ") || "no resolver";
  throw new UsageError(
    `'${show(text)}' is a resolver's name, and no address of it is found in the hosts file or at ${asked}: write its IP address`,
  );
}
