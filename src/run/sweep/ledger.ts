/**
 * What a sweep has found so far: judges evidence, counts what every address came to, writes both down, and tells the
 * lines that are worth one. Lines of a subnet that may be one device wait until that is known.
 */
import type { AttemptEvidence } from "../../model/evidence.ts";
import type { VerdictCode } from "../../model/verdict.ts";
import { addressOf } from "../../sweep/hold.ts";
import type { EndpointLine, SubnetCount, SweepLine } from "../../sweep/model.ts";
import { createShardOrder } from "../../sweep/permutation.ts";
import type { AddressSpace } from "../../targets/address-set.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { leftNothing } from "../../verdict/checked.ts";
import { createBatchCodes } from "./batch-codes.ts";
import { BATCH } from "./board.ts";
import { createFound, lineOf } from "./found.ts";
import type { Accepting } from "./found.ts";
import { recount } from "./recount.ts";
import { createWaiting } from "./waiting.ts";
import type { Bare } from "./waiting.ts";
import type { Journal } from "./journal.ts";
import type { SweepRequest } from "./model.ts";
import { PENDING } from "./share.ts";
import type { SweeperEvent } from "./share.ts";
import { CODES, createTally, numberOf } from "./tally.ts";

/** Those that a bind came to, at their numbers. */
const RPC_CODES: readonly (VerdictCode | null)[] = [
  null,
  ...CODES.map((code) => (entryOf(code).layer === "rpc" ? code : null)),
];
export type Ledger = {
  evidence: (event: Extract<SweeperEvent, { type: "evidence" }>) => void;
  batch: (batch: number, outcomes: Uint8Array) => void;
  /** Not every address of the subnet accepts connections. */
  mixed: (subnet: number) => void;
  /** Enters what earlier runs found, and tells it again, so that each run's output is whole. */
  replay: () => void;
  /** Lets go of the lines that still wait. @returns addresses to be probed again for their evidence */
  settle: () => Bare[];
  /** One of these, probed again. */
  probedAgain: (attempt: AttemptEvidence, port: number) => void;
  readonly accepting: readonly Accepting[];
  readonly serving: number;
  readonly covered: number;
  /** Of these, those that nothing was sent to. */
  readonly unsent: number;
  subnets: () => SubnetCount[];
};

/** `nowMs` counts from where the run began. */
export function createLedger(
  request: SweepRequest,
  space: AddressSpace,
  journal: Journal,
  { onLine, nowMs }: { onLine: (line: SweepLine) => void; nowMs: () => number },
): Ledger {
  const { plan, shard, names, everything } = request;
  const visit = createShardOrder(space.size, plan.seed, shard);
  const singled = new Set(request.singled);
  const tally = createTally(space);
  const again: Bare[] = [];
  const codes = createBatchCodes();
  const found = createFound(onLine);
  /** Verdicts of earlier runs, by address and port. */
  const known = new Map<string, VerdictCode>();
  const mixed = new Uint8Array(space.subnets);
  let unsent = 0;

  const indexAt = (batch: number, position: number): number => visit(batch * BATCH + position);

  const waiting = createWaiting(space, tally, {
    line: found.tell,
    again: (bare) => again.push(bare),
    middlebox: onLine,
  });
  /** A shard sees a part of each subnet: what is one device shows when they are merged. */
  const pass = (subnet: number, line: EndpointLine): void =>
    shard.count === 1 ? waiting.add(subnet, line) : found.tell(line);

  function enter(batch: number, outcomes: Uint8Array): void {
    const undecided = new Set<number>();
    outcomes.forEach((code, position) => {
      if (code === PENDING) return;
      const subnet = space.subnet(indexAt(batch, position));
      tally.add(subnet, code);
      if (mixed[subnet] === 0) undecided.add(subnet);
    });
    for (const subnet of undecided) waiting.decide(subnet);
  }

  function release(subnet: number): void {
    mixed[subnet] = 1;
    waiting.release(subnet);
  }

  return {
    evidence({ batch, position, index, attempt }) {
      const port = space.port(index);
      const before = known.get(`${attempt.address} ${port}`);
      if (before !== undefined) return codes.told(batch, position, numberOf(before));
      const line = lineOf(attempt, port, names);
      codes.told(batch, position, numberOf(line.verdict.code));
      if (line.attempts.every(leftNothing)) codes.unsent(batch);
      if (attempt.tcp.outcome !== "ok" && !everything && !singled.has(index)) return;
      journal.line(line);
      pass(space.subnet(index), line);
    },

    batch(batch, raw) {
      const { outcomes, unsent: mute } = codes.take(batch, raw);
      unsent += mute;
      if (!outcomes.includes(PENDING)) journal.batch(batch, outcomes, { elapsedMs: nowMs(), unsent: mute });
      enter(batch, outcomes);
    },

    mixed: release,

    replay() {
      const { past } = journal;
      for (const line of past.lines) known.set(keyOf(line), line.verdict.code);
      for (const { unsent: mute } of past.batches) unsent += mute;
      const order = { space, visit, whole: shard.count === 1 };
      const bound = recount(past.batches, order, tally, (number) => rpcCodeOf(number) !== null);
      if (known.size === 0 && past.batches.length === 0) return;
      for (let subnet = 0; subnet < space.subnets; subnet++)
        if (Object.keys(tally.countsOf(subnet)).some(isNo)) release(subnet);
      for (const line of past.lines) {
        const index = space.indexOf(line.attempts[0]?.address ?? "", line.endpoint.port);
        if (index >= 0) pass(space.subnet(index), line);
      }
      // Evidence that was given up while its subnet waited is in no line; its code is in the batch.
      for (const { index, code: number } of bound) {
        const code = rpcCodeOf(number);
        if (code === null) continue;
        const bare = { address: space.address(index), port: space.port(index), code };
        if (!known.has(`${bare.address} ${bare.port}`)) waiting.addBare(space.subnet(index), bare);
      }
      for (let subnet = 0; subnet < space.subnets; subnet++) if (mixed[subnet] === 0) waiting.decide(subnet);
    },

    settle() {
      waiting.releaseAll();
      return again.splice(0);
    },

    probedAgain(attempt, port) {
      const line = lineOf(attempt, port, names);
      journal.line(line);
      found.tell(line);
    },

    accepting: found.accepting,
    get serving() {
      return found.serving;
    },
    get unsent() {
      return unsent;
    },
    get covered() {
      return tally.covered;
    },
    subnets: () => tally.subnets(),
  };
}

/** Null for the number of a code that no bind came to. */
function rpcCodeOf(number: number): VerdictCode | null {
  return RPC_CODES[number] ?? null;
}

/** A verdict that no device gives which accepts for all. */
function isNo(code: string): boolean {
  return code.startsWith("tcp-") && code !== "tcp-no-answer";
}

function keyOf(line: EndpointLine): string {
  return `${addressOf(line)} ${line.endpoint.port}`;
}
