/** Looks at targets for many who ask: one at a time for each target, and none sooner after the last than is stated. */
import type { Report } from "../../model/report.ts";
import type { Clock } from "../../transport/clock.ts";

/** @param limitMs patience of one who asks; what is known by then is the answer */
export type Asker = { limitMs: number; signal: AbortSignal };

/**
 * `report` is null for one whose time was up while others went on waiting for the same look. `ageMs`: since it began;
 * `shared`: somebody else had asked for it.
 */
export type Looked = { report: Report | null; ageMs: number; shared: boolean };

export type Looks<Key> = {
  /** Never rejects because of the network; rejects as `check` does. */
  ask: (key: Key, asker: Asker) => Promise<Looked>;
  /** The newest that is kept, however old. */
  newest: (key: Key) => Report | null;
  /** What came of these is kept however old it is; of all others for the minimum interval only. */
  keep: (keys: readonly Key[]) => void;
};

export type LooksWorld<Key> = {
  clock: Clock;
  /** The same text for the same look. */
  nameOf: (key: Key) => string;
  check: (key: Key, signal: AbortSignal) => Promise<Report>;
  /** A look at one target begins no sooner than this after the one before; in between the last answer is given again. */
  minIntervalMs: () => number;
  /** Answers that are kept; the oldest go first. */
  most: number;
};

type Running = {
  startedMs: number;
  /** Infinite unless it was stopped for want of time. */
  stoppedAfterMs: number;
  waiting: number;
  stop: AbortController;
  report: Promise<Report>;
};

/** After a look was stopped its report of what is known comes at once; nobody waits longer than this for it. */
const GRACE_MS = 200;
/** How often what is too old is thrown away. */
const TIDY_MS = 1_000;

/** Why nobody waits any more. */
const OVER = "over";

export function createLooks<Key>(world: LooksWorld<Key>): Looks<Key> {
  const { clock, nameOf, minIntervalMs, most } = world;
  const running = new Map<string, Running>();
  const kept = new Map<string, { startedMs: number; stoppedAfterMs: number; report: Report }>();
  let lasting: ReadonlySet<string> = new Set();
  let tidiedMs = clock.nowMs();

  const tidy = (): void => {
    for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - most))) kept.delete(oldest);
    const nowMs = clock.nowMs();
    if (nowMs - tidiedMs < TIDY_MS) return;
    tidiedMs = nowMs;
    for (const [name, { startedMs }] of kept)
      if (!lasting.has(name) && nowMs - startedMs >= minIntervalMs()) kept.delete(name);
  };

  const start = (key: Key, name: string): Running => {
    const stop = new AbortController();
    const startedMs = clock.nowMs();
    const report = world.check(key, stop.signal).then(
      (found) => {
        running.delete(name);
        kept.delete(name);
        kept.set(name, { startedMs, stoppedAfterMs: look.stoppedAfterMs, report: found });
        tidy();
        return found;
      },
      (error: unknown) => {
        running.delete(name);
        throw error;
      },
    );
    const look = { startedMs, stoppedAfterMs: Infinity, waiting: 0, stop, report };
    running.set(name, look);
    return look;
  };

  return {
    async ask(key, { limitMs, signal }) {
      const name = nameOf(key);
      const known = kept.get(name);
      const nowMs = clock.nowMs();
      const isRecent = known !== undefined && nowMs - known.startedMs < minIntervalMs();
      // What was cut short for one in a hurry is no answer for one who has time.
      if (isRecent && (!known.report.interrupted || limitMs <= known.stoppedAfterMs))
        return { report: known.report, ageMs: nowMs - known.startedMs, shared: true };
      const joined = running.get(name);
      const look = joined ?? start(key, name);
      look.waiting += 1;
      const patience = new AbortController();
      try {
        const report = await Promise.race([look.report, outOfTime(limitMs, signal, patience.signal)]);
        if (report !== null)
          return { report, ageMs: clock.nowMs() - look.startedMs, shared: joined !== undefined };
      } finally {
        look.waiting -= 1;
        // A reason of our own: without one an exception is made, with its stack.
        patience.abort(OVER);
      }
      // The last who waits takes what is known; while others wait for the whole, nothing is cut.
      if (look.waiting === 0) {
        look.stoppedAfterMs = clock.nowMs() - look.startedMs;
        look.stop.abort("deadline");
        const end = new AbortController();
        const report = await Promise.race([look.report, outOfTime(GRACE_MS, signal, end.signal)]);
        end.abort(OVER);
        return { report, ageMs: clock.nowMs() - look.startedMs, shared: joined !== undefined };
      }
      return { report: null, ageMs: clock.nowMs() - look.startedMs, shared: true };
    },

    newest: (key) => kept.get(nameOf(key))?.report ?? null,

    keep(keys) {
      lasting = new Set(keys.map(nameOf));
    },
  };
}

/** Resolves with null after the time, or when whoever asked has left; not at all once it is over. */
function outOfTime(ms: number, left: AbortSignal, over: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), Math.ceil(ms));
    const leave = (): void => resolve(null);
    left.addEventListener("abort", leave, { once: true });
    if (left.aborted) leave();
    over.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        left.removeEventListener("abort", leave);
      },
      { once: true },
    );
  });
}
