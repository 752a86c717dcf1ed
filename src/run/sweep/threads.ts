import { Worker } from "node:worker_threads";
import type { Clock } from "../../transport/clock.ts";
import type { StopSignal } from "../../transport/stop.ts";
import type { Board } from "./board.ts";
import { sweepShare } from "./sweeper.ts";
import type { Done, Job, SweeperEvent } from "./share.ts";
import { withoutStacks } from "./stackless.ts";

/** What a worker's young objects may take: a larger share would cost memory, and gains no time. */
const YOUNG_MB = 8;

/**
 * Runs a job on `workers` threads, this one among them: it sweeps as well, so that two cores need one more thread.
 *
 * @param workerFile the built worker; without one all is done here
 * @returns when all have ended; rejects where a thread fails by a mistake of ours
 */
export async function sweepOnThreads(
  job: Job,
  board: Board,
  {
    workers,
    workerFile,
    tell,
    clock,
    signal,
  }: {
    workers: number;
    workerFile: string | null;
    tell: (event: SweeperEvent) => void;
    clock: Clock;
    signal: StopSignal;
  },
): Promise<void> {
  // Whoever has nothing to do would keep its share of the rate to itself.
  const threads = workerFile === null ? 1 : Math.max(1, Math.min(workers, board.batches));
  const share: Job = {
    ...job,
    concurrency: Math.max(1, Math.floor(job.concurrency / threads)),
    rate: job.rate / threads,
    burst: Math.floor(job.burst / threads),
  };
  const others = Array.from({ length: threads - 1 }, () =>
    runWorker(workerFile ?? "", { job: share, memory: board.memory }, tell, signal),
  );
  const withStacks = withoutStacks();
  try {
    await Promise.all([sweepShare(share, board, tell, { clock, signal }), ...others]);
  } finally {
    withStacks();
  }
}

function runWorker(
  file: string,
  workerData: { job: Job; memory: SharedArrayBuffer },
  tell: (event: SweeperEvent) => void,
  signal: StopSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    const stop = (): void => worker.postMessage("stop");
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    worker.on("message", (event: SweeperEvent | Done) => {
      if (event.type !== "done") return tell(event);
      signal.removeEventListener("abort", stop);
      // It waits for a message, and taking it down takes longer than what it did last: nobody stays for that.
      void worker.terminate();
      resolve();
    });
    worker.on("error", reject);
    // After "done" this changes nothing.
    worker.on("exit", (code) => reject(new Error(`a thread of the sweep ended early, with ${code}`)));
  });
}
