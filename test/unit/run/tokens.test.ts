import { describe, expect, it } from "vitest";
import { createTokens } from "../../../src/run/tokens.ts";

/** Takes what there is every `stepMs` of a clock that is turned by hand. @returns what was taken in each step */
function taken(rate: number, stepMs: number, steps: number): number[] {
  let nowMs = 0;
  const tokens = createTokens(rate, { nowMs: () => nowMs });
  return Array.from({ length: steps }, () => {
    let count = 0;
    while (tokens.available() >= 1) {
      tokens.take();
      count += 1;
    }
    nowMs += stepMs;
    return count;
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe("the token bucket", () => {
  it("holds the rate over time, however often it is asked", () => {
    for (const stepMs of [1, 7, 50]) {
      const steps = Math.round(10_000 / stepMs);
      expect(sum(taken(500, stepMs, steps))).toBeGreaterThanOrEqual(4_950);
      expect(sum(taken(500, stepMs, steps))).toBeLessThanOrEqual(5_001);
    }
  });

  it("starts with one, and not with a burst", () => {
    expect(taken(500, 1, 1)).toEqual([1]);
  });

  it("saves up no more than a twentieth of a second", () => {
    expect(taken(1_000, 5_000, 3)).toEqual([1, 50, 50]);
  });

  it("begins with as many as there is room for, where somebody says so, and then holds the rate", () => {
    let nowMs = 0;
    const tokens = createTokens(100, { nowMs: () => nowMs }, 40);
    const takeAll = (): number => {
      let count = 0;
      for (; tokens.available() >= 1; count++) tokens.take();
      return count;
    };
    expect(takeAll()).toBe(40);
    nowMs += 100;
    expect(takeAll()).toBe(10);
    nowMs += 5_000;
    expect(takeAll()).toBe(40);
  });

  it("goes below one a second", () => {
    expect(sum(taken(0.5, 100, 101))).toBe(6);
  });

  it("knows no limit at rate 0", () => {
    expect(createTokens(0, { nowMs: () => 0 }).available()).toBe(Infinity);
  });

  it("tells how long until the next", () => {
    const tokens = createTokens(10, { nowMs: () => 0 });
    tokens.take();
    expect(tokens.waitMs()).toBe(100);
  });
});
