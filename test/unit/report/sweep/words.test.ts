import { describe, expect, it } from "vitest";
import { verdictCodes } from "../../../../src/model/verdict.ts";
import {
  headline,
  reasonWords,
  slowdownSentence,
  subnetSentence,
} from "../../../../src/report/sweep/words.ts";
import { assemble } from "../../../../src/sweep/assemble.ts";
import type { SubnetCount, SweepLine } from "../../../../src/sweep/model.ts";
import { end, line, middlebox, net, permitted, plan, start } from "../../sweep/builders.ts";

describe("a subnet in words", () => {
  it.each<[SubnetCount["counts"], Partial<SubnetCount>, string]>([
    [
      { "tcp-no-answer": 239, "rpc-serves": 3, "tcp-refused": 12 },
      {},
      "254: 3 serve, 12 refused, 239 no answer",
    ],
    [{ "rpc-serves": 1, "rpc-closed": 1 }, {}, "2: 1 serves, 1 connects and closes"],
    [{ "tcp-no-answer": 16_384 }, { planned: 65_536 }, "16,384 of 65,536: 16,384 no answer"],
    [{ "tcp-host-unreachable": 254 }, {}, "254: 254 unreachable"],
  ])("%j with %j is %j", (counts, over, words) => {
    expect(subnetSentence(net("10.1.3.0/24", counts, over))).toBe(words);
  });

  it("has a reason for every code, without the comma that ends it", () => {
    const words = verdictCodes.flatMap((code) => [reasonWords(code), reasonWords(code, 1)]);
    const tcpAndRpc = verdictCodes.filter((code) => /^(tcp|rpc|run)-/.test(code));
    expect(words.filter((each) => each === "")).toEqual([]);
    expect(tcpAndRpc.map((code) => reasonWords(code)).filter((each) => each.includes(","))).toEqual([]);
    expect(new Set(tcpAndRpc.map((code) => reasonWords(code))).size).toBe(tcpAndRpc.length);
  });
});

describe("a slowdown in words", () => {
  it.each([
    [
      "EMFILE",
      12,
      220,
      "this machine ran out of descriptors (EMFILE) 12 times; slowed to 220 connections in flight; nothing was lost",
    ],
    [
      "EADDRNOTAVAIL",
      1,
      1,
      "this machine ran out of local ports (EADDRNOTAVAIL) once; slowed to 1 connection in flight; nothing was lost",
    ],
    [
      "EWEATHER",
      1_000,
      2_000,
      "this machine could not keep up (EWEATHER) 1,000 times; slowed to 2,000 connections in flight; nothing was lost",
    ],
    [
      "conntrack",
      2,
      99,
      "the connection tracking of this machine was nearly full 2 times; slowed to 99 connections in flight; nothing was lost",
    ],
  ])("%s", (cause, times, concurrency, words) => {
    expect(slowdownSentence({ cause, times, concurrency })).toBe(words);
  });
});

const of = (...lines: SweepLine[]): string =>
  headline(assemble([start({ plan: plan({ addresses: 254 }) }), ...lines]));

const all = (counts: SubnetCount["counts"], over: Parameters<typeof end>[1] = {}) =>
  end([net("10.1.3.0/24", counts)], over);

describe("the headline", () => {
  it.each<[string, string]>([
    [of(all({ "tcp-no-answer": 254 })), "None of 254 addresses answers as a KMS host"],
    [
      of(line("10.1.3.1"), all({ "rpc-serves": 1, "tcp-no-answer": 253 })),
      "1 of 254 addresses answers as a KMS host",
    ],
    [
      of(
        line("10.1.3.1"),
        line("10.1.3.2"),
        line("10.1.3.3", "rpc-closed"),
        all({ "rpc-serves": 2, "rpc-closed": 1, "tcp-refused": 251 }),
      ),
      "2 of 254 addresses answer as KMS hosts, 1 more connects and would not serve",
    ],
    [
      of(middlebox("10.1.3.0/24", ["10.1.3.1-10.1.3.254"], 254), all({ "rpc-closed": 254 })),
      "None of 254 addresses answers as a KMS host, 1 subnet is one device that accepts for all",
    ],
    [
      of(
        line("10.1.3.1"),
        all({ "rpc-serves": 1, "tcp-no-answer": 253 }, { permitted: [permitted("10.9.9.9")] }),
      ),
      "1 of 254 addresses answers as a KMS host, 1 warning",
    ],
    [
      of(line("10.1.3.1"), all({ "rpc-serves": 1, "tcp-no-answer": 99 })),
      "1 of 100 addresses answers as a KMS host, 154 addresses not looked at",
    ],
    [of(line("10.1.3.1")), "1 address answers as a KMS host, 254 addresses not looked at"],
    [of(line("10.1.3.1"), line("10.1.3.2")), "2 addresses answer as KMS hosts, 254 addresses not looked at"],
    [of(), "No address answers as a KMS host, 254 addresses not looked at"],
  ])("says %j", (said, words) => {
    expect(said).toBe(words);
  });

  it("counts pairs of address and port where there are several ports, and a subnet once", () => {
    const ports = [1688, 1700];
    const nets = ports.map((port) =>
      net("10.1.3.0/24", { "rpc-serves": 1, "rpc-closed": 99 }, { port, planned: 254 }),
    );
    const report = assemble([
      start({ plan: plan({ addresses: 508, ports }) }),
      ...ports.map((port) => line("10.1.3.1", "rpc-serves", { port })),
      ...ports.map((port) => middlebox("10.1.3.0/24", ["10.1.3.2-10.1.3.100"], 99, { port })),
      end(nets),
    ]);
    expect(headline(report)).toBe(
      "2 of 200 pairs of address and port answer as KMS hosts, 1 subnet is one device that accepts for all, 308 pairs not looked at",
    );
    expect(headline(assemble([start({ plan: plan({ addresses: 2, ports }) })]))).toBe(
      "No pair of address and port answers as a KMS host, 2 pairs not looked at",
    );
  });

  it("does not count what the other shards look at", () => {
    const shard = { index: 2, count: 3 };
    const report = assemble([
      start({ shard, plan: plan({ addresses: 300 }) }),
      end([net("10.1.3.0/24", { "tcp-refused": 100 })], { shard }),
    ]);
    expect(headline(report)).toBe("None of 100 addresses answers as a KMS host");
  });
});
