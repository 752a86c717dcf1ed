/** What has to be looked at, and from where, so that every expectation can be judged: each thing once. */
import type { Endpoint } from "../model/evidence.ts";
import { ipText } from "../targets/ip-value.ts";
import { firstPublic } from "../targets/public.ts";
import { UsageError } from "../targets/usage-error.ts";
import type { DemandOf, Expectation, Policy } from "./laid-policy.ts";
import { endpointKey } from "./policy.ts";
import { MAX_CLOSED } from "./values.ts";

/** How thoroughly a target is looked at. `samples` null: as the run's settings have it. */
export type Wanted = { samples: number | null; clock: boolean };

/** All that is looked at from one source. */
export type Look = {
  /** As the policy names it; null leaves it to the system. */
  from: string | null;
  domains: Map<string, Wanted>;
  hosts: Map<string, { endpoint: Endpoint; wanted: Wanted }>;
  closed: Map<string, Endpoint>;
  /** Permitted names, whose addresses are asked for. */
  names: Set<string>;
};

/** @throws UsageError where more addresses are to be closed than one run may touch */
export function planOf(policy: Policy): Look[] {
  const looks = new Map<string | null, Look>();
  const lookFrom = (from: string | null): Look => {
    const look = looks.get(from) ?? {
      from,
      domains: new Map(),
      hosts: new Map(),
      closed: new Map(),
      names: new Set(),
    };
    looks.set(from, look);
    return look;
  };
  const plainly: Wanted = { samples: null, clock: false };
  for (const from of policy.from) addTargets(lookFrom(from), policy, plainly);
  for (const expectation of policy.expectations) {
    if (expectation.elsewhere !== null) continue;
    for (const from of expectation.from) add(lookFrom(from), expectation);
  }
  const found = [...looks.values()].filter(
    ({ domains, hosts, closed }) => domains.size + hosts.size + closed.size > 0,
  );
  const addresses = found.reduce((sum, { closed }) => sum + closed.size, 0);
  if (addresses > MAX_CLOSED) {
    throw new UsageError(
      `${policy.file}: ${addresses.toLocaleString("en")} addresses and ports are to be closed, and one run takes ${MAX_CLOSED.toLocaleString("en")}: name smaller subnets, or fewer ports`,
    );
  }
  return found;
}

/**
 * A policy that expects nothing would pass whatever the network does: a list that an editor emptied, a misplaced indent.
 * A baseline gives such a run something to be held against.
 * @throws UsageError
 */
export function requireExpectations({ file, expectations }: Policy): void {
  if (expectations.length === 0)
    throw new UsageError(
      `${file} expects nothing, and would pass whatever is seen: add an entry under expect, such as '- serve: {}'`,
    );
}

/** The first public address in a subnet or range that is to be closed, as text: a host by itself was meant. */
export function publicRange({ expectations }: Policy): string | null {
  for (const { demand, elsewhere } of expectations) {
    if (demand.kind !== "closed" || elsewhere !== null) continue;
    for (const target of demand.hosts) {
      const found = target.kind === "interval" && target.first < target.last ? firstPublic(target) : null;
      if (found !== null) return found;
    }
  }
  return null;
}

function add(look: Look, { demand }: Expectation): void {
  switch (demand.kind) {
    case "closed":
      for (const endpoint of closedEndpoints(demand)) look.closed.set(endpointKey(endpoint), endpoint);
      return;
    case "latency":
      addTargets(look, demand, { samples: demand.samples, clock: false });
      return;
    case "clock":
      addTargets(look, demand, { samples: null, clock: true });
      return;
    case "permitted":
      for (const { kind, text } of demand.allow) if (kind === "name") look.names.add(text);
      addTargets(look, demand, { samples: null, clock: false });
      return;
    case "serve":
      addTargets(look, demand, { samples: null, clock: false });
      return;
    case "listed":
    case "agree":
    case "lint":
      addTargets(look, { domains: demand.domains, hosts: [] }, { samples: null, clock: false });
      return;
    default:
      demand satisfies never;
  }
}

function addTargets(
  look: Look,
  { domains, hosts }: { domains: readonly string[]; hosts: readonly Endpoint[] },
  wanted: Wanted,
): void {
  for (const domain of domains) look.domains.set(domain, both(look.domains.get(domain), wanted));
  for (const endpoint of hosts) {
    const key = endpointKey(endpoint);
    look.hosts.set(key, { endpoint, wanted: both(look.hosts.get(key)?.wanted, wanted) });
  }
}

/** What satisfies either. */
function both(before: Wanted | undefined, more: Wanted): Wanted {
  if (before === undefined) return more;
  const samples = [before.samples, more.samples].filter((each) => each !== null);
  return {
    samples: samples.length > 0 ? Math.max(...samples) : null,
    clock: before.clock || more.clock,
  };
}

/** Every address or name, at every port that it is to be closed on. */
export function closedEndpoints({ hosts, ports }: DemandOf<"closed">): Endpoint[] {
  return hosts.flatMap((target) => {
    const at = target.port === null ? ports : [target.port];
    if (target.kind === "name") return at.map((port) => ({ host: target.name, port }));
    const found: Endpoint[] = [];
    for (let value = target.first; value <= target.last; value++) {
      for (const port of at) found.push({ host: ipText(target.family, value), port });
    }
    return found;
  });
}
