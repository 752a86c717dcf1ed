/**
 * What a sweep has found so far: judges evidence, counts what every address came to, writes both down, and tells the
 * lines that are worth one. Lines of a subnet that may be one device wait until that is known.
 */
import type { AttemptEvidence, Endpoint } from "../../model/evidence.ts";
import type { RpcEvidence } from "../../model/rpc.ts";
import type { VerdictCode } from "../../model/verdict.ts";
import { literalAddress } from "../../probe/address.ts";
import { addressOf } from "../../sweep/hold.ts";
import type { EndpointLine, SubnetCount, SweepLine } from "../../sweep/model.ts";
import { createShardOrder } from "../../sweep/permutation.ts";
import type { AddressSpace } from "../../targets/address-set.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { leftNothing } from "../../verdict/checked.ts";
import { judgeEndpoint } from "../../verdict/endpoint.ts";
import { BATCH } from "./board.ts";
import { recount } from "./recount.ts";
import { createWaiting } from "./waiting.ts";
import type { Bare } from "./waiting.ts";
import type { Journal } from "./journal.ts";
import type { SweepRequest } from "./model.ts";
import { NO_ANSWER, NO_NEIGHBOUR, PENDING, REFUSED, TOLD } from "./share.ts";
import type { SweeperEvent } from "./share.ts";
import { CODES, createTally, numberOf } from "./tally.ts";

/** The number of hosts that are measured: who finds more has found something else. */
const MAX_ACCEPTING = 10_000;

const NUMBER_OF_SILENCE = numberOf("tcp-no-answer");
const NUMBER_OF_REFUSAL = numberOf("tcp-refused");
/** Those that a bind came to, at their numbers. */
const RPC_CODES: readonly (VerdictCode | null)[] = [
  null,
  ...CODES.map((code) => (entryOf(code).layer === "rpc" ? code : null)),
];
const NUMBER_OF_NOBODY = numberOf("tcp-neighbour-silent");

