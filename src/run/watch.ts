/** The same check, again and again: when a round starts, what it asks, and what of it counts. */
import type { Report } from "../model/report.ts";
import { ipFamily } from "../protocol/ip.ts";
import type { NetworkState } from "../system/network-changes.ts";
import type { Clock } from "../transport/clock.ts";
import { COMMAND_LINE } from "../verdict/asked.ts";
import type { WatchEvent } from "../watch/event.ts";
import { createGapWatch } from "../watch/gap.ts";
import { createSchedule } from "../watch/schedule.ts";
import { createWatchState } from "../watch/state.ts";
import type { RoundKind, WatchState } from "../watch/state.ts";
import type { CheckRequest } from "./check.ts";

export type WatchPlan = {
  intervalMs: number;
  dnsIntervalMs: number;
  /** Null: until it is stopped. */
  rounds: number | null;
  forMs: number | null;
};

/** Everything a watch touches, so that a test can be the world. */
export type WatchWorld = {
  clock: Clock;
  wall: () => { ms: number; iso: string };
  random: () => number;
  /** Resolves after `ms`, or as soon as the signal aborts; never rejects. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** @returns ends it */
  every: (ms: number, job: () => void) => () => void;
  check: (request: CheckRequest, signal: AbortSignal) => Promise<Report>;
  /** What to check, with the resolvers and suffixes that this machine has by now. */
  request: () => Promise<CheckRequest>;
  readNetwork: () => Promise<NetworkState | null>;
  onEvent: (event: WatchEvent) => void;
};

export type Watch = {
  readonly plan: WatchPlan;
  readonly state: WatchState;
  readonly clock: Clock;
  /** Rounds that ended; those set aside are among them. */
  readonly rounds: number;
  readonly startedMs: number;
  readonly paused: boolean;
  /** Resolves when it was stopped or has done what the plan says. Rejects only by a mistake of ours. */
  run: () => Promise<void>;
  stop: () => void;
  togglePause: () => void;
};

/** How often the network and the wall clock are looked at, however long the interval is. */
const BEAT_MS = 1_000;

export function createWatch(plan: WatchPlan, world: WatchWorld): Watch {
  const { clock } = world;
  const state = createWatchState(plan.intervalMs, world.onEvent);
  const schedule = createSchedule(plan.intervalMs, world.random);
  const gaps = createGapWatch(BEAT_MS);
  const ended = new AbortController();
  let wake = new AbortController();
  let paused = false;
  let rounds = 0;
  let startedMs = clock.nowMs();
  let dnsDueMs = Number.NEGATIVE_INFINITY;
  let request: CheckRequest | null = null;
  let slept = false;
  let looking = false;

  const lookAtWall = (): void => {
    const { ms, iso } = world.wall();
    const gap = gaps.observe(ms);
    if (gap === null) return;
    state.gap(gap, iso);
    if (gap.kind === "slept") slept = true;
  };

  const beat = async (): Promise<void> => {
    lookAtWall();
    if (looking) return;
    looking = true;
    const network = await world.readNetwork();
    looking = false;
    if (network !== null) state.network(network, world.wall().iso);
  };

  /** @returns null where the round can't be believed: it was cut off, or the machine slept in it or before it */
  const probe = async (asked: CheckRequest): Promise<Report | null> => {
    const report = await world.check(asked, ended.signal);
    lookAtWall();
    return slept || ended.signal.aborted ? null : report;
  };

  const take = (report: Report, kind: RoundKind): void => {
    state.round(report, kind, { at: world.wall().iso, nowMs: clock.nowMs() });
  };

  const fullRound = async (startMs: number): Promise<void> => {
    request = await world.request();
    const report = await probe(request);
    if (report === null) return;
    const { iso } = world.wall();
    const { resolvers, domains } = request;
    state.configuration(
      "resolvers",
      resolvers.map(({ address, port }) => `${address} ${port}`),
      iso,
    );
    state.configuration(
      "suffixes",
      domains.map(({ domain }) => domain),
      iso,
    );
    take(report, "full");
    dnsDueMs = startMs + plan.dnsIntervalMs;
    const others = state.leftOut();
    if (others.length > 0) await lightRound(request, others);
  };

  const lightRound = async (
    full: CheckRequest,
    endpoints: ReturnType<WatchState["addresses"]>,
  ): Promise<void> => {
    if (endpoints.length === 0) return;
    const hosts = { endpoints, source: COMMAND_LINE };
    const report = await probe({ ...full, domains: [], noSuffix: null, hosts });
    if (report !== null) take(report, "light");
  };

  const round = async (): Promise<void> => {
    const startMs = clock.nowMs();
    if (request === null || !asksDns(request) || startMs >= dnsDueMs) await fullRound(startMs);
    else await lightRound(request, state.addresses());
    slept = false;
    rounds += 1;
  };

  const isOver = (): boolean => ended.signal.aborted || (plan.rounds !== null && rounds >= plan.rounds);

  /** Until the time has come, or something wakes it. @returns whether to go on with the round */
  const wait = async (): Promise<boolean> => {
    wake = new AbortController();
    const now = clock.nowMs();
    const ms = paused ? null : schedule.next(now) - now;
    if (ms === null) await untilAborted(wake.signal);
    else if (ms > 0) await world.sleep(ms, wake.signal);
    return !wake.signal.aborted;
  };

  const stop = (): void => {
    ended.abort("interrupted");
    wake.abort();
  };

  return {
    plan,
    state,
    clock,
    get rounds() {
      return rounds;
    },
    get startedMs() {
      return startedMs;
    },
    get paused() {
      return paused;
    },
    async run() {
      startedMs = clock.nowMs();
      const endBeat = world.every(BEAT_MS, () => void beat());
      if (plan.forMs !== null) void world.sleep(plan.forMs, ended.signal).then(stop);
      try {
        await beat();
        while (!isOver()) {
          if ((await wait()) && !isOver()) await round();
        }
      } finally {
        endBeat();
        ended.abort("interrupted");
      }
    },
    stop,
    togglePause() {
      paused = !paused;
      schedule.restart();
      wake.abort();
    },
  };
}

/** Literal addresses need no DNS: then every round is a whole one. */
function asksDns({ domains, noSuffix, hosts }: CheckRequest): boolean {
  return (
    domains.length > 0 ||
    noSuffix !== null ||
    (hosts?.endpoints.some(({ host }) => ipFamily(host) === 0) ?? false)
  );
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
