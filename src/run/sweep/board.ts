/**
 * Work is handed out, finished and remembered in batches of this many addresses, in visiting order. Small enough that
 * a killed run has little to do again, and that two threads end together.
 */
export const BATCH = 1_024;

/** How many batches so many addresses are. */
export function batchesOf(addresses: number): number {
  return Math.ceil(addresses / BATCH);
}

const NEXT = 0;
const SETTLED = 1;
const STOPPED = 2;
const PAUSED = 3;

/** Why nothing new is begun, in the word of PAUSED. */
const CONNTRACK = 1;
const READER = 2;

/** What all threads of a sweep see: whose turn the next batch is, how far they are, and whether to go on. */
export type Board = {
  /** Shared memory: can be posted to a thread, which opens it again. */
  readonly memory: SharedArrayBuffer;
  readonly batches: number;
  /** The next batch that nobody has, or null. */
  claim: () => number | null;
  /** A batch of an earlier run, not to be handed out. */
  skip: (batch: number) => void;
  settle: (addresses: number) => void;
  readonly settled: number;
  stopped: boolean;
  /** No new connects for the time being. */
  paused: boolean;
  /** The same, for as long as the reader of what is found is too far behind. */
  held: boolean;
};

/** A new one; its memory can be posted to other threads. */
export function createBoard(batches: number): Board {
  return openBoard(new SharedArrayBuffer(4 * 4 + Math.ceil(batches / 8)), batches);
}

/** The same board, in another thread. */
export function openBoard(memory: SharedArrayBuffer, batches: number): Board {
  const words = new Int32Array(memory, 0, 4);
  const skipped = new Uint8Array(memory, 4 * 4);
  const mark = (why: number, on: boolean): void => {
    if (on) Atomics.or(words, PAUSED, why);
    else Atomics.and(words, PAUSED, ~why);
  };
  return {
    memory,
    batches,
    claim() {
      for (;;) {
        const batch = Atomics.add(words, NEXT, 1);
        if (batch >= batches) return null;
        if (((skipped[batch >> 3] ?? 0) & (1 << (batch & 7))) === 0) return batch;
      }
    },
    skip(batch) {
      skipped[batch >> 3] = (skipped[batch >> 3] ?? 0) | (1 << (batch & 7));
    },
    settle: (addresses) => void Atomics.add(words, SETTLED, addresses),
    // Unsigned: a range may hold more than 2**31 addresses.
    get settled() {
      return Atomics.load(words, SETTLED) >>> 0;
    },
    get stopped() {
      return Atomics.load(words, STOPPED) !== 0;
    },
    set stopped(value) {
      Atomics.store(words, STOPPED, Number(value));
    },
    get paused() {
      return Atomics.load(words, PAUSED) !== 0;
    },
    set paused(value) {
      mark(CONNTRACK, value);
    },
    get held() {
      return (Atomics.load(words, PAUSED) & READER) !== 0;
    },
    set held(value) {
      mark(READER, value);
    },
  };
}
