import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../src/report/rows.ts";
import { median } from "../../../src/verdict/figures.ts";
import type { Row } from "../../../src/report/rows.ts";
import { judge } from "../../../src/verdict/judge.ts";
import type { AttemptEvidence, Evidence } from "../../../src/model/evidence.ts";
import {
  accepted,
  addresses,
  CLIENT_TIMEOUT_MS,
  connected,
  domain,
  endpoint,
  fault,
  garbage,
  host,
  isServing,
  isSilent,
  listed,
  lists,
  plainBind,
  record,
  rejected,
  resolver,
  rpc,
  says,
  serving,
  silent,
  unconnected,
  zone,
} from "../verdict/builders.ts";

function rows(evidence: Evidence): Row[] {
  return rowsOf(judge(evidence, CLIENT_TIMEOUT_MS));
}

function figures(attempt: AttemptEvidence): (number | null)[] {
  return rows(host(attempt)).flatMap(({ tcpMs, rpcMs }) => [tcpMs, rpcMs]);
}

describe("the median", () => {
  it.each([
    [[], null],
    [[3], 3],
    [[3, 1], 2],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
    [[10, 9], 9.5],
  ])("of %j is %j", (samples, value) => {
    expect(median(samples)).toBe(value);
  });

  it("leaves its samples as they are", () => {
    const samples = [3, 1, 2];
    median(samples);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe("a row", () => {
  it("stands for each address, and for a host that has none", () => {
    const two = endpoint([connected(serving()), unconnected("deadline", 4_000, { address: "10.1.0.9" })]);
    const none = endpoint([], {
      endpoint: { host: "kms2.corp.example", port: 1688 },
      address: addresses([]),
    });
    const seen = rows(zone([two, none])).map(({ endpoint: { endpoint: name }, attempt }) => {
      return [name.host, attempt?.address ?? null];
    });
    expect(seen).toEqual([
      ["kms1.corp.example", "10.1.0.1"],
      ["kms1.corp.example", "10.1.0.9"],
      ["kms2.corp.example", null],
    ]);
  });

  it.each([
    ["the median of its samples", connected(serving()), [2.25, 1]],
    [
      "the bind's own time where there are none",
      connected(serving({ latency: { asked: 0, samplesMs: [] } })),
      [2.25, 3.5],
    ],
    ["the time of a rejection", connected(rpc(rejected("2/1", "2/1", "3/3"))), [2.25, 3.5]],
    ["the time of a fault", connected(rpc(fault(5))), [2.25, 3.5]],
    [
      "the plain bind's time where only that was answered",
      connected(rpc(silent(), { plain: plainBind(accepted("0/0")) })),
      [2.25, 3.5],
    ],
    ["none after silence", connected(rpc(silent(), { plain: plainBind(silent()) })), [2.25, null]],
    ["none for another protocol", connected(rpc(garbage("http"))), [2.25, null]],
    ["none without a connection", unconnected("ECONNREFUSED", 1.25), [null, null]],
  ] as const)("shows as RPC time %s", (_, attempt, expected) => {
    expect(figures(attempt)).toEqual(expected);
  });

  it("has the chance of the first pick by the resolver that a client believes, none where that one does not list it", () => {
    const evidence = domain(
      [
        says(lists([record("kms1.corp.example")])),
        says(lists([record("kms1.corp.example"), record("kms2.corp.example")]), { resolver: resolver(54) }),
      ],
      [listed(1, isServing), listed(2, isSilent)],
    );
    expect(rows(evidence).map(({ firstPick }) => firstPick)).toEqual([1, 0]);
  });

  it("has the chances of both records of a host that is listed twice", () => {
    const records = [
      record("kms1.corp.example", { weight: 10 }),
      record("kms1.corp.example", { weight: 30 }),
      record("kms2.corp.example", { weight: 10 }),
    ];
    const [first, second] = rows(
      domain([says(lists(records))], [listed(1, isServing), listed(2, isServing)]),
    ).map(({ firstPick }) => firstPick ?? 0);
    expect((first ?? 0) + (second ?? 0)).toBeCloseTo(1, 12);
    expect(first).toBeCloseTo((40 + 2 / 3) / 51, 12);
  });

  it("has no such chance in a given list", () => {
    expect(rows(host(connected(serving()))).map(({ firstPick }) => firstPick)).toEqual([null]);
  });
});
