import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { severitySchema } from "../../../src/model/verdict.ts";
import { createStyle, SIGNS, wrap } from "../../../src/report/style.ts";

describe("breaking text into lines", () => {
  it.each([
    ["", 10, "  ", "  "],
    ["one", 10, "  ", "  one"],
    ["one two three", 7, "", "one two\nthree"],
    ["one two three", 9, "  ", "  one two\n  three"],
    ["incomprehensible is long", 8, "", "incomprehensible\nis long"],
    ["a b c", 1, "", "a\nb\nc"],
    [`${"a".repeat(60)} ${"b".repeat(60)}`, 200, "", `${"a".repeat(60)}\n${"b".repeat(60)}`],
  ])("%j at %d with indent %j is %j", (text, width, indent, lines) => {
    expect(wrap(text, width, indent)).toBe(lines);
  });

  it("loses no word, and makes no line too long but for a word that is longer itself", () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom("a", "é"), minLength: 1, maxLength: 30 }));
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 10, max: 60 }),
        fc.constantFrom("", "     "),
        (list, width, indent) => {
          const lines = wrap(list.join(" "), width, indent).split("\n");
          expect(lines.flatMap((line) => line.trim().split(" ")).join(" ")).toBe(list.join(" "));
          const long = lines.filter((line) => line.length > width && line.trim().includes(" "));
          expect(long).toEqual([]);
        },
      ),
      { seed: 60 },
    );
  });
});

describe("style", () => {
  it("without colour adds nothing", () => {
    const style = createStyle(false);
    expect([style.bold("a"), style.dim("b"), style.severity("failed", "c")]).toEqual(["a", "b", "c"]);
  });

  it("with colour tells the severities apart", () => {
    const style = createStyle(true);
    const colored = severitySchema.options.map((severity) => style.severity(severity, "x"));
    expect(colored).toEqual([
      "\u001b[32mx\u001b[39m",
      "\u001b[33mx\u001b[39m",
      "\u001b[31mx\u001b[39m",
      "\u001b[35mx\u001b[39m",
    ]);
  });

  it("has signs that differ without colour", () => {
    expect(new Set(Object.values(SIGNS)).size).toBe(severitySchema.options.length);
  });
});
