import { describe, expect, it } from "vitest";
import { foldsOf, foldMiddleboxes, isMiddlebox } from "../../../src/sweep/middlebox.ts";
import type { Seen } from "../../../src/sweep/middlebox.ts";
import type { CodeCounts, EndpointLine } from "../../../src/sweep/model.ts";
import { line, many, middlebox, net } from "./builders.ts";

describe("the counts of a subnet", () => {
  it.each<[string, CodeCounts, "not-serving" | "all" | null]>([
    ["all accept and close", { "rpc-closed": 254 }, "not-serving"],
    [
      "they differ in what follows",
      { "rpc-closed": 100, "rpc-no-answer": 100, "rpc-not-dcerpc": 54 },
      "not-serving",
    ],
    ["16 are enough", { "rpc-closed": 16 }, "not-serving"],
    ["15 are too few", { "rpc-closed": 15 }, null],
    ["15 and one that was not finished are too few", { "rpc-closed": 15, "run-cut-short": 1 }, null],
    [
      "what this machine left out counts for nothing",
      { "rpc-closed": 30, "tcp-local-resources": 9 },
      "not-serving",
    ],
    ["a tenth may be silent", { "rpc-closed": 90, "tcp-no-answer": 10 }, "not-serving"],
    ["more than a tenth is silent", { "rpc-closed": 89, "tcp-no-answer": 11 }, null],
    ["one refuses", { "rpc-closed": 253, "tcp-refused": 1 }, null],
    ["one is unreachable", { "rpc-closed": 253, "tcp-host-unreachable": 1 }, null],
    ["all serve", { "rpc-serves": 254 }, "all"],
    ["all that connect serve", { "rpc-serves": 250, "tcp-no-answer": 4 }, "all"],
    ["all accept anything", { "rpc-accepts-anything": 254 }, "not-serving"],
    ["a few serve behind it", { "rpc-serves": 3, "rpc-closed": 251 }, "not-serving"],
    ["a tenth serves", { "rpc-serves": 2, "rpc-closed": 18 }, "not-serving"],
    ["more than a tenth serves", { "rpc-serves": 3, "rpc-closed": 17 }, null],
    ["nobody answers", { "tcp-no-answer": 254 }, null],
    ["nothing was looked at", {}, null],
  ])("where %s", (_, counts, folds) => {
    expect(foldsOf(counts)).toBe(folds);
    expect(isMiddlebox(counts)).toBe(folds !== null);
  });
});

function seen(found: EndpointLine): Seen {
  const { endpoint, listedBy, address, attempts, verdict } = found;
  return {
    address: attempts[0]?.address ?? endpoint.host,
    port: endpoint.port,
    code: verdict.code,
    diagnosis: () => ({ endpoint, listedBy, address, attempts, verdict }),
  };
}

