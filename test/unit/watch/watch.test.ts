import { describe, expect, test } from "vitest";
import type { AttemptEvidence, Evidence } from "../../../src/model/evidence.ts";
import { createWatch } from "../../../src/run/watch/watch.ts";
import type { WatchPlan } from "../../../src/run/watch/surroundings.ts";
import type { Place } from "../../../src/watch/looks.ts";
import {
  denies,
  domain,
  isRefused,
  isServing,
  isSilent,
  list,
  listed,
  says,
  zone,
} from "../verdict/builders.ts";
import { createFakeWorld, isoOf, requestOf } from "./rounds.ts";
import type { FakeNetwork, FakeWorld } from "./rounds.ts";

const PLAN: WatchPlan = {
  intervalMs: 2_000,
  dnsIntervalMs: 30_000,
  rounds: null,
  forMs: null,
  concurrency: 32,
};
const REQUEST = requestOf({ domains: [{ domain: "corp.example", source: "test" }] });

/** Hosts of `corp.example` that were not probed yet, as one source is told of them. */
function unprobed(hosts: readonly number[], source: string | null = null): Evidence {
  const evidence = zone(hosts.map((n) => listed(n, isServing)));
  return { ...evidence, source, endpoints: evidence.endpoints.map((each) => ({ ...each, attempts: [] })) };
}

const serve = ({ address }: Place): AttemptEvidence => isServing({ address });

/** One host that serves at once, unless a test says otherwise. */
function worldOf(over: Partial<FakeNetwork> = {}): FakeWorld {
  return createFakeWorld({
    request: () => REQUEST,
    dns: () => ({ found: [unprobed([1])] }),
    probe: (place) => ({ attempt: serve(place), tookMs: 0 }),
    ...over,
  });
}

function startsOf({ probes }: FakeWorld, address = "10.1.0.1"): number[] {
  return probes.filter(({ place }) => place.address === address).map(({ startMs }) => startMs);
}

describe("an address", () => {
  test("is looked at on the beat of the interval, however long each look takes", async () => {
    const tooks = [100, 1_500, 3, 700];
    const world = worldOf({
      probe: (place, index) => ({ attempt: serve(place), tookMs: tooks[index % 4] ?? 0 }),
    });
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(20_000);
    expect(startsOf(world)).toEqual([
      0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000, 14_000, 16_000, 18_000, 20_000,
    ]);
    watch.stop();
    await run;
  });

  test("that takes longer than the interval is looked at as often as it can be, and nothing is made up for", async () => {
    const world = worldOf({
      probe: (place, index) => ({ attempt: serve(place), tookMs: index === 1 ? 7_000 : 10 }),
    });
    const watch = createWatch({ ...PLAN, rounds: 4 }, world);
    const run = watch.run();
    await world.advance(20_000);
    await run;
    expect(startsOf(world)).toEqual([0, 2_000, 9_000, 11_000]);
  });

  test("that stays silent delays no other, and its real pace is known", async () => {
    const world = worldOf({
      dns: () => ({ found: [unprobed([1, 2])] }),
      probe: (place) =>
        place.address === "10.1.0.2"
          ? { attempt: isSilent({ address: place.address }), tookMs: 8_000 }
          : { attempt: serve(place), tookMs: 2 },
    });
    const watch = createWatch({ ...PLAN, intervalMs: 1_000 }, world);
    const run = watch.run();
    await world.advance(24_500);
    watch.stop();
    await run;
    expect(startsOf(world)).toHaveLength(25);
    expect(startsOf(world, "10.1.0.2")).toEqual([0, 8_000, 16_000, 24_000]);
    expect(watch.state.hosts().map(({ rounds, pace }) => [rounds, pace.everyMs()])).toEqual([
      [25, 1_000],
      [3, 8_000],
    ]);
    expect(world.events[0]).toMatchObject({ at: isoOf(2), to: "rpc-serves" });
  });

  test("is not kept waiting by more silent ones than are probed at a time", async () => {
    const dead = Array.from({ length: 60 }, (_, index) => index + 2);
    const world = worldOf({
      dns: () => ({ found: [unprobed([...dead, 1])] }),
      probe: (place) =>
        place.address === "10.1.0.1"
          ? { attempt: serve(place), tookMs: 2 }
          : { attempt: isSilent({ address: place.address }), tookMs: 8_000 },
    });
    const watch = createWatch({ ...PLAN, intervalMs: 1_000, concurrency: 32 }, world);
    const run = watch.run();
    await world.advance(1_500);
    expect(world.events).toMatchObject([{ kind: "verdict", to: "rpc-serves" }]);
    watch.stop();
    await run;
  });

  test("is looked at so many times, or for so long, which cuts the last look short", async () => {
    const world = worldOf({ probe: (place) => ({ attempt: serve(place), tookMs: 1_500 }) });
    const watch = createWatch({ ...PLAN, forMs: 5_000 }, world);
    const run = watch.run();
    await world.advance(5_000);
    await run;
    expect(startsOf(world)).toEqual([0, 2_000, 4_000]);
    // The third was cut off: whatever it said, it does not count.
    expect(watch.state.hosts()[0]).toMatchObject({ rounds: 2, served: 2 });
  });

  test("stops in the middle of a wait", async () => {
    const world = worldOf();
    const watch = createWatch({ ...PLAN, intervalMs: 3_600_000 }, world);
    const run = watch.run();
    await world.advance(10_000);
    watch.stop();
    await run;
    expect(watch.rounds).toBe(1);
  });

  test("rests while the watch is paused; going on looks at once, and the pause is no pace", async () => {
    const world = worldOf();
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
    expect(watch.state.hosts()[0]?.pace.everyMs()).toBe(2_000);
    watch.stop();
    await run;
  });
});