/** A host that accepted the bind: what its fingerprint is read from, and not the whole line, of which there may be many. */
export type Accepting = { endpoint: Endpoint; address: string; rpc: RpcEvidence };

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
  const accepting: Accepting[] = [];
  const again: Bare[] = [];
  /** Codes of addresses whose batch is not finished, by batch and place. */
  const told = new Map<number, Map<number, number>>();
  /** Verdicts of earlier runs, by address and port. */
  const known = new Map<string, VerdictCode>();
  const mixed = new Uint8Array(space.subnets);
  /** How many of a batch that is not finished nothing was sent to. */
  const untold = new Map<number, number>();
  let serving = 0;
  let unsent = 0;

  const indexAt = (batch: number, position: number): number => visit(batch * BATCH + position);

  function emit(line: EndpointLine): void {
    onLine(line);
    const [attempt] = line.attempts;
    if (line.verdict.serves) serving += 1;
    const rpc = attempt?.rpc;
    if (!attempt || !rpc || accepting.length >= MAX_ACCEPTING) return;
    if ([rpc.bind, rpc.plain].some((bind) => bind?.answer.outcome === "ok"))
      accepting.push({ endpoint: line.endpoint, address: attempt.address, rpc });
  }

  const waiting = createWaiting(space, tally, {
    line: emit,
    again: (bare) => again.push(bare),
    middlebox: onLine,
  });
  /** A shard sees a part of each subnet: what is one device shows when they are merged. */
  const pass = (subnet: number, line: EndpointLine): void =>
    shard.count === 1 ? waiting.add(subnet, line) : emit(line);

  function lineOf(attempt: AttemptEvidence, port: number): EndpointLine {
    const named = names.get(attempt.address);
    const host = named?.names[0] ?? attempt.address;
    const address = named ? named.evidence : literalAddress(attempt.address);
    const evidence = { endpoint: { host, port }, listedBy: [], address, attempts: [attempt] };
    return { type: "endpoint", names: named?.names ?? [], ...judgeEndpoint(evidence, "") };
  }

  function enter(batch: number, outcomes: Uint8Array): void {
    const undecided = new Set<number>();
    outcomes.forEach((code, position) => {
      if (code === PENDING) return;
      const subnet = space.subnet(indexAt(batch, position));
      tally.add(subnet, code);
      if (mixed[subnet] === 0) undecided.add(subnet);
    });
    for (const subnet of undecided) complete(subnet);
  }

  function complete(subnet: number): void {
    if (tally.coveredOf(subnet) >= space.plannedOf(subnet)) waiting.complete(subnet);
  }

  function release(subnet: number): void {
    mixed[subnet] = 1;
    waiting.release(subnet);
  }

  return {
    evidence({ batch, position, index, attempt }) {
      const port = space.port(index);
      const before = known.get(`${attempt.address} ${port}`);
      const codes = told.get(batch) ?? new Map<number, number>();
      told.set(batch, codes);
      if (before !== undefined) {
        codes.set(position, numberOf(before));
        return;
      }
      const line = lineOf(attempt, port);
      codes.set(position, numberOf(line.verdict.code));
      if (line.attempts.every(leftNothing)) untold.set(batch, (untold.get(batch) ?? 0) + 1);
      if (attempt.tcp.outcome !== "ok" && !everything && !singled.has(index)) return;
      journal.line(line);
      pass(space.subnet(index), line);
    },

    batch(batch, raw) {
      const codes = told.get(batch);
      const mute = untold.get(batch) ?? 0;
      told.delete(batch);
      untold.delete(batch);
      unsent += mute;
      const outcomes = raw.map((outcome, position) => {
        switch (outcome) {
          case NO_ANSWER:
            return NUMBER_OF_SILENCE;
          case REFUSED:
            return NUMBER_OF_REFUSAL;
          case NO_NEIGHBOUR:
            return NUMBER_OF_NOBODY;
          case TOLD:
            return codes?.get(position) ?? PENDING;
          default:
            return PENDING;
        }
      });
      if (!outcomes.includes(PENDING)) journal.batch(batch, outcomes, { elapsedMs: nowMs(), unsent: mute });
      enter(batch, outcomes);
    },

    mixed: release,

    replay() {
      const { past } = journal;
      for (const line of past.lines) known.set(keyOf(line), line.verdict.code);
      for (const { unsent: mute } of past.batches) unsent += mute;
      const order = { space, visit, whole: shard.count === 1 };
      const bound = recount(past.batches, order, tally, (number) => (RPC_CODES[number] ?? null) !== null);
      if (known.size === 0 && past.batches.length === 0) return;
      for (let subnet = 0; subnet < space.subnets; subnet++)
        if (Object.keys(tally.countsOf(subnet)).some(isNo)) release(subnet);
      for (const line of past.lines) {
        const index = space.indexOf(line.attempts[0]?.address ?? "", line.endpoint.port);
        if (index >= 0) pass(space.subnet(index), line);
      }
      // Evidence that was given up while its subnet waited is in no line; its code is in the batch.
      for (const { index, code: number } of bound) {
        const code = RPC_CODES[number] ?? null;
        if (code === null) continue;
        const bare = { address: space.address(index), port: space.port(index), code };
        if (!known.has(`${bare.address} ${bare.port}`)) waiting.addBare(space.subnet(index), bare);
      }
      for (let subnet = 0; subnet < space.subnets; subnet++) if (mixed[subnet] === 0) complete(subnet);
    },

    settle() {
      waiting.releaseAll();
      return again.splice(0);
    },

    probedAgain(attempt, port) {
      const line = lineOf(attempt, port);
      journal.line(line);
      emit(line);
    },

    accepting,
    get serving() {
      return serving;
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

/** A verdict that no device gives which accepts for all. */
function isNo(code: string): boolean {
  return code.startsWith("tcp-") && code !== "tcp-no-answer";
}

function keyOf(line: EndpointLine): string {
  return `${addressOf(line)} ${line.endpoint.port}`;
}
