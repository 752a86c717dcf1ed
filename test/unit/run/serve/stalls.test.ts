import { describe, expect, it } from "vitest";
import { watchStalls } from "../../../../src/run/serve/stalls.ts";

function world() {
  let nowMs = 10_000;
  const beats: (() => void)[] = [];
  const told: number[] = [];
  const stalls = watchStalls({
    clock: { nowMs: () => nowMs },
    every: (_, job) => {
      beats.push(job);
      return () => beats.splice(0);
    },
    onStall: (ms) => told.push(ms),
  });
  return {
    stalls,
    told,
    pass: (ms: number) => {
      nowMs += ms;
    },
    beat: () => beats.forEach((job) => job()),
  };
}

describe("a process that stands still", () => {
  it("knows it afterwards, and for how long", () => {
    const { stalls, told, pass, beat } = world();
    pass(600);
    beat();
    expect([stalls.since(10_000), told]).toEqual([false, []]);
    pass(30_100);
    beat();
    expect([stalls.since(10_000), told]).toEqual([true, [30_000]]);
    // What began after it is sound.
    expect(stalls.since(40_700)).toBe(false);
  });

  it("knows it before the beat that is late", () => {
    const { stalls, pass } = world();
    pass(1_099);
    expect(stalls.since(10_000)).toBe(false);
    pass(1);
    expect(stalls.since(10_000)).toBe(true);
  });

  it("knows how long somebody may have waited who is taken up after it, and nobody else", () => {
    const { stalls, pass, beat } = world();
    pass(100);
    beat();
    expect(stalls.behindMs()).toBe(0);
    pass(700);
    expect(stalls.behindMs()).toBe(600);
    beat();
    // Taken up behind others who had waited, too.
    pass(50);
    expect(stalls.behindMs()).toBe(650);
    pass(50);
    beat();
    expect(stalls.behindMs()).toBe(0);
  });
});
