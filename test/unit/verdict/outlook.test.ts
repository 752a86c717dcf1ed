import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OutlookView } from "../../../src/model/outlook.ts";
import { outlookOf, pickChances } from "../../../src/verdict/outlook.ts";
import type { Candidate } from "../../../src/verdict/outlook.ts";
import type { AttemptEvidence } from "../../../src/model/evidence.ts";
import { timeLostOn } from "../../../src/verdict/cost.ts";
import { judgeEndpoint } from "../../../src/verdict/endpoint.ts";
import { connected, endpoint as endpointOf, hungUp, resolver, rpc, unconnected } from "./builders.ts";
import { runs } from "../runs.ts";

const SILENT_MS = 21_000;

function candidate(index: number, over: Partial<Omit<Candidate, "endpoint">> = {}): Candidate {
  const endpoint = { host: `kms${index}.corp.example`, port: 1688 };
  return { endpoint, priority: 0, weight: 0, serves: true, costMs: 0, ...over };
}

function viewOf(candidates: readonly Candidate[]): Omit<OutlookView, "believed"> {
  const view = outlookOf([resolver()], candidates);
  if (view === null) throw new Error("no view");
  return view;
}

function modelOf(
  candidates: readonly Candidate[],
  wanted: "rfc2782" | "random",
): OutlookView["models"][number] {
  const model = viewOf(candidates).models.find(({ model: name }) => name === wanted);
  if (model === undefined) throw new Error(`no model ${wanted}`);
  return model;
}

describe("what a client loses on a host", () => {
  const lost = (attempt: AttemptEvidence): number =>
    timeLostOn(judgeEndpoint(endpointOf([attempt]), "/endpoints/0"), SILENT_MS);

  it.each([
    ["is silent", unconnected("deadline", 4_000), SILENT_MS],
    ["refuses", unconnected("ECONNREFUSED", 1), 0],
    ["can't be reached, says a router after its neighbour query", unconnected("EHOSTUNREACH", 3_060), 3_060],
    ["closes at once", connected(rpc(hungUp("closed"))), 0],
  ])("that %s", (_, attempt, ms) => {
    expect(lost(attempt)).toBe(ms);
  });
});

describe("the chance of a record to be picked (RFC 2782)", { timeout: 60_000 }, () => {
  it.each([
    ["a single record", [0], [1]],
    ["a single record with a weight", [100], [1]],
    ["all zeros", [0, 0, 0, 0], [1 / 4, 1 / 4, 1 / 4, 1 / 4]],
    // Numbers 0 to 10: the zero takes 0, the other 1 to 10.
    ["one zero", [0, 10], [1 / 11, 10 / 11]],
    // Numbers 0 to 10: 0 goes to whichever zero stands in front.
    ["several zeros", [0, 0, 10], [0.5 / 11, 0.5 / 11, 10 / 11]],
    ["several zeros and weights", [0, 1, 0, 3], [0.5 / 5, 1 / 5, 0.5 / 5, 3 / 5]],
    // Numbers 0 to 4 without a zero: 0 goes to whichever record stands in front.
    ["no zero", [1, 3], [1.5 / 5, 3.5 / 5]],
    ["no zero, equal weights", [7, 7, 7], [1 / 3, 1 / 3, 1 / 3]],
    ["the largest weights", [65_535, 65_535], [1 / 2, 1 / 2]],
    ["nothing", [], []],
  ])("%s", (_, weights, chances) => {
    const got = pickChances(weights);
    expect(got).toHaveLength(chances.length);
    chances.forEach((chance, index) => expect(got[index]).toBeCloseTo(chance, 12));
  });

  it("sums to 1 and leaves nobody without a chance", () => {
    const weights = fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 128 });
    fc.assert(
      fc.property(weights, (list) => {
        const chances = pickChances(list);
        expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 9);
        expect(Math.min(...chances)).toBeGreaterThan(0);
      }),
      { seed: 2782, numRuns: runs(500) },
    );
  });

  it.each([[[0, 1, 0, 3]], [[1, 3]], [[0, 10]], [[0, 0, 0]], [[5, 1, 0, 0, 20, 1]]])(
    "agrees with the algorithm of RFC 2782, drawn 200,000 times, for weights %j",
    (weights) => {
      const DRAWS = 200_000;
      const random = seeded(0x2782);
      const picked = weights.map(() => 0);
      for (let draw = 0; draw < DRAWS; draw++) {
        const index = pickOnce(weights, random);
        picked[index] = (picked[index] ?? 0) + 1;
      }
      pickChances(weights).forEach((chance, index) => {
        const sigma = Math.sqrt(DRAWS * chance * (1 - chance));
        expect(Math.abs((picked[index] ?? 0) - DRAWS * chance)).toBeLessThanOrEqual(4 * sigma + 1e-9);
      });
    },
  );
});

/**
 * RFC 2782, "Weight", word for word: arrange the records in any order, except that all those with weight 0 come
 * first; compute the running sums; choose a uniform random integer from 0 to the sum, inclusive; select the first
 * record whose running sum is greater than or equal to it. Returns its index.
 */
