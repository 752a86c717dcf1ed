import { describe, expect, test } from "vitest";
import { decodeAnswer, frame } from "../../src/protocol/dcerpc/answer.ts";
import { wireFixture, wireFixtureNames } from "../fixtures/wire/wire-fixture.ts";
import { seedsOf } from "./corpus.ts";
import { fuzz, holds } from "./fuzz.ts";

const seeds = seedsOf("dcerpc");

/** Whether a connection that brought these bytes would end in an answer. */
function isAnswer(bytes: Uint8Array): boolean {
  const framing = frame(bytes);
  return framing.state === "whole" && decodeAnswer(bytes.subarray(0, framing.length)).ok;
}

describe("answers to a bind", () => {
  test.each(seeds.filter((seed) => seed.class !== "edge"))("$name is what its folder says", (seed) => {
    expect(isAnswer(seed.bytes)).toBe(seed.class === "valid");
  });

  test("any bytes are framed and decoded without throwing, in bounded time, with faults inside them", () => {
    const recorded = wireFixtureNames().map(wireFixture);
    fuzz("frame and decodeAnswer", [...recorded, ...seeds.map(({ bytes }) => bytes)], check);
  });
});

function check(bytes: Uint8Array): boolean {
  const framing = frame(bytes);
  if (framing.state === "whole") {
    holds(framing.length >= 16 && framing.length <= 5840, "a frag_length within its limits");
    holds(framing.length <= bytes.length, "nothing is whole that is not there");
    // What follows a whole PDU changes nothing about it, and the PDU alone is as whole.
    holds(frame(bytes.subarray(0, framing.length)).state === "whole", "the PDU alone is whole");
    holds(frame(bytes.subarray(0, framing.length - 1)).state === "incomplete", "one byte less is not");
  }
  if (framing.state === "not-dcerpc")
    holds(framing.at < 16 && framing.at < bytes.length, "a fault in the header");
  if (framing.state === "incomplete") holds(bytes.length < 5840, "5840 bytes are enough for a decision");
  const decoded = decodeAnswer(bytes);
  if (!decoded.ok) {
    holds(decoded.fault.at >= 0 && decoded.fault.at <= bytes.length, "a fault inside the bytes");
    holds(/^[\w ,.':;()/-]+$/.test(decoded.fault.what), "a fault in our own words");
    return false;
  }
  const { value } = decoded;
  switch (value.kind) {
    case "accepted-pdu":
      holds(
        value.results.length <= 255 && 36 + 24 * (value.results.length - 1) <= bytes.length,
        "results that came",
      );
      holds(/^[ -~]{0,256}$/.test(value.secondaryAddress), "a printable secondary address");
      holds(value.ptype === 12 || value.ptype === 15, "a PTYPE with results");
      return framing.state === "whole";
    case "bind-nak":
      holds(value.reason >= 0 && value.reason <= 0xffff, "a reason of two bytes");
      return framing.state === "whole";
    case "fault":
      holds(
        value.status === null || (value.status >= 0 && value.status <= 0xffffffff),
        "a status of four bytes",
      );
      return framing.state === "whole";
    default:
      return value satisfies never;
  }
}
