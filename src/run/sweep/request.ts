/** From what a caller asks for to a complete sweep: targets collected, names looked up, limits of this machine heeded. */
import type { Settings } from "../../model/settings.ts";
import { everyAddress, probeHostAddresses } from "../../probe/address.ts";
import { ipFamily } from "../../protocol/ip.ts";
import { addressesOfShards } from "../../sweep/coverage.ts";
import { digestOf } from "../../sweep/mix.ts";
import type { PermittedEntry, Plan, PublishedDomain, Shard, SweepSettings } from "../../sweep/model.ts";
import { readHostsFile } from "../../system/hosts-file.ts";
import { descriptorLimit } from "../../system/limits.ts";
import { systemResolvers } from "../../system/resolvers.ts";
import { systemSuffixes } from "../../system/suffixes.ts";
import { openSpace } from "../../targets/address-set.ts";
import type { AddressSpace } from "../../targets/address-set.ts";
import { readAllowed } from "../../targets/allowed.ts";
import { parseDomain } from "../../targets/parse.ts";
import { collectTargets } from "../../targets/sweep-targets.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { monotonicClock } from "../../transport/clock.ts";
import { contextOf } from "../context.ts";
import { findResolvers } from "../named-resolver.ts";
import { createPool } from "../pool.ts";
import { lookUpPublished } from "../published.ts";
import { requireZones } from "../request.ts";
import { DEFAULT_CONCURRENCY, DEFAULT_SETTINGS } from "../settings.ts";
import { byAddress, permit, publicOf, valuesOf } from "./names.ts";
import type { Named, SweepRequest } from "./model.ts";

/** All as the user writes it. */
export type SweepOptions = {
  targets: readonly string[];
  files: readonly string[];
  exclude: readonly string[];
  excludeFiles: readonly string[];
  ports: readonly number[];
  seed: number;
  shard: Shard;
  /** Connects that may begin at once, whatever the rate. */
  burst: number;
  /** `workers` null: by the size of the sweep. */
  settings: Omit<SweepSettings, "workers"> & { workers: number | null };
  everything: boolean;
  domains: readonly string[];
  resolvers: readonly string[];
  /** Compare with what DNS lists under the suffixes of this machine. */
  discover: boolean;
  allowed: string | null;
  stateFile: string | null;
};

/** From about here a second thread saves more time than its start takes. */
const ADDRESSES_FOR_TWO = 32_768;

/** Descriptors kept for what is not a connect: files, DNS, the probes behind a connect. */
const DESCRIPTORS_KEPT = 64;

/** At most this share of those that are left is in flight. */
const DESCRIPTORS_SHARE = 0.75;

/**
 * @returns the request, what there is to say before it, and a public address among the targets
 * @throws UsageError on what can't be understood, before anything is swept
 */
