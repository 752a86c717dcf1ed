import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../../../src/protocol/bytes.ts";
import { uuidBytes } from "../../../src/protocol/uuid.ts";

test("the first three fields are little-endian, the last two are as written", () => {
  expect(toHex(uuidBytes("00112233-4455-6677-8899-aabbccddeeff"))).toBe("33221100554477668899aabbccddeeff");
});

test("case does not matter", () => {
  expect(uuidBytes("8A885D04-1CEB-11C9-9FE8-08002B104860")).toEqual(
    uuidBytes("8a885d04-1ceb-11c9-9fe8-08002b104860"),
  );
});

test("every UUID has sixteen bytes, and two UUIDs have different ones", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (one, other) => {
      expect(uuidBytes(one).length).toBe(16);
      expect(toHex(uuidBytes(one)) === toHex(uuidBytes(other))).toBe(one === other);
    }),
  );
});

test.each([
  "",
  "00112233",
  "00112233-4455-6677-8899",
  "0011223-4455-6677-8899-aabbccddeeff",
  "00112233-4455-6677-8899-aabbccddeef",
  "00112233-4455-6677-8899-aabbccddeeff00",
  "001122334455-66778899-aabbccddeeff",
  "{00112233-4455-6677-8899-aabbccddeeff}",
  "g0112233-4455-6677-8899-aabbccddeeff",
])("%j is no UUID", (text) => {
  expect(() => uuidBytes(text)).toThrow(RangeError);
});