describe("the first moments", () => {
  test("hosts are watched as soon as one resolver lists them, though another is silent", async () => {
    const world = worldOf({
      dns: () => ({ early: [unprobed([1])], found: [unprobed([1, 2])], tookMs: 10_000 }),
    });
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(1_000);
    expect(world.events).toMatchObject([{ kind: "verdict", to: "rpc-serves" }]);
    await world.advance(9_500);
    expect(startsOf(world)).toHaveLength(6);
    expect(startsOf(world, "10.1.0.2")).toEqual([10_000]);
    watch.stop();
    await run;
  });

  test("stopped in them, it tells what is known, and what was not known yet of whom", async () => {
    const world = worldOf({
      dns: () => ({ found: [unprobed([1, 2])] }),
      probe: (place) => ({ attempt: serve(place), tookMs: place.address === "10.1.0.2" ? 8_000 : 20 }),
    });
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(30);
    watch.stop();
    await run;
    expect(watch.state.hosts().map(({ verdict, rounds }) => [verdict.code, rounds])).toEqual([
      ["rpc-serves", 1],
      ["run-cut-short", 0],
    ]);
  });

  test("stopped while DNS is asked, it says so", async () => {
    const skipped = domain([says({ outcome: "skipped", reason: "interrupted" })], []);
    const world = worldOf({ dns: () => ({ found: [skipped], tookMs: 5_000 }) });
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(1_000);
    watch.stop();
    await run;
    expect(watch.state.hosts().map(({ subject, verdict }) => [subject.host, verdict.code])).toEqual([
      ["corp.example", "run-cut-short"],
    ]);
  });
});

