/** From a policy, and what this machine has, to what is probed. */
import type { SocketAddress } from "../model/dns.ts";
import type { Settings } from "../model/settings.ts";
import type { Network, Source } from "../model/source.ts";
import { findSource, findSourceIn, interfaceNames } from "../system/interfaces.ts";
import { readResolvers } from "../system/resolvers.ts";
import { systemSuffixes } from "../system/suffixes.ts";
import type { Policy } from "../verify/laid-policy.ts";
import { resolverKey } from "../verify/policy.ts";
import type { Look, Wanted } from "../verify/plan.ts";
import type { Care } from "./addresses.ts";
import { configurationOf, requireZones } from "./request.ts";
import { DEFAULT_SETTINGS, writtenSettings } from "./settings.ts";
import type { Concurrency } from "./steps.ts";
import type { SourcedLook, VerifyRequest } from "./verify.ts";

export type CompleteVerify = {
  request: VerifyRequest;
  /** Sources of the policy that this machine doesn't have, each with why. */
  missing: ReadonlyMap<string, string>;
  /** Asked where an expectation names none. */
  resolvers: readonly SocketAddress[];
};

/** A source that is not there is news about this machine, not a mistake in the policy: a VPN may be down. */
export async function completeVerify(policy: Policy, looks: readonly Look[]): Promise<CompleteVerify> {
  const own = policy.resolvers.length > 0 ? null : readResolvers();
  const resolvers = own === null ? policy.resolvers : own.servers;
  const named = policy.expectations.flatMap((each) =>
    each.elsewhere === null ? (each.resolvers ?? []) : [],
  );
  const asked = new Map([...resolvers, ...named].map((each) => [resolverKey(each), each]));
  await requireZones([
    ...[...asked.values()].map(({ address }) => address),
    ...looks.flatMap(({ hosts, closed }) => [
      ...[...hosts.values()].map(({ endpoint }) => endpoint.host),
      ...[...closed.values()].map(({ host }) => host),
    ]),
  ]);
  const settings: Settings = { ...DEFAULT_SETTINGS, ...writtenSettings(policy.settings) };
  const missing = new Map<string, string>();
  const sourced: SourcedLook[] = [];
  for (const look of looks) {
    const source = look.from === null ? null : await sourceOf(look.from, policy.networks);
    if (typeof source === "string") missing.set(look.from ?? "", source);
    else sourced.push(sourcedLook(look, source, settings));
  }
  const bare = sourced.some(({ hosts, closed, names }) =>
    [...hosts.map(({ endpoint }) => endpoint.host), ...closed.map(({ host }) => host), ...names].some(
      (host) => !host.includes(".") && !host.includes(":"),
    ),
  );
  const suffixes =
    policy.domains.length > 0 || !bare
      ? policy.domains
      : (await systemSuffixes()).suffixes.map(({ domain }) => domain);
  const concurrency: Concurrency = policy.settings.concurrency ?? "auto";
  const request = {
    looks: sourced,
    resolvers: [...asked.values()],
    suffixes,
    settings,
    networks: policy.networks,
    configuration: configurationOf(own?.unread ?? [], [], own !== null && !own.named),
    concurrency,
  };
  return { request, missing, resolvers };
}

/** @returns why there is none, where there is none */
async function sourceOf(from: string, networks: readonly Network[]): Promise<Source | string> {
  const network = networks.find(({ name }) => name === from);
  if (network !== undefined) {
    const source = await findSourceIn(from, network.cidr);
    return source ?? `this machine has no address in ${from} (${network.cidr}): see whether the VPN is up`;
  }
  const source = await findSource(from);
  const has = (await interfaceNames()).join(", ");
  return (
    source ??
    `this machine has no interface or address ${from}, and the policy no network of that name (it has ${has})`
  );
}

function sourcedLook(
  { domains, hosts, closed, names }: Look,
  source: Source | null,
  run: Settings,
): SourcedLook {
  const careFor = ({ samples, clock }: Wanted): Care => ({ count: samples ?? run.count, clock });
  return {
    source,
    domains: [...domains].map(([domain, wanted]) => ({ domain, care: careFor(wanted) })),
    hosts: [...hosts.values()].map(({ endpoint, wanted }) => ({ endpoint, care: careFor(wanted) })),
    closed: [...closed.values()],
    names: [...names],
  };
}
