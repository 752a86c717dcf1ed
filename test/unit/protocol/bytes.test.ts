import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, decoding, equal, fromHex, Reader, toHex, Writer } from "../../../src/protocol/bytes.ts";

describe("Reader", () => {
  test("reads little-endian until told otherwise", () => {
    const reader = new Reader(fromHex("0102030405060708090a0b0c0d0e"));
    expect(reader.u8("a")).toBe(0x01);
    expect(reader.u16("b")).toBe(0x0302);
    expect(reader.u32("c")).toBe(0x07060504);
    reader.order = "big";
    expect(reader.u16("d")).toBe(0x0809);
    expect(reader.u32("e")).toBe(0x0a0b0c0d);
    expect([reader.at, reader.left]).toEqual([13, 1]);
  });

  test("a u32 with its top bit set is no negative number", () => {
    expect(new Reader(fromHex("ffffffff")).u32("x")).toBe(0xffffffff);
  });

  test.each([
    ["u8", 1, (reader: Reader) => reader.u8("the field")],
    ["u16", 2, (reader: Reader) => reader.u16("the field")],
    ["u32", 4, (reader: Reader) => reader.u32("the field")],
    ["take", 7, (reader: Reader) => reader.take(7, "the field")],
    ["skip", 9, (reader: Reader) => reader.skip(9, "the field")],
  ])("%s past the end is a fault at the field's start", (_, needed, read) => {
    for (let left = 0; left < needed; left++) {
      const reader = new Reader(new Uint8Array(5 + left), 5);
      expect(decoding(() => read(reader))).toEqual({
        ok: false,
        fault: { at: 5, what: `cut short: the field needs ${needed} bytes, ${left} are left` },
      });
      expect(reader.at).toBe(5);
    }
  });

  test("takes exactly what is asked for, and nothing of it is copied", () => {
    const bytes = fromHex("0011223344");
    const reader = new Reader(bytes, 1);
    expect(toHex(reader.take(3, "x"))).toBe("112233");
    expect(reader.take(0, "x").length).toBe(0);
    expect(reader.left).toBe(1);
  });

  test("reads a part of a larger buffer from that part's own start", () => {
    const part = Buffer.from("aabb0102030405", "hex").subarray(2, 6);
    const reader = new Reader(part);
    expect(reader.u32("x")).toBe(0x04030201);
    expect(decoding(() => reader.u8("y")).ok).toBe(false);
  });

  test.each([
    [0, 0],
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 4],
    [5, 8],
  ])("aligning at %i goes on at %i", (at, aligned) => {
    const reader = new Reader(new Uint8Array(8), at);
    reader.align(4, "padding");
    expect(reader.at).toBe(aligned);
  });

  test("padding that is cut off is a fault", () => {
    const reader = new Reader(new Uint8Array(6), 5);
    expect(decoding(() => reader.align(4, "padding"))).toEqual({
      ok: false,
      fault: { at: 5, what: "cut short: padding needs 3 bytes, 1 are left" },
    });
  });
});

describe("decoding", () => {
  test("hands back the value", () => {
    expect(decoding(() => 42)).toEqual({ ok: true, value: 42 });
  });

  test("turns a fault into a value where the reader stands", () => {
    expect(decoding(() => new Reader(new Uint8Array(3), 2).fail("in our words"))).toEqual({
      ok: false,
      fault: { at: 2, what: "in our words" },
    });
  });

  test("lets everything else pass: it is our bug", () => {
    expect(() =>
      decoding(() => {
        throw new TypeError("ours");
      }),
    ).toThrow(new TypeError("ours"));
  });
});

describe("Writer", () => {
  test("writes little-endian fields in order", () => {
    const written = new Writer(10).u8(1).u16(0x0203).u32(0x04050607).bytes(fromHex("aabbcc")).done();
    expect(toHex(written)).toBe("01030207060504aabbcc");
  });

  test("refuses to be done before it is full", () => {
    expect(() => new Writer(4).u16(1).done()).toThrow(new RangeError("wrote 2 of 4 bytes"));
  });

  test("refuses to write past its end", () => {
    expect(() => new Writer(3).u16(1).u16(2)).toThrow(RangeError);
  });
});

describe("hex", () => {
  test("is lower case, two digits a byte", () => {
    expect(toHex(Uint8Array.of(0, 10, 255))).toBe("000aff");
  });

  test("comes back as it went, in either case", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes);
      }),
    );
  });

  test.each(["0", "0g", "00 11", "0x00", "00\n"])("%j is not hexadecimal", (text) => {
    expect(() => fromHex(text)).toThrow(new RangeError("not hexadecimal"));
  });
});

describe("concat and equal", () => {
  test("concat of nothing is empty", () => {
    expect(concat([])).toEqual(new Uint8Array(0));
  });

  test("concat keeps the order and copies", () => {
    const first = fromHex("0102");
    const whole = concat([first, new Uint8Array(0), fromHex("03")]);
    first[0] = 9;
    expect(toHex(whole)).toBe("010203");
  });

  test.each([
    ["", "", true],
    ["01", "01", true],
    ["01", "02", false],
    ["01", "0100", false],
    ["0100", "01", false],
  ])("%j and %j are equal: %s", (a, b, expected) => {
    expect(equal(fromHex(a), fromHex(b))).toBe(expected);
  });
});
