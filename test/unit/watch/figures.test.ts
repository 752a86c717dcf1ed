import { describe, expect, test } from "vitest";
import { createLatency } from "../../../src/watch/latency.ts";
import { createRing } from "../../../src/watch/ring.ts";
import { cellMsFor, createTimeline, TIMELINE_CELLS } from "../../../src/watch/timeline.ts";

describe("a ring", () => {
  test("gives what was pushed, oldest first, until it is full", () => {
    const ring = createRing<number>(3);
    expect(ring.latest()).toEqual([]);
    ring.push(1);
    ring.push(2);
    expect(ring.latest()).toEqual([1, 2]);
    expect(ring.latest(1)).toEqual([2]);
  });

  test("forgets the oldest, also in the middle of a turn", () => {
    const ring = createRing<number>(3);
    for (const value of [1, 2, 3, 4, 5]) ring.push(value);
    expect(ring.latest()).toEqual([3, 4, 5]);
    expect(ring.latest(2)).toEqual([4, 5]);
    expect(ring.latest(99)).toEqual([3, 4, 5]);
    expect(ring.latest(0)).toEqual([]);
  });

  test("holds its capacity and no more after a million", () => {
    const ring = createRing<number>(500);
    for (let value = 0; value < 1_000_000; value++) ring.push(value);
    expect(ring.latest()).toHaveLength(500);
    expect(ring.latest().at(0)).toBe(999_500);
    expect(ring.latest().at(-1)).toBe(999_999);
    expect(ring.total).toBe(1_000_000);
  });
});

describe("latency", () => {
  test("is nothing before the first sample, and has no jitter before the second", () => {
    const latency = createLatency();
    expect(latency.figures()).toBeNull();
    latency.record(2.5);
    expect(latency.figures()).toEqual({
      count: 1,
      lastMs: 2.5,
      minMs: 2.5,
      medianMs: 2.5,
      p95Ms: 2.5,
      jitterMs: null,
    });
  });

  test("median and p95 are within one percent of the exact ones", () => {
    const latency = createLatency();
    const samples = Array.from({ length: 2_001 }, (_, index) => 0.2 + ((index * 7_919) % 2_001) / 10);
    for (const ms of samples) latency.record(ms);
    const sorted = samples.toSorted((a, b) => a - b);
    const figures = latency.figures();
    expect(figures?.minMs).toBe(sorted[0]);
    expect(figures?.lastMs).toBe(samples.at(-1));
    expect(Math.abs((figures?.medianMs ?? 0) / (sorted[1_000] ?? 1) - 1)).toBeLessThan(0.01);
    expect(Math.abs((figures?.p95Ms ?? 0) / (sorted[1_900] ?? 1) - 1)).toBeLessThan(0.01);
  });

  test("jitter is the mean difference of neighbours, and a break is no neighbour", () => {
    const latency = createLatency();
    for (const ms of [10, 12, 9]) latency.record(ms);
    expect(latency.figures()?.jitterMs).toBe(2.5);
    latency.breakSeries();
    latency.record(1_000);
    expect(latency.figures()?.jitterMs).toBe(2.5);
    latency.record(1_001);
    expect(latency.figures()?.jitterMs).toBe(2);
  });

  test("takes any figure, nothing and far too much alike", () => {
    const latency = createLatency();
    for (const ms of [0, 0.0001, 1e9]) latency.record(ms);
    expect(latency.figures()).toMatchObject({ count: 3, minMs: 0, lastMs: 1e9 });
  });

  test("takes a million samples in a moment", () => {
    const latency = createLatency();
    const started = performance.now();
    for (let index = 0; index < 1_000_000; index++) latency.record(index % 100);
    expect(latency.figures()).toMatchObject({ count: 1_000_000, minMs: 0 });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("the timeline", () => {
  test("has a cell every five seconds, or every round where those are further apart", () => {
    expect(cellMsFor(100)).toBe(5_000);
    expect(cellMsFor(60_000)).toBe(60_000);
  });

  test("gathers the rounds of a cell, and leaves empty what had none", () => {
    const timeline = createTimeline(5_000);
    timeline.record(0, true, 2);
    timeline.record(4_999, true, 4);
    timeline.record(5_000, false, null);
    timeline.record(15_000, true, null);
    expect(timeline.cells(16_000, 5)).toEqual([
      { rounds: 0, served: 0, meanMs: null },
      { rounds: 2, served: 2, meanMs: 3 },
      { rounds: 1, served: 0, meanMs: null },
      { rounds: 0, served: 0, meanMs: null },
      { rounds: 1, served: 1, meanMs: null },
    ]);
  });

  test("forgets what is older than its cells, without a round in between", () => {
    const timeline = createTimeline(1_000);
    for (let index = 0; index < TIMELINE_CELLS; index++) timeline.record(index * 1_000, true, 1);
    expect(timeline.cells((TIMELINE_CELLS - 1) * 1_000, 99).every(({ rounds }) => rounds === 1)).toBe(true);
    const later = timeline.cells(10 * TIMELINE_CELLS * 1_000, 99);
    expect(later).toHaveLength(TIMELINE_CELLS);
    expect(later.every(({ rounds }) => rounds === 0)).toBe(true);
  });

  test("stays as it is after a million rounds", () => {
    const timeline = createTimeline(5_000);
    for (let index = 0; index < 1_000_000; index++) timeline.record(index * 100, index % 2 === 0, 1);
    const [cell] = timeline.cells(999_999 * 100 - 10_000, 1);
    expect(cell).toEqual({ rounds: 50, served: 25, meanMs: 1 });
  });
});
