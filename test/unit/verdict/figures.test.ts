import { describe, expect, it } from "vitest";
import { median, quantile } from "../../../src/verdict/figures.ts";

describe("figures that stand for many", () => {
  it.each([
    [[], null],
    [[3], 3],
    [[9, 1], 5],
    [[9, 1, 2], 2],
  ])("the median of %j is %j", (samples, expected) => {
    expect(median(samples)).toBe(expected);
  });

  it.each([
    [[], 0.95, null],
    [[7], 0.95, 7],
    [[3, 1, 2], 0.95, 3],
    [[3, 1, 2], 0, 1],
    [Array.from({ length: 20 }, (_, index) => 20 - index), 0.95, 19],
    [Array.from({ length: 100 }, (_, index) => index + 1), 0.95, 95],
    [Array.from({ length: 100 }, (_, index) => index + 1), 1, 100],
  ])("the quantile of %j at %f is a sample that was seen: %j", (samples, share, expected) => {
    expect(quantile(samples, share)).toBe(expected);
  });
});
