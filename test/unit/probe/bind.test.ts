import { expect, test } from "vitest";
import type { BindAckFacts } from "../../../src/model/rpc.ts";
import { acceptsKms } from "../../../src/probe/bind.ts";

const OFFERED = ["NDR32", "NDR64", "BTFN"] as const;

function ack(...results: [result: number, reason: number][]): BindAckFacts {
  return {
    contexts: results.map(([result, reason], index) => ({
      offered: OFFERED[index] ?? "BTFN",
      result,
      reason,
    })),
    maxXmitFrag: 5840,
    maxRecvFrag: 5840,
    assocGroupId: 1,
    secondaryAddress: "1688",
    pfcFlags: 3,
    callId: 1,
    byteOrder: "little",
  };
}

test.each<[string, boolean, BindAckFacts]>([
  ["NDR32 alone", true, ack([0, 0])],
  ["NDR32 of three", true, ack([0, 0], [2, 2], [3, 3])],
  ["NDR64 of three, as Windows does", true, ack([2, 2], [0, 0], [3, 3])],
  ["both", true, ack([0, 0], [0, 0], [3, 0])],
  ["the features alone", false, ack([2, 1], [2, 1], [3, 3])],
  ["the features as if they were a syntax", false, ack([2, 1], [2, 1], [0, 0])],
  ["an acceptance with a reason", false, ack([0, 1])],
  ["user rejections", false, ack([1, 1], [1, 2], [1, 2])],
  ["a negotiate_ack for NDR32", false, ack([3, 0])],
  ["no results", false, ack()],
])("%s: KMS is accepted: %s", (_, accepted, facts) => {
  expect(acceptsKms(facts)).toBe(accepted);
});
