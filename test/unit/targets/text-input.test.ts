import { describe, expect, it } from "vitest";
import { TextInput, textOf } from "../../../src/targets/text-input.ts";

const TEXT = "kms1.corp.example\r\n# bücher 🐟\r\n10.0.0.5:1688\r\n";

/** UTF-16 with the byte order turned. */
function turned(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16();
}

const LITTLE = Buffer.from(TEXT, "utf16le");

export const ENCODINGS: readonly [string, Uint8Array][] = [
  ["UTF-8", Buffer.from(TEXT)],
  ["UTF-8 with its mark", Buffer.from(`\uFEFF${TEXT}`)],
  ["UTF-16LE with its mark", Buffer.from(`\uFEFF${TEXT}`, "utf16le")],
  ["UTF-16BE with its mark", turned(Buffer.from(`\uFEFF${TEXT}`, "utf16le"))],
  ["UTF-16LE, by its NULs", LITTLE],
  ["UTF-16BE, by its NULs", turned(LITTLE)],
];

describe("a text that people made", () => {
  it.each(ENCODINGS)("is read in %s", (_, bytes) => {
    expect(textOf(bytes)).toBe(TEXT);
  });

  it.each(ENCODINGS)("is read in %s, in pieces of any size", (_, bytes) => {
    for (const size of [1, 2, 3, 5, 7]) {
      const input = new TextInput();
      let text = "";
      for (let at = 0; at < bytes.length; at += size) text += input.write(bytes.subarray(at, at + size));
      expect(text + input.end()).toBe(TEXT);
    }
  });

  it.each(["", "k", "km", "a\0b\0c", "\0\0\0\0x"])("is UTF-8 where nothing says otherwise: %j", (text) => {
    // Four bytes of letters and NULs by turns are UTF-16.
    expect(textOf(Buffer.from(text))).toBe(text === "a\0b\0c" ? "ab\uFFFD" : text);
  });
});