export async function completeSweep(
  options: SweepOptions,
  signal: AbortSignal,
): Promise<{ request: SweepRequest; notes: string[]; firstPublic: string | null }> {
  const { ports, seed, shard } = options;
  const asked = options.domains.map(parseDomain);
  const servers = await findResolvers(options.resolvers, signal);
  await requireZones(servers.map(({ address }) => address));
  const collected = await collectTargets(
    {
      targets: options.targets,
      files: options.files,
      exclude: options.exclude,
      excludeFiles: options.excludeFiles,
      ports,
    },
    signal,
  );
  const allowed = options.allowed === null ? null : await readAllowed(options.allowed, signal);
  const named = collected.names.length + collected.excludedNames.length > 0 || allowed !== null;
  const system = named || options.discover ? await systemSuffixes() : { suffixes: [] };
  const found = options.discover ? system.suffixes.map(({ domain }) => domain) : [];
  const domains = [...new Set([...asked, ...found])];
  const notes = [...collected.notes];
  if (options.discover && domains.length === 0)
    notes.push("this machine has no DNS suffix: name one with --domain to compare with DNS");
  const context = contextOf(DEFAULT_SETTINGS, null, { signal, clock: monotonicClock });
  const local = {
    hosts: named ? await readHostsFile() : [],
    suffixes: asked.length > 0 ? asked : system.suffixes.map(({ domain }) => domain),
  };
  const resolvers = servers.length > 0 ? servers : systemResolvers();
  const pool = createPool(DEFAULT_CONCURRENCY);
  const lookUp = (name: string): Promise<Named> =>
    pool(async () => {
      const evidence = await probeHostAddresses(name, resolvers, local, context);
      // Whoever sweeps loopback means it; what is never swept is left out by the sweep's own rules.
      return { names: [name], evidence: { ...evidence, addresses: everyAddress(evidence) } };
    });

  const { builder } = collected;
  const wanted = await Promise.all(
    collected.names.map(async ({ name, port }) => ({ port, ...(await lookUp(name)) })),
  );
  for (const { evidence, port } of wanted) {
    for (const { family, value } of valuesOf(evidence)) builder.add(family, value, value, port);
  }
  const excluded = await Promise.all(
    collected.excludedNames.map(async ({ name, port }) => ({ name, port, ...(await lookUp(name)) })),
  );
  for (const { name, evidence, port } of excluded) {
    // Left out silently, it would be swept.
    if (evidence.addresses.length === 0)
      throw new UsageError(
        `--exclude ${name}: no address of it can be looked up; write the addresses to leave out`,
      );
    for (const { family, value } of valuesOf(evidence)) builder.exclude(family, value, value, port);
  }
  const columns = builder.build(ports);
  const space = openSpace(columns);
  const permitted =
    allowed === null ? null : await Promise.all(allowed.map((entry) => permit(entry, lookUp)));
  const published =
    domains.length === 0 ? null : await lookUpPublished(domains, resolvers, DEFAULT_CONCURRENCY, context);
  const plan: Plan = {
    digest: digestOf(seed, [columns.ports, columns.families, columns.high, columns.low, columns.offsets]),
    targets: [...collected.written],
    excluded: [...collected.excluded],
    ports: [...ports],
    addresses: space.size,
    seed,
  };
  const { settings, cut } = fit(options.settings, addressesOfShards({ addresses: space.size }, shard));
  const request: SweepRequest = {
    plan,
    shard,
    columns,
    settings,
    burst: options.burst,
    cut,
    probeSettings: probeSettings(settings),
    names: byAddress(wanted),
    unresolved: wanted.filter(({ evidence }) => evidence.addresses.length === 0),
    everything: options.everything,
    published,
    permitted,
    singled: singledOut(space, published, permitted),
    stateFile: options.stateFile,
  };
  return { request, notes, firstPublic: collected.firstPublic ?? publicOf(wanted) };
}

/** What follows a connect waits as long as `check` does, and asks for no samples: they are taken later. */
function probeSettings({ rpcTimeoutMs }: SweepSettings): Settings {
  return { ...DEFAULT_SETTINGS, rpcTimeoutMs, count: 0 };
}

/** What this machine can bear: never more connects than descriptors. */
function fit(
  asked: SweepOptions["settings"],
  addresses: number,
): { settings: SweepSettings; cut: SweepRequest["cut"] } {
  const limit = descriptorLimit();
  const room =
    limit === null ? Infinity : Math.max(1, Math.floor((limit - DESCRIPTORS_KEPT) * DESCRIPTORS_SHARE));
  const concurrency = Math.min(asked.concurrency, room);
  const workers = asked.workers ?? (addresses >= ADDRESSES_FOR_TWO ? 2 : 1);
  return {
    settings: { ...asked, concurrency, workers },
    // Nobody misses what a small sweep would not have used.
    cut: concurrency < Math.min(asked.concurrency, addresses) ? [{ cause: "ulimit -n", concurrency }] : [],
  };
}

/** Where each published or permitted address stands in the space, as far as it is in it. */
function singledOut(
  space: AddressSpace,
  published: readonly PublishedDomain[] | null,
  permitted: readonly PermittedEntry[] | null,
): number[] {
  const listed = (published ?? []).flatMap(({ hosts }) =>
    hosts.flatMap(({ endpoint, addresses }) =>
      addresses.map((address) => ({ address, port: endpoint.port })),
    ),
  );
  const ports = new Set<number>();
  for (let subnet = 0; subnet < space.subnets; subnet++) ports.add(space.subnetOf(subnet).port);
  const allowed = (permitted ?? []).flatMap(({ text, port, addresses }) => {
    const each = addresses.length > 0 ? addresses : ipFamily(text) === 0 ? [] : [text];
    return each.flatMap((address) =>
      (port === null ? [...ports] : [port]).map((at) => ({ address, port: at })),
    );
  });
  const places = [...listed, ...allowed].map(({ address, port }) => space.indexOf(address, port));
  return [...new Set(places.filter((place) => place >= 0))];
}
