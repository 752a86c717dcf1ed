import { describe, expect, test } from "vitest";
import type { Evidence } from "../../../src/model/evidence.ts";
import type { Happening, WatchEvent } from "../../../src/watch/event.ts";
import { lossOf } from "../../../src/watch/host.ts";
import type { Host } from "../../../src/watch/host.ts";
import { createWatchState, EVENTS_KEPT } from "../../../src/watch/state.ts";
import type { WatchState } from "../../../src/watch/state.ts";
import {
  addresses,
  connected,
  denies,
  domain,
  endpoint,
  found,
  isRefused,
  isServing,
  isSilent,
  list,
  listed,
  lists,
  lookup,
  record,
  refuses,
  resolver,
  says,
  serving,
  unanswered,
  unsent,
  zone,
} from "../verdict/builders.ts";
import { isoOf, lookInto } from "./rounds.ts";

type Scene = {
  state: WatchState;
  /** What the next round tells, in short. */
  round: (evidence: Evidence, kind?: "full" | "light") => string[];
  host: (name: string) => Host;
};

function scene(): Scene {
  const events: WatchEvent[] = [];
  const state = createWatchState(1_000, (event) => events.push(event));
  let nowMs = 0;
  return {
    state,
    round(evidence, kind = "full") {
      const before = events.length;
      nowMs += 1_000;
      lookInto(state, [evidence], { at: isoOf(nowMs), nowMs, kind });
      return events.slice(before).map(inShort);
    },
    host(name) {
      const host = state.hosts().find(({ subject }) => subject.host === name);
      if (host === undefined) throw new Error(`no host ${name}`);
      return host;
    },
  };
}

function inShort(event: Happening): string {
  switch (event.kind) {
    case "verdict":
      return `${event.subject.host}: ${event.from ?? "first"} > ${event.to}`;
    case "unlisted":
      return `${event.subject.host}: unlisted`;
    case "dns": {
      const answer = event.answer === null ? "" : ` ${event.answer.from} > ${event.answer.to}`;
      return `${event.recordType} ${event.name} at ${event.asked}: +[${event.added.join(", ")}] -[${event.removed.join(", ")}]${answer}`;
    }
    default:
      return event.kind;
  }
}

/** What a light round reports: the address as the host. */
const light = (...attempts: ReturnType<typeof isServing>[]): Evidence =>
  list(attempts.map((attempt) => endpoint([attempt], { endpoint: { host: attempt.address, port: 1688 } })));

/** A zone whose one host has this address, by its name. */
const at = (address: string): Evidence =>
  zone([
    endpoint([isServing({ address })], {
      address: addresses([address], { lookups: [lookup(found([address]))] }),
    }),
  ]);

/** A zone whose one host's name is answered like this. */
const without = (answer: Parameters<typeof lookup>[0]): Evidence =>
  zone([endpoint([], { address: addresses([], { lookups: [lookup(answer)] }) })]);

const from = (source: string, evidence: Evidence): Evidence => ({ ...evidence, source });

const KMS1 = "kms1.corp.example";
const SRV = "SRV _vlmcs._tcp.corp.example at 10.0.0.53:53";

describe("verdicts", () => {
  test("are told when first seen and when they change, and not in between", () => {
    const { round, host } = scene();
    expect(round(zone([listed(1, isServing)]))).toEqual([`${KMS1}: first > rpc-serves`]);
    expect(round(zone([listed(1, isServing)]))).toEqual([]);
    expect(round(light(isRefused({ address: "10.1.0.1" })), "light")).toEqual([
      `${KMS1}: rpc-serves > tcp-refused`,
    ]);
    expect(round(light(isServing({ address: "10.1.0.1" })), "light")).toEqual([
      `${KMS1}: tcp-refused > rpc-serves`,
    ]);
    const { changes, rounds, served, since, lastChange } = host(KMS1);
    expect({ changes, rounds, served, since }).toEqual({
      changes: 2,
      rounds: 4,
      served: 3,
      since: isoOf(4_000),
    });
    expect(lossOf(host(KMS1))).toBe(0.25);
    expect(lastChange).toMatchObject({ at: isoOf(4_000), from: "tcp-refused", to: "rpc-serves" });
    expect(lastChange?.cause).toContain("10.1.0.1:1688");
  });

  test("figures are those of TCP and of RPC, each its own; a host that refuses has none", () => {
    const { round, host } = scene();
    round(zone([listed(1, isServing)]));
    round(
      light(connected(serving({ latency: { asked: 1, samplesMs: [4] } }), { address: "10.1.0.1" })),
      "light",
    );
    expect(host(KMS1).tcp.figures()).toMatchObject({ count: 2, lastMs: 2.25 });
    expect(host(KMS1).rpc.figures()).toMatchObject({ count: 4, lastMs: 4, minMs: 0.5 });
    expect(host(KMS1).timeline.cells(2_000, 1)).toEqual([{ rounds: 2, served: 2, meanMs: 2.5 }]);
  });

  test("what this machine did to itself is told, and is nobody's loss", () => {
    const { round, host } = scene();
    round(zone([listed(1, isServing)]));
    expect(round(light(unsent("EMFILE", { address: "10.1.0.1" })), "light")).toEqual([
      `${KMS1}: rpc-serves > tcp-local-resources`,
    ]);
    expect(host(KMS1)).toMatchObject({ rounds: 1, served: 1 });
  });
});

