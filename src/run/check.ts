/**
 * The whole of `check`: targets in, report out. Discovery, then addresses, then TCP and RPC at each of them; then the
 * judge. Prints nothing, and never rejects because of the network.
 */
import os from "node:os";
import type {
  AttemptEvidence,
  Diagnosis,
  Endpoint,
  EndpointEvidence,
  Evidence,
  Report,
  Network,
  Settings,
  SocketAddress,
  Source,
  SrvAnswer,
  Target,
} from "../model.ts";
import { literalAddress, probeHostAddresses, probeTargetAddresses } from "../probe/address.ts";
import { probeOwnClock } from "../probe/clock.ts";
import { probeAddress } from "../probe/probe.ts";
import { probeSrv, UDP_PREFIX } from "../probe/srv.ts";
import { readHostsFile } from "../system/hosts-file.ts";
import type { Clock } from "../transport/clock.ts";
import { warmUp } from "../transport/tcp.ts";
import { judge, judgeRun } from "../verdict/judge.ts";
import { withSiblingFindings } from "../verdict/lint/siblings.ts";
import { VERSION } from "../version.ts";
import { MAX_ENDPOINTS, mergeListings } from "./listings.ts";
import { contextOf } from "./context.ts";
import { createPool } from "./pool.ts";
import { ipFamily } from "../protocol/ip.ts";

/** What to check, parsed and complete: see `request.ts` for how it comes about. */
export type CheckRequest = {
  domains: { domain: string; source: string }[];
  /** Places looked at for suffixes where none was found; the report then says so. */
  noSuffix: string[] | null;
  hosts: { endpoints: Endpoint[]; source: string } | null;
  resolvers: SocketAddress[];
  /** Where to probe from, each on its own; empty leaves it to the system. */
  sources: Source[];
  networks: Network[];
  /** Tried in turn after a host name without a dot. */
  suffixes: string[];
  settings: Settings;
  concurrency: number;
};

export type Progress = { done: number; total: number; phase: string };

export type CheckSurroundings = {
  signal: AbortSignal;
  clock: Clock;
  onProgress: (progress: Progress) => void;
};

export async function runCheck(request: CheckRequest, surroundings: CheckSurroundings): Promise<Report> {
  const { clock, signal } = surroundings;
  const startedAt = new Date().toISOString();
  const startedMs = clock.nowMs();
  await warmUp();
  const counted = createSteps(request.concurrency, surroundings.onProgress);
  const pending: Promise<Evidence>[] = [];
  for (const source of request.sources.length > 0 ? request.sources : [null]) {
    const prober = createProber(request, source, counted, surroundings);
    pending.push(...request.domains.map((each) => prober.domain(each)));
    if (request.hosts) pending.push(prober.list(request.hosts));
  }
  if (request.noSuffix) {
    const target: Target = { kind: "no-suffix", looked: request.noSuffix };
    pending.push(
      Promise.resolve({
        target,
        source: null,
        srv: [],
        udpTwin: [],
        ownClock: null,
        recordsDropped: 0,
        endpoints: [],
      }),
    );
  }
  const evidence = await Promise.all(pending);
  const judged = evidence.map((each) => judge(each, request.settings.clientTimeoutMs));
  const diagnoses: Diagnosis[] = withSiblingFindings(judged);
  return {
    schemaVersion: "1.0",
    tool: { name: "kmsprobe", version: VERSION },
    startedAt,
    elapsedMs: clock.nowMs() - startedMs,
    from: { host: os.hostname(), platform: process.platform },
    sources: request.sources,
    networks: request.networks,
    settings: request.settings,
    interrupted: signal.aborted,
    diagnoses,
    ...judgeRun(diagnoses, request.settings.require),
  };
}

/** Runs one step of the check when there is room, and tells how far the run is. */
type Steps = <Value>(phase: string, job: () => Promise<Value>) => Promise<Value>;

