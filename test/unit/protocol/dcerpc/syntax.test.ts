import { expect, test } from "vitest";
import { toHex } from "../../../../src/protocol/bytes.ts";
import {
  BTFN,
  DECOY_INTERFACE,
  KMS_INTERFACE,
  NDR32,
  NDR64,
  SYNTAX_LENGTH,
  syntaxBytes,
} from "../../../../src/protocol/dcerpc/syntax.ts";

test.each([
  ["the KMS interface", KMS_INTERFACE, "7521c8514e845047b0d8ec255555bc0601000000"],
  ["NDR", NDR32, "045d888aeb1cc9119fe808002b10486002000000"],
  ["NDR64", NDR64, "33057171babe37498319b5dbef9ccc3601000000"],
  ["bind-time feature negotiation", BTFN, "2c1cb76c12984045030000000000000001000000"],
  ["the decoy", DECOY_INTERFACE, "1ebca5d70f3c7e4f9a526e1b8f0c4d9301000000"],
])("%s stands on the wire as documented", (_, syntax, hex) => {
  expect(toHex(syntaxBytes(syntax))).toBe(hex);
  expect(syntaxBytes(syntax).length).toBe(SYNTAX_LENGTH);
});

test("major and minor version are two little-endian fields", () => {
  const bytes = syntaxBytes({ ...KMS_INTERFACE, major: 0x0102, minor: 0x0304 });
  expect(toHex(bytes.subarray(16))).toBe("02010403");
});

test("the decoy is a random UUID of version 4, and not the KMS interface", () => {
  expect(DECOY_INTERFACE.uuid).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(DECOY_INTERFACE.uuid).not.toBe(KMS_INTERFACE.uuid);
});
