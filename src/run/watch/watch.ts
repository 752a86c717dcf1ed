/** Hosts looked at again and again: when DNS is asked, when each address is probed, and what of it counts. */
import type { AttemptEvidence, Evidence } from "../../model/evidence.ts";
import type { Report } from "../../model/report.ts";
import type { NetworkState } from "../../system/network-changes.ts";
import type { Clock } from "../../transport/clock.ts";
import { judgeAll, judgeHosts } from "../../verdict/judge.ts";
import type { WatchEvent } from "../../watch/event.ts";
import { createGapWatch } from "../../watch/gap.ts";
import type { Moment } from "../../watch/host.ts";
import { createLooks, placeKey } from "../../watch/looks.ts";
import type { Place } from "../../watch/looks.ts";
import { createWatchState } from "../../watch/state.ts";
import type { WatchState } from "../../watch/state.ts";
import { reportOf } from "../check.ts";
import type { CheckRequest } from "../check.ts";
import { createFollowers } from "./followers.ts";
import { createPacer, untilAborted } from "./pacer.ts";
import type { PacerWorld } from "./pacer.ts";

export type WatchPlan = {
  intervalMs: number;
  dnsIntervalMs: number;
  /** Looks at each address; null: until it is stopped. */
  rounds: number | null;
  forMs: number | null;
  /** Probes begun at a time. */
  concurrency: number;
};

/** Everything a watch touches, so that a test can be the world. */
export type WatchWorld = PacerWorld & {
  clock: Clock;
  wall: () => { ms: number; iso: string };
  /** @returns ends it */
  every: (ms: number, job: () => void) => () => void;
  /** Asks DNS for all there is to watch; `onFound` is told of each target when there is enough to begin with. */
  discover: (
    request: CheckRequest,
    signal: AbortSignal,
    onFound: (evidence: Evidence) => void,
  ) => Promise<Evidence[]>;
  probe: (place: Place, request: CheckRequest, signal: AbortSignal) => Promise<AttemptEvidence>;
  /** What to check, with the resolvers and suffixes that this machine has by now. */
  request: () => Promise<CheckRequest>;
  readNetwork: () => Promise<NetworkState | null>;
  onEvent: (event: WatchEvent) => void;
};

export type Watch = {
  readonly plan: WatchPlan;
  readonly state: WatchState;
  readonly clock: Clock;
  /** Intervals that have begun. */
  readonly rounds: number;
  readonly startedMs: number;
  readonly paused: boolean;
  /** Resolves when it was stopped or has done what the plan says. Rejects only by a mistake of ours. */
  run: () => Promise<void>;
  stop: () => void;
  togglePause: () => void;
  /** The latest looks as one report; null before anything was asked for. */
  report: () => Report | null;
};

/** How often the network and the wall clock are looked at, however long the interval is. */
const BEAT_MS = 1_000;

/** Looks that end at about the same time are judged together: what one source saw is evidence for the others. */
const TOGETHER_MS = 50;

/** A network that changes every second is no reason to ask DNS every second. */
const SHORTEST_DNS_MS = 5_000;

