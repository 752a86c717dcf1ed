/** From what a caller asks for, and what this machine knows, to a complete request. */
import type { Configuration, UnreadLine } from "../model/configuration.ts";
import type { Endpoint } from "../model/evidence.ts";
import type { Settings } from "../model/settings.ts";
import type { Source } from "../model/source.ts";
import { ipFamily } from "../protocol/ip.ts";
import { findSource, interfaceNames, isInterface } from "../system/interfaces.ts";
import { readResolvers } from "../system/resolvers.ts";
import { systemSuffixes } from "../system/suffixes.ts";
import { readHostList } from "../targets/list.ts";
import {
  KMS_PORT,
  parseDomain,
  parseHosts,
  parseNetwork,
  parseResolver,
  show,
  zoneOf,
} from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { abortSignalOf, Stop } from "../transport/stop.ts";
import type { StopSignal } from "../transport/stop.ts";
import { COMMAND_LINE } from "../verdict/asked.ts";
import type { CheckRequest } from "./check.ts";
import { findResolvers } from "./named-resolver.ts";
import { requireOptions } from "./options.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import type { Concurrency } from "./steps.ts";

/** All as text, the way a user writes it. What is left out is taken from this machine, or from the defaults. */
export type CheckOptions = {
  /** `HOST`, `HOST:PORT`, an address, `[IPV6]:PORT`. */
  hosts?: readonly string[];
  /** Files with such hosts, one a line; `-` is standard input. */
  files?: readonly string[];
  /** DNS suffixes to look for `_vlmcs._tcp` under. */
  domains?: readonly string[];
  /** Resolvers to ask, `ADDR`, `ADDR:PORT` or a name, which is looked up as this machine would. */
  resolvers?: readonly string[];
  /** Local addresses or interfaces to probe from, each on its own. Without any the system chooses. */
  sources?: readonly string[];
  /** Names for subnets, `NAME=CIDR`. */
  networks?: readonly string[];
  /** What was named elsewhere than by the user: looked at beside the rest. What can't be understood is passed over. */
  named?: Named;
  /** For hosts given without a port. */
  port?: number;
  settings?: Partial<Settings>;
  /** Addresses at a time; "auto", which is the default, adds all that are silent. */
  concurrency?: Concurrency;
};

/** Resolvers are asked before those of this machine; where the user names any, those alone are asked. */
export type Named = {
  readonly hosts: readonly string[];
  readonly domains: readonly string[];
  readonly resolvers: readonly string[];
  /** where: `ticket.txt` */
  readonly by: string;
};

const NOTHING_NAMED: Named = { hosts: [], domains: [], resolvers: [], by: "" };

/**
 * @param signal ends the reading of lists, where somebody must type them
 * @param unasked whether this machine's resolvers are read where no name is looked up. For one who looks many times a
 *   second they are left: nothing is then said of how they are configured, either
 * @throws UsageError on what can't be understood, before anything is sent
 */
