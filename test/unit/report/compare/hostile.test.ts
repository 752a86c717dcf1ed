import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare } from "../../../../src/compare/compare.ts";
import type { Comparison } from "../../../../src/compare/comparison.ts";
import { renderCompareJson } from "../../../../src/report/compare/json.ts";
import { renderCompareMarkdown } from "../../../../src/report/compare/markdown.ts";
import { renderCompareText } from "../../../../src/report/compare/text.ts";
import { anyReport, hostile } from "../../compare/arbitrary.ts";
import { read } from "../../compare/reports.ts";
import { runs } from "../../runs.ts";

const SEED = 2016;
const RUNS = runs(200);

/** Any comparison, with labels and file names that nobody chose well. */
const anyComparison: fc.Arbitrary<Comparison> = fc
  .array(fc.record({ file: hostile, label: hostile, report: anyReport }), { minLength: 1, maxLength: 3 })
  .map((files) =>
    compare(
      files.map(({ file, label, report }, index) => ({
        file,
        label: `${label}${index}`,
        report: read(report),
      })),
      [],
      "0.1.0",
    ),
  );

const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]*$/u;

function forAny(check: (comparison: Comparison) => void): void {
  fc.assert(fc.property(anyComparison, check), { seed: SEED, numRuns: RUNS });
}

describe("what hostile reports come to", () => {
  it("in text: printable lines only, in any width", () => {
    forAny((comparison) => {
      for (const width of [60, 200]) {
        const lines = renderCompareText(comparison, { color: false, width }).split("\n");
        expect(lines.filter((line) => !PRINTABLE.test(line))).toEqual([]);
      }
    });
  }, 30_000);

  it("in Markdown: printable lines, tables with as many cells as heads, and no HTML", () => {
    forAny((comparison) => {
      const lines = renderCompareMarkdown(comparison).split("\n");
      expect(lines.filter((line) => !PRINTABLE.test(line))).toEqual([]);
      let width = 0;
      for (const line of lines) {
        if (!line.startsWith("|")) {
          width = 0;
          expect(line).toMatch(/^(?:$|#{1,3} |\*\*|- |TCP|≠ )/);
          continue;
        }
        const borders = line.replace(/\\./g, "").split("|").length;
        width ||= borders;
        expect(borders).toBe(width);
      }
      const bare = lines.join("\n").replace(/\\./g, "");
      expect(bare).not.toMatch(/[<>[\]&]|:\/\/|\bwww\./i);
      expect(bare.replace(/`[@#]+`/g, "").replace(/^#+ /gm, "")).not.toMatch(/[`@#]/);
    });
  }, 30_000);

  it("in JSON: ASCII that reads back as the same", () => {
    forAny((comparison) => {
      const text = renderCompareJson(comparison);
      expect(text).toMatch(/^[\n\x20-\x7e]*$/);
      expect(JSON.parse(text)).toEqual(comparison);
    });
  }, 30_000);
});
