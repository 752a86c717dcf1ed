import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/protocol/bytes.ts";
import { frame } from "../../../../src/protocol/dcerpc/answer.ts";
import {
  encodeAlterContext,
  encodeBind,
  PLAIN_CONTEXTS,
  WINDOWS_CONTEXTS,
} from "../../../../src/protocol/dcerpc/bind.ts";
import { DECOY_INTERFACE, NDR32 } from "../../../../src/protocol/dcerpc/syntax.ts";
import { wireFixture } from "../../../fixtures/wire/wire-fixture.ts";

const u32 = fc.integer({ min: 0, max: 0xffffffff });

describe("bind", () => {
  test("the plain bind is the recorded one, byte for byte", () => {
    expect(toHex(encodeBind(PLAIN_CONTEXTS, 1))).toBe(toHex(wireFixture("bind-1-context")));
  });

  test("the Windows-shaped bind is the recorded one, byte for byte", () => {
    expect(toHex(encodeBind(WINDOWS_CONTEXTS, 1))).toBe(toHex(wireFixture("bind-3-contexts")));
  });

  test.each([
    [0, 28],
    [1, 72],
    [2, 116],
    [3, 160],
  ])("a bind of %i contexts has %i bytes, and says so", (count, length) => {
    const pdu = encodeBind(WINDOWS_CONTEXTS.slice(0, count), 1);
    expect(pdu.length).toBe(length);
    expect(pdu[24]).toBe(count);
    expect(frame(pdu)).toEqual({ state: "whole", length });
  });

  test("the call id takes all of its four bytes and nothing else", () => {
    fc.assert(
      fc.property(u32, (callId) => {
        const pdu = encodeBind(WINDOWS_CONTEXTS, callId);
        expect(new DataView(pdu.buffer).getUint32(12, true)).toBe(callId);
        pdu.set([1, 0, 0, 0], 12);
        expect(toHex(pdu)).toBe(toHex(wireFixture("bind-3-contexts")));
      }),
    );
  });
});

describe("a bind that offers other fragments", () => {
  test("differs from the usual one in these two fields alone", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), (maxFrag) => {
        const pdu = encodeBind(WINDOWS_CONTEXTS, 1, maxFrag);
        const view = new DataView(pdu.buffer);
        expect([view.getUint16(16, true), view.getUint16(18, true)]).toEqual([maxFrag, maxFrag]);
        view.setUint16(16, 5840, true);
        view.setUint16(18, 5840, true);
        expect(toHex(pdu)).toBe(toHex(wireFixture("bind-3-contexts")));
      }),
    );
  });
});

describe("alter_context", () => {
  test("the decoy offered on a bound connection, byte for byte", () => {
    const decoy = { id: 3, abstract: DECOY_INTERFACE, transfer: NDR32 };
    expect(toHex(encodeAlterContext([decoy], 2, 0x1d8ca4aa))).toBe(
      "05000e03100000004800000002000000d016d016aaa48c1d01000000" +
        "030001001ebca5d70f3c7e4f9a526e1b8f0c4d9301000000" +
        "045d888aeb1cc9119fe808002b10486002000000",
    );
  });

  test("it differs from a bind in its PTYPE and its association group alone", () => {
    fc.assert(
      fc.property(u32, u32, (callId, group) => {
        const bind = encodeBind(WINDOWS_CONTEXTS, callId);
        const alter = encodeAlterContext(WINDOWS_CONTEXTS, callId, group);
        expect(new DataView(alter.buffer).getUint32(20, true)).toBe(group);
        expect(alter[2]).toBe(14);
        alter[2] = 11;
        alter.set([0, 0, 0, 0], 20);
        expect(toHex(alter)).toBe(toHex(bind));
      }),
    );
  });
});
