/**
 * The whole of `sweep`: a plan in, lines out. Threads connect and bind; what they find goes into the ledger; what
 * serves is measured once all is quiet. Never rejects because of the network.
 */
import os from "node:os";
import { probeAddress } from "../../probe/probe.ts";
import { addressesOfShards } from "../../sweep/coverage.ts";
import type { EndLine, EndpointLine, Plan, StartLine } from "../../sweep/model.ts";
import { openSpace } from "../../targets/address-set.ts";
import { monotonicClock } from "../../transport/clock.ts";
import { branchOf, withDeadline } from "../../transport/patience.ts";
import { warmUp } from "../../transport/tcp.ts";
import { judgeEndpoint } from "../../verdict/endpoint.ts";
import { VERSION } from "../../version.ts";
import { contextOf } from "../context.ts";
import { createPool } from "../pool.ts";
import { batchesOf, createBoard } from "./board.ts";
import type { Named, SweepProgress, SweepRequest, SweepSurroundings } from "./model.ts";
import { noJournal, openJournal } from "./journal.ts";
import type { Journal } from "./journal.ts";
import { createLedger } from "./ledger.ts";
import { measure } from "./measure.ts";
import { shortPays } from "./patience.ts";
import { createSlowdowns, watchConntrack } from "./slowdowns.ts";
import type { SweeperEvent } from "./share.ts";
import { CODES } from "./tally.ts";
import { sweepOnThreads } from "./threads.ts";

/** Addresses probed again at a time. */
const AGAIN_AT_A_TIME = 32;

const PROGRESS_MS = 250;

/**
 * Never rejects because of the network.
 * @returns the end line, which `onLine` got as well
 */
export async function runSweep(request: SweepRequest, surroundings: SweepSurroundings): Promise<EndLine> {
  const { plan, shard, settings, columns } = request;
  const { onLine } = surroundings;
  const clock = monotonicClock;
  const startedMs = clock.nowMs();
  const startedAt = new Date().toISOString();
  const space = openSpace(columns);
  const planned = addressesOfShards({ addresses: space.size }, shard);
  const board = createBoard(batchesOf(planned));
  const journal = await begin(request, startedAt, surroundings);
  const { past } = journal;
  const ledger = createLedger(request, space, journal, { onLine, nowMs: () => clock.nowMs() - startedMs });
  const slowdowns = createSlowdowns();
  for (const { cause, concurrency } of request.cut) slowdowns.note(cause, concurrency);
  const run =
    settings.maxTimeMs === null
      ? { signal: surroundings.signal, cancel: () => {} }
      : withDeadline(surroundings.signal, settings.maxTimeMs);
  // Each host that is measured listens to it, and an AbortSignal costs more than the rest of that.
  const branch = branchOf(run.signal);
  const context = contextOf(request.probeSettings, null, { signal: branch.signal, clock });

  onLine(startLine(request, past.startedAt ?? startedAt));
  // One shard tells them: no other has anything to add.
  if (shard.index === 1) for (const named of request.unresolved) onLine(withoutAddress(named, plan));
  ledger.replay();
  for (const { batch, outcomes } of past.batches) {
    board.skip(batch);
    board.settle(outcomes.length);
  }
  const earlier = board.settled;
  let phase: SweepProgress["phase"] = "sweeping";
  const progress = setInterval(() => {
    board.held = surroundings.isBehind?.() ?? false;
    const { settled } = board;
    const slowed = slowdowns.all.length > 0;
    surroundings.onProgress({ phase, settled, total: planned, earlier, serving: ledger.serving, slowed });
  }, PROGRESS_MS);
  const tracking = watchConntrack(board, () => slowdowns.note("conntrack", settings.concurrency));
  const onAbort = (): void => void (board.stopped = true);
  run.signal.addEventListener("abort", onAbort, { once: true });
  if (run.signal.aborted) onAbort();

  function tell(event: SweeperEvent): void {
    switch (event.type) {
      case "evidence":
        return ledger.evidence(event);
      case "batch":
        return ledger.batch(event.batch, event.outcomes);
      case "mixed":
        return ledger.mixed(event.subnet);
      case "slow":
        return slowdowns.note(event.cause, event.concurrency);
      default:
        return event satisfies never;
    }
  }

  try {
    const { concurrency, rate, timeoutMs, retries, workers } = settings;
    const { burst, everything, singled, probeSettings } = request;
    const short = shortPays(planned, { concurrency, rate, burst });
    const pace = { concurrency, rate, burst, timeoutMs, retries, short };
    await sweepOnThreads(
      { columns, seed: plan.seed, shard, ...pace, settings: probeSettings, everything, singled },
      board,
      { workers, workerFile: surroundings.workerFile, tell, clock, signal: run.signal },
    );
    tracking.stop();
    const pool = createPool(AGAIN_AT_A_TIME);
    const probeAgain = async (address: string, port: number): Promise<void> => {
      if (!run.signal.aborted) ledger.probedAgain(await probeAddress(address, port, context), port);
    };
    await Promise.all(ledger.settle().map(({ address, port }) => pool(() => probeAgain(address, port))));
    phase = "measuring";
    if (ledger.accepting.length > 0) await warmUp();
    await measure(ledger.accepting, settings, { journal, onLine }, context);
    const end: EndLine = {
      type: "end",
      plan: plan.digest,
      shard,
      elapsedMs: past.elapsedMs + clock.nowMs() - startedMs,
      runs: past.runs + 1,
      interrupted: surroundings.signal.aborted,
      planned,
      covered: ledger.covered,
      unsent: ledger.unsent,
      subnets: ledger.subnets(),
      slowdowns: slowdowns.all,
      published: request.published,
      permitted: request.permitted,
    };
    onLine(end);
    return end;
  } finally {
    clearInterval(progress);
    tracking.stop();
    branch.cancel();
    run.cancel();
    journal.close();
  }
}

/** The sweep's state, opened, and its output after it: who can't write either has sent nothing. */
async function begin(
  { plan, shard, stateFile }: SweepRequest,
  startedAt: string,
  { onNote, onStart }: SweepSurroundings,
): Promise<Journal> {
  const journal =
    stateFile === null
      ? noJournal()
      : await openJournal(stateFile, { plan, shard, codes: CODES, startedAt, note: onNote });
  try {
    await onStart?.();
    return journal;
  } catch (error) {
    journal.close();
    throw error;
  }
}

function startLine({ plan, shard, settings, defaults }: SweepRequest, startedAt: string): StartLine {
  return {
    type: "start",
    schemaVersion: "1.0",
    tool: { name: "kmsprobe", version: VERSION },
    startedAt,
    from: { host: os.hostname(), platform: process.platform },
    plan,
    shard,
    settings,
    ...(defaults === undefined ? {} : { defaults: [...defaults] }),
  };
}

function withoutAddress({ names, evidence }: Named, { ports }: Plan): EndpointLine {
  const endpoint = { host: names[0] ?? "", port: ports[0] ?? 0 };
  const judged = judgeEndpoint({ endpoint, listedBy: [], address: evidence, attempts: [] }, "");
  return { type: "endpoint", names, ...judged };
}
