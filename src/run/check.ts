/**
 * The whole of `check`: targets in, report out. Discovery, then addresses, then TCP and RPC at each of them; then the
 * judge. Prints nothing, and never rejects because of the network.
 */
import os from "node:os";
import type { SocketAddress } from "../model/dns.ts";
import type { Endpoint, Evidence, Target } from "../model/evidence.ts";
import type { Report } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import type { Network, Source } from "../model/source.ts";
import { concludeRun } from "../compare/conclude.ts";
import { warmUp } from "../transport/tcp.ts";
import type { Configuration } from "../model/configuration.ts";
import { judgeAll, judgeRun } from "../verdict/judge.ts";
import { VERSION } from "../version.ts";
import { tellEarly } from "./early.ts";
import type { Turns } from "./pool.ts";
import { createProber, withoutSuffix } from "./prober.ts";
import type { ShareAttempt } from "./addresses.ts";
import type { CheckSurroundings, OnHost } from "./prober.ts";
import { createProgress, createSteps, UNTOLD } from "./steps.ts";
import { withWaysOut } from "./ways-out.ts";
import type { Concurrency } from "./steps.ts";

/** What to check, parsed and complete: see `request.ts` for how it comes about. */
export type CheckRequest = {
  domains: { domain: string; source: string }[];
  /** Places looked at for suffixes where none was found; the report then says so. */
  noSuffix: string[] | null;
  hosts: { endpoints: Endpoint[]; source: string } | null;
  resolvers: SocketAddress[];
  /** What this machine's own configuration lacks; null where it is whole, or is not used. */
  configuration: Configuration | null;
  /** Where to probe from, each on its own; empty leaves it to the system. */
  sources: Source[];
  networks: Network[];
  /** Tried in turn after a host name without a dot. */
  suffixes: string[];
  /** Suffixes of this machine beside the domains that were named; none are looked for without it. */
  siblings?: () => Promise<readonly string[]>;
  settings: Settings;
  concurrency: Concurrency;
  /** Of addresses that DNS gave; without it, all that can be a host's. */
  mayConnect?: (address: string) => boolean;
  /** For one who looks again and again; without it, every attempt is made. */
  shareAttempt?: ShareAttempt;
  /** Of all looks, for one who has several at a time. */
  turns?: Turns;
};

/** What a run saw, not judged yet. */
export type Gathered = {
  evidence: readonly Evidence[];
  run: Pick<Report, "startedAt" | "elapsedMs" | "interrupted">;
};

/**
 * Looks, judges and concludes.
 * @returns what is known where the signal ends it sooner; never rejects because of the network
 */
export async function runCheck(request: CheckRequest, surroundings: CheckSurroundings): Promise<Report> {
  const { evidence, run } = await gather(request, surroundings);
  const waysOutMs = surroundings.clock.nowMs();
  const whole = await withWaysOut(evidence);
  const elapsedMs = run.elapsedMs + surroundings.clock.nowMs() - waysOutMs;
  return reportOf(whole, request, { ...run, elapsedMs });
}

/** The network alone: which way packets to the hosts that serve leave is not asked here. */
export async function gather(request: CheckRequest, surroundings: CheckSurroundings): Promise<Gathered> {
  const { clock, signal } = surroundings;
  const startedAt = new Date().toISOString();
  const startedMs = clock.nowMs();
  await warmUp();
  const { onProgress } = surroundings;
  const board = onProgress === undefined ? UNTOLD : createProgress(onProgress);
  const steps = createSteps(request.concurrency, board, clock, request.turns);
  const early = tellEarly(surroundings.onEndpoint, request.sources.length);
  const pending: Promise<Evidence>[] = [];
  for (const source of request.sources.length > 0 ? request.sources : [null]) {
    const prober = createProber(request, source, steps, surroundings);
    const onHostOf = (target: Target): OnHost =>
      early({
        target,
        source: source?.label ?? null,
        configuration: request.configuration,
        diagnosis: pending.length,
      });
    for (const each of request.domains)
      pending.push(prober.domain(each, undefined, onHostOf({ kind: "domain", ...each })));
    if (request.hosts) {
      const onHost = onHostOf({ kind: "list", source: request.hosts.source });
      pending.push(prober.list(request.hosts, undefined, onHost));
    }
  }
  if (request.noSuffix) pending.push(Promise.resolve(withoutSuffix(request.noSuffix)));
  const evidence = await Promise.all(pending);
  return {
    evidence,
    run: { startedAt, elapsedMs: clock.nowMs() - startedMs, interrupted: signal.aborted },
  };
}

/** Judges what was found, and puts it under one roof. */
export function reportOf(
  found: readonly Evidence[],
  {
    settings,
    sources,
    networks,
    configuration,
  }: Pick<CheckRequest, "settings" | "sources" | "networks" | "configuration">,
  run: Gathered["run"],
): Report {
  const diagnoses = judgeAll(withConfiguration(found, configuration), settings.clientTimeoutMs);
  const report = {
    schemaVersion: "1.0",
    tool: { name: "kmsprobe", version: VERSION },
    startedAt: run.startedAt,
    elapsedMs: run.elapsedMs,
    from: { host: os.hostname(), platform: process.platform },
    sources,
    networks,
    settings,
    interrupted: run.interrupted,
    diagnoses,
    ...judgeRun(diagnoses, settings.require, settings.requireAt),
  } as const;
  return { ...report, conclusions: concludeRun(report) };
}

/** Its lines are told once, with the first target; that no resolver is named concerns each. */
function withConfiguration(
  evidence: readonly Evidence[],
  configuration: Configuration | null,
): readonly Evidence[] {
  if (configuration === null) return evidence;
  return evidence.map((each, index) => ({
    ...each,
    configuration: index === 0 ? configuration : { ...configuration, unread: [] },
  }));
}
