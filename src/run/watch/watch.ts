/** Hosts looked at again and again: from when to when, at which pace, and what of it counts. */
import type { Report } from "../../model/report.ts";
import type { Clock } from "../../transport/clock.ts";
import { createWatchState } from "../../watch/state.ts";
import type { WatchState } from "../../watch/state.ts";
import { BEAT_MS } from "./beat.ts";
import { createLooking } from "./looking.ts";
import { createPacer, untilAborted } from "./pacer.ts";
import type { WatchPlan, WatchWorld } from "./surroundings.ts";

export type Watch = {
  readonly plan: WatchPlan;
  readonly state: WatchState;
  readonly clock: Clock;
  /** Intervals that have begun. */
  readonly rounds: number;
  readonly startedMs: number;
  /** Addresses that are looked at; none before DNS was asked. */
  readonly places: number;
  readonly paused: boolean;
  /** Resolves when it was stopped or has done what the plan says. Rejects only by a mistake of ours. */
  run: () => Promise<void>;
  stop: () => void;
  togglePause: () => void;
  /** The latest looks as one report; null before anything was asked for. */
  report: () => Report | null;
};

export function createWatch(plan: WatchPlan, world: WatchWorld): Watch {
  const { clock } = world;
  const state = createWatchState(plan.intervalMs, world.onEvent);
  const pacer = createPacer(world);
  const ended = new AbortController();
  const looking = createLooking(plan, world, state, { pacer, signal: ended.signal });
  let startedAt = "";
  let startedMs = clock.nowMs();
  let rounds = 0;

  const stop = (): void => {
    ended.abort("interrupted");
    looking.followers.stop();
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
    get places() {
      return looking.places();
    },
    get paused() {
      return pacer.paused;
    },
    async run() {
      startedMs = clock.nowMs();
      startedAt = world.wall().iso;
      const endBeat = world.every(BEAT_MS, () => void looking.beat());
      if (plan.forMs !== null) void world.sleep(plan.forMs, ended.signal).then(stop);
      try {
        await looking.beat();
        const beats = pacer.loop(plan.intervalMs, ended.signal, () => {
          rounds += 1;
          return plan.rounds === null || rounds < plan.rounds;
        });
        const asking = pacer.loop(looking.dns.tickMs, ended.signal, looking.dns.turn);
        // Only a number of rounds ends them before all is stopped.
        const done = beats
          .then(() => (ended.signal.aborted ? undefined : untilAborted(looking.dns.asked)))
          .then(looking.followers.idle)
          .then(stop);
        await Promise.all([asking, done]);
      } finally {
        endBeat();
        stop();
        await looking.followers.idle();
        looking.judge();
      }
    },
    stop,
    togglePause() {
      pacer.togglePause();
      state.breakPace();
    },
    report: () => looking.report({ startedAt, elapsedMs: clock.nowMs() - startedMs }),
  };
}
