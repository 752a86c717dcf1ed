import type { AttemptEvidence } from "../../model/evidence.ts";
import { createPool } from "../pool.ts";
import { placeKey } from "../../watch/looks.ts";
import type { Place } from "../../watch/looks.ts";
import type { Pacer, PacerWorld } from "./pacer.ts";

/** One loop for each address that is watched: whoever stays silent delays nobody. */
export type Followers = {
  /** Begins with those that are new, and ends those that are not named. */
  follow: (places: readonly Place[]) => void;
  /** What is under way, and what comes next of each, is not to be believed. */
  setAside: () => void;
  stop: () => void;
  /** Resolves when none is left. */
  idle: () => Promise<void>;
};

export type FollowersOptions = {
  intervalMs: number;
  /** Looks at each; null: until it is stopped. */
  looks: number | null;
  /** Probes begun at a time. */
  concurrency: number;
  probe: (place: Place, signal: AbortSignal) => Promise<AttemptEvidence>;
  /** @param cut whether it was stopped meanwhile */
  onLook: (place: Place, attempt: AttemptEvidence, cut: boolean) => void;
};

/** What the limit is for are many connects at once: who waits for silence longer than this makes room for others. */
const ROOM_MS = 500;

type Follower = { stop: () => void; ended: Promise<void>; aside: boolean };

export function createFollowers(pacer: Pacer, { sleep }: PacerWorld, options: FollowersOptions): Followers {
  const { intervalMs, looks, probe, onLook } = options;
  const pool = createPool(options.concurrency);
  const all = new Map<string, Follower>();

  const probeWithRoom = (place: Place, signal: AbortSignal): Promise<AttemptEvidence> =>
    new Promise((resolve, reject) => {
      void pool(async () => {
        const done = new AbortController();
        const probed = probe(place, signal).then(resolve, reject);
        await Promise.race([probed.then(() => done.abort()), sleep(ROOM_MS, done.signal)]);
      });
    });

  const begin = (place: Place): Follower => {
    const stopped = new AbortController();
    const { signal } = stopped;
    let count = 0;
    const follower: Follower = {
      stop: () => stopped.abort("interrupted"),
      ended: Promise.resolve(),
      aside: false,
    };
    follower.ended = pacer.loop(intervalMs, signal, async () => {
      const attempt = await probeWithRoom(place, signal);
      count += 1;
      if (!follower.aside || signal.aborted) onLook(place, attempt, signal.aborted);
      follower.aside = false;
      return looks === null || count < looks;
    });
    return follower;
  };

  return {
    follow(places) {
      const wanted = new Map(places.map((place) => [placeKey(place), place]));
      for (const [key, follower] of all) {
        if (wanted.has(key)) continue;
        follower.stop();
        all.delete(key);
      }
      for (const [key, place] of wanted) if (!all.has(key)) all.set(key, begin(place));
    },
    setAside() {
      for (const follower of all.values()) follower.aside = true;
    },
    stop() {
      for (const follower of all.values()) follower.stop();
    },
    async idle() {
      for (let count = -1; count !== all.size;) {
        count = all.size;
        await Promise.all([...all.values()].map(({ ended }) => ended));
      }
    },
  };
}
