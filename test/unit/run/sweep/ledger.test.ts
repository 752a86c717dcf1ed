import { describe, expect, it } from "vitest";
import type { AttemptEvidence } from "../../../../src/model/evidence.ts";
import { BATCH, batchesOf } from "../../../../src/run/sweep/board.ts";
import { noJournal } from "../../../../src/run/sweep/journal.ts";
import type { Journal, Past } from "../../../../src/run/sweep/journal.ts";
import { createLedger } from "../../../../src/run/sweep/ledger.ts";
import type { Ledger } from "../../../../src/run/sweep/ledger.ts";
import type { SweepRequest } from "../../../../src/run/sweep/model.ts";
import { NO_ANSWER, NO_NEIGHBOUR, PENDING, REFUSED, TOLD } from "../../../../src/run/sweep/share.ts";
import { DEFAULT_SETTINGS } from "../../../../src/run/settings.ts";
import { createPermutation } from "../../../../src/sweep/permutation.ts";
import type { EndpointLine, MiddleboxLine, Shard, SweepLine } from "../../../../src/sweep/model.ts";
import { openSpace } from "../../../../src/targets/address-set.ts";
import { connected, hungUp, isRefused, isServing, rpc } from "../../verdict/builders.ts";
import { columnsOf, planOf } from "./builders.ts";

/** What stands at an address: silence where nothing is said. */
type World = (address: string) => "serves" | "refuses" | "closes" | "silent";

type Written = { lines: EndpointLine[]; batches: { batch: number; outcomes: Uint8Array; unsent: number }[] };

function sweepOf(
  ranges: [string, string][],
  over: { shard?: Shard; past?: Past; singled?: number[]; everything?: boolean } = {},
) {
  const columns = columnsOf(...ranges);
  const space = openSpace(columns);
  const plan = planOf({ addresses: space.size });
  const shard = over.shard ?? { index: 1, count: 1 };
  const told: SweepLine[] = [];
  const written: Written = { lines: [], batches: [] };
  const journal: Journal = {
    ...noJournal(),
    past: over.past ?? noJournal().past,
    line: (line) => written.lines.push(line),
    batch: (batch, outcomes, { unsent }) => written.batches.push({ batch, outcomes, unsent }),
  };
  const request: SweepRequest = {
    plan,
    shard,
    columns,
    settings: {
      concurrency: 64,
      rate: 0,
      timeoutMs: null,
      retries: 1,
      rpcTimeoutMs: 5_000,
      count: 3,
      workers: 1,
      maxTimeMs: null,
    },
    burst: 0,
    probeSettings: DEFAULT_SETTINGS,
    cut: [],
    names: new Map(),
    unresolved: [],
    everything: over.everything ?? false,
    published: null,
    permitted: null,
    singled: over.singled ?? [],
    stateFile: null,
  };
  const ledger = createLedger(request, space, journal, { onLine: (line) => told.push(line), nowMs: () => 0 });
  const visit = createPermutation(space.size, plan.seed);
  return { space, ledger, told, written, visit, shard };
}

function evidenceOf(kind: ReturnType<World>, address: string): AttemptEvidence {
  if (kind === "serves") return isServing({ address });
  return kind === "closes" ? connected(rpc(hungUp("closed")), { address }) : isRefused({ address });
}

/** Enters one batch as a sweeper would tell it; a refused address may be told early as the end of a suspicion. */
function enter(
  { space, ledger, visit, shard }: ReturnType<typeof sweepOf>,
  batch: number,
  world: World,
  { mixed = true, upTo = BATCH } = {},
): void {
  const size = Math.ceil((space.size - (shard.index - 1)) / shard.count);
  const outcomes = new Uint8Array(Math.min(BATCH, size - batch * BATCH));
  for (let position = 0; position < Math.min(upTo, outcomes.length); position++) {
    const index = visit((batch * BATCH + position) * shard.count + shard.index - 1);
    const address = space.address(index);
    const kind = world(address);
    if (kind === "silent") outcomes[position] = NO_ANSWER;
    else if (kind === "refuses") {
      outcomes[position] = REFUSED;
      if (mixed) ledger.mixed(space.subnet(index));
    } else {
      outcomes[position] = TOLD;
      ledger.evidence({ type: "evidence", batch, position, index, attempt: evidenceOf(kind, address) });
    }
  }
  ledger.batch(batch, outcomes);
}

const hostsOf = (told: readonly SweepLine[]): string[] =>
  told.filter((line): line is EndpointLine => line.type === "endpoint").map(({ endpoint }) => endpoint.host);
const middleboxesOf = (told: readonly SweepLine[]): MiddleboxLine[] =>
  told.filter((line): line is MiddleboxLine => line.type === "middlebox");
const countsOf = (ledger: Ledger) =>
  ledger.subnets().map(({ subnet, covered, counts }) => [subnet, covered, counts]);

