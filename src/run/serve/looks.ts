/** Looks at targets for many who ask: one at a time for each target, and none sooner after the last than is stated. */
import type { Clock } from "../../transport/clock.ts";
import { Stop } from "../../transport/stop.ts";
import type { StopSignal } from "../../transport/stop.ts";
import { Slots } from "./slots.ts";

/**
 * One who asks. What is known after `limitMs` is the answer (Infinity: however long it takes); `onLeave` has `leave` called
 * where nobody waits for it any more, at once if that is so already, and gives back what ends that.
 */
export type Asker = {
  limitMs: number;
  onLeave: (leave: () => void) => () => void;
  /** Called when the look that answers has begun, or had begun already. */
  onBegin?: () => void;
};

/**
 * `look` is null for one whose time was up while others went on waiting for the same look. `ageMs`: since it began;
 * `shared`: somebody else had asked for it.
 */
export type Looked<Found> = { look: Found | null; ageMs: number; shared: boolean };

/** What a look came to, as far as this needs to know it. */
type CutOrWhole = { readonly interrupted: boolean };

export type Looks<Key, Found extends CutOrWhole> = {
  /** Never rejects because of the network; rejects as `check` does. */
  ask: (key: Key, asker: Asker) => Promise<Looked<Found>>;
  /** The newest that is kept, however old. */
  newest: (key: Key) => Found | null;
  /** What came of these is kept however old it is; of all others for the minimum interval only. */
  keep: (keys: readonly Key[]) => void;
};

export type LooksWorld<Key, Found extends CutOrWhole> = {
  clock: Clock;
  /** The same text for the same look. */
  nameOf: (key: Key) => string;
  /** @param begin called once it has a place, and begins */
  check: (key: Key, signal: StopSignal, begin: () => void) => Promise<Found>;
  /** A look at one target begins no sooner than this after the one before; in between the last answer is given again. */
  minIntervalMs: () => number;
  /** Answers that are kept; the oldest go first. */
  most: number;
};

type Kept<Found> = { startedMs: number; stoppedAfterMs: number; found: Found };

/** `tell`: who is to be told of it. */
type Beginning = { isOver: boolean; tell: (() => void)[] };

type Running<Found> = {
  startedMs: number;
  /** Infinite unless it was stopped for want of time. */
  stoppedAfterMs: number;
  beginning: Beginning;
  waiting: number;
  stop: Stop;
  found: Promise<Found>;
};

/** After a look was stopped what is known comes at once; nobody waits for it longer than this, by how much time there was. */
const graceOf = (limitMs: number): number => Math.min(200, Math.max(20, limitMs / 10));

