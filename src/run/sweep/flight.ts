import { addressesOfShards } from "../../sweep/coverage.ts";
import { createShardOrder } from "../../sweep/permutation.ts";
import type { Started } from "../../transport/burst.ts";
import { BATCH } from "./board.ts";
import type { Board } from "./board.ts";
import type { Job, SweeperEvent } from "./share.ts";

type Batch = { number: number; first: number; outcomes: Uint8Array; left: number };

/** One address on its way to an outcome. */
export type Flight = {
  readonly batch: Batch;
  readonly position: number;
  /** In the space. */
  readonly index: number;
  tries: number;
  /** Its connects that have not ended, the oldest first. */
  connects: Started[];
  /** When the first connect began, and the latest. */
  sinceMs: number;
  latestMs: number;
  /** Times that this machine was short of something. */
  troubles: number;
  /** Times that it was looked at again because packets may have been lost. */
  doubts: number;
  /** It was seen to say nothing. */
  quiet: boolean;
  /** When a query for it was first seen to be unanswered. */
  queriedMs: number;
};

/** The addresses of a thread: handed out from the board's batches, and entered with what they came to. */
export type Flights = {
  /** The next address that nobody has; null where there is none left. */
  next: () => Flight | null;
  settle: (flight: Flight, outcome: number) => void;
  /** Nothing is left to hand out. */
  readonly exhausted: boolean;
  /** All that was handed out is settled. */
  readonly settled: boolean;
  /** Tells what the batches that are not finished came to so far. */
  leave: () => void;
};

/** @param addresses in the space */
export function createFlights(
  { seed, shard }: Job,
  addresses: number,
  board: Board,
  tell: (event: SweeperEvent) => void,
): Flights {
  const size = addressesOfShards({ addresses }, shard);
  const visit = createShardOrder(addresses, seed, shard);
  const open = new Set<Batch>();
  let current: Batch | null = null;
  /** Of the next address in the current batch. */
  let position = 0;
  let exhausted = false;

  function nextBatch(): Batch | null {
    const number = board.claim();
    if (number === null) {
      exhausted = true;
      return null;
    }
    const first = number * BATCH;
    const outcomes = new Uint8Array(Math.min(BATCH, size - first));
    const batch = { number, first, outcomes, left: outcomes.length };
    open.add(batch);
    position = 0;
    return batch;
  }

  return {
    next() {
      if (!exhausted) current ??= nextBatch();
      if (current === null) return null;
      const flight: Flight = {
        batch: current,
        position,
        index: visit(current.first + position),
        tries: 0,
        connects: [],
        sinceMs: 0,
        latestMs: 0,
        troubles: 0,
        doubts: 0,
        quiet: false,
        queriedMs: 0,
      };
      position += 1;
      if (position === current.outcomes.length) current = null;
      return flight;
    },
    settle({ batch, position: place }, outcome) {
      batch.outcomes[place] = outcome;
      batch.left -= 1;
      board.settle(1);
      if (batch.left > 0) return;
      open.delete(batch);
      tell({ type: "batch", batch: batch.number, outcomes: batch.outcomes });
    },
    get exhausted() {
      return exhausted && current === null;
    },
    get settled() {
      return open.size === 0;
    },
    leave() {
      for (const { number, outcomes } of open) tell({ type: "batch", batch: number, outcomes });
    },
  };
}
