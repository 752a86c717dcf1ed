import { expect, test } from "vitest";
import { monotonicClock } from "../../../src/transport/clock.ts";

test("the clock never runs backwards, and shows less than a millisecond", () => {
  const times = Array.from({ length: 10_000 }, () => monotonicClock.nowMs());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.filter((time) => !Number.isInteger(time)).length).toBeGreaterThan(0);
});