export function createLooks<Key, Found extends CutOrWhole>(world: LooksWorld<Key, Found>): Looks<Key, Found> {
  const { clock, nameOf, minIntervalMs, most } = world;
  const underWay = new Slots<Running<Found>>();
  /** In the order in which they ended; what lasts is kept apart, so that what is too old is found at once. */
  const kept = new Slots<Kept<Found>>();
  const lasting = new Map<string, Kept<Found>>();
  let lastingNames: ReadonlySet<string> = new Set();

  const keep = (name: string, look: Kept<Found>): void => {
    if (lastingNames.has(name)) lasting.set(name, look);
    else kept.set(name, look);
  };
  /** At once: what stays for a second is copied by the collector, twice. */
  const tidy = (): void => {
    const nowMs = clock.nowMs();
    for (let old = kept.oldest(); old !== null; old = kept.oldest()) {
      if (kept.size <= most && nowMs - old.value.startedMs < minIntervalMs()) return;
      kept.delete(old.name);
    }
  };

  const start = (key: Key, name: string): Running<Found> => {
    const stop = new Stop();
    const startedMs = clock.nowMs();
    const beginning: Beginning = { isOver: false, tell: [] };
    const begin = (): void => {
      beginning.isOver = true;
      for (const each of beginning.tell) each();
    };
    const found = world.check(key, stop, begin).then(
      (seen) => {
        underWay.delete(name);
        keep(name, { startedMs, stoppedAfterMs: look.stoppedAfterMs, found: seen });
        tidy();
        return seen;
      },
      (error: unknown) => {
        underWay.delete(name);
        throw error;
      },
    );
    const look = { startedMs, stoppedAfterMs: Infinity, beginning, waiting: 0, stop, found };
    underWay.set(name, look);
    return look;
  };

  const looks: Looks<Key, Found> = {
    async ask(key, asker) {
      const { limitMs, onBegin } = asker;
      const name = nameOf(key);
      const known = lasting.get(name) ?? kept.get(name);
      const nowMs = clock.nowMs();
      const isRecent = known !== undefined && nowMs - known.startedMs < minIntervalMs();
      // What was cut short for one in a hurry is no answer for one who has time.
      if (isRecent && (!known.found.interrupted || limitMs <= known.stoppedAfterMs)) {
        onBegin?.();
        return { look: known.found, ageMs: nowMs - known.startedMs, shared: true };
      }
      const joined = underWay.get(name);
      if (joined?.stop.aborted === true && limitMs > joined.stoppedAfterMs) {
        if (await hasEnded(joined, asker))
          return await looks.ask(key, { ...asker, limitMs: limitMs - (clock.nowMs() - nowMs) });
        return { look: null, ageMs: clock.nowMs() - joined.startedMs, shared: true };
      }
      const running = joined ?? start(key, name);
      if (running.beginning.isOver) onBegin?.();
      else if (onBegin !== undefined) running.beginning.tell.push(onBegin);
      const look = await foundOf(running, asker, clock);
      return { look, ageMs: clock.nowMs() - running.startedMs, shared: joined !== undefined };
    },

    newest(key) {
      const name = nameOf(key);
      return (lasting.get(name) ?? kept.get(name))?.found ?? null;
    },

    keep(keys) {
      lastingNames = new Set(keys.map(nameOf));
      const before = [...lasting];
      lasting.clear();
      for (const name of lastingNames) {
        const look = kept.get(name);
        kept.delete(name);
        if (look !== undefined) lasting.set(name, look);
      }
      for (const [name, look] of before) keep(name, look);
    },
  };
  return looks;
}

/** @returns null for one whose time is up, or who has left, while others go on waiting */
async function foundOf<Found>(
  running: Running<Found>,
  { limitMs, onLeave }: Asker,
  clock: Clock,
): Promise<Found | null> {
  running.waiting += 1;
  const time = outOfTime(limitMs, onLeave);
  try {
    const found = await Promise.race([running.found, time.up]);
    if (found !== null) return found;
  } finally {
    running.waiting -= 1;
    time.stop();
  }
  // The last who waits takes what is known; while others wait for the whole, nothing is cut.
  if (running.waiting > 0) return null;
  running.stoppedAfterMs = clock.nowMs() - running.startedMs;
  running.stop.abort("deadline");
  const grace = outOfTime(graceOf(limitMs), onLeave);
  const found = await Promise.race([running.found, grace.up]);
  grace.stop();
  return found;
}

function over(): true {
  return true;
}

/** Whether it ended, in whatever way, before the time of who asks. */
async function hasEnded({ found }: Running<unknown>, { limitMs, onLeave }: Asker): Promise<boolean> {
  const time = outOfTime(limitMs, onLeave);
  const ended = await Promise.race([found.then(over, over), time.up]);
  time.stop();
  return ended !== null;
}

/** `up` resolves with null after the time, or when whoever asked has left; not at all once it is stopped. */
function outOfTime(ms: number, onLeave: Asker["onLeave"]): { up: Promise<null>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let stay: (() => void) | undefined;
  const up = new Promise<null>((resolve) => {
    const leave = (): void => resolve(null);
    if (ms !== Infinity) timer = setTimeout(leave, Math.ceil(ms));
    stay = onLeave(leave);
  });
  return {
    up,
    stop(): void {
      clearTimeout(timer);
      stay?.();
    },
  };
}