function pickOnce(weights: readonly number[], random: () => number): number {
  const shuffled = weights.map((weight, index) => ({ weight, index, key: random() }));
  shuffled.sort((a, b) => Number(a.weight > 0) - Number(b.weight > 0) || a.key - b.key);
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const chosen = Math.floor(random() * (sum + 1));
  let running = 0;
  for (const { weight, index } of shuffled) {
    running += weight;
    if (running >= chosen) return index;
  }
  throw new Error("the running sum never reached the number");
}

/** Mulberry32: a small generator with a printed seed, so that a failure can be had again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every order in which a client may try the hosts, with its chance: each pick by RFC 2782, from what is left. */
function ordersOf(candidates: readonly Candidate[]): { order: Candidate[]; chance: number }[] {
  if (candidates.length === 0) return [{ order: [], chance: 1 }];
  const lowest = Math.min(...candidates.map(({ priority }) => priority));
  const group = candidates.filter(({ priority }) => priority === lowest);
  const firsts = enumeratePicks(group.map(({ weight }) => weight));
  return group.flatMap((first, index) =>
    ordersOf(candidates.filter((other) => other !== first)).map(({ order, chance }) => {
      return { order: [first, ...order], chance: chance * (firsts[index] ?? 0) };
    }),
  );
}

/** The chances again, by counting: every arrangement of the records and every number, each as likely as the others. */
function enumeratePicks(weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const zeros = weights.flatMap((weight, index) => (weight === 0 ? [index] : []));
  const others = weights.flatMap((weight, index) => (weight === 0 ? [] : [index]));
  const counts = weights.map(() => 0);
  let cases = 0;
  for (const front of permutations(zeros)) {
    for (const back of permutations(others)) {
      for (let number = 0; number <= sum; number++) {
        let running = 0;
        const index = [...front, ...back].find((each) => (running += weights[each] ?? 0) >= number) ?? -1;
        counts[index] = (counts[index] ?? 0) + 1;
        cases += 1;
      }
    }
  }
  return counts.map((count) => count / cases);
}

function permutations<Value>(values: readonly Value[]): Value[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, index) =>
    permutations(values.filter((_, other) => other !== index)).map((rest) => [value, ...rest]),
  );
}

function lostIn(order: readonly Candidate[]): number {
  const serving = order.findIndex(({ serves }) => serves);
  const before = serving === -1 ? order : order.slice(0, serving);
  return before.reduce((sum, { costMs }) => sum + costMs, 0) / 1000;
}

/** Up to six hosts with few distinct weights, priorities and costs, so that equals are frequent. */
function hosts(maxWeight: number): fc.Arbitrary<Candidate[]> {
  const one = fc.record({
    priority: fc.constantFrom(0, 0, 0, 10, 20),
    weight: fc.integer({ min: 0, max: maxWeight }),
    serves: fc.boolean(),
    costMs: fc.constantFrom(0, SILENT_MS, SILENT_MS, 7_000),
  });
  return fc
    .array(one, { minLength: 1, maxLength: 6 })
    .map((list) => list.map((over, index) => candidate(index, over)));
}

describe("the time lost before a host serves", { timeout: 60_000 }, () => {
  it("is what brute force over every order finds, for RFC 2782 and up to six hosts", () => {
    fc.assert(
      fc.property(hosts(4), (candidates) => {
        const { expectedSecondsLost, worstSecondsLost } = modelOf(candidates, "rfc2782");
        const orders = ordersOf(candidates);
        expect(orders.reduce((sum, { chance }) => sum + chance, 0)).toBeCloseTo(1, 9);
        const mean = orders.reduce((sum, { order, chance }) => sum + chance * lostIn(order), 0);
        expect(Math.abs(expectedSecondsLost - mean)).toBeLessThan(1e-9);
        expect(worstSecondsLost).toBe(Math.max(...orders.map(({ order }) => lostIn(order))));
      }),
      { seed: 2782, numRuns: runs(60) },
    );
  });

  it("is what brute force over every permutation finds, for plain random and up to six hosts", () => {
    fc.assert(
      fc.property(hosts(100), (candidates) => {
        const { expectedSecondsLost, worstSecondsLost } = modelOf(candidates, "random");
        const lost = permutations(candidates).map(lostIn);
        const mean = lost.reduce((sum, seconds) => sum + seconds, 0) / lost.length;
        expect(Math.abs(expectedSecondsLost - mean)).toBeLessThan(1e-9);
        expect(worstSecondsLost).toBe(Math.max(...lost));
      }),
      { seed: 2782, numRuns: runs(100) },
    );
  });

  it("is the same for hosts of equal weight in both models", () => {
    const candidates = [
      candidate(1),
      candidate(2, { serves: false, costMs: SILENT_MS }),
      candidate(3, { serves: false, costMs: SILENT_MS }),
    ];
    expect(modelOf(candidates, "rfc2782").expectedSecondsLost).toBeCloseTo(21, 12);
    expect(modelOf(candidates, "random").expectedSecondsLost).toBe(21);
  });

  it("is all of it where no host serves", () => {
    const candidates = [1, 2, 3].map((index) =>
      candidate(index, { priority: index, serves: false, costMs: SILENT_MS }),
    );
    for (const model of ["rfc2782", "random"] as const) {
      expect(modelOf(candidates, model)).toEqual({
        model,
        firstServes: 0,
        anyServes: false,
        expectedSecondsLost: 63,
        worstSecondsLost: 63,
      });
    }
  });

  it("leaves out hosts of a priority that is never come to, but not from plain random", () => {
    const candidates = [
      candidate(1, { priority: 0 }),
      candidate(2, { priority: 1, serves: false, costMs: SILENT_MS }),
    ];
    expect(modelOf(candidates, "rfc2782")).toMatchObject({
      firstServes: 1,
      expectedSecondsLost: 0,
      worstSecondsLost: 0,
    });
    expect(modelOf(candidates, "random")).toMatchObject({
      firstServes: 0.5,
      expectedSecondsLost: 10.5,
      worstSecondsLost: 21,
    });
  });

  it("counts a whole silent priority before one that serves", () => {
    const candidates = [
      candidate(1, { priority: 0, serves: false, costMs: SILENT_MS }),
      candidate(2, { priority: 0, serves: false, costMs: SILENT_MS }),
      candidate(3, { priority: 1 }),
    ];
    expect(modelOf(candidates, "rfc2782")).toMatchObject({
      firstServes: 0,
      anyServes: true,
      expectedSecondsLost: 42,
      worstSecondsLost: 42,
    });
  });
});

