import { describe, expect, it } from "vitest";
import { median, percentWords, quantile } from "../../../src/verdict/figures.ts";

describe("a share in words", () => {
  it.each([
    [0, "0 %"],
    [0.0001, "0.1 %"],
    [0.0019, "0.2 %"],
    [0.066, "6.6 %"],
    [0.05, "5 %"],
    [0.3333, "33 %"],
    [0.9984, "99.8 %"],
    [0.99999, "99.9 %"],
    [1, "100 %"],
  ])("of %d is %s", (share, words) => {
    expect(percentWords(share)).toBe(words);
  });
});

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
