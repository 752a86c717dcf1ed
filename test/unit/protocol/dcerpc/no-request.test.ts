/**
 * The promise of this program: it binds and alters contexts, and can't send a request, for want of code that could
 * write one. These tests fail on a new export or a new writer of headers until somebody has looked at it.
 */
import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { Writer } from "../../../../src/protocol/bytes.ts";
import { frame } from "../../../../src/protocol/dcerpc/answer.ts";
import { encodeAlterContext, encodeBind } from "../../../../src/protocol/dcerpc/bind.ts";
import type { ContextElement } from "../../../../src/protocol/dcerpc/bind.ts";
import { PTYPE, writeHeader } from "../../../../src/protocol/dcerpc/header.ts";

const SRC = new URL("../../../../src/", import.meta.url);
const FOLDER = new URL("protocol/dcerpc/", SRC);

const syntax = fc.record({ uuid: fc.uuid(), major: fc.nat(0xffff), minor: fc.nat(0xffff) });
const contexts: fc.Arbitrary<ContextElement[]> = fc.array(
  fc.record({ id: fc.nat(0xffff), abstract: syntax, transfer: syntax }),
  { maxLength: 8 },
);
const u32 = fc.integer({ min: 0, max: 0xffffffff });

describe("no request can be sent", () => {
  test("the functions of the DCE/RPC modules are these seven", async () => {
    const found: string[] = [];
    for (const file of readdirSync(FOLDER)) {
      const exported: object = await import(new URL(file, FOLDER).href);
      for (const [name, value] of Object.entries(exported)) {
        if (typeof value === "function") found.push(name);
      }
    }
    expect(found.toSorted()).toEqual([
      "decodeAnswer",
      "encodeAlterContext",
      "encodeBind",
      "frame",
      "readHeader",
      "syntaxBytes",
      "writeHeader",
    ]);
  });

  test("the table of PDU types knows no request, response, or anything else of a call", () => {
    expect(PTYPE).toEqual({
      fault: 3,
      bind: 11,
      bindAck: 12,
      bindNak: 13,
      alterContext: 14,
      alterContextResp: 15,
    });
  });

  test("the header writer's type takes bind and alter_context only", () => {
    expectTypeOf(writeHeader).parameter(1).toEqualTypeOf<11 | 14>();
    expect(writeHeader(new Writer(16), PTYPE.bind, 16, 1).done()[2]).toBe(11);
    expect(writeHeader(new Writer(16), PTYPE.alterContext, 16, 1).done()[2]).toBe(14);
  });

  test("only the module of binds writes headers, of those two types", () => {
    const writers = readdirSync(SRC, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .filter((file) => /\bwriteHeader\b/.test(readFileSync(new URL(file, SRC), "utf8")));
    expect(writers.toSorted()).toEqual(["protocol/dcerpc/bind.ts", "protocol/dcerpc/header.ts"]);
    const bind = readFileSync(new URL("protocol/dcerpc/bind.ts", SRC), "utf8");
    expect(Array.from(bind.matchAll(/encodeContexts\(PTYPE\.(\w+)/g), ([, ptype]) => ptype)).toEqual([
      "bind",
      "alterContext",
    ]);
    expect(bind.match(/writeHeader\(/g)).toHaveLength(1);
  });

  test("whatever is encoded has PTYPE 11 or 14, and is one PDU from its first byte to its last", () => {
    fc.assert(
      fc.property(contexts, u32, u32, (elements, callId, group) => {
        const bind = encodeBind(elements, callId);
        const alter = encodeAlterContext(elements, callId, group);
        expect([bind[2], alter[2]]).toEqual([11, 14]);
        for (const pdu of [bind, alter]) {
          expect(frame(pdu)).toEqual({ state: "whole", length: pdu.length });
          expect([pdu[0], pdu[1], pdu[3]]).toEqual([5, 0, 3]);
        }
      }),
    );
  });
});
