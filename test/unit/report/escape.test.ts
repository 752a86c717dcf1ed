import { describe, expect, it } from "vitest";
import { asciiJson, printable } from "../../../src/report/escape.ts";

describe("printable text", () => {
  it.each([
    ["kms1.corp.example", "kms1.corp.example"],
    ["a b", "a b"],
    ["", ""],
    ["bücher 漢字 🐟", "bücher 漢字 🐟"],
    ["\u001b[31m", "\\u{1b}[31m"],
    ["a\u0000b", "a\\u{0}b"],
    ["a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c"],
    ["\u007f\u009b31m", "\\u{7f}\\u{9b}31m"],
    ["\u202eevil\u202c", "\\u{202e}evil\\u{202c}"],
    ["\u2066\u2069\u061c\u200e", "\\u{2066}\\u{2069}\\u{61c}\\u{200e}"],
    ["zero\u200bwidth\u200d\u2060\ufeff", "zero\\u{200b}width\\u{200d}\\u{2060}\\u{feff}"],
    ["\u00a0\u2003\u3000", "\\u{a0}\\u{2003}\\u{3000}"],
    ["\u2028\u2029", "\\u{2028}\\u{2029}"],
    ["soft\u00adhyphen", "soft\\u{ad}hyphen"],
    [
      "joiner\u034f filler\u115f\u3164 variant\ufe0f",
      "joiner\\u{34f} filler\\u{115f}\\u{3164} variant\\u{fe0f}",
    ],
    ["\ud800 alone", "\\u{d800} alone"],
    ["\ue000 private", "\\u{e000} private"],
    ["\u{e0041} tag", "\\u{e0041} tag"],
  ])("of %j is %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("is cut after 300 characters, with a sign", () => {
    expect(printable("x".repeat(300))).toBe("x".repeat(300));
    expect(printable("x".repeat(301))).toBe(`${"x".repeat(300)}…`);
  });

  it("shows half a character that the cut left over as what it is", () => {
    expect(printable(`${"x".repeat(299)}🐟y`)).toBe(`${"x".repeat(299)}\\u{d83d}…`);
  });
});

describe("JSON in ASCII", () => {
  it.each([
    ["é", '"\\u00e9"'],
    ["🐟", '"\\ud83d\\udc1f"'],
    ["\u007f", '"\\u007f"'],
    ["\u2028", '"\\u2028"'],
    ["\ud800", '"\\ud800"'],
    ["\u001b", '"\\u001b"'],
    ['"\\', '"\\"\\\\"'],
  ])("writes %j as %s, which reads back", (text, json) => {
    expect(asciiJson(text)).toBe(json);
    expect(JSON.parse(json)).toBe(text);
  });

  it("escapes the names of properties, too", () => {
    expect(asciiJson({ é: [1, null] })).toBe('{"\\u00e9":[1,null]}');
  });

  it("indents where it is told to", () => {
    expect(asciiJson({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
  });
});
