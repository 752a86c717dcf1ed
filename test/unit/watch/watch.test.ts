import { describe, expect, test } from "vitest";
import { createWatch } from "../../../src/run/watch.ts";
import type { WatchPlan } from "../../../src/run/watch.ts";
import { isRefused, isServing, listed, zone } from "../verdict/builders.ts";
import { createFakeWorld, isoOf, reportOf, requestOf } from "./rounds.ts";
import type { FakeWorld } from "./rounds.ts";

const PLAN: WatchPlan = { intervalMs: 2_000, dnsIntervalMs: 30_000, rounds: null, forMs: null };
const LITERAL = requestOf({ hosts: { endpoints: [{ host: "10.1.0.1", port: 1688 }], source: "test" } });
const DOMAIN = requestOf({ domains: [{ domain: "corp.example", source: "test" }] });

const SERVES = reportOf(zone([listed(1, isServing)]));
const REFUSES = reportOf(zone([listed(1, isRefused)]));

function startsOf(world: FakeWorld): number[] {
  return world.checks.map(({ startMs }) => startMs);
}

describe("rounds", () => {
  test("start on the beat of the interval, however long each takes", async () => {
    const tooks = [100, 1_500, 3, 700];
    const world = createFakeWorld(
      () => LITERAL,
      (_, index) => ({ report: SERVES, tookMs: tooks[index % 4] ?? 0 }),
    );
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(20_000);
    expect(startsOf(world)).toEqual([
      0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000, 14_000, 16_000, 18_000, 20_000,
    ]);
    watch.stop();
    await run;
  });

  test("never overlap: one that takes longer delays the next, and is not made up for", async () => {
    const world = createFakeWorld(
      () => LITERAL,
      (_, index) => ({ report: SERVES, tookMs: index === 1 ? 7_000 : 10 }),
    );
    const watch = createWatch({ ...PLAN, rounds: 4 }, world);
    const run = watch.run();
    await world.advance(20_000);
    await run;
    expect(startsOf(world)).toEqual([0, 2_000, 9_000, 11_000]);
  });

  test("end by their number, or by time, which cuts the last one short", async () => {
    const world = createFakeWorld(
      () => LITERAL,
      () => ({ report: SERVES, tookMs: 1_500 }),
    );
    const watch = createWatch({ ...PLAN, forMs: 5_000 }, world);
    const run = watch.run();
    await world.advance(5_000);
    await run;
    expect(startsOf(world)).toEqual([0, 2_000, 4_000]);
    // The third was cut off: whatever it said, it does not count.
    expect(watch.state.hosts()[0]).toMatchObject({ rounds: 2, served: 2 });
  });

  test("stop in the middle of a wait", async () => {
    const world = createFakeWorld(
      () => LITERAL,
      () => ({ report: SERVES, tookMs: 0 }),
    );
    const watch = createWatch({ ...PLAN, intervalMs: 3_600_000 }, world);
    const run = watch.run();
    await world.advance(10_000);
    watch.stop();
    await run;
    expect(watch.rounds).toBe(1);
  });

  test("do not start while paused; going on starts one at once", async () => {
    const world = createFakeWorld(
      () => LITERAL,
      () => ({ report: SERVES, tookMs: 0 }),
    );
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(3_000);
    watch.togglePause();
    await world.advance(20_500);
    expect(startsOf(world)).toEqual([0, 2_000]);
    expect(watch.paused).toBe(true);
    watch.togglePause();
    await world.advance(2_000);
    expect(startsOf(world)).toEqual([0, 2_000, 23_500, 25_500]);
    watch.stop();
    await run;
  });
});

