import { describe, expect, it } from "vitest";
import { runSchedule } from "../../../../src/run/serve/schedule.ts";

/** Timers that go off as the test lets time pass. */
function world(random: () => number) {
  let nowMs = 0;
  const timers = new Set<{ atMs: number; job: () => void }>();
  return {
    clock: { nowMs: () => nowMs },
    random,
    after: (ms: number, job: () => void) => {
      const timer = { atMs: nowMs + ms, job };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async pass(ms: number) {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.job();
        await new Promise((resolve) => setImmediate(resolve));
      }
      nowMs = endMs;
    },
    waiting: () => timers.size,
  };
}

describe("scheduled targets", () => {
  it("are looked at first within ten seconds, and then at their own interval", async () => {
    const time = world(() => 0.5);
    const seen: [string, number][] = [];
    const look = async (target: string): Promise<void> => {
      seen.push([target, time.clock.nowMs()]);
    };
    runSchedule(
      [
        { target: "a", intervalMs: 15_000 },
        { target: "b", intervalMs: 60_000 },
      ],
      { ...time, look, onLate: () => {} },
    );
    await time.pass(60_000);
    expect(seen).toEqual([
      ["a", 5_000],
      ["b", 5_000],
      ["a", 20_000],
      ["a", 35_000],
      ["a", 50_000],
    ]);
  });

  it("drift by a tenth of the interval, so that they don't come together for ever", async () => {
    const chances = [0, 0, 1];
    const time = world(() => chances.shift() ?? 0.5);
    const seen: number[] = [];
    const look = async (): Promise<void> => void seen.push(time.clock.nowMs());
    runSchedule([{ target: "a", intervalMs: 10_000 }], { ...time, look, onLate: () => {} });
    await time.pass(31_000);
    expect(seen).toEqual([0, 9_000, 20_000, 30_000]);
  });

  it("are not looked at twice at a time: a slow one delays itself alone, and what it missed isn't made up for", async () => {
    const time = world(() => 0);
    const late: number[] = [];
    const finish: (() => void)[] = [];
    let slow = 0;
    let quick = 0;
    const look = (target: string, begin: () => void): Promise<void> => {
      begin();
      if (target === "quick") {
        quick += 1;
        return Promise.resolve();
      }
      slow += 1;
      return new Promise((resolve) => void finish.push(resolve));
    };
    const targets = ["slow", "quick"].map((target) => ({ target, intervalMs: 1_000 }));
    runSchedule(targets, { ...time, look, onLate: (ms) => void late.push(ms) });
    await time.pass(10_000);
    expect([slow, quick]).toEqual([1, 12]);
    finish[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    await time.pass(0);
    expect(slow).toBe(2);
    expect(Math.max(...late)).toBe(0);
  });

  it("are late by what they wait for a place, once they have one", async () => {
    const time = world(() => 0);
    const late: number[] = [];
    const begins: (() => void)[] = [];
    const look = (_: string, onBegin: () => void): Promise<void> => {
      begins.push(onBegin);
      return new Promise(() => {});
    };
    runSchedule([{ target: "a", intervalMs: 1_000 }], { ...time, look, onLate: (ms) => void late.push(ms) });
    await time.pass(2_500);
    expect(late).toEqual([]);
    begins[0]?.();
    expect(late).toEqual([2_500]);
  });

  it("end at once when they are ended", async () => {
    const time = world(() => 0.5);
    let looks = 0;
    const end = runSchedule([{ target: "a", intervalMs: 1_000 }], {
      ...time,
      look: async () => void (looks += 1),
      onLate: () => {},
    });
    await time.pass(2_500);
    end();
    await time.pass(10_000);
    expect([looks, time.waiting()]).toEqual([3, 0]);
  });
});
