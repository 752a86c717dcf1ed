/** Reports as rounds of a watch see them, and a world whose time passes only when a test says so. */
import type { Evidence } from "../../../src/model/evidence.ts";
import type { Report } from "../../../src/model/report.ts";
import { DEFAULT_CONCURRENCY, DEFAULT_SETTINGS } from "../../../src/run/settings.ts";
import type { CheckRequest } from "../../../src/run/check.ts";
import type { WatchWorld } from "../../../src/run/watch.ts";
import type { NetworkState } from "../../../src/system/network-changes.ts";
import { judgeAll, judgeRun } from "../../../src/verdict/judge.ts";
import type { WatchEvent } from "../../../src/watch/event.ts";
import { CLIENT_TIMEOUT_MS, resolver } from "../verdict/builders.ts";

export function reportOf(...evidence: Evidence[]): Report {
  const diagnoses = judgeAll(evidence, CLIENT_TIMEOUT_MS);
  return {
    schemaVersion: "1.0",
    tool: { name: "kmsprobe", version: "0" },
    startedAt: isoOf(0),
    elapsedMs: 1,
    from: { host: "here", platform: "test" },
    sources: [],
    networks: [],
    settings: DEFAULT_SETTINGS,
    interrupted: false,
    diagnoses,
    conclusions: [],
    ...judgeRun(diagnoses, "any"),
  };
}

export function requestOf(over: Partial<CheckRequest> = {}): CheckRequest {
  return {
    domains: [],
    noSuffix: null,
    hosts: null,
    resolvers: [resolver()],
    sources: [],
    networks: [],
    suffixes: [],
    settings: DEFAULT_SETTINGS,
    concurrency: DEFAULT_CONCURRENCY,
    ...over,
  };
}

/** The fake wall's noon: the monotonic clock starts at 0 then. */
const NOON_MS = Date.UTC(2026, 0, 31, 12);

export function isoOf(ms: number): string {
  return new Date(NOON_MS + ms).toISOString();
}

export type FakeWorld = WatchWorld & {
  nowMs: number;
  /** Start of each check, and what was asked. */
  checks: { startMs: number; request: CheckRequest }[];
  events: WatchEvent[];
  network: NetworkState | null;
  /** The machine sleeps: the wall goes on, the monotonic clock does not. */
  sleepMachine: (ms: number) => void;
  advance: (ms: number) => Promise<void>;
};

type Timer = { dueMs: number; fire: () => void };

/** @param round what a check finds and how long it takes; called when it starts */
export function createFakeWorld(
  request: () => CheckRequest,
  round: (asked: CheckRequest, index: number) => { report: Report; tookMs: number },
): FakeWorld {
  const timers = new Set<Timer>();
  let sleptMs = 0;
  const at = (dueMs: number, fire: () => void): Timer => {
    const timer = { dueMs, fire };
    timers.add(timer);
    return timer;
  };
  const world: FakeWorld = {
    nowMs: 0,
    checks: [],
    events: [],
    network: { interfaces: [], addresses: [], routes: [] },
    clock: { nowMs: () => world.nowMs },
    wall: () => ({ ms: NOON_MS + world.nowMs + sleptMs, iso: isoOf(world.nowMs + sleptMs) }),
    random: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          timers.delete(timer);
          signal.removeEventListener("abort", done);
          resolve();
        };
        const timer = at(world.nowMs + ms, done);
        if (signal.aborted) done();
        else signal.addEventListener("abort", done, { once: true });
      }),
    every(ms, job) {
      let timer: Timer;
      const next = (): void => {
        timer = at(world.nowMs + ms, () => {
          next();
          job();
        });
      };
      next();
      return () => timers.delete(timer);
    },
    check: async (asked, signal) => {
      const { report, tookMs } = round(asked, world.checks.length);
      world.checks.push({ startMs: world.nowMs, request: asked });
      await world.sleep(tookMs, signal);
      return report;
    },
    request: () => Promise.resolve(request()),
    readNetwork: () => Promise.resolve(world.network),
    onEvent: (event) => world.events.push(event),
    sleepMachine: (ms) => (sleptMs += ms),
    async advance(ms) {
      const endMs = world.nowMs + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].toSorted((a, b) => a.dueMs - b.dueMs);
        if (next === undefined || next.dueMs > endMs) break;
        timers.delete(next);
        world.nowMs = Math.max(world.nowMs, next.dueMs);
        next.fire();
        await settle();
      }
      world.nowMs = endMs;
    },
  };
  return world;
}

/** Lets everything run that waits for no time to pass. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