describe("DNS", () => {
  test("is asked every DNS interval; an address it lists no more is no longer looked at", async () => {
    const world = worldOf({ dns: (_, index) => ({ found: [unprobed(index === 2 ? [2] : [1, 2])] }) });
    const watch = createWatch({ ...PLAN, dnsIntervalMs: 6_000 }, world);
    const run = watch.run();
    await world.advance(17_000);
    expect(world.asked.map(({ startMs }) => startMs)).toEqual([0, 6_000, 12_000]);
    // The last began in the same moment as DNS was asked.
    expect(startsOf(world)).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000]);
    expect(watch.state.hosts()[0]).toMatchObject({ listed: false, rounds: 7 });
    expect(startsOf(world, "10.1.0.2").at(-1)).toBe(16_000);
    expect(world.events.map(({ kind }) => kind)).toEqual(["verdict", "verdict", "dns", "unlisted"]);
    watch.stop();
    await run;
  });

  test("that takes its time delays no look at an address", async () => {
    const world = worldOf({ dns: (_, index) => ({ found: [unprobed([1])], tookMs: index * 15_000 }) });
    const watch = createWatch({ ...PLAN, dnsIntervalMs: 2_000 }, world);
    const run = watch.run();
    await world.advance(15_000);
    expect(startsOf(world)).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000, 14_000]);
    watch.stop();
    await run;
  });

  test("lists nobody: told, and an address that a silent resolver listed is looked at on", async () => {
    const world = worldOf({
      dns: (_, index) => ({
        found: [
          index === 0
            ? unprobed([1])
            : domain([says({ outcome: "no-answer", cause: "deadline", elapsedMs: 5_000 })], []),
        ],
      }),
    });
    const watch = createWatch({ ...PLAN, dnsIntervalMs: 4_000 }, world);
    const run = watch.run();
    await world.advance(9_000);
    expect(startsOf(world)).toEqual([0, 2_000, 4_000, 6_000, 8_000]);
    expect(watch.state.hosts()[0]).toMatchObject({ rounds: 5, subject: { host: "kms1.corp.example" } });
    watch.stop();
    await run;
  });

  test("the resolvers of this machine are looked up again: a VPN brings its own", async () => {
    let request = REQUEST;
    const world = worldOf({ request: () => request });
    const watch = createWatch({ ...PLAN, dnsIntervalMs: 2_000 }, world);
    const run = watch.run();
    await world.advance(1_000);
    request = requestOf({ domains: REQUEST.domains, resolvers: [{ address: "10.8.0.53", port: 53 }] });
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

  test("is asked soon after the network of this machine has changed, and not again and again", async () => {
    const world = worldOf();
    world.network = { interfaces: ["lo"], addresses: [], routes: [] };
    const watch = createWatch({ ...PLAN, dnsIntervalMs: 600_000 }, world);
    const run = watch.run();
    await world.advance(20_500);
    for (let second = 0; second < 8; second++) {
      world.network = { interfaces: second % 2 === 0 ? ["lo", "tun0"] : ["lo"], addresses: [], routes: [] };
      await world.advance(1_000);
    }
    const starts = world.asked.map(({ startMs }) => startMs);
    expect(starts).toHaveLength(3);
    expect(starts[1]).toBeGreaterThanOrEqual(21_000);
    expect(starts[1]).toBeLessThanOrEqual(22_000);
    watch.stop();
    await run;
  });
});

describe("sources", () => {
  const office = { label: "hq0", ipv4: "10.1.9.1", ipv6: null, interface: "hq0", link: "ethernet" } as const;
  const vpn = { ...office, label: "vpn0", ipv4: "10.8.0.7", interface: "vpn0" };

  test("look by themselves, are judged together, and come to one report", async () => {
    const world = worldOf({
      request: () => requestOf({ domains: REQUEST.domains, sources: [office, vpn] }),
      dns: () => ({ found: [unprobed([1], "hq0"), unprobed([1], "vpn0")] }),
      probe: ({ address, source }) =>
        source === "vpn0"
          ? { attempt: isSilent({ address }), tookMs: 8_000 }
          : { attempt: isServing({ address }), tookMs: 2 },
    });
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(9_000);
    watch.stop();
    await run;
    const [served, silent] = watch.state.hosts();
    expect([served?.rounds, silent?.rounds]).toEqual([5, 1]);
    expect(silent?.verdict.causes.join()).not.toContain("host is off");
    expect(watch.report()?.conclusions.map(({ rule }) => rule)).toContain("blocked");
  });
});

test("the pace is from start to start: a slow first look makes no interval shorter", async () => {
  const world = worldOf({
    request: () => REQUEST,
    dns: () => ({ found: [unprobed([1])] }),
    probe: ({ address }, index) => ({ attempt: isServing({ address }), tookMs: index === 0 ? 500 : 2 }),
  });
  const watch = createWatch(PLAN, world);
  const run = watch.run();
  await world.advance(2_500);
  watch.stop();
  await run;
  expect(watch.state.hosts().map(({ rounds, pace }) => [rounds, pace.everyMs()])).toEqual([[2, 2_000]]);
});

