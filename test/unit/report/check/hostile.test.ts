import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "../../../../src/model/report.ts";
import { renderCsv } from "../../../../src/report/check/csv.ts";
import { renderJson, renderNdjson } from "../../../../src/report/check/json.ts";
import { rowsOf } from "../../../../src/report/rows.ts";
import { renderText } from "../../../../src/report/check/text.ts";
import { anyEvidence } from "../../verdict/arbitrary.ts";
import { parseCsv } from "../rfc4180.ts";
import { reportOf } from "./scenes.ts";
import { runs } from "../../runs.ts";

const RUNS = runs(200);

/** Any report, with names, banners and errors that mean harm. */
const anyReport: fc.Arbitrary<Report> = fc
  .record({
    targets: fc.array(anyEvidence, { maxLength: 2 }),
    require: fc.constantFrom<("any" | "all" | number)[]>("any", "all", 2),
    interrupted: fc.boolean(),
  })
  .map(({ targets, ...over }) => reportOf(targets, over));

/** Controls, bidi and other format characters, surrogates, private use, invisible letters and blanks of every kind. */
const UNFIT = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

// eslint-disable-next-line no-control-regex
const SGR = /\u001b\[\d+m/g;

describe("the text of any report", { timeout: 120_000 }, () => {
  const options = fc.record({
    verbose: fc.boolean(),
    width: fc.constantFrom(60, 100, 200),
  });

  it("has line ends and printable characters only", () => {
    fc.assert(
      fc.property(anyReport, options, (report, chosen) => {
        const text = renderText(report, { ...chosen, color: false });
        expect(text.split("\n").filter((line) => UNFIT.test(line))).toEqual([]);
      }),
      { seed: 4180, numRuns: RUNS },
    );
  });

  it("has in colour nothing more than the colours", () => {
    fc.assert(
      fc.property(anyReport, options, (report, chosen) => {
        const colored = renderText(report, { ...chosen, color: true });
        expect(colored.replace(SGR, "")).toBe(renderText(report, { ...chosen, color: false }));
      }),
      { seed: 4181, numRuns: RUNS },
    );
  });

  it("ends with one line end", () => {
    fc.assert(
      fc.property(anyReport, options, (report, chosen) => {
        const text = renderText(report, { ...chosen, color: false });
        expect(text.endsWith("\n") && !text.endsWith("\n\n")).toBe(true);
      }),
      { seed: 4182, numRuns: RUNS },
    );
  });
});

describe("the JSON of any report", { timeout: 120_000 }, () => {
  it("is pure ASCII, and read back is the report", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const json = renderJson(report);
        expect(json).toMatch(/^[\n\x20-\x7e]*$/);
        expect(json.endsWith("}\n")).toBe(true);
        expect(JSON.parse(json)).toEqual(report);
      }),
      { seed: 8259, numRuns: RUNS },
    );
  });
});

describe("the NDJSON of any report", { timeout: 120_000 }, () => {
  it("is a line for each endpoint, each target and the run, and together they are the report", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const text = renderNdjson(report);
        expect(text).toMatch(/^[\n\x20-\x7e]*$/);
        const lines = text.split("\n").slice(0, -1);
        const { diagnoses, ...run } = report;
        const endpoints = diagnoses.flatMap((diagnosis) => diagnosis.endpoints);
        expect(lines).toHaveLength(endpoints.length + diagnoses.length + 1);
        expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
          ...diagnoses.flatMap(({ endpoints: hosts, ...rest }) => [
            ...hosts.map((host) => ({ type: "endpoint", target: rest.target, source: rest.source, ...host })),
            { type: "target", ...rest },
          ]),
          { type: "run", ...run },
        ]);
      }),
      { seed: 8260, numRuns: RUNS },
    );
  });
});

describe("the CSV of any report", { timeout: 120_000 }, () => {
  it("is RFC 4180, with a row for each address, or for a host or a domain without any", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const [header, ...rows] = parseCsv(renderCsv(report));
        expect(header).toHaveLength(18);
        const rowsEach = report.diagnoses.map((diagnosis) => Math.max(1, rowsOf(diagnosis).length));
        expect(rows).toHaveLength(rowsEach.reduce((sum, each) => sum + each, 0));
        expect(rows.filter((row) => row.length !== 18)).toEqual([]);
      }),
      { seed: 4183, numRuns: RUNS },
    );
  });

  it("has no cell that a spreadsheet takes for a formula, and none with a control character", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const cells = parseCsv(renderCsv(report)).flat();
        const formulas = cells.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell) && !/^-?\d/.test(cell));
        expect(formulas).toEqual([]);
        expect(cells.filter((cell) => UNFIT.test(cell))).toEqual([]);
      }),
      { seed: 4184, numRuns: RUNS },
    );
  });
});