describe("the ledger of a sweep", () => {
  it("counts every address once, by subnet and by what it came to", () => {
    const sweep = sweepOf([["10.1.0.0", "10.1.1.255"]]);
    enter(sweep, 0, (address) =>
      address.startsWith("10.1.1.") ? "silent" : address === "10.1.0.7" ? "serves" : "refuses",
    );
    expect(countsOf(sweep.ledger)).toEqual([
      ["10.1.0.0/24", 256, { "rpc-serves": 1, "tcp-refused": 255 }],
      ["10.1.1.0/24", 256, { "tcp-no-answer": 256 }],
    ]);
    expect([sweep.ledger.covered, sweep.ledger.serving, hostsOf(sweep.told)]).toEqual([512, 1, ["10.1.0.7"]]);
  });

  it("says nothing of addresses that a stopped sweep did not come to", () => {
    const sweep = sweepOf([["10.1.0.0", "10.1.1.255"]]);
    enter(sweep, 0, () => "refuses", { upTo: 100 });
    expect(sweep.ledger.covered).toBe(100);
    expect(sweep.written.batches).toEqual([]);
  });

  it("tells a host at once where its subnet is known to be mixed", () => {
    const sweep = sweepOf([["10.1.0.0", "10.1.0.255"]]);
    sweep.ledger.mixed(0);
    const index = sweep.visit(0);
    const attempt = isServing({ address: sweep.space.address(index) });
    sweep.ledger.evidence({ type: "evidence", batch: 0, position: 0, index, attempt });
    expect(hostsOf(sweep.told)).toEqual([attempt.address]);
  });

  it("holds back what may be one device, and lets go at the first no", () => {
    const sweep = sweepOf([["10.1.0.0", "10.1.0.255"]]);
    const index = sweep.visit(0);
    const attempt = isServing({ address: sweep.space.address(index) });
    sweep.ledger.evidence({ type: "evidence", batch: 0, position: 0, index, attempt });
    expect(hostsOf(sweep.told)).toEqual([]);
    expect(sweep.written.lines.length).toBe(1);
    sweep.ledger.mixed(0);
    expect(hostsOf(sweep.told)).toEqual([attempt.address]);
  });

  it("tells of a subnet where everything accepts as one device", () => {
    const sweep = sweepOf([["10.1.3.0", "10.1.3.255"]]);
    enter(sweep, 0, () => "closes");
    expect(hostsOf(sweep.told)).toEqual([]);
    expect(sweep.told.length).toBe(1);
    expect(middleboxesOf(sweep.told)).toMatchObject([
      {
        subnet: "10.1.3.0/24",
        port: 1688,
        accepted: 256,
        silent: 0,
        tried: 256,
        addresses: ["10.1.3.0-10.1.3.255"],
        sample: { endpoint: { host: "10.1.3.0" }, verdict: { code: "rpc-closed" } },
      },
    ]);
  });

  it("still tells of the one host behind it that serves", () => {
    const sweep = sweepOf([["10.1.3.0", "10.1.3.255"]]);
    enter(sweep, 0, (address) => (address === "10.1.3.77" ? "serves" : "closes"));
    expect(hostsOf(sweep.told)).toEqual(["10.1.3.77"]);
    expect(middleboxesOf(sweep.told)[0]?.addresses).toEqual(["10.1.3.0-10.1.3.76", "10.1.3.78-10.1.3.255"]);
  });

  it("tells of every host where one address of the subnet refuses in the end", () => {
    const sweep = sweepOf([["10.1.3.0", "10.1.3.31"]]);
    enter(sweep, 0, (address) => (address === "10.1.3.30" ? "refuses" : "closes"), { mixed: false });
    expect(hostsOf(sweep.told).length).toBe(31);
    expect(middleboxesOf(sweep.told)).toEqual([]);
  });

  it("keeps a bounded number of lines back, and has the others looked at again", () => {
    const sweep = sweepOf([["10.1.3.0", "10.1.3.255"]]);
    enter(sweep, 0, (address) => (address === "10.1.3.30" ? "refuses" : "closes"), { mixed: false });
    const again = sweep.ledger.settle();
    expect(hostsOf(sweep.told).length).toBe(32);
    expect(again.length).toBe(255 - 32);
    expect(new Set([...hostsOf(sweep.told), ...again.map(({ address }) => address)]).size).toBe(255);
  });

  it("takes a few adjoining hosts for hosts", () => {
    const sweep = sweepOf([["10.1.3.1", "10.1.3.8"]]);
    enter(sweep, 0, () => "serves");
    expect(hostsOf(sweep.told).length).toBe(8);
  });

  it("tells all lines of a shard: what is one device shows when shards are merged", () => {
    const sweep = sweepOf([["10.1.3.0", "10.1.3.255"]], { shard: { index: 2, count: 4 } });
    enter(sweep, 0, () => "closes");
    expect([hostsOf(sweep.told).length, middleboxesOf(sweep.told).length]).toEqual([64, 0]);
  });

  it("tells of an address that is wanted in any case, and of no other that refuses", () => {
    const sweep = sweepOf([["10.1.0.0", "10.1.0.255"]], { singled: [5] });
    for (const [position, index] of [5, 6].entries()) {
      const attempt = isRefused({ address: sweep.space.address(index) });
      sweep.ledger.evidence({ type: "evidence", batch: 0, position, index, attempt });
    }
    sweep.ledger.mixed(0);
    expect(hostsOf(sweep.told)).toEqual(["10.1.0.5"]);
  });
});