describe("DNS", () => {
  test("records that come, go and change are told, by resolver; TTL and order are no news", () => {
    const { round } = scene();
    const first = [record("kms1.corp.example", { ttlSeconds: 600 }), record("kms2.corp.example")];
    round(domain([says(lists(first))], []));
    const counted = [record("kms2.corp.example", { ttlSeconds: 7 }), record("kms1.corp.example")];
    expect(round(domain([says(lists(counted))], []))).toEqual([]);
    const changed = [record("kms1.corp.example", { weight: 50 }), record("kms3.corp.example")];
    expect(round(domain([says(lists(changed))], []))).toEqual([
      `${SRV}: +[0 0 1688 kms3.corp.example, 0 50 1688 kms1.corp.example] -[0 0 1688 kms1.corp.example, 0 0 1688 kms2.corp.example]`,
    ]);
  });

  test("a resolver that falls silent, and one that denies, are told", () => {
    const { round } = scene();
    const records = lists([record(KMS1)]);
    round(domain([says(records)], []));
    expect(round(domain([says(unanswered("deadline"))], []))[0]).toBe(
      `${SRV}: +[] -[0 0 1688 ${KMS1}] records > no answer`,
    );
    expect(round(domain([says(denies("NXDOMAIN"))], []))[0]).toBe(`${SRV}: +[] -[] no answer > NXDOMAIN`);
  });

  test("an address that changes is told, and the new one is the one probed", () => {
    const { round, state } = scene();
    round(at("10.1.0.1"));
    expect(round(at("10.1.0.9"))).toEqual([
      `A ${KMS1} at 10.0.0.53:53: +[10.1.0.9] -[10.1.0.1]`,
      `${KMS1}: unlisted`,
      `${KMS1}: first > rpc-serves`,
    ]);
    expect(state.places()).toEqual([{ address: "10.1.0.9", port: 1688, source: null }]);
    expect(state.hosts()).toHaveLength(2);
  });

  test("hosts stay, and are probed on, while those who listed them can't be asked", () => {
    const { round, state } = scene();
    round(zone([listed(1, isServing)]));
    expect(round(domain([says(unanswered("deadline"))], [])).slice(1)).toEqual([
      "corp.example: first > srv-no-answer",
    ]);
    expect(state.places()).toEqual([{ address: "10.1.0.1", port: 1688, source: null }]);
    expect(round(zone([listed(1, isServing)])).slice(1)).toEqual([]);
    expect(state.hosts().map(({ subject }) => subject.host)).toEqual([KMS1]);
  });

  test("the silence of a resolver that never listed them keeps nobody", () => {
    const { round, state } = scene();
    const dead = says(unanswered("deadline"), { resolver: resolver(54) });
    round(domain([says(lists([record(KMS1)])), dead], [listed(1, isServing)]));
    expect(round(domain([says(denies("NXDOMAIN")), dead], [])).at(-1)).toBe(`${KMS1}: unlisted`);
    expect(state.places()).toEqual([]);
  });

  test("a name whose lookup fails keeps its address; one that is denied loses it", () => {
    const { round, state } = scene();
    round(
      zone([
        endpoint([isServing({})], {
          address: addresses(["10.1.0.1"], { lookups: [lookup(found(["10.1.0.1"]))] }),
        }),
      ]),
    );
    expect(round(without(unanswered("deadline"))).at(-1)).toBe(`${KMS1}: first > address-lookup-failed`);
    expect(state.places()).toEqual([{ address: "10.1.0.1", port: 1688, source: null }]);
    expect(round(without(refuses("NXDOMAIN"))).slice(-2)).toEqual([
      `${KMS1}: address-lookup-failed > address-none`,
      `${KMS1}: unlisted`,
    ]);
    expect(state.places()).toEqual([]);
  });
});

describe("sources", () => {
  test("the same host from two places is two lines, and what one saw of it is known at the other", () => {
    const state = createWatchState(1_000, () => {});
    const moment = { at: isoOf(0), nowMs: 0 };
    const office = from("eth0", zone([listed(1, isServing), listed(2, isServing)]));
    const vpn = from("tun0", zone([listed(1, isSilent)]));
    lookInto(state, [office, vpn], moment);
    expect(
      state.hosts().map(({ subject, verdict }) => `${subject.host} ${subject.source} ${verdict.code}`),
    ).toEqual([
      "kms1.corp.example eth0 rpc-serves",
      "kms2.corp.example eth0 rpc-serves",
      "kms1.corp.example tun0 tcp-no-answer",
    ]);
    expect(state.places()).toHaveLength(3);
    // What the office sees strikes causes at the VPN, and the other way round nothing.
    const [, , silent] = state.hosts();
    expect(silent?.verdict.refuted.map(({ cause }) => cause)).toContain(
      "the host is off or its address belongs to nobody",
    );
  });
});

describe("memory", () => {
  test("a zone that lists another host in every round does not fill it", () => {
    const { round, state } = scene();
    for (let n = 0; n < 500; n++) {
      const host = endpoint([isServing({ address: `10.${n >> 8}.${n & 255}.1` })], {
        endpoint: { host: `kms${n}.corp.example`, port: 1688 },
      });
      round(zone([host]));
    }
    expect(state.hosts()).toHaveLength(101);
    expect(state.places()).toHaveLength(1);
    expect(state.events.latest()).toHaveLength(EVENTS_KEPT);
  });

  test("nor does it while its resolver fails every other time", () => {
    const { round, state } = scene();
    for (let n = 0; n < 800; n++) {
      const host = endpoint([isServing({ address: `10.${n >> 8}.${n & 255}.1` })], {
        endpoint: { host: `kms${n}.corp.example`, port: 1688 },
        listedBy: [{ resolver: resolver(), priority: 0, weight: 0, ttlSeconds: 1 }],
      });
      round(domain([says(n % 2 === 0 ? lists([]) : unanswered("deadline"))], [host]));
    }
    expect(state.hosts().length).toBeLessThanOrEqual(1 + 100 + 256);
  });
});
