import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createPollClock, monotonicClock } from "../../../src/transport/clock.ts";

test("the clock never runs backwards, and shows less than a millisecond", () => {
  const times = Array.from({ length: 10_000 }, () => monotonicClock.nowMs());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.filter((time) => !Number.isInteger(time)).length).toBeGreaterThan(0);
});

test("all that one poll brought has one time, that of its first listener", async () => {
  let nowMs = 100;
  const polled = createPollClock({ nowMs: () => nowMs });
  expect(polled.nowMs(40)).toBe(100);
  nowMs = 117;
  expect(polled.nowMs(90)).toBe(100);
  await turn();
  expect(polled.nowMs(90)).toBe(117);
});

test("an answer is never older than its question, though the loop has not let anybody in between", () => {
  let nowMs = 100;
  const polled = createPollClock({ nowMs: () => nowMs });
  expect(polled.nowMs(40)).toBe(100);
  // Five questions and answers in one turn, each of 2 ms: as on Windows.
  for (let round = 0; round < 5; round += 1) {
    const askedMs = nowMs;
    nowMs += 2;
    expect(polled.nowMs(askedMs + 1) - askedMs).toBe(2);
  }
});
