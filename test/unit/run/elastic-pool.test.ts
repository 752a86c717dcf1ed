import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createElasticPool } from "../../../src/run/elastic-pool.ts";

const clock = { nowMs: () => performance.now() };

/** Jobs that last so long; tells how many go on. */
function createJobs(): {
  job: (ms: number) => () => Promise<void>;
  going: () => number;
  begun: () => number;
} {
  let going = 0;
  let begun = 0;
  return {
    job: (ms) => async () => {
      going += 1;
      begun += 1;
      await new Promise((resolve) => setTimeout(resolve, ms));
      going -= 1;
    },
    going: () => going,
    begun: () => begun,
  };
}

describe("an elastic pool", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("runs no more at a time than keep it busy, where all of them end soon", async () => {
    const pool = createElasticPool({ busy: 4, most: 1_000, rate: 0 }, clock);
    const { job, going, begun } = createJobs();
    const all = Array.from({ length: 40 }, () => pool(job(100)));
    let most = 0;
    while (begun() < 40) {
      await vi.advanceTimersByTimeAsync(10);
      most = Math.max(most, going());
    }
    await vi.runAllTimersAsync();
    await Promise.all(all);
    expect(most).toBe(4);
  });

  it("waits for all that are silent together", async () => {
    const pool = createElasticPool({ busy: 4, most: 1_000, rate: 0 }, clock);
    const { job, going } = createJobs();
    const all = Array.from({ length: 100 }, () => pool(job(8_000)));
    // 25 rounds of a quarter of a second.
    await vi.advanceTimersByTimeAsync(25 * 300);
    expect(going()).toBe(100);
    await vi.runAllTimersAsync();
    await Promise.all(all);
    expect(going()).toBe(0);
  });

  it("and never for more than it may have at all", async () => {
    const pool = createElasticPool({ busy: 4, most: 10, rate: 0 }, clock);
    const { job, going } = createJobs();
    const all = Array.from({ length: 30 }, () => pool(job(5_000)));
    await vi.advanceTimersByTimeAsync(4_000);
    expect(going()).toBe(10);
    await vi.runAllTimersAsync();
    await Promise.all(all);
  });

  it("begins no more a second than its rate", async () => {
    const pool = createElasticPool({ busy: 100, most: 1_000, rate: 100 }, clock);
    const { job, begun } = createJobs();
    const all = Array.from({ length: 400 }, () => pool(job(1)));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(begun()).toBeGreaterThan(180);
    expect(begun()).toBeLessThanOrEqual(210);
    await vi.runAllTimersAsync();
    await Promise.all(all);
  });

  it("does not take its own lateness for a peer's silence", async () => {
    let nowMs = 0;
    const pool = createElasticPool({ busy: 2, most: 1_000, rate: 0 }, { nowMs: () => nowMs });
    const { job, going } = createJobs();
    const all = Array.from({ length: 6 }, () => pool(job(2_000)));
    // Each timer comes 200 ms late by the clock.
    for (let step = 0; step < 10; step++) {
      nowMs += 190;
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(going()).toBe(2);
    await vi.runAllTimersAsync();
    await Promise.all(all);
  });

  it("gives the place of a job that fails to the next", async () => {
    const pool = createElasticPool({ busy: 1, most: 1, rate: 0 }, clock);
    const failing = pool(() => Promise.reject(new Error("one")));
    const next = pool(() => Promise.resolve(2));
    const ended = Promise.allSettled([failing, next]);
    await vi.runAllTimersAsync();
    expect((await ended).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });
});
