import type { Report } from "../../model/report.ts";
import { judgeAll } from "../../verdict/judge.ts";
import type { Moment } from "../../watch/host.ts";
import { createLooks, placeKey } from "../../watch/looks.ts";
import type { WatchState } from "../../watch/state.ts";
import { reportOf } from "../check.ts";
import { createBeat } from "./beat.ts";
import { createDnsRounds } from "./dns-rounds.ts";
import type { DnsRounds } from "./dns-rounds.ts";
import { createFollowers } from "./followers.ts";
import type { Followers } from "./followers.ts";
import { createJudging } from "./judging.ts";
import type { Pacer } from "./pacer.ts";
import type { WatchPlan, WatchWorld } from "./surroundings.ts";

/** All that is looked at, put together: what one look finds decides what the others look at. */
export type Looking = {
  /** This machine itself. */
  beat: () => Promise<void>;
  dns: DnsRounds;
  followers: Followers;
  /** Addresses that are looked at; none before DNS was asked. */
  places: () => number;
  /** What was seen, at once. */
  judge: () => void;
  /** The latest looks as one report; null before anything was asked for. */
  report: (run: Pick<Report, "startedAt" | "elapsedMs">) => Report | null;
};

/** @param signal ends the watch */
export function createLooking(
  plan: WatchPlan,
  world: WatchWorld,
  state: WatchState,
  { pacer, signal }: { pacer: Pacer; signal: AbortSignal },
): Looking {
  const { clock } = world;
  const looks = createLooks();
  const judging = createJudging(looks, state, world.sleep, signal);
  /** Looks that are under way. */
  const begun = new Map<string, number>();

  const now = (): Moment => ({ at: world.wall().iso, nowMs: clock.nowMs() });

  const { beat, lookAtWall } = createBeat(world, state, {
    slept() {
      followers.setAside();
      state.breakPace();
      dns.setAside();
    },
    moved: () => dns.want(),
  });

  const followers = createFollowers(pacer, world, {
    intervalMs: plan.intervalMs,
    looks: plan.rounds,
    concurrency: plan.concurrency,
    probe: async (place, ended) => {
      if (dns.checked === null) throw new Error("nothing is probed before it was asked for");
      begun.set(placeKey(place), clock.nowMs());
      const attempt = await world.probe(place, dns.checked, ended);
      lookAtWall();
      return attempt;
    },
    onLook(place, attempt, cut) {
      const key = placeKey(place);
      const begunMs = begun.get(key) ?? clock.nowMs();
      begun.delete(key);
      // Of what was cut short nothing counts; of a host that was never seen, it is all that is known.
      if (!cut || (signal.aborted && !looks.has(place))) judging.take(place, attempt, { ...now(), begunMs });
    },
  });

  const follow = (): void => {
    if (!signal.aborted) followers.follow([...looks.places(), ...state.places()]);
  };

  const dns = createDnsRounds(plan.dnsIntervalMs, world, state, {
    signal,
    readers: {
      lookAtWall,
      found(evidence) {
        looks.found(evidence);
        follow();
      },
      listed(found, { settings }) {
        judging.judge();
        looks.replace(found);
        state.listed(judgeAll(looks.evidence(), settings.clientTimeoutMs), now());
        looks.keep([...looks.places(), ...state.places()]);
        follow();
      },
    },
  });

  return {
    beat,
    dns,
    followers,
    places: () => looks.places().length,
    judge: judging.judge,
    report(run) {
      if (dns.checked === null) return null;
      const evidence = looks.evidence().map((each) => ({
        ...each,
        // Of an address that was never looked at to the end there is nothing to say.
        endpoints: each.endpoints.filter(
          ({ address, attempts }) => attempts.length > 0 || address.addresses.length === 0,
        ),
      }));
      return reportOf(evidence, dns.checked, { ...run, interrupted: !dns.listedOnce });
    },
  };
}
