/** The steps of a run: each starts when there is room, and all of them tell how far the run is. */
import type { Wait } from "../probe/context.ts";
import { addressesAtATime } from "../system/limits.ts";
import type { Clock } from "../transport/clock.ts";
import { createElasticPool } from "./elastic-pool.ts";
import { createPool, createTurns } from "./pool.ts";
import type { Turns } from "./pool.ts";
import { DEFAULT_CONCURRENCY } from "./settings.ts";

/** Addresses that are waited for; `what` and `untilMs` are of the one that takes longest, by the clock of the run. */
export type Waiting = Wait & { addresses: number; of: number };

export type Progress = { done: number; total: number; phase: string; waiting: Waiting | null };

export type Steps = {
  /** Asks DNS. */
  ask: <Value>(phase: string, job: () => Promise<Value>) => Promise<Value>;
  /** Probes an address. @param job tells what it waits for, where that takes long */
  probe: <Value>(phase: string, job: (onWait: (wait: Wait) => void) => Promise<Value>) => Promise<Value>;
};

/** How many steps go on at a time: so many; or, by themselves, so many that are answered and all that are silent. */
export type Concurrency = number | "auto";

/** Addresses a second that probing begins with: politeness, where the number at a time says nothing. */
const RATE = 500;

const MOST = 2_048;

/** Of a run whose progress nobody is told. */
export const UNTOLD: ProgressBoard = { add() {}, begin() {}, wait() {}, end() {} };

/** Begins with none done. `askedFirst`: what is said before the first step. */
export function createProgress(onProgress: (progress: Progress) => void): ProgressBoard {
  const known = { done: 0, total: 0, phase: "asking DNS" };
  const waits = new Map<symbol, Wait>();
  let addresses = 0;
  const tell = (): void => {
    const [longest] = [...waits.values()].toSorted((one, other) => other.untilMs - one.untilMs);
    const waiting = longest ? { ...longest, addresses: waits.size, of: addresses } : null;
    onProgress({ ...known, waiting });
  };
  return {
    add(isProbe) {
      known.total += 1;
      if (isProbe) addresses += 1;
    },
    begin(phase) {
      known.phase = phase;
      tell();
    },
    wait(step, wait) {
      waits.set(step, wait);
      tell();
    },
    end(step) {
      waits.delete(step);
      known.done += 1;
      tell();
    },
  };
}

export type ProgressBoard = {
  add: (isProbe: boolean) => void;
  begin: (phase: string) => void;
  wait: (step: symbol, wait: Wait) => void;
  end: (step: symbol) => void;
};

/** @param turns those of all runs of this process, where there are several at a time */
export function createSteps(
  concurrency: Concurrency,
  board: ProgressBoard,
  clock: Clock,
  turns: Turns = createTurns(),
): Steps {
  // Never more than there are descriptors for: what is not opened for want of one says nothing of a host.
  const most = Math.min(MOST, addressesAtATime());
  const atATime = concurrency === "auto" ? DEFAULT_CONCURRENCY : concurrency;
  const pool = createPool(Math.min(atATime, most), turns);
  const probes =
    concurrency === "auto"
      ? createElasticPool({ busy: Math.min(DEFAULT_CONCURRENCY, most), most, rate: RATE }, clock, turns)
      : pool;
  const run = async <Value>(
    place: typeof pool,
    phase: string,
    job: (onWait: (wait: Wait) => void) => Promise<Value>,
  ): Promise<Value> => {
    const step = Symbol(phase);
    const value = await place(() => {
      board.begin(phase);
      return job((wait) => board.wait(step, wait));
    });
    board.end(step);
    return value;
  };
  return {
    ask(phase, job) {
      board.add(false);
      return run(pool, phase, job);
    },
    probe(phase, job) {
      board.add(true);
      return run(probes, phase, job);
    },
  };
}
