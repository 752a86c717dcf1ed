import { describe, expect, it } from "vitest";
import { createPatience, shortPays } from "../../../../src/run/sweep/patience.ts";
import type { Next, Patience, Terms } from "../../../../src/run/sweep/patience.ts";

const AUTO: Terms = { fixedMs: null, retries: 1, short: true };
const LONG: Terms = { ...AUTO, short: false };

/** Every `stepMs`, until it is called silent: when a connect begins, and when that is said. */
function course(patience: Patience, subnet: number, stepMs = 1): { begins: number[]; silentMs: number } {
  const begins = [0];
  for (let nowMs = 0; nowMs < 120_000; nowMs += stepMs) {
    const so = {
      tries: begins.length,
      sinceFirstMs: nowMs,
      sinceLatestMs: nowMs - (begins.at(-1) ?? 0),
    };
    const next: Next = patience.next(subnet, so);
    if (next === "silent") return { begins, silentMs: nowMs };
    if (typeof next !== "number") begins.push(nowMs);
  }
  throw new Error("it waits for ever");
}

/** Round trips of a subnet, all answered at once. */
function near(terms: Terms, ...samplesMs: number[]): Patience {
  const patience = createPatience(terms, 4);
  for (const ms of samplesMs) patience.sample(0, ms, 1);
  return patience;
}

describe("the patience of a sweep", () => {
  it("is always the same where the user says how long", () => {
    const patience = near({ fixedMs: 700, retries: 2, short: true }, 5);
    expect(course(patience, 0)).toEqual({ begins: [0, 700, 1_400], silentMs: 2_100 });
    expect(course(patience, 1)).toEqual({ begins: [0, 700, 1_400], silentMs: 2_100 });
  });

  it("waits for two SYNs and a second where nothing is known of the subnet, then for four", () => {
    expect(course(createPatience(AUTO, 4), 0)).toEqual({ begins: [0, 2_000], silentMs: 10_000 });
  });

  it("sends six SYNs in six connects where a short round trip is known", () => {
    expect(course(near(AUTO, 1), 0)).toEqual({ begins: [0, 100, 200, 300, 400, 500], silentMs: 800 });
  });

  it("gives each of them a round trip with its deviation, the last of them included", () => {
    // RFC 6298: the first round trip and four times half of it.
    expect(course(near(AUTO, 120), 0)).toEqual({
      begins: [0, 360, 720, 1_080, 1_440, 1_800],
      silentMs: 2_160,
    });
  });

  it("has no haste where the way is long", () => {
    const { begins, silentMs } = course(near(AUTO, 300), 0);
    expect(begins).toEqual([0, 1_900]);
    expect(silentMs).toBe(1_900 + 7_900);
  });

  it("has no haste with one connect only, nor where there is no room for six", () => {
    expect(course(near({ ...AUTO, retries: 0 }, 1), 0)).toEqual({ begins: [0], silentMs: 1_200 });
    expect(course(near(LONG, 1), 0)).toEqual({ begins: [0, 1_200], silentMs: 8_400 });
  });

  it("learns while it waits, and each subnet on its own", () => {
    const patience = createPatience(AUTO, 4);
    const so = { tries: 1, sinceFirstMs: 150, sinceLatestMs: 150 };
    expect(patience.next(0, so)).toBe(100);
    patience.sample(0, 2, 1);
    expect([patience.next(0, so), patience.next(1, so)]).toEqual(["beside", 100]);
  });

  it("follows RFC 6298: smoothed mean and deviation from the second round trip on", () => {
    const deviation = 0.75 * 50 + 0.25 * 100;
    const { begins } = course(near(LONG, 100, 200), 0);
    expect(begins[1]).toBe(Math.ceil(1_000 + 112.5 + 4 * deviation));
  });

  it("never goes above its ceiling, however far it is", () => {
    expect(course(near(AUTO, 60_000), 0).begins).toEqual([0, 4_000]);
  });

  it("gives up its haste where answers come to later connects only", () => {
    const patience = near(AUTO, 1, 1);
    patience.sample(0, 1, 2);
    expect(patience.sawLoss(0)).toBe(true);
    expect(course(patience, 0).silentMs).toBe(800);
    // Two thirds are lost: six of them hide one host in eleven.
    patience.sample(0, 1, 4);
    patience.sample(0, 1, 4);
    expect(patience.isShort(0)).toBe(false);
    expect(course(patience, 0).silentMs).toBeGreaterThan(8_000);
  });

  it("waits for what is under way where that shows in the middle", () => {
    const patience = near(AUTO, 1);
    for (let host = 0; host < 3; host++) patience.sample(0, 1, 4);
    expect(patience.next(0, { tries: 6, sinceFirstMs: 900, sinceLatestMs: 400 })).toBe(100);
    expect(patience.next(0, { tries: 6, sinceFirstMs: 8_000, sinceLatestMs: 7_500 })).toBe("silent");
  });
});

describe("whether six short connects pay", () => {
  const defaults = { concurrency: 4_096, rate: 500, burst: 1_536 };

  it("does where the rate has room for them", () => {
    expect(shortPays(256, defaults)).toBe(true);
    expect(shortPays(65_536, { concurrency: 4_096, rate: 0, burst: 0 })).toBe(true);
    expect(shortPays(256, { concurrency: 16, rate: 500, burst: 0 })).toBe(true);
  });

  it("does not where the rate is what holds it up", () => {
    expect(shortPays(65_536, defaults)).toBe(false);
    expect(shortPays(256, { ...defaults, rate: 20, burst: 0 })).toBe(false);
  });
});