function createSteps(concurrency: number, onProgress: CheckSurroundings["onProgress"]): Steps {
  const pool = createPool(concurrency);
  const progress: Progress = { done: 0, total: 0, phase: "asking DNS" };
  return async (phase, job) => {
    progress.total += 1;
    const value = await pool(() => {
      progress.phase = phase;
      onProgress({ ...progress });
      return job();
    });
    progress.done += 1;
    onProgress({ ...progress });
    return value;
  };
}

type Prober = {
  domain: (target: { domain: string; source: string }) => Promise<Evidence>;
  list: (hosts: { endpoints: Endpoint[]; source: string }) => Promise<Evidence>;
};

function createProber(
  request: CheckRequest,
  source: Source | null,
  counted: Steps,
  surroundings: CheckSurroundings,
): Prober {
  const { resolvers, settings, suffixes } = request;
  const { signal, clock } = surroundings;
  const context = contextOf(settings, source, { signal, clock });
  const label = source?.label ?? null;
  /** An address that several names or domains share is probed once. */
  const probed = new Map<string, Promise<AttemptEvidence>>();
  const attempt = (address: string, port: number): Promise<AttemptEvidence> => {
    const key = `${address} ${port}`;
    const known = probed.get(key);
    if (known) return known;
    const fresh = counted(`probing ${address}`, () => probeAddress(address, port, context));
    probed.set(key, fresh);
    return fresh;
  };
  const attempts = (addresses: readonly string[], port: number): Promise<AttemptEvidence[]> =>
    Promise.all(addresses.map((address) => attempt(address, port)));

  const ownClock = settings.clock
    ? counted("asking the resolvers for the time", () => probeOwnClock(resolvers, context, context))
    : Promise.resolve(null);

  return {
    async domain({ domain, source: origin }) {
      const srv = await Promise.all(
        resolvers.map((resolver) =>
          counted(`asking ${resolver.address} for ${domain}`, () => probeSrv(domain, resolver, context)),
        ),
      );
      const udpTwin = Promise.all(
        srv.filter(hasRecords).map(({ resolver }) => {
          const ask = (): Promise<SrvAnswer> => probeSrv(domain, resolver, context, UDP_PREFIX);
          return counted(`asking ${resolver.address} for ${domain}`, ask);
        }),
      );
      const listed = mergeListings(srv);
      const endpoints = await Promise.all(
        listed
          .slice(0, MAX_ENDPOINTS)
          .map(async ({ endpoint, listedBy, glue }): Promise<EndpointEvidence> => {
            const askedAt = listedBy.map(({ resolver }) => resolver);
            const address = await counted(`asking for ${endpoint.host}`, () =>
              probeTargetAddresses(endpoint.host, askedAt, glue, context),
            );
            return {
              endpoint,
              listedBy,
              address,
              attempts: await attempts(address.addresses, endpoint.port),
            };
          }),
      );
      const recordsDropped = Math.max(0, listed.length - MAX_ENDPOINTS);
      return {
        target: { kind: "domain", domain, source: origin },
        source: label,
        srv,
        udpTwin: await udpTwin,
        ownClock: await ownClock,
        recordsDropped,
        endpoints,
      };
    },

    async list({ endpoints, source: origin }) {
      const hosts = endpoints.some(({ host }) => ipFamily(host) === 0) ? await readHostsFile() : [];
      const found = await Promise.all(
        endpoints.map(async (endpoint): Promise<EndpointEvidence> => {
          const address =
            ipFamily(endpoint.host) !== 0
              ? literalAddress(endpoint.host)
              : await counted(`asking for ${endpoint.host}`, () =>
                  probeHostAddresses(endpoint.host, resolvers, { hosts, suffixes }, context),
                );
          return {
            endpoint,
            listedBy: [],
            address,
            attempts: await attempts(address.addresses, endpoint.port),
          };
        }),
      );
      return {
        target: { kind: "list", source: origin },
        source: label,
        srv: [],
        udpTwin: [],
        ownClock: await ownClock,
        recordsDropped: 0,
        endpoints: found,
      };
    },
  };
}

function hasRecords({ answer }: SrvAnswer): boolean {
  return answer.outcome === "ok" && answer.facts.records.length > 0;
}
