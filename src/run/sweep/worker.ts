/** A thread of a sweep: takes its share of the batches, and posts what it finds. */
import { parentPort, workerData } from "node:worker_threads";
import { monotonicClock } from "../../transport/clock.ts";
import { batchesOf, openBoard } from "./board.ts";
import { sweepShare } from "./sweeper.ts";
import type { Done, Job, SweeperEvent } from "./share.ts";
import { withoutStacks } from "./stackless.ts";
import { addressesOfShards } from "../../sweep/coverage.ts";

withoutStacks();

const { job, memory }: { job: Job; memory: SharedArrayBuffer } = workerData;
const total = job.columns.offsets.at(-1) ?? 0;
const board = openBoard(memory, batchesOf(addressesOfShards({ addresses: total }, job.shard)));
const stop = new AbortController();
parentPort?.once("message", () => stop.abort("interrupted"));

function tell(event: SweeperEvent | Done): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port to a thread has no origin
  parentPort?.postMessage(event);
}

void sweepShare(job, board, tell, { clock: monotonicClock, signal: stop.signal }).then(() =>
  tell({ type: "done" }),
);
