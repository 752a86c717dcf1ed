import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Reader, toHex, Writer } from "../../../../src/protocol/bytes.ts";
import { PTYPE, readHeader, writeHeader } from "../../../../src/protocol/dcerpc/header.ts";
import { wireFixture } from "../../../fixtures/wire/wire-fixture.ts";

describe("the common header", () => {
  test("is written in sixteen bytes, little-endian, one whole fragment, without authentication", () => {
    const header = writeHeader(new Writer(16), PTYPE.bind, 0x1234, 0x89abcdef).done();
    expect(toHex(header)).toBe("05000b031000000034120000efcdab89");
  });

  test("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.integer({ min: 0, max: 0xffffffff }), (fragLength, callId) => {
        const header = writeHeader(new Writer(16), PTYPE.alterContext, fragLength, callId).done();
        expect(readHeader(new Reader(header))).toEqual({
          version: 5,
          versionMinor: 0,
          ptype: 14,
          pfcFlags: 3,
          byteOrder: "little",
          fragLength,
          authLength: 0,
          callId,
        });
      }),
    );
  });

  test("leaves the reader behind it, in the byte order of the peer", () => {
    const reader = new Reader(Uint8Array.of(5, 1, 12, 3, 0, 0, 0, 0, 0, 60, 0, 8, 0, 0, 1, 0, 0x12, 0x34));
    expect(readHeader(reader)).toMatchObject({
      versionMinor: 1,
      byteOrder: "big",
      fragLength: 60,
      authLength: 8,
      callId: 256,
    });
    expect(reader.at).toBe(16);
    expect(reader.u16("next")).toBe(0x1234);
  });

  test.each([
    [0x00, "big"],
    [0x01, "big"],
    [0x10, "little"],
    [0x11, "little"],
  ])("a packed_drep of %i means %s-endian", (drep, byteOrder) => {
    const bytes = wireFixture("wine-1-context");
    bytes[4] = drep;
    expect(readHeader(new Reader(bytes)).byteOrder).toBe(byteOrder);
  });
});
