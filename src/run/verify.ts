/** One probing for all expectations of a policy. */
import type { Configuration } from "../model/configuration.ts";
import type { AddressEvidence } from "../model/dns.ts";
import type { Endpoint, Evidence } from "../model/evidence.ts";
import type { Report } from "../model/report.ts";
import type { Network, Source } from "../model/source.ts";
import { warmUp } from "../transport/tcp.ts";
import { judgeAttempt } from "../verdict/attempt.ts";
import { COMMAND_LINE } from "../verdict/asked.ts";
import type { ClosedEvidence } from "../verify/model.ts";
import { reportOf } from "./check.ts";
import { createProber } from "./prober.ts";
import type { Care } from "./addresses.ts";
import type { CheckSurroundings, ProberSettings } from "./prober.ts";
import { createProgress, createSteps, UNTOLD } from "./steps.ts";
import { withWaysOut } from "./ways-out.ts";
import type { Concurrency } from "./steps.ts";

/** What is looked at from one source. */
export type SourcedLook = {
  source: Source | null;
  domains: readonly { domain: string; care: Care }[];
  hosts: readonly { endpoint: Endpoint; care: Care }[];
  /** One connect each, and nothing sent on it. */
  closed: readonly Endpoint[];
  /** Their addresses are asked for. */
  names: readonly string[];
};

export type VerifyRequest = ProberSettings & {
  looks: readonly SourcedLook[];
  networks: Network[];
  configuration: Configuration | null;
  concurrency: Concurrency;
};

export type Seen = {
  report: Report;
  closed: ClosedEvidence[];
  /** Addresses by name, of those that were asked for. Of a name that isn't there nobody could tell. */
  names: ReadonlyMap<string, readonly string[]>;
};

/** Never rejects because of the network. */
export async function runVerify(request: VerifyRequest, surroundings: CheckSurroundings): Promise<Seen> {
  const { clock, signal, onProgress } = surroundings;
  const startedAt = new Date().toISOString();
  const startedMs = clock.nowMs();
  await warmUp();
  const progress = onProgress === undefined ? UNTOLD : createProgress(onProgress);
  const steps = createSteps(request.concurrency, progress, clock);
  // Connects that are to stay unanswered are waited for together, and begin at the pace of a sweep.
  const patient = request.concurrency === "auto" ? steps : createSteps("auto", progress, clock);
  const pending: Promise<Evidence>[] = [];
  const reaching: Promise<ClosedEvidence>[] = [];
  const naming: Promise<(readonly [string, readonly string[]])[]>[] = [];
  for (const { source, domains, hosts, closed, names } of request.looks) {
    const asksClocks = [...domains, ...hosts].some(({ care }) => care.clock);
    const settings = { ...request.settings, clock: asksClocks };
    const prober = createProber({ ...request, settings }, source, steps, surroundings);
    const label = source?.label ?? null;
    pending.push(...domains.map(({ domain, care }) => prober.domain({ domain, source: COMMAND_LINE }, care)));
    if (hosts.length > 0) {
      const care = new Map(hosts.map((each) => [each.endpoint, each.care]));
      const endpoints = hosts.map(({ endpoint }) => endpoint);
      const careFor = (endpoint: Endpoint): Care => care.get(endpoint) ?? settings;
      pending.push(prober.list({ endpoints, source: COMMAND_LINE }, careFor));
    }
    for (const endpoint of closed) {
      const pointer = `/closed/${reaching.length}`;
      reaching.push(prober.reach(endpoint, patient).then((found) => closedOf(found, label, pointer)));
    }
    naming.push(
      ...names.map(async (name) => {
        const found = await prober.lookUp(name);
        return isLearnt(found) ? [[name, found.addresses] as const] : [];
      }),
    );
  }
  const [evidence, closed, named] = await Promise.all([
    Promise.all(pending).then(withWaysOut),
    Promise.all(reaching),
    Promise.all(naming),
  ]);
  const sources = request.looks.flatMap(({ source }) => source ?? []);
  const report = reportOf(
    evidence,
    { ...request, sources },
    { startedAt, elapsedMs: clock.nowMs() - startedMs, interrupted: signal.aborted },
  );
  return { report, closed, names: merged(named.flat()) };
}

/** Sources may be told different addresses of one name: it stands for all of them. */
function merged(named: readonly (readonly [string, readonly string[]])[]): Seen["names"] {
  const found = new Map<string, Set<string>>();
  for (const [name, addresses] of named) {
    const known = found.get(name) ?? new Set();
    for (const address of addresses) known.add(address);
    found.set(name, known);
  }
  return new Map([...found].map(([name, addresses]) => [name, [...addresses]]));
}

/** That a name has no address is known where every resolver says so. */
function isLearnt({ addresses, lookups, validName }: AddressEvidence): boolean {
  if (addresses.length > 0 || !validName) return true;
  return lookups.length > 0 && lookups.every(saysNone);
}

function saysNone({ answer }: AddressEvidence["lookups"][number]): boolean {
  if (answer.outcome === "ok") return true;
  return answer.outcome === "denied" && (answer.denial.nodata || answer.denial.rcode === "NXDOMAIN");
}

function closedOf(
  { endpoint, address, attempts }: Omit<Evidence["endpoints"][number], "listedBy">,
  source: string | null,
  pointer: string,
): ClosedEvidence {
  return {
    source,
    host: endpoint.host,
    port: endpoint.port,
    address,
    attempts: attempts.map((attempt, index) => {
      const verdict =
        attempt.tcp.outcome === "ok" ? null : judgeAttempt(attempt, endpoint, `${pointer}/attempts/${index}`);
      return {
        address: attempt.address,
        family: attempt.family,
        via: attempt.via,
        routeErrno: attempt.routeErrno,
        tcp: attempt.tcp,
        controlPort: attempt.controlPort,
        verdict,
      };
    }),
  };
}