/** Forty hosts of one priority, no two of one weight, all serving or all silent. */
function fortyOf(serves: boolean): Candidate[] {
  return Array.from({ length: 40 }, (_, index) =>
    candidate(index, { weight: index, serves, costMs: SILENT_MS }),
  );
}

describe("a view", () => {
  it("names the first pick's chance of each host, in the order given", () => {
    const candidates = [
      candidate(1, { priority: 1, weight: 50 }),
      candidate(2, { priority: 0, weight: 10 }),
      candidate(3, { priority: 0, weight: 0 }),
    ];
    const view = viewOf(candidates);
    expect(view.hosts.map(({ endpoint }) => endpoint.host)).toEqual([
      "kms1.corp.example",
      "kms2.corp.example",
      "kms3.corp.example",
    ]);
    expect(view.hosts.map(({ rfc2782 }) => rfc2782)).toEqual([0, 10 / 11, 1 / 11]);
    expect(view.hosts.map(({ random }) => random)).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  it("has chances that sum to 1 in both models, and never exceed it", () => {
    fc.assert(
      fc.property(hosts(65_535), (candidates) => {
        const { hosts: shown, models } = viewOf(candidates);
        for (const model of ["rfc2782", "random"] as const) {
          expect(shown.reduce((sum, host) => sum + host[model], 0)).toBeCloseTo(1, 9);
        }
        for (const { firstServes } of models) {
          expect(firstServes).toBeGreaterThanOrEqual(0);
          expect(firstServes).toBeLessThanOrEqual(1);
        }
      }),
      { seed: 2782, numRuns: runs(500) },
    );
  });

  it("is none without hosts", () => {
    expect(outlookOf([resolver()], [])).toBeNull();
  });

  it("is none for a list with too many distinct silent hosts to be computed", () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      candidate(index, { weight: index, serves: index === 0, costMs: SILENT_MS }),
    );
    expect(outlookOf([resolver()], many)).toBeNull();
  });

  it("is computed where just as many hosts all serve, or all are silent", () => {
    expect(modelOf(fortyOf(true), "rfc2782").expectedSecondsLost).toBe(0);
    expect(modelOf(fortyOf(false), "rfc2782").expectedSecondsLost).toBe(840);
  });

  it("of the most varied list that is computed takes less than a second of processor time", () => {
    const varied = Array.from({ length: 128 }, (_, index) =>
      candidate(index, { weight: index * 3, serves: index >= 14, costMs: SILENT_MS }),
    );
    const before = process.cpuUsage();
    expect(modelOf(varied, "rfc2782").worstSecondsLost).toBe(294);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });

  it("of 128 equal hosts takes less than 200 ms of processor time", () => {
    const equal = Array.from({ length: 128 }, (_, index) =>
      candidate(index, { serves: index % 2 === 0, costMs: index % 2 === 0 ? 0 : SILENT_MS }),
    );
    const before = process.cpuUsage();
    const lost = modelOf(equal, "rfc2782").expectedSecondsLost;
    expect(process.cpuUsage(before).user).toBeLessThan(200_000);
    // 64 silent hosts, each before all of 64 serving ones with chance 1/65.
    expect(lost).toBeCloseTo((64 * 21) / 65, 9);
  });
});
