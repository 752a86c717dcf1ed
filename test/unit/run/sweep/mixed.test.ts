import { describe, expect, it } from "vitest";
import { createMixed } from "../../../../src/run/sweep/mixed.ts";
import { createSlowdowns } from "../../../../src/run/sweep/slowdowns.ts";
import { CODES, createTally, numberOf } from "../../../../src/run/sweep/tally.ts";
import { verdictCodes } from "../../../../src/model/verdict.ts";
import { spaceOf } from "./builders.ts";

const SPACE = spaceOf(["10.1.0.0", "10.1.1.255"]);

describe("a mixed subnet", () => {
  it("is told at its first no, and once", () => {
    const told: number[] = [];
    const mixed = createMixed(SPACE, (subnet) => told.push(subnet));
    for (const subnet of [1, 1, 0, 1]) mixed.answered(subnet);
    expect(told).toEqual([1, 0]);
  });

  it("is told when more than a tenth of it is silent", () => {
    const told: number[] = [];
    const mixed = createMixed(SPACE, (subnet) => told.push(subnet));
    for (let count = 0; count < 25; count++) mixed.silent(0);
    expect(told).toEqual([]);
    for (let count = 0; count < 9; count++) mixed.silent(0);
    expect(told).toEqual([0]);
  });
});

describe("the tally", () => {
  it("knows every verdict there is, so that none is lost in it", () => {
    expect(CODES.toSorted()).toEqual([...verdictCodes].toSorted());
    expect(new Set(CODES.map(numberOf)).size).toBe(CODES.length);
    expect(Math.max(...CODES.map(numberOf))).toBeLessThan(255);
    expect(Math.min(...CODES.map(numberOf))).toBe(1);
  });

  it("counts by subnet", () => {
    const tally = createTally(SPACE);
    tally.add(1, numberOf("tcp-refused"));
    tally.add(1, numberOf("tcp-refused"));
    tally.add(1, numberOf("rpc-serves"));
    expect([tally.covered, tally.coveredOf(0), tally.coveredOf(1)]).toEqual([3, 0, 3]);
    expect(tally.subnets()).toEqual([
      {
        subnet: "10.1.1.0/24",
        port: 1688,
        planned: 256,
        covered: 3,
        counts: { "tcp-refused": 2, "rpc-serves": 1 },
      },
    ]);
  });
});

describe("slowdowns", () => {
  it("are counted by cause, with the least that was left", () => {
    const slowdowns = createSlowdowns();
    slowdowns.note("EMFILE", 200);
    slowdowns.note("EADDRNOTAVAIL", 90);
    slowdowns.note("EMFILE", 150);
    slowdowns.note("EMFILE", 180);
    expect(slowdowns.all).toEqual([
      { cause: "EMFILE", times: 3, concurrency: 150 },
      { cause: "EADDRNOTAVAIL", times: 1, concurrency: 90 },
    ]);
  });
});
