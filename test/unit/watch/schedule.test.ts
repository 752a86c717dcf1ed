import { describe, expect, test } from "vitest";
import { createGapWatch, GAP_MS } from "../../../src/watch/gap.ts";
import { createSchedule, JITTER } from "../../../src/watch/schedule.ts";

describe("the schedule", () => {
  test("starts at once, then stands on a grid whatever the rounds take", () => {
    const schedule = createSchedule(2_000, () => 0.5);
    expect(schedule.next(70)).toBe(70);
    expect(schedule.next(500)).toBe(2_070);
    expect(schedule.next(3_900)).toBe(4_070);
  });

  test("moves each start by a tenth of the interval at the most, and none by the one before", () => {
    const random = [0, 0.999_999, 0, 0.25];
    const schedule = createSchedule(1_000, () => random.shift() ?? 0.5);
    expect(schedule.next(0)).toBe(0);
    expect(schedule.next(1)).toBe(900);
    expect(schedule.next(901)).toBeCloseTo(2_100, 1);
    expect(schedule.next(2_101)).toBe(2_900);
    expect(schedule.next(2_901)).toBe(3_950);
    expect(JITTER).toBe(0.1);
  });

  test("does not drift: a thousand rounds with any jitter end where they should", () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const schedule = createSchedule(100, random);
    let now = schedule.next(0);
    for (let round = 0; round < 1_000; round++) now = schedule.next(now + 30);
    expect(Math.abs(now - 100_000)).toBeLessThanOrEqual(10);
  });

  test("a round that overran delays the next, and is not made up for", () => {
    const schedule = createSchedule(1_000, () => 0.5);
    schedule.next(0);
    expect(schedule.next(3_500)).toBe(3_500);
    expect(schedule.next(3_600)).toBe(4_500);
  });

  test("starts at once after a restart", () => {
    const schedule = createSchedule(1_000, () => 0.5);
    schedule.next(0);
    schedule.restart();
    expect(schedule.next(100)).toBe(100);
    expect(schedule.next(200)).toBe(1_100);
  });
});

describe("the wall", () => {
  test("passes unnoticed while beats come, late ones too", () => {
    const gaps = createGapWatch(1_000);
    const beats = [1e12, 1e12 + 1_000, 1e12 + 2_500, 1e12 + 2_500 + 1_000 + GAP_MS];
    expect(beats.map((ms) => gaps.observe(ms))).toEqual([null, null, null, null]);
  });

  test("tells a sleep, once", () => {
    const gaps = createGapWatch(1_000);
    gaps.observe(0);
    expect(gaps.observe(3_600_000)).toEqual({ kind: "slept", ms: 3_600_000 });
    expect(gaps.observe(3_601_000)).toBeNull();
  });

  test("tells a clock that was set back, not one that is slewed", () => {
    const gaps = createGapWatch(1_000);
    gaps.observe(100_000);
    expect(gaps.observe(99_500)).toBeNull();
    expect(gaps.observe(40_000)).toEqual({ kind: "clock-set-back", ms: 59_500 });
  });
});