export function createWatch(plan: WatchPlan, world: WatchWorld): Watch {
  const { clock } = world;
  const state = createWatchState(plan.intervalMs, world.onEvent);
  const looks = createLooks();
  const pacer = createPacer(world);
  const gaps = createGapWatch(BEAT_MS);
  const ended = new AbortController();
  /** Aborted when DNS was asked for the first time. */
  const asked = new AbortController();
  const fresh = new Map<string, Moment>();
  /** Looks that are under way. */
  const begun = new Map<string, number>();
  let startedAt = "";
  let startedMs = clock.nowMs();
  let rounds = 0;
  let request: CheckRequest | null = null;
  let listedOnce = false;
  let judging = false;
  let looking = false;
  /** Whether this machine slept while DNS was asked. */
  let dnsAside = false;
  let dnsWanted = false;
  let dnsAskedMs = Number.NEGATIVE_INFINITY;

  const now = (): Moment => ({ at: world.wall().iso, nowMs: clock.nowMs() });

  const lookAtWall = (): void => {
    const { ms, iso } = world.wall();
    const gap = gaps.observe(ms);
    if (gap === null) return;
    state.gap(gap, iso);
    if (gap.kind !== "slept") return;
    followers.setAside();
    state.breakPace();
    dnsAside = true;
  };

  const beat = async (): Promise<void> => {
    lookAtWall();
    if (looking) return;
    looking = true;
    const network = await world.readNetwork();
    looking = false;
    // A VPN that comes up brings resolvers, suffixes and addresses of its own.
    if (network !== null && state.network(network, world.wall().iso)) dnsWanted = true;
  };

  const judge = (): void => {
    if (fresh.size === 0) return;
    state.looked(judgeHosts([...looks.evidence(), ...looks.strays()]), fresh);
    fresh.clear();
  };

  const judgeSoon = async (): Promise<void> => {
    judging = true;
    await world.sleep(TOGETHER_MS, ended.signal);
    judging = false;
    judge();
  };

  const followers = createFollowers(pacer, world, {
    intervalMs: plan.intervalMs,
    looks: plan.rounds,
    concurrency: plan.concurrency,
    probe: async (place, signal) => {
      if (request === null) throw new Error("nothing is probed before it was asked for");
      begun.set(placeKey(place), clock.nowMs());
      const attempt = await world.probe(place, request, signal);
      lookAtWall();
      return attempt;
    },
    onLook(place, attempt, cut) {
      const key = placeKey(place);
      const begunMs = begun.get(key) ?? clock.nowMs();
      begun.delete(key);
      // Of what was cut short nothing counts; of a host that was never seen, it is all that is known.
      if (cut && (!ended.signal.aborted || looks.has(place))) return;
      // Each look counts, also where the next one ends a moment later.
      if (fresh.has(key)) judge();
      looks.record(place, attempt);
      fresh.set(key, { ...now(), begunMs });
      if (!judging) void judgeSoon();
    },
  });

  const follow = (): void => {
    if (!ended.signal.aborted) followers.follow([...looks.places(), ...state.places()]);
  };

  const take = (found: readonly Evidence[], { settings }: CheckRequest): void => {
    judge();
    looks.replace(found);
    state.listed(judgeAll(looks.evidence(), settings.clientTimeoutMs), now());
    looks.keep([...looks.places(), ...state.places()]);
    listedOnce = true;
    follow();
  };

  const askDns = async (): Promise<void> => {
    const wanted = await world.request();
    request = wanted;
    dnsAside = false;
    const found = await world.discover(wanted, ended.signal, (evidence) => {
      // The first time whoever is found is watched at once; later, what is missing is told when all is known.
      if (listedOnce) return;
      looks.found(evidence);
      follow();
    });
    lookAtWall();
    if (ended.signal.aborted ? listedOnce : dnsAside) {
      dnsWanted = true;
      return;
    }
    const { iso } = world.wall();
    const resolvers = wanted.resolvers.map(({ address, port }) => `${address} ${port}`);
    state.configuration("resolvers", resolvers, iso);
    const suffixes = wanted.domains.map(({ domain }) => domain);
    state.configuration("suffixes", suffixes, iso);
    take(found, wanted);
  };

  const dnsTickMs = Math.min(BEAT_MS, plan.dnsIntervalMs);

  /** When it is due, and sooner where the network has changed. */
  const roundOfDns = async (): Promise<boolean> => {
    const nowMs = clock.nowMs();
    const sinceMs = nowMs - dnsAskedMs;
    const isDue = sinceMs >= plan.dnsIntervalMs - dnsTickMs / 2;
    if (isDue || (dnsWanted && sinceMs >= SHORTEST_DNS_MS)) {
      dnsWanted = false;
      dnsAskedMs = nowMs;
      await askDns();
      asked.abort();
    }
    return true;
  };

  const stop = (): void => {
    ended.abort("interrupted");
    followers.stop();
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
      return pacer.paused;
    },
    async run() {
      startedMs = clock.nowMs();
      startedAt = world.wall().iso;
      const endBeat = world.every(BEAT_MS, () => void beat());
      if (plan.forMs !== null) void world.sleep(plan.forMs, ended.signal).then(stop);
      try {
        await beat();
        const beats = pacer.loop(plan.intervalMs, ended.signal, () => {
          rounds += 1;
          return plan.rounds === null || rounds < plan.rounds;
        });
        const dns = pacer.loop(dnsTickMs, ended.signal, roundOfDns);
        // Only a number of rounds ends them before all is stopped.
        const done = beats
          .then(() => (ended.signal.aborted ? undefined : untilAborted(asked.signal)))
          .then(followers.idle)
          .then(stop);
        await Promise.all([dns, done]);
      } finally {
        endBeat();
        stop();
        await followers.idle();
        judge();
      }
    },
    stop,
    togglePause() {
      pacer.togglePause();
      state.breakPace();
    },
    report() {
      if (request === null) return null;
      const evidence = looks.evidence().map((each) => ({
        ...each,
        // Of an address that was never looked at to the end there is nothing to say.
        endpoints: each.endpoints.filter(
          ({ address, attempts }) => attempts.length > 0 || address.addresses.length === 0,
        ),
      }));
      const run = { startedAt, elapsedMs: clock.nowMs() - startedMs, interrupted: !listedOnce };
      return reportOf(evidence, request, run);
    },
  };
}
