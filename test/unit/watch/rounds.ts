/** Reports as rounds of a watch see them, and a world whose time passes only when a test says so. */
import type { AttemptEvidence, Evidence } from "../../../src/model/evidence.ts";
import { DEFAULT_CONCURRENCY, DEFAULT_SETTINGS } from "../../../src/run/settings.ts";
import type { CheckRequest } from "../../../src/run/check.ts";
import type { WatchWorld } from "../../../src/run/watch/surroundings.ts";
import type { NetworkState } from "../../../src/system/network-changes.ts";
import { judgeAll } from "../../../src/verdict/judge.ts";
import type { WatchEvent } from "../../../src/watch/event.ts";
import type { Moment } from "../../../src/watch/host.ts";
import { placeKey } from "../../../src/watch/looks.ts";
import type { Place } from "../../../src/watch/looks.ts";
import type { WatchState } from "../../../src/watch/state.ts";
import { CLIENT_TIMEOUT_MS, resolver } from "../verdict/builders.ts";

export function requestOf(over: Partial<CheckRequest> = {}): CheckRequest {
  return {
    domains: [],
    noSuffix: null,
    hosts: null,
    resolvers: [resolver()],
    configuration: null,
    sources: [],
    networks: [],
    suffixes: [],
    settings: DEFAULT_SETTINGS,
    concurrency: DEFAULT_CONCURRENCY,
    ...over,
  };
}

/** Every address of the evidence looked at anew; in a full round DNS was asked just before. */
export function lookInto(
  state: WatchState,
  evidence: readonly Evidence[],
  { kind = "full", ...moment }: Moment & { kind?: "full" | "light" },
): void {
  const diagnoses = judgeAll(evidence, CLIENT_TIMEOUT_MS);
  if (kind === "full") state.listed(diagnoses, moment);
  const keys = evidence.flatMap(({ source, endpoints }) =>
    endpoints.flatMap(({ endpoint, attempts }) =>
      attempts.map(({ address }) => placeKey({ address, port: endpoint.port, source })),
    ),
  );
  state.looked(diagnoses, new Map(keys.map((key) => [key, moment])));
}

/** The fake wall's noon: the monotonic clock starts at 0 then. */
const NOON_MS = Date.UTC(2026, 0, 31, 12);

export function isoOf(ms: number): string {
  return new Date(NOON_MS + ms).toISOString();
}

export type FakeWorld = WatchWorld & {
  nowMs: number;
  /** Start of each probe, and of what. */
  probes: { startMs: number; place: Place }[];
  /** Start of each look at DNS, and what was asked. */
  asked: { startMs: number; request: CheckRequest }[];
  events: WatchEvent[];
  network: NetworkState | null;
  /** The machine sleeps: the wall goes on, the monotonic clock does not. */
  sleepMachine: (ms: number) => void;
  advance: (ms: number) => Promise<void>;
};

/** What the fake network says. All of it is called when a look starts. */
export type FakeNetwork = {
  request: () => CheckRequest;
  /** Endpoints without attempts; found at once, or so many milliseconds later. */
  dns: (asked: CheckRequest, index: number) => { found: Evidence[]; tookMs?: number; early?: Evidence[] };
  /** @param index how many probes of the same place came before */
  probe: (place: Place, index: number) => { attempt: AttemptEvidence; tookMs: number };
};

type Timer = { dueMs: number; fire: () => void };

export function createFakeWorld({ request, dns, probe }: FakeNetwork): FakeWorld {
  const timers = new Set<Timer>();
  let sleptMs = 0;
  const at = (dueMs: number, fire: () => void): Timer => {
    const timer = { dueMs, fire };
    timers.add(timer);
    return timer;
  };
  const world: FakeWorld = {
    nowMs: 0,
    probes: [],
    asked: [],
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
    discover: async (asked, signal, onFound) => {
      const { found, tookMs = 0, early = [] } = dns(asked, world.asked.length);
      world.asked.push({ startMs: world.nowMs, request: asked });
      for (const each of early) onFound(each);
      await world.sleep(tookMs, signal);
      for (const each of found) onFound(each);
      return found;
    },
    probe: async (place, _, signal) => {
      const before = world.probes.filter((each) => placeKey(each.place) === placeKey(place)).length;
      const { attempt, tookMs } = probe(place, before);
      world.probes.push({ startMs: world.nowMs, place });
      await world.sleep(tookMs, signal);
      if (!signal.aborted) return attempt;
      return { ...attempt, tcp: { outcome: "skipped", reason: "interrupted" }, rpc: null };
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

/** Turns of the event loop: the pool begins one look in each. */
const TURNS = 80;

/** Lets everything run that waits for no time to pass. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