export async function completeRequest(
  options: CheckOptions,
  signal?: StopSignal,
  unasked: "read" | "left" = "read",
): Promise<CheckRequest> {
  requireOptions(options);
  const { hosts = [], files = [], domains = [], resolvers = [], named = NOTHING_NAMED } = options;
  const { concurrency = "auto" } = options;
  const endpoints = parseHosts(hosts, options.port ?? KMS_PORT);
  const asked = domains.map(parseDomain);
  const servers = await findResolvers(resolvers, signal);
  const sources = await Promise.all((options.sources ?? []).map(requireSource));
  const networks = (options.networks ?? []).map(parseNetwork);
  for (const file of files) endpoints.push(...(await hostsIn(file, options.port, signal)));
  await requireZones([...endpoints.map(({ host }) => host), ...servers.map(({ address }) => address)]);
  const given = endpoints.length;
  endpoints.push(...named.hosts.flatMap((host) => understood(host, (text) => parseHosts([text], KMS_PORT))));
  const elsewhere = named.domains
    .flatMap((domain) => usable(domain, named.by))
    .filter(({ domain }) => !asked.includes(domain));
  const discovers = given === 0 && files.length === 0 && asked.length === 0 && elsewhere.length === 0;
  const short = endpoints.some(({ host }) => !host.includes(".") && !host.includes(":"));
  const system = discovers || short ? await systemSuffixes() : { suffixes: [], looked: [], unread: [] };
  const asksNobody =
    !discovers &&
    asked.length + elsewhere.length === 0 &&
    endpoints.every(({ host }) => ipFamily(host) !== 0) &&
    options.settings?.clock !== true;
  const leaves = servers.length > 0 || (unasked === "left" && asksNobody);
  const own = leaves ? null : readResolvers();
  const isNobodyNamed = own !== null && !own.named && named.resolvers.length === 0;
  const found = discovers ? system.suffixes.flatMap(({ domain, source }) => usable(domain, source)) : [];
  return {
    domains: [...unique(asked).map((domain) => ({ domain, source: COMMAND_LINE })), ...elsewhere, ...found],
    noSuffix: discovers && found.length === 0 ? system.looked : null,
    hosts:
      endpoints.length > 0
        ? {
            endpoints: uniqueBy(endpoints, ({ host, port }) => `${host} ${port}`),
            source: given > 0 || named.hosts.length === 0 ? COMMAND_LINE : named.by,
          }
        : null,
    resolvers: uniqueBy(
      own === null
        ? servers
        : [
            ...named.resolvers.flatMap((each) => understood(each, (text) => [parseResolver(text)])),
            ...own.servers,
          ],
      ({ address, port }) => `${address} ${port}`,
    ),
    configuration: configurationOf(own?.unread ?? [], system.unread, isNobodyNamed),
    sources: uniqueBy(sources, ({ label }) => label),
    networks,
    suffixes: suffixesOf(asked, elsewhere, system.suffixes),
    ...(asked.length > 0 ? { siblings: () => siblingsOf(asked) } : {}),
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    concurrency,
  };
}

async function hostsIn(
  file: string,
  defaultPort: number | undefined,
  stop: StopSignal = new Stop(),
): Promise<Endpoint[]> {
  const { signal, release } = abortSignalOf(stop);
  try {
    return await readHostList(file, { defaultPort, signal });
  } finally {
    release();
  }
}

/** The suffixes of this machine that nobody named. */
async function siblingsOf(asked: readonly string[]): Promise<string[]> {
  const { suffixes } = await systemSuffixes();
  const usableOnes = suffixes.flatMap(({ domain, source }) => usable(domain, source));
  return usableOnes.flatMap(({ domain }) => (asked.includes(domain) ? [] : [domain]));
}

/** Null where there is nothing to tell. A line that is about both is told once. */
export function configurationOf(
  resolvers: readonly UnreadLine[],
  suffixes: readonly UnreadLine[],
  noResolver: boolean,
): Configuration | null {
  const all = uniqueBy([...resolvers, ...suffixes], ({ line, why }) => `${line} ${why}`);
  if (all.length === 0 && !noResolver) return null;
  return { unread: all.toSorted((a, b) => a.line - b.line), noResolver };
}

/** A zone that is no interface: Node 22 and later ask another link instead. */
export async function requireZones(addresses: readonly string[]): Promise<void> {
  const wrong = addresses.find((address) => zoneOf(address) !== "" && !isInterface(zoneOf(address)));
  if (wrong === undefined) return;
  const names = (await interfaceNames()).join(", ");
  throw new UsageError(
    `'${show(wrong)}': ${show(zoneOf(wrong))} is no interface of this machine (it has ${names})`,
  );
}

async function requireSource(label: string): Promise<Source> {
  const source = await findSource(label.trim());
  if (source !== null) return source;
  const names = (await interfaceNames()).join(", ");
  throw new UsageError(
    `--source '${show(label)}' is no address and no interface of this machine (it has ${names})`,
  );
}

/** Those the user named, or those that were named elsewhere, before those of this machine. */
function suffixesOf(
  asked: readonly string[],
  ...others: readonly (readonly { domain: string }[])[]
): string[] {
  if (asked.length > 0) return unique(asked);
  return unique(others.find((each) => each.length > 0)?.map(({ domain }) => domain) ?? []);
}

/** What nobody here has typed is no mistake of the user's. */
function understood<Value>(text: string, parse: (text: string) => Value[]): Value[] {
  try {
    return parse(text);
  } catch {
    return [];
  }
}

/** A suffix of this machine that can't be a name is not the user's mistake here: it is passed over. */
function usable(domain: string, source: string): { domain: string; source: string }[] {
  return understood(domain, (text) => [{ domain: parseDomain(text), source }]);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function uniqueBy<Value>(values: readonly Value[], key: (value: Value) => string): Value[] {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}
