/** Whole sweeps for the golden reports: lines as runs write them, assembled. */
import type { VerdictCode } from "../../../../src/model/verdict.ts";
import { assemble } from "../../../../src/sweep/assemble.ts";
import type { SubnetCount, SweepLine, SweepReport } from "../../../../src/sweep/model.ts";
import { HOSTILE } from "../../verdict/arbitrary.ts";
import {
  end,
  line,
  many,
  measured,
  middlebox,
  nameless,
  net,
  permitted,
  plan,
  published,
  start,
} from "../../sweep/builders.ts";

/** A campus: real hosts, one of them unauthorised, other services, two devices that accept all, and much silence. */
function campus(): SweepReport {
  const nets: SubnetCount[] = [
    net("10.1.0.0/24", { "rpc-serves": 2, "rpc-closed": 1, "tcp-refused": 40, "tcp-no-answer": 211 }),
    net("10.1.1.0/24", {
      "rpc-serves": 1,
      "rpc-not-dcerpc": 3,
      "rpc-interface-unknown": 2,
      "tcp-refused": 248,
    }),
    net("10.1.2.0/24", { "rpc-closed": 252, "tcp-no-answer": 2 }),
    net("10.1.3.0/24", { "rpc-serves": 1, "rpc-no-answer": 253 }),
    net("10.1.4.0/24", { "tcp-host-unreachable": 250, "tcp-neighbour-silent": 4 }),
    net("10.1.5.0/24", { "tcp-refused": 254 }),
    ...Array.from({ length: 250 }, (_, index) => net(`10.1.${index + 6}.0/24`, { "tcp-no-answer": 254 })),
    net("fd00:1::/64", { "rpc-serves": 1, "tcp-no-answer": 3 }),
  ];
  return assemble([
    start({
      plan: plan({
        targets: ["10.1.0.0/16", "fd00:1::10-fd00:1::13", "old-kms.corp.example"],
        excluded: ["10.1.0.255"],
        addresses: 65_028,
      }),
    }),
    line("10.1.0.10", "rpc-serves", { names: ["kms1.corp.example"] }),
    line("10.1.0.11"),
    line("10.1.0.20", "rpc-closed"),
    line("10.1.1.77", "rpc-serves"),
    line("10.1.1.5", "rpc-not-dcerpc"),
    line("10.1.1.80", "rpc-not-dcerpc"),
    line("10.1.1.81", "rpc-not-dcerpc"),
    line("10.1.1.90", "rpc-interface-unknown"),
    line("10.1.1.91", "rpc-interface-unknown", { names: ["dc1.corp.example"] }),
    line("10.1.0.12", "tcp-no-answer"),
    line("10.1.3.50", "rpc-serves"),
    line("fd00:1::10", "rpc-serves"),
    nameless("old-kms.corp.example"),
    middlebox("10.1.2.0/24", ["10.1.2.1-10.1.2.127", "10.1.2.130-10.1.2.254"], 252, {
      silent: 2,
      tried: 254,
    }),
    middlebox("10.1.3.0/24", ["10.1.3.1-10.1.3.49", "10.1.3.51-10.1.3.254"], 253, {
      counts: { "rpc-no-answer": 253 },
      tried: 254,
    }),
    measured("10.1.0.10"),
    measured("10.1.0.11", {
      fingerprint: { name: "none", text: "no known pattern", traits: [] },
      quiet: { ...measured("10.1.0.11").quiet, tcpMs: [0.25], bindMs: [] },
    }),
    measured("10.1.1.77", {
      fingerprint: {
        name: "emulator",
        text: "answers like a known KMS emulator",
        traits: ["group 1", "fragments of 5840"],
      },
    }),
    measured("10.1.3.50"),
    end(nets, {
      covered: 65_028,
      slowdowns: [
        { cause: "EMFILE", times: 12, concurrency: 220 },
        { cause: "conntrack", times: 1, concurrency: 4_096 },
      ],
      published: [
        published({
          "kms1.corp.example": ["10.1.0.10"],
          "kms2.corp.example": ["10.1.0.12"],
          "kms3.corp.example": ["192.0.2.9"],
        }),
      ],
      permitted: [permitted("kms1.corp.example", { addresses: ["10.1.0.10"] }), permitted("10.1.0.0/24")],
    }),
  ]);
}