/** Ten a minute, five at first: the rest meets silence. */
const limited = ({ address }: Place, index: number): { attempt: AttemptEvidence; tookMs: number } =>
  index < 5 || index % 2 === 0
    ? { attempt: isServing({ address }), tookMs: 2 }
    : { attempt: isSilent({ address }), tookMs: 8_000 };

describe("a limit on new connections", () => {
  test("is named once as a possible cause, with the pace of the watch itself", async () => {
    const world = worldOf({ probe: limited });
    const watch = createWatch({ ...PLAN, intervalMs: 1_000 }, world);
    const run = watch.run();
    await world.advance(60_000);
    watch.stop();
    await run;
    const told = world.events.filter(({ kind }) => kind === "rate-limit");
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ subject: { address: "10.1.0.1" } });
    expect(watch.state.hosts()[0]?.turns.picture()).not.toBeNull();
  });

  test("is not what a host looks like that was away once", async () => {
    const world = worldOf({
      probe: (place, index) =>
        index > 4 && index < 8 ? { attempt: isSilent({}), tookMs: 8_000 } : limited(place, 0),
    });
    const watch = createWatch({ ...PLAN, intervalMs: 1_000 }, world);
    const run = watch.run();
    await world.advance(120_000);
    watch.stop();
    await run;
    expect(world.events.filter(({ kind }) => kind === "rate-limit")).toEqual([]);
  });
});

describe("this machine", () => {
  test("its network is looked at every second, however long the interval is", async () => {
    const world = worldOf();
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

  test("slept between two looks: told, and the look after it is set aside", async () => {
    const world = worldOf({
      probe: (place, index) => ({
        attempt: index === 2 ? isRefused({ address: place.address }) : serve(place),
        tookMs: 0,
      }),
    });
    const watch = createWatch(PLAN, world);
    const run = watch.run();
    await world.advance(3_500);
    world.sleepMachine(3_600_000);
    await world.advance(3_500);
    expect(world.probes).toHaveLength(4);
    expect(watch.rounds).toBe(4);
    expect(watch.state.hosts()[0]).toMatchObject({ rounds: 3, served: 3, changes: 0 });
    expect(world.events.slice(1)).toEqual([
      { at: isoOf(4_000 + 3_600_000), kind: "gap", gap: { kind: "slept", ms: 3_601_000 } },
    ]);
    watch.stop();
    await run;
  });

  test("slept in the middle of a look: that look is set aside, the next one counts", async () => {
    const world = worldOf({
      probe: (place, index) => ({
        attempt: index === 1 ? isRefused({ address: place.address }) : serve(place),
        tookMs: 300,
      }),
    });
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

  test("slept while DNS was asked: what it said is no news, and it is asked again", async () => {
    const world = worldOf({
      dns: (_, index) =>
        index === 1
          ? { found: [domain([says(denies("NXDOMAIN"))], [])], tookMs: 500 }
          : { found: [unprobed([1])] },
    });
    const watch = createWatch({ ...PLAN, dnsIntervalMs: 10_000 }, world);
    const run = watch.run();
    await world.advance(10_100);
    world.sleepMachine(600_000);
    await world.advance(7_000);
    expect(world.events.map(({ kind }) => kind)).toEqual(["verdict", "gap"]);
    expect(world.asked).toHaveLength(3);
    watch.stop();
    await run;
  });

  test("has its clock set back: told, and nothing is set aside", async () => {
    const world = worldOf();
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

  test("is asked what it is that the user named, and addresses need no DNS", async () => {
    const named = list([{ ...listed(1, isServing), attempts: [] }]);
    const world = worldOf({
      request: () => requestOf({ hosts: { endpoints: [{ host: "10.1.0.1", port: 1688 }], source: "test" } }),
      dns: () => ({ found: [named] }),
    });
    const watch = createWatch({ ...PLAN, rounds: 2 }, world);
    const run = watch.run();
    await world.advance(3_000);
    await run;
    expect(startsOf(world)).toEqual([0, 2_000]);
    expect(watch.rounds).toBe(2);
  });
});
