import { describe, expect, it } from "vitest";
import { describePlan, describeStart, durationOf } from "../../../../src/cli/sweep/plan.ts";
import { progressText } from "../../../../src/cli/sweep/progress.ts";
import { createSteadyRate } from "../../../../src/cli/sweep/steady-rate.ts";
import type { SweepRequest } from "../../../../src/run/sweep/model.ts";
import { DEFAULT_SETTINGS } from "../../../../src/run/settings.ts";
import { AddressBuilder } from "../../../../src/targets/address-builder.ts";
import { parseIp } from "../../../../src/targets/ip-value.ts";
import { columnsOf, planOf } from "../../run/sweep/builders.ts";

function requestOf(ranges: [string, string][], over: Partial<SweepRequest> = {}): SweepRequest {
  const columns = columnsOf(...ranges);
  return {
    plan: planOf({ addresses: columns.offsets.at(-1) ?? 0 }),
    shard: { index: 1, count: 1 },
    columns,
    settings: {
      concurrency: 4_096,
      rate: 500,
      timeoutMs: null,
      retries: 1,
      rpcTimeoutMs: 5_000,
      count: null,
      workers: 1,
      maxTimeMs: null,
    },
    burst: 0,
    probeSettings: DEFAULT_SETTINGS,
    cut: [],
    names: new Map(),
    unresolved: [],
    everything: false,
    published: null,
    permitted: null,
    singled: [],
    stateFile: null,
    ...over,
  };
}

describe("what is said before a sweep", () => {
  it("is how much, how fast and how long", () => {
    expect(describeStart(requestOf([["10.1.0.0", "10.1.255.255"]]))).toBe(
      "65,536 addresses in 256 subnets, at most 500 connections a second (2 min 11 s or more), 4,096 in flight",
    );
  });

  it("is what may begin at once as well, where the rate leaves room for it", () => {
    expect(describeStart(requestOf([["10.1.0.0", "10.1.255.255"]], { burst: 1_536 }))).toBe(
      "65,536 addresses in 256 subnets, at most 500 connections a second after the first 1,536 (2 min 8 s or more), 4,096 in flight",
    );
  });

  it("is of the shard, where there are several", () => {
    const request = requestOf([["10.1.0.0", "10.1.0.9"]], { shard: { index: 3, count: 4 } });
    expect(describeStart(request)).toBe(
      "shard 3 of 4: 2 addresses in 1 subnet, at most 500 connections a second (1 s or more), 4,096 in flight",
    );
  });

  it("counts pairs of address and port where there are several ports, and each subnet once", () => {
    const builder = new AddressBuilder();
    for (const [first, last] of [
      ["127.0.0.0", "127.0.1.255"],
      ["fd00::1", "fd00::1"],
    ]) {
      const [from, to] = [parseIp(first ?? ""), parseIp(last ?? "")];
      if (from !== null && to !== null) builder.add(from.family, from.value, to.value, null);
    }
    const columns = builder.build([1688, 1689, 1700]);
    expect(describeStart(requestOf([], { columns, plan: planOf({ addresses: 1_539 }) }))).toMatch(
      /^1,539 pairs of address and port in 3 subnets, /,
    );
  });

  it("lists ranges on a dry run, and what is left out", () => {
    const request = requestOf(
      [
        ["10.1.0.0", "10.1.4.255"],
        ["10.1.6.7", "10.1.6.7"],
        ["fd00::1", "fd00::9"],
      ],
      { plan: planOf({ addresses: 1_290, excluded: ["10.1.5.0/24"] }) },
    );
    expect(describePlan(request).split("\n").slice(2)).toEqual([
      "  10.1.0.0-10.1.4.255 port 1688: 1,280 addresses",
      "  10.1.6.7 port 1688: 1 address",
      "  fd00::1-fd00::9 port 1688: 9 addresses",
      "  excluded: 10.1.5.0/24",
      "",
      "Nothing was touched.",
      "",
    ]);
  });

  it("lists forty ranges of many", () => {
    const ranges = Array.from({ length: 60 }, (_, at): [string, string] => [`10.1.${at}.1`, `10.1.${at}.1`]);
    expect(describePlan(requestOf(ranges))).toContain("\n  and 20 more ranges\n");
  });

  it.each([
    [0.2, "1 s"],
    [59.4, "59 s"],
    [131, "2 min 11 s"],
    [12_000, "3 h 20 min"],
  ])("says %d s as %s", (seconds, words) => {
    expect(durationOf(seconds)).toBe(words);
  });
});

describe("the progress of a sweep", () => {
  const progress = {
    phase: "sweeping",
    settled: 32_768,
    total: 65_536,
    earlier: 0,
    serving: 3,
    slowed: false,
  } as const;

  it("is a bar with rate, time to go and what was found", () => {
    expect(progressText(progress, 500)).toBe(
      "████████████░░░░░░░░░░░░ 50 % · 32,768 of 65,536 · 500/s · 1 min 6 s left · 3 serve",
    );
  });

  it("promises no end while nothing moves", () => {
    expect(progressText({ ...progress, slowed: true, earlier: 9 }, 0)).toBe(
      "████████████░░░░░░░░░░░░ 50 % · 32,768 of 65,536 · 0/s · waiting · 3 serve · resumed · slowed down by this machine's limits",
    );
  });

  it("says when it only measures", () => {
    expect(progressText({ ...progress, phase: "measuring" }, 0)).toBe(
      "measuring what serves, quietly · 3 serve",
    );
  });

  it("takes its rate from the last ten seconds", () => {
    const rate = createSteadyRate();
    expect(rate.perSecond()).toBe(0);
    for (let second = 0; second <= 30; second++)
      rate.add(second < 15 ? 0 : (second - 15) * 100, second * 1_000);
    expect(rate.perSecond()).toBe(100);
  });
});