const MIXED: World = (address) => {
  const last = Number(address.split(".")[3]);
  if (address.startsWith("10.1.3.")) return "closes";
  if (address.startsWith("10.1.5.")) return "silent";
  return last % 40 === 0 ? "serves" : last % 7 === 0 ? "silent" : "refuses";
};

function enterEvidence(sweep: ReturnType<typeof sweepOf>, batch: number, world: World): void {
  for (let position = 0; position < 50; position++) {
    const index = sweep.visit(batch * BATCH + position);
    const address = sweep.space.address(index);
    const kind = world(address);
    if (kind === "serves" || kind === "closes")
      sweep.ledger.evidence({
        type: "evidence",
        batch,
        position,
        index,
        attempt: evidenceOf(kind, address),
      });
  }
}

/** Runs all batches; a kill after `killed` of them loses what was not written. */
function killedAndResumed(ranges: [string, string][], world: World, killed: number) {
  const whole = sweepOf(ranges);
  const total = batchesOf(whole.space.size);
  for (let batch = 0; batch < total; batch++) enter(whole, batch, world);
  whole.ledger.settle();

  const first = sweepOf(ranges);
  for (let batch = 0; batch < killed; batch++) enter(first, batch, world);
  // The batch under way had found something already.
  if (killed < total) enterEvidence(first, killed, world);
  const { lines, batches } = first.written;
  const past = { startedAt: "", runs: 1, elapsedMs: 0, lines, measured: [], batches };
  const second = sweepOf(ranges, { past });
  second.ledger.replay();
  for (let batch = killed; batch < total; batch++) enter(second, batch, world);
  second.ledger.settle();
  return { whole, second };
}

describe("a sweep that goes on", () => {
  it.each([0, 1, 2, 3, 4])("after a kill in batch %i comes to what an uninterrupted one does", (killed) => {
    const { whole, second } = killedAndResumed([["10.1.0.0", "10.1.15.255"]], MIXED, killed);
    const sorted = (told: readonly SweepLine[]): string[] => hostsOf(told).toSorted();
    expect(sorted(second.told)).toEqual(sorted(whole.told));
    expect(new Set(hostsOf(second.told)).size).toBe(hostsOf(second.told).length);
    expect(middleboxesOf(second.told)).toEqual(middleboxesOf(whole.told));
    expect(countsOf(second.ledger)).toEqual(countsOf(whole.ledger));
  });
});

it("counts the addresses that nothing was sent to, in the batch that is written down, and again after a resume", () => {
  const ranges: [string, string][] = [["10.1.0.0", "10.1.0.2"]];
  const first = sweepOf(ranges);
  const noRoute = { outcome: "no-answer", cause: "ENETUNREACH", elapsedMs: 0.5, tries: 1 } as const;
  const attempts = [
    { tcp: noRoute, routeErrno: "ENETUNREACH", via: null },
    // A router says the same, to what has left.
    { tcp: noRoute },
    { tcp: { outcome: "not-sent", errno: "EMFILE" } as const, via: null },
  ];
  attempts.forEach((over, position) => {
    const index = first.visit(position);
    const attempt = connected(null, { address: first.space.address(index), ...over });
    first.ledger.evidence({ type: "evidence", batch: 0, position, index, attempt });
  });
  first.ledger.batch(0, Uint8Array.from([TOLD, TOLD, TOLD]));
  const past = { ...noJournal().past, runs: 1, batches: first.written.batches };
  const second = sweepOf(ranges, { past });
  second.ledger.replay();
  expect([first.ledger.unsent, first.written.batches[0]?.unsent, second.ledger.unsent]).toEqual([2, 2, 2]);
});

it("counts who is on the link, and has no neighbour that answers for it, as such", () => {
  const sweep = sweepOf([["10.1.0.0", "10.1.0.255"]]);
  sweep.ledger.batch(0, Uint8Array.from([NO_NEIGHBOUR, REFUSED, NO_NEIGHBOUR, NO_ANSWER]));
  expect(sweep.ledger.subnets()[0]?.counts).toEqual({
    "tcp-neighbour-silent": 2,
    "tcp-no-answer": 1,
    "tcp-refused": 1,
  });
});

it("leaves a place of a batch open that nobody told of", () => {
  const sweep = sweepOf([["10.1.0.0", "10.1.0.255"]]);
  sweep.ledger.batch(0, Uint8Array.from([PENDING, REFUSED, TOLD, NO_ANSWER]));
  expect(sweep.ledger.covered).toBe(2);
});
