/**
 * One thread's share of a sweep: takes batches from the board, connects to their addresses in bursts, and probes what
 * connects. A plain refusal or silence is one byte; anything else is evidence, to be judged by whoever listens.
 */
import type { AttemptEvidence } from "../../model/evidence.ts";
import type { Settings } from "../../model/settings.ts";
import type { Via } from "../../model/source.ts";
import { probeOnward } from "../../probe/probe.ts";
import { failed } from "../../probe/tcp.ts";
import { addressesOfShards } from "../../sweep/coverage.ts";
import { createShardOrder } from "../../sweep/permutation.ts";
import type { Shard } from "../../sweep/model.ts";
import { CONNTRACK_FULL, conntrackUse } from "../../system/limits.ts";
import { viaOf } from "../../system/interfaces.ts";
import { openSpace } from "../../targets/address-set.ts";
import type { AddressColumns } from "../../targets/address-columns.ts";
import { createBurst } from "../../transport/burst.ts";
import type { BurstEnd } from "../../transport/burst.ts";
import type { Clock } from "../../transport/clock.ts";
import { isExhausted } from "../../transport/errno.ts";
import { localAddressTowards } from "../../transport/udp.ts";
import { contextOf } from "../context.ts";
import { BATCH } from "./board.ts";
import type { Board } from "./board.ts";
import { createMixed } from "./mixed.ts";
import { createPatience } from "./patience.ts";
import { createTokens } from "../tokens.ts";

/** Plain data: can be posted to a thread. `concurrency` and `rate` are this thread's share. */
export type Job = {
  columns: AddressColumns;
  seed: number;
  shard: Shard;
  concurrency: number;
  rate: number;
  timeoutMs: number | null;
  retries: number;
  /** For what follows a connect. */
  settings: Settings;
  /** Evidence is wanted of every address, or of these, whatever comes of it. */
  everything: boolean;
  singled: readonly number[];
};

/** What an address came to, in one byte. */
export const PENDING = 0;
export const NO_ANSWER = 1;
export const REFUSED = 2;
/** Evidence was told. */
export const TOLD = 255;

export type SweeperEvent =
  /** Told before the batch that it belongs to. @param index of the address in the space, `position` in its batch */
  | { type: "evidence"; batch: number; position: number; index: number; attempt: AttemptEvidence }
  /** Every address of the batch has an outcome; fewer where the sweep was stopped. */
  | { type: "batch"; batch: number; outcomes: Uint8Array }
  /** Not every address of the subnet accepts connections: said once, as early as it shows. */
  | { type: "mixed"; subnet: number }
  /** This machine could not keep up; it goes on more slowly. */
  | { type: "slow"; cause: string; concurrency: number };

/** Of a thread that has nothing more to tell. */
export type Done = { type: "done" };

/** Connects started in one turn of the event loop: all at once takes Node twice as long. */
const STARTS_A_TURN = 32;

/** Addresses being probed beyond TCP at a time: each holds some 10 KB. */
const MAX_PROBING = 512;

/** Tries where this machine was short of something, before that is the outcome. */
const MAX_TROUBLES = 12;

const FEWEST = 8;
const PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

type Batch = { number: number; first: number; outcomes: Uint8Array; left: number };

type Flight = {
  batch: Batch;
  position: number;
  index: number;
  tries: number;
  troubles: number;
  /** Times that it was looked at again because packets may have been lost. */
  doubts: number;
  /** When the first try began. */
  sinceMs: number;
};

