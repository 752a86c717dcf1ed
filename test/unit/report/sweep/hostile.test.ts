import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderSweepCsv } from "../../../../src/report/sweep/csv.ts";
import { renderSweepJson, renderSweepLine } from "../../../../src/report/sweep/json.ts";
import { renderSweepText } from "../../../../src/report/sweep/text.ts";
import { assemble } from "../../../../src/sweep/assemble.ts";
import { sweepLineSchema } from "../../../../src/sweep/model.ts";
import type { SweepReport } from "../../../../src/sweep/model.ts";
import { HOSTILE } from "../../verdict/arbitrary.ts";
import { parseCsv } from "../rfc4180.ts";
import { hostileLines, sweepScenes } from "./scenes.ts";
import { runs } from "../../runs.ts";
import { anyString } from "../../any-string.ts";

const texts = fc.array(fc.oneof(fc.constantFrom(...HOSTILE), anyString({ maxLength: 20 })), {
  minLength: 1,
  maxLength: 9,
});
const anyReport: fc.Arbitrary<SweepReport> = fc.oneof(
  { weight: 4, arbitrary: texts.map((each) => assemble(hostileLines(each))) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.values(sweepScenes)) },
);

/** Controls, bidi and other format characters, surrogates, private use, invisible letters and blanks of every kind. */
const UNFIT = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

// eslint-disable-next-line no-control-regex
const SGR = /\u001b\[\d+m/g;

const RUNS = { seed: 4180, numRuns: runs(80) };

describe("whatever the lines hold", { timeout: 120_000 }, () => {
  const options = fc.record({ verbose: fc.boolean(), width: fc.constantFrom(60, 100, 200) });

  it("the text has line ends and printable characters only, and ends with one line end", () => {
    fc.assert(
      fc.property(anyReport, options, (report, chosen) => {
        const text = renderSweepText(report, { ...chosen, color: false });
        expect(text.split("\n").filter((line) => UNFIT.test(line))).toEqual([]);
        expect(text.endsWith("\n") && !text.endsWith("\n\n")).toBe(true);
      }),
      RUNS,
    );
  });

  it("the text has in colour nothing more than the colours", () => {
    fc.assert(
      fc.property(anyReport, options, (report, chosen) => {
        const colored = renderSweepText(report, { ...chosen, color: true });
        expect(colored.replace(SGR, "")).toBe(renderSweepText(report, { ...chosen, color: false }));
      }),
      RUNS,
    );
  });

  it("the JSON is pure ASCII, and read back is the report", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const json = renderSweepJson(report);
        expect(json).toMatch(/^[\n\x20-\x7e]*$/);
        expect(JSON.parse(json)).toEqual(report);
      }),
      RUNS,
    );
  });

  it("each line is pure ASCII, one line, and read back is what it was", () => {
    fc.assert(
      fc.property(texts, (each) => {
        for (const line of hostileLines(each)) {
          const text = renderSweepLine(line);
          expect(text).toMatch(/^[\x20-\x7e]*\n$/);
          expect(sweepLineSchema.parse(JSON.parse(text))).toEqual(line);
        }
      }),
      RUNS,
    );
  });

  it("the CSV is RFC 4180, a row a host or middlebox, without a formula or a control character", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const [header, ...rows] = parseCsv(renderSweepCsv(report));
        expect(header).toHaveLength(17);
        expect(rows).toHaveLength(report.hosts.length + report.middleboxes.length);
        const cells = rows.flat();
        expect(rows.filter((row) => row.length !== 17)).toEqual([]);
        const formulas = cells.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell) && !/^-?\d/.test(cell));
        expect(formulas).toEqual([]);
        expect(cells.filter((cell) => UNFIT.test(cell))).toEqual([]);
      }),
      RUNS,
    );
  });
});