/** Nothing compared, nothing in the way: one subnet. */
function office(): SweepReport {
  const settings = { ...start().settings, timeoutMs: 750, retries: 0, rate: 0 };
  return assemble([
    start({ plan: plan({ targets: ["10.1.3.0/24"], addresses: 254 }), settings }),
    line("10.1.3.7"),
    measured("10.1.3.7"),
    end([net("10.1.3.0/24", { "rpc-serves": 1, "tcp-refused": 12, "tcp-no-answer": 241 })], {
      elapsedMs: 950,
    }),
  ]);
}

const fifth = (index: number) => ({ index, count: 5 });

const twoPorts = (covered: number): SubnetCount[] => [
  net("10.1.3.0/24", { "tcp-refused": 12, "tcp-no-answer": 39 }, { planned: 254 }),
  net("10.1.3.0/24", { "rpc-closed": 1, "tcp-no-answer": covered - 52 }, { port: 1700, planned: 16_384 }),
];

/** Three of five shards: one killed, one interrupted. Nobody serves; two ports. */
function gaps(): SweepReport {
  const addresses = 81_920;
  const begun = [1, 2, 4].map((index) =>
    start({
      shard: fifth(index),
      plan: plan({ addresses, ports: [1688, 1700] }),
      from: { host: `jump${index}`, platform: "linux" },
    }),
  );
  return assemble([
    ...begun,
    line("10.1.3.9", "rpc-closed", { port: 1700 }),
    line("10.1.3.10", "rpc-closed", { port: 1700 }),
    end(twoPorts(16_384), { shard: fifth(1) }),
    end(twoPorts(10_000), { shard: fifth(2), interrupted: true, elapsedMs: 7_500_000 }),
  ]);
}

/** One shard alone, with more to tell than a report shows without being asked. */
function shard(): SweepReport {
  const nets = Array.from({ length: 60 }, (_, index) =>
    net(
      `10.2.${index}.0/24`,
      index === 59 ? { "rpc-serves": 1, "tcp-refused": 10 } : { "rpc-not-dcerpc": 1, "tcp-refused": 63 },
      { planned: 254 },
    ),
  );
  return assemble([
    start({ shard: { index: 2, count: 4 }, plan: plan({ addresses: 15_164 }) }),
    ...Array.from({ length: 59 }, (_, index) => line(`10.2.${index}.8`, "rpc-not-dcerpc")),
    line("10.2.59.8"),
    ...many("10.2.77", 3, "tcp-refused"),
    end(nets, { shard: { index: 2, count: 4 } }),
  ]);
}

/** Every string that a line may hold, meaning harm. */
export function hostileLines(texts: readonly string[] = HOSTILE): SweepLine[] {
  const [first = "", second = "", third = ""] = texts;
  const hosts = texts.map((each, index): SweepLine => {
    const codes = ["rpc-serves", "rpc-not-dcerpc", "tcp-no-answer"] as const satisfies VerdictCode[];
    const seen = line(`10.1.0.${index + 1}`, codes[index % 3], { names: [each, "kms1.corp.example"] });
    return { ...seen, verdict: { ...seen.verdict, observed: `says ${each}`, causes: [each] } };
  });
  const box = middlebox(first, [third, "10.1.9.1"], 20);
  return [
    start({
      plan: plan({ targets: [...texts], excluded: [...texts] }),
      from: { host: first, platform: second },
      tool: { name: "kmsprobe", version: second },
    }),
    ...hosts,
    nameless(second),
    ...texts.map((each, index) =>
      measured(`10.1.0.${index + 1}`, { fingerprint: { name: "none", text: each, traits: [each] } }),
    ),
    box,
    end([net("10.1.0.0/24", { "rpc-serves": 20, "tcp-refused": 200 }), net(first, { "tcp-refused": 3 })], {
      covered: 20,
      slowdowns: [{ cause: second, times: 1, concurrency: 1 }],
      published: [published(Object.fromEntries(texts.map((each) => [each, [each, "10.1.0.1"]])), first)],
      permitted: texts.map((each) => permitted(each, { addresses: [each] })),
    }),
  ];
}

export const sweepScenes = {
  "sweep-campus": campus(),
  "sweep-office": office(),
  "sweep-gaps": gaps(),
  "sweep-shard": shard(),
  "sweep-hostile": assemble(hostileLines()),
} as const satisfies Record<string, SweepReport>;
