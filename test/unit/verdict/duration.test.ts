import { expect, it } from "vitest";
import { durationWords } from "../../../src/verdict/duration.ts";

it.each([
  [0, "0 ms"],
  [0.004, "0 ms"],
  [0.42, "0.42 ms"],
  [0.996, "1 ms"],
  [4.06, "4.1 ms"],
  [50, "50 ms"],
  [99.96, "100 ms"],
  [250.4, "250 ms"],
  [999.4, "999 ms"],
  [999.6, "1 s"],
  [4_400, "4.4 s"],
  [8_000, "8 s"],
  [59_949, "59.9 s"],
  [59_960, "1 min"],
  [125_000, "2 min 5 s"],
  [14_399_400, "3 h 59 min 59 s"],
  [14_399_600, "4 h"],
  [14_401_000, "4 h 1 s"],
  [86_400_000, "1 d"],
  [187_199_000, "2 d 3 h"],
])("%d ms is told as %s", (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});
