/** From what a caller asks for, and what this machine knows, to a complete request. */
import type { Settings } from "../model/settings.ts";
import type { Source } from "../model/source.ts";
import { findSource, interfaceNames, isInterface } from "../system/interfaces.ts";
import { systemResolvers } from "../system/resolvers.ts";
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
import { COMMAND_LINE } from "../verdict/asked.ts";
import type { CheckRequest } from "./check.ts";
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
  /** Resolvers to ask, `ADDR` or `ADDR:PORT`. */
  resolvers?: readonly string[];
  /** Local addresses or interfaces to probe from, each on its own. Without any the system chooses. */
  sources?: readonly string[];
  /** Names for subnets, `NAME=CIDR`. */
  networks?: readonly string[];
  /** For hosts given without a port. */
  port?: number;
  settings?: Partial<Settings>;
  /** Addresses at a time; "auto", which is the default, adds all that are silent. */
  concurrency?: Concurrency;
};

/**
 * @param signal ends the reading of lists, where somebody must type them
 * @throws UsageError on what can't be understood, before anything is sent
 */
export async function completeRequest(options: CheckOptions, signal?: AbortSignal): Promise<CheckRequest> {
  requireOptions(options);
  const { hosts = [], files = [], domains = [], resolvers = [] } = options;
  const { concurrency = "auto" } = options;
  const endpoints = parseHosts(hosts, options.port ?? KMS_PORT);
  const asked = domains.map(parseDomain);
  const servers = resolvers.map(parseResolver);
  const sources = await Promise.all((options.sources ?? []).map(requireSource));
  const networks = (options.networks ?? []).map(parseNetwork);
  for (const file of files)
    endpoints.push(...(await readHostList(file, { defaultPort: options.port, signal })));
  requireZones([...endpoints.map(({ host }) => host), ...servers.map(({ address }) => address)]);
  const discovers = endpoints.length === 0 && files.length === 0 && asked.length === 0;
  const named = endpoints.some(({ host }) => !host.includes(".") && !host.includes(":"));
  const system = discovers || named ? await systemSuffixes() : { suffixes: [], looked: [] };
  const found = discovers ? system.suffixes.flatMap(({ domain, source }) => usable(domain, source)) : [];
  return {
    domains: [...unique(asked).map((domain) => ({ domain, source: COMMAND_LINE })), ...found],
    noSuffix: discovers && found.length === 0 ? system.looked : null,
    hosts:
      endpoints.length > 0
        ? { endpoints: uniqueBy(endpoints, ({ host, port }) => `${host} ${port}`), source: COMMAND_LINE }
        : null,
    resolvers: uniqueBy(
      servers.length > 0 ? servers : systemResolvers(),
      ({ address, port }) => `${address} ${port}`,
    ),
    sources: uniqueBy(sources, ({ label }) => label),
    networks,
    suffixes: asked.length > 0 ? unique(asked) : system.suffixes.map(({ domain }) => domain),
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    concurrency,
  };
}

/** A zone that is no interface: Node 22 and later ask another link instead. */
export function requireZones(addresses: readonly string[]): void {
  const wrong = addresses.find((address) => zoneOf(address) !== "" && !isInterface(zoneOf(address)));
  if (wrong === undefined) return;
  const names = interfaceNames().join(", ");
  throw new UsageError(
    `'${show(wrong)}': ${show(zoneOf(wrong))} is no interface of this machine (it has ${names})`,
  );
}

async function requireSource(label: string): Promise<Source> {
  const source = await findSource(label.trim());
  if (source !== null) return source;
  const names = interfaceNames().join(", ");
  throw new UsageError(
    `--source '${show(label)}' is no address and no interface of this machine (it has ${names})`,
  );
}

/** A suffix of this machine that can't be a name is not the user's mistake here: it is passed over. */
function usable(domain: string, source: string): { domain: string; source: string }[] {
  try {
    return [{ domain: parseDomain(domain), source }];
  } catch {
    return [];
  }
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function uniqueBy<Value>(values: readonly Value[], key: (value: Value) => string): Value[] {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}