describe("a middlebox", () => {
  const subnet = "10.1.3.0/24";

  it("is made of the lines of its subnet, with the lowest address as sample", () => {
    const lines = many("10.1.3", 30, "rpc-closed").map(seen);
    const counts = { "rpc-closed": 30, "tcp-no-answer": 2 } as const;
    const { middleboxes, isBehind } = foldMiddleboxes([net(subnet, counts)], lines.toReversed(), []);
    expect(middleboxes).toEqual([
      {
        subnet,
        port: 1688,
        accepted: 30,
        silent: 2,
        tried: 32,
        counts: { "rpc-closed": 30 },
        addresses: ["10.1.3.1-10.1.3.30"],
        sample: lines[0]?.diagnosis(),
      },
    ]);
    expect(isBehind({ address: "10.1.3.30", port: 1688 })).toBe(true);
    expect(isBehind({ address: "10.1.3.31", port: 1688 })).toBe(false);
    expect(isBehind({ address: "10.1.3.30", port: 1689 })).toBe(false);
    expect(isBehind({ address: "kms1", port: 1688 })).toBe(false);
  });

  it("leaves the few that serve outside", () => {
    const lines = [...many("10.1.3", 20, "rpc-closed"), line("10.1.3.7")].map(seen);
    const counts = { "rpc-closed": 19, "rpc-serves": 1 } as const;
    const others = lines.filter(({ address, code }) => address !== "10.1.3.7" || code === "rpc-serves");
    const { middleboxes, isBehind } = foldMiddleboxes([net(subnet, counts)], others, []);
    expect(middleboxes.map(({ addresses, accepted }) => ({ addresses, accepted }))).toEqual([
      { addresses: ["10.1.3.1-10.1.3.6", "10.1.3.8-10.1.3.20"], accepted: 20 },
    ]);
    expect(isBehind({ address: "10.1.3.7", port: 1688 })).toBe(false);
  });

  it("takes in all where all serve alike", () => {
    const lines = many("10.1.3", 20, "rpc-serves").map(seen);
    const { middleboxes } = foldMiddleboxes([net(subnet, { "rpc-serves": 20 })], lines, []);
    expect(middleboxes[0]).toMatchObject({ accepted: 20, addresses: ["10.1.3.1-10.1.3.20"] });
  });

  it("does not take in the other subnet, the other port, or what did not connect", () => {
    const lines = [
      ...many("10.1.3", 20, "rpc-closed"),
      line("10.1.4.1", "rpc-closed"),
      line("10.1.3.1", "rpc-closed", { port: 1700 }),
      line("10.1.3.99", "tcp-no-answer"),
    ].map(seen);
    const nets = [
      net(subnet, { "rpc-closed": 20, "tcp-no-answer": 1 }),
      net("10.1.4.0/24", { "rpc-closed": 1 }),
      net(subnet, { "rpc-closed": 1 }, { port: 1700 }),
    ];
    const { middleboxes } = foldMiddleboxes(nets, lines, []);
    expect(middleboxes.map(({ addresses }) => addresses)).toEqual([["10.1.3.1-10.1.3.20"]]);
  });

  it("stands for IPv6 and for larger subnets as well", () => {
    const six = Array.from({ length: 16 }, (_, index) =>
      line(`fd00::${(index + 1).toString(16)}`, "rpc-closed"),
    );
    const wide = [...many("10.2.0", 9, "rpc-closed"), ...many("10.2.255", 9, "rpc-closed")];
    const nets = [net("fd00::/64", { "rpc-closed": 16 }), net("10.2.0.0/16", { "rpc-closed": 18 })];
    const { middleboxes } = foldMiddleboxes(nets, [...six, ...wide].map(seen), []);
    expect(middleboxes.map((each) => [each.subnet, ...each.addresses])).toEqual([
      ["10.2.0.0/16", "10.2.0.1-10.2.0.9", "10.2.255.1-10.2.255.9"],
      ["fd00::/64", "fd00::1-fd00::10"],
    ]);
  });

  it("is taken as a run says it, and shards are added up", () => {
    const parts = [
      middlebox(subnet, ["10.1.3.1-10.1.3.20"], 20, { silent: 1, tried: 21 }),
      middlebox(subnet, ["10.1.3.21-10.1.3.40"], 20, { tried: 20 }),
    ];
    const { middleboxes } = foldMiddleboxes([], [], parts.toReversed());
    expect(middleboxes).toEqual([
      {
        subnet,
        port: 1688,
        accepted: 40,
        silent: 1,
        tried: 41,
        counts: { "rpc-closed": 40 },
        addresses: ["10.1.3.1-10.1.3.40"],
        sample: parts[0]?.sample,
      },
    ]);
  });

  it("counts once what two runs say, and what a larger one says again", () => {
    const small = middlebox(subnet, ["10.1.3.1-10.1.3.20"], 20);
    const large = middlebox(subnet, ["10.1.3.1-10.1.3.254"], 254);
    const { middleboxes } = foldMiddleboxes([], [], [small, large, small]);
    expect(middleboxes.map(({ accepted }) => accepted)).toEqual([254]);
  });

  it("that the counts of all shards know goes by these counts", () => {
    const said = middlebox(subnet, ["10.1.3.1-10.1.3.20"], 20);
    const rest = many("10.1.3", 40, "rpc-closed").slice(20).map(seen);
    const nets = [net(subnet, { "rpc-closed": 40, "tcp-no-answer": 3 })];
    const { middleboxes } = foldMiddleboxes(nets, rest, [said]);
    expect(middleboxes).toMatchObject([
      { accepted: 40, silent: 3, tried: 43, addresses: ["10.1.3.1-10.1.3.40"], sample: said.sample },
    ]);
  });

  it("of which nobody has a line is none: there is nothing to show", () => {
    expect(foldMiddleboxes([net(subnet, { "rpc-closed": 40 })], [], []).middleboxes).toEqual([]);
  });
});
