/** What an exporter does beside answering: looks at targets, by request and by itself, and keeps what they came to. */
import { monotonicClock } from "../../transport/clock.ts";
import { withDeadline } from "../../transport/patience.ts";
import { Stop } from "../../transport/stop.ts";
import { gather } from "../check.ts";
import type { CheckRequest } from "../check.ts";
import type { ShareAttempt } from "../addresses.ts";
import { AT_ONCE, createPool, createTurns } from "../pool.ts";
import type { CheckOptions } from "../request.ts";
import { createAttempts } from "./attempts.ts";
import type { Descriptors } from "./descriptors.ts";
import { createListings } from "./listings.ts";
import type { ListKey } from "./listings.ts";
import type { Listing } from "./listing.ts";
import { lookOf } from "./look.ts";
import type { Look } from "./look.ts";
import { createLooks } from "./looks.ts";
import type { Asker, Looked, Looks } from "./looks.ts";
import { createRequests } from "./requests.ts";
import { JITTER, runSchedule } from "./schedule.ts";
import { watchStalls } from "./stalls.ts";

/** One look: its name, what is checked, and how long it may take. */
export type LookKey = {
  /** The same for what is looked at in the same way, before and after a reload. */
  name: string;
  options: CheckOptions;
  maxTimeMs: number;
  mayConnect: (address: string) => boolean;
};

export type Probes = {
  ask: (key: LookKey, asker: Asker) => Promise<Looked<Look>>;
  list: (key: ListKey) => Promise<Listing>;
  /** Of what is taken up now. @returns tells how long ago it came, at most */
  arrived: () => () => number;
  newest: Looks<LookKey, Look>["newest"];
  /** Ends what is scheduled, and begins anew with these; looks that are under way end by themselves. */
  schedule: (targets: readonly { key: LookKey; intervalMs: number }[]) => void;
  stop: () => void;
};

export type ProbesWorld = {
  descriptors: Pick<Descriptors, "addresses" | "looks">;
  minIntervalMs: () => number;
  /** After each look that was scheduled. */
  onLook: (key: LookKey, look: Look) => void;
  /** A look that could not be begun: an interface that is gone, say. One line. */
  onFailure: (key: LookKey, error: unknown) => void;
  onLate: (lateMs: number) => void;
  /** This process stood still for so long. */
  onStall: (ms: number) => void;
};

const NOTHING = (): void => {};

const MOST_KEPT = 4_096;
const MOST_ADDRESSES = 16_384;

export function createProbes(world: ProbesWorld): Probes {
  const { descriptors, minIntervalMs, onLook, onFailure, onLate, onStall } = world;
  const clock = monotonicClock;
  const pool = createPool(descriptors.looks, AT_ONCE);
  /** Over all looks: each has the concurrency of its module besides. */
  const addresses = createPool(descriptors.addresses, AT_ONCE);
  const turns = createTurns();
  const stalls = watchStalls({
    clock,
    every: (ms, job) => {
      const timer = setInterval(job, ms);
      return () => clearInterval(timer);
    },
    onStall,
  });
  const attempts = createAttempts({ clock, minIntervalMs, isSpoilt: stalls.since, most: MOST_ADDRESSES });
  const requests = createRequests();
  const shares = new WeakMap<CheckRequest, ShareAttempt>();
  const sharing = (request: CheckRequest): ShareAttempt => {
    const known = shares.get(request);
    if (known !== undefined) return known;
    const share = attempts.of(JSON.stringify(request.settings));
    const shareAttempt: ShareAttempt = (name, ends, attempt) =>
      share(name, ends, (signal) => addresses(() => attempt(signal), signal));
    shares.set(request, shareAttempt);
    return shareAttempt;
  };
  const looks = createLooks<LookKey, Look>({
    clock,
    nameOf: ({ name }) => name,
    minIntervalMs,
    most: MOST_KEPT,
    check: (key, stop, begin) =>
      pool(async () => {
        begin();
        const startedMs = clock.nowMs();
        const { signal, cancel } = withDeadline(stop, key.maxTimeMs);
        try {
          const request = await requests(key.options, signal);
          const shareAttempt = sharing(request);
          const asked = { ...request, mayConnect: key.mayConnect, shareAttempt, turns };
          const { evidence, run } = await gather(asked, { signal, clock });
          // What timed out while this process stood still may have been answered: nothing is known of it.
          const interrupted = run.interrupted || stalls.since(startedMs);
          return lookOf({ evidence, run: { ...run, interrupted } }, request);
        } finally {
          cancel();
        }
      }, stop),
  });
  const stopping = new Stop();
  const onStop: Asker["onLeave"] = (leave) => {
    stopping.addEventListener("abort", leave);
    if (stopping.aborted) leave();
    return () => stopping.removeEventListener("abort", leave);
  };
  let endSchedule = NOTHING;
  return {
    ask: looks.ask,
    list: createListings(clock, minIntervalMs),
    arrived() {
      const cameMs = clock.nowMs() - stalls.behindMs();
      return () => clock.nowMs() - cameMs;
    },
    newest: looks.newest,
    schedule(targets) {
      endSchedule();
      looks.keep(targets.map(({ key }) => key));
      // However early a look is: what was found before would only be told again.
      const leastMs = minIntervalMs() / (1 - JITTER);
      endSchedule = runSchedule(
        targets.map(({ key, intervalMs }) => ({ target: key, intervalMs: Math.max(intervalMs, leastMs) })),
        {
          clock,
          random: Math.random,
          after: (ms, job) => {
            const timer = setTimeout(job, Math.ceil(ms));
            return () => clearTimeout(timer);
          },
          onLate,
          look: async (key, onBegin) => {
            try {
              // Its own time begins with it. Cut short for want of a place it would say nothing; late it says what is.
              const { look } = await looks.ask(key, { limitMs: Infinity, onLeave: onStop, onBegin });
              // What a stop cut short is no news.
              if (look !== null && !stopping.aborted) onLook(key, look);
            } catch (error) {
              if (!stopping.aborted) onFailure(key, error);
            }
          },
        },
      );
    },
    stop() {
      endSchedule();
      stalls.stop();
      stopping.abort("interrupted");
    },
  };
}