describe("DNS", () => {
  test("is asked every DNS interval; the rounds between probe the addresses it gave", async () => {
    const world = createFakeWorld(
      () => DOMAIN,
      () => ({ report: SERVES, tookMs: 0 }),
    );
    const watch = createWatch({ ...PLAN, dnsIntervalMs: 6_000 }, world);
    const run = watch.run();
    await world.advance(13_000);
    const asked = world.checks.map(({ request }) =>
      request.domains.length > 0 ? "domain" : request.hosts?.endpoints.map(({ host }) => host).join(),
    );
    expect(asked).toEqual(["domain", "10.1.0.1", "10.1.0.1", "domain", "10.1.0.1", "10.1.0.1", "domain"]);
    watch.stop();
    await run;
  });

  test("the resolvers of this machine are looked up again: a VPN brings its own", async () => {
    let request = DOMAIN;
    const world = createFakeWorld(
      () => request,
      () => ({ report: SERVES, tookMs: 0 }),
    );
    const watch = createWatch({ ...PLAN, dnsIntervalMs: 2_000 }, world);
    const run = watch.run();
    await world.advance(1_000);
    request = requestOf({ domains: DOMAIN.domains, resolvers: [{ address: "10.8.0.53", port: 53 }] });
    await world.advance(2_000);
    expect(world.events.at(-1)).toEqual({
      at: isoOf(2_000),
      kind: "configuration",
      what: "resolvers",
      from: ["10.0.0.53 53"],
      to: ["10.8.0.53 53"],
    });
    watch.stop();
    await run;
  });
});

describe("this machine", () => {
  test("its network is looked at every second, however long the interval is", async () => {
    const world = createFakeWorld(
      () => LITERAL,
      () => ({ report: SERVES, tookMs: 0 }),
    );
    world.network = { interfaces: ["lo", "tun0"], addresses: [], routes: ["default on eth0"] };
    const watch = createWatch({ ...PLAN, intervalMs: 60_000 }, world);
    const run = watch.run();
    await world.advance(5_500);
    world.network = { interfaces: ["lo"], addresses: [], routes: ["default on eth0"] };
    await world.advance(1_000);
    // Could not be asked: nothing is known, nothing has changed.
    world.network = null;
    await world.advance(1_000);
    expect(world.events.filter(({ kind }) => kind === "network")).toEqual([
      { at: isoOf(6_000), kind: "network", what: "interface", change: "went", name: "tun0" },
    ]);
    watch.stop();
    await run;
  });

  test("slept between two rounds: told, and the round after it is set aside", async () => {
    const world = createFakeWorld(
      () => LITERAL,
      (_, index) => ({ report: index === 2 ? REFUSES : SERVES, tookMs: 0 }),
    );
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(3_500);
    world.sleepMachine(3_600_000);
    await world.advance(3_500);
    expect(world.checks).toHaveLength(4);
    expect(watch.rounds).toBe(4);
    expect(watch.state.hosts()[0]).toMatchObject({ rounds: 3, served: 3, changes: 0 });
    expect(world.events.slice(1)).toEqual([
      { at: isoOf(4_000 + 3_600_000), kind: "gap", gap: { kind: "slept", ms: 3_601_000 } },
    ]);
    watch.stop();
    await run;
  });

  test("slept in the middle of a round: that round is set aside, the next one counts", async () => {
    const world = createFakeWorld(
      () => LITERAL,
      (_, index) => ({ report: index === 1 ? REFUSES : SERVES, tookMs: 300 }),
    );
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(2_100);
    world.sleepMachine(600_000);
    await world.advance(3_000);
    expect(watch.state.hosts()[0]).toMatchObject({ rounds: 2, served: 2, changes: 0 });
    expect(world.events.map(({ kind }) => kind)).toEqual(["verdict", "gap"]);
    watch.stop();
    await run;
  });

  test("has its clock set back: told, and nothing is set aside", async () => {
    const world = createFakeWorld(
      () => LITERAL,
      () => ({ report: SERVES, tookMs: 0 }),
    );
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(3_500);
    world.sleepMachine(-3_600_000);
    await world.advance(3_500);
    expect(watch.state.hosts()[0]).toMatchObject({ rounds: 4, served: 4 });
    expect(world.events.map(({ kind }) => kind)).toEqual(["verdict", "gap"]);
    watch.stop();
    await run;
  });
});