/** Ends when there is no batch left, or the board is stopped. Never rejects because of the network. */
export function sweepShare(
  job: Job,
  board: Board,
  tell: (event: SweeperEvent) => void,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const space = openSpace(job.columns);
    const size = addressesOfShards({ addresses: space.size }, job.shard);
    const visit = createShardOrder(space.size, job.seed, job.shard);
    const patience = createPatience(job.timeoutMs, space.subnets);
    const tokens = createTokens(job.rate, clock);
    const singled = new Set(job.singled);
    const burst = createBurst<Flight>(clock, onEnd);
    const mixed = createMixed(space, (subnet) => tell({ type: "mixed", subnet }));
    const again: Flight[] = [];
    const open = new Set<Batch>();
    let current: Batch | null = null;
    let exhausted = false;
    let probing = 0;
    let limit = job.concurrency;
    let troubledMs = -Infinity;
    let pauseMs = PAUSE_MS;
    let pausedUntilMs = -Infinity;
    let scheduled = false;
    let over = false;

    const context = contextOf(job.settings, null, { signal, clock });
    const vias = new Map<string, Promise<Via>>();
    const describe = (address: string): Promise<Via> => {
      const known = vias.get(address) ?? viaOf(address);
      vias.set(address, known);
      return known;
    };

    function wantsEvidence(index: number): boolean {
      return job.everything || singled.has(index);
    }

    function next(): Flight | null {
      const retry = again.shift();
      if (retry) return retry;
      if (current === null && !exhausted) {
        const number = board.claim();
        if (number === null) exhausted = true;
        else {
          const first = number * BATCH;
          const outcomes = new Uint8Array(Math.min(BATCH, size - first));
          current = { number, first, outcomes, left: outcomes.length };
          position = 0;
          open.add(current);
        }
      }
      if (current === null) return null;
      const flight: Flight = {
        batch: current,
        position,
        index: visit(current.first + position),
        tries: 0,
        troubles: 0,
        doubts: 0,
        sinceMs: 0,
      };
      position += 1;
      if (position === current.outcomes.length) current = null;
      return flight;
    }
    /** Of the next address in the current batch. */
    let position = 0;

    function schedule(): void {
      if (scheduled || over) return;
      scheduled = true;
      setImmediate(pump);
    }

    function scheduleIn(ms: number): void {
      if (scheduled || over) return;
      scheduled = true;
      setTimeout(pump, ms);
    }

    function pump(): void {
      scheduled = false;
      if (over) return;
      if (board.stopped || signal.aborted) return finish();
      const nowMs = clock.nowMs();
      if (board.paused) return scheduleIn(PAUSE_MS);
      if (pausedUntilMs > nowMs) return scheduleIn(pausedUntilMs - nowMs);
      if (limit < job.concurrency && nowMs - troubledMs > LONGEST_PAUSE_MS) {
        limit = Math.min(job.concurrency, Math.ceil(limit * 1.1));
        troubledMs = nowMs;
        pauseMs = PAUSE_MS;
      }
      const free = Math.min(limit - burst.pending - probing, probing < MAX_PROBING ? Infinity : 0);
      const allowed = tokens.available();
      let starts = Math.min(STARTS_A_TURN, free, allowed);
      while (starts > 0) {
        const flight = next();
        if (flight === null) break;
        starts -= 1;
        tokens.take();
        launch(flight, nowMs);
      }
      if (again.length === 0 && exhausted && current === null) {
        if (open.size === 0) finish();
        return;
      }
      if (allowed < 1) scheduleIn(tokens.waitMs());
      // Where nothing is free, whatever ends calls for the next turn.
      else if (free > 0) schedule();
    }

    function launch(flight: Flight, nowMs: number): void {
      flight.tries += 1;
      if (flight.sinceMs === 0) flight.sinceMs = nowMs;
      const { index, tries } = flight;
      burst.start(
        flight,
        space.address(index),
        space.port(index),
        patience.timeoutMs(space.subnet(index), tries),
      );
    }

    function onEnd(flight: Flight, end: BurstEnd): void {
      const { index } = flight;
      switch (end.end) {
        case "connected": {
          patience.sample(space.subnet(index), end.elapsedMs);
          const { connection, elapsedMs } = end;
          const evidence = { outcome: "ok", facts: { tries: flight.tries }, elapsedMs } as const;
          return void probe(flight, () => ({ evidence, connection }));
        }
        case "failed":
          if (end.errno === "ECONNREFUSED") {
            patience.sample(space.subnet(index), end.elapsedMs);
            mixed.answered(space.subnet(index));
            if (!wantsEvidence(index)) return settle(flight, REFUSED);
          }
          return void onErrno(flight, end.errno, end.elapsedMs);
        case "silent":
          if (flight.tries === 1) mixed.silent(space.subnet(index));
          if (flight.tries <= job.retries) {
            again.push(flight);
            return schedule();
          }
          if (!wantsEvidence(index)) return settle(flight, NO_ANSWER);
          return void probe(flight, () => ({
            evidence: {
              outcome: "no-answer",
              cause: "deadline",
              tries: flight.tries,
              elapsedMs: end.elapsedMs,
            },
            connection: null,
          }));
        default:
          return end satisfies never;
      }
    }

    async function onErrno(flight: Flight, errno: string, elapsedMs: number): Promise<void> {
      if (flight.troubles < MAX_TROUBLES && (await isShortage(flight, errno))) return trouble(flight, errno);
      mixed.answered(space.subnet(flight.index));
      // An ARP query that a first try began ends during the second: the host was waited for all that time.
      const waitedMs = flight.tries > 1 ? Math.max(elapsedMs, clock.nowMs() - flight.sinceMs) : elapsedMs;
      await probe(flight, () => ({ evidence: failed(errno, waitedMs, flight.tries), connection: null }));
    }

    /** Whether an errno tells of something that this machine ran out of, and will have again. */
    async function isShortage({ index }: Flight, errno: string): Promise<boolean> {
      switch (errno) {
        case "EADDRNOTAVAIL":
        case "EADDRINUSE": {
          // Out of ports; or there is no address towards it, which the routing table says as well.
          probing += 1;
          const way = await localAddressTowards({ address: space.address(index), port: space.port(index) });
          probing -= 1;
          return !("errno" in way) || isExhausted(way.errno);
        }
        case "EPERM":
          // A full connection table, or a filter of our own.
          return (conntrackUse() ?? 0) > CONNTRACK_FULL;
        case "EAGAIN":
          return true;
        default:
          return isExhausted(errno);
      }
    }

    /** Slows down, and has the address looked at again: what we lack is nothing about a host. */
    function trouble(flight: Flight, cause: string): void {
      const nowMs = clock.nowMs();
      // Many fail together: one lesson for all of them.
      if (nowMs - troubledMs > PAUSE_MS) {
        limit = Math.max(FEWEST, Math.floor(Math.min(limit, burst.pending + probing) * 0.75));
        troubledMs = nowMs;
        pausedUntilMs = nowMs + pauseMs;
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      }
      tell({ type: "slow", cause, concurrency: limit });
      flight.troubles += 1;
      flight.tries -= 1;
      again.push(flight);
      schedule();
    }

    async function probe(flight: Flight, connect: Parameters<typeof probeOnward>[1]): Promise<void> {
      probing += 1;
      const { index, batch } = flight;
      try {
        const attempt = await probeOnward(
          { address: space.address(index), port: space.port(index) },
          connect,
          context,
          describe,
        );
        probing -= 1;
        if (over) return;
        // Cut short by the user: nothing is known of it.
        if (signal.aborted && wasCutShort(attempt)) return schedule();
        if (isLost(attempt) && flight.doubts < job.retries) {
          flight.doubts += 1;
          flight.tries = 0;
          again.push(flight);
          return schedule();
        }
        const lacked = shortageIn(attempt);
        if (lacked !== null && flight.troubles < MAX_TROUBLES) return trouble(flight, lacked);
        tell({ type: "evidence", batch: batch.number, position: flight.position, index, attempt });
        settle(flight, TOLD);
      } catch (error) {
        over = true;
        burst.close();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    }

    function settle({ batch, position: place }: Flight, outcome: number): void {
      batch.outcomes[place] = outcome;
      batch.left -= 1;
      board.settle(1);
      if (batch.left === 0) {
        open.delete(batch);
        tell({ type: "batch", batch: batch.number, outcomes: batch.outcomes });
      }
      schedule();
    }

    function finish(): void {
      over = true;
      burst.close();
      for (const { number, outcomes } of open) tell({ type: "batch", batch: number, outcomes });
      resolve();
    }

    signal.addEventListener("abort", schedule, { once: true });
    schedule();
  });
}

/** What our own machine lacked while an address was probed, or null. */
function shortageIn({ tcp, rpc }: AttemptEvidence): string | null {
  const answers = [rpc?.bind.answer, rpc?.plain?.answer];
  for (const answer of [tcp, ...answers])
    if (answer?.outcome === "not-sent" && isExhausted(answer.errno)) return answer.errno;
  return null;
}

/** Both binds went unanswered, and the peer's own system never acknowledged one: silence, but maybe of the path. */
function isLost({ rpc }: AttemptEvidence): boolean {
  const answers = [rpc?.bind.answer, rpc?.plain?.answer];
  return (
    answers.every((answer) => answer?.outcome === "no-answer" && answer.cause === "deadline") &&
    answers.some((answer) => answer?.outcome === "no-answer" && (answer.kernel?.unacknowledgedBytes ?? 0) > 0)
  );
}

function wasCutShort({ tcp, rpc }: AttemptEvidence): boolean {
  return [tcp, rpc?.bind.answer, rpc?.plain?.answer].some((answer) => answer?.outcome === "skipped");
}
