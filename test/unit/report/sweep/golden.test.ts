import path from "node:path";
import { describe, expect, it } from "vitest";
import { renderSweepCsv } from "../../../../src/report/sweep/csv.ts";
import { renderSweepJson } from "../../../../src/report/sweep/json.ts";
import { renderSweepText } from "../../../../src/report/sweep/text.ts";
import { sweepReportSchema } from "../../../../src/sweep/model.ts";
import type { SweepReport } from "../../../../src/sweep/model.ts";
import { sweepScenes } from "./scenes.ts";

const FOLDER = path.join(import.meta.dirname, "../../../fixtures/golden");

const plain = { color: false, verbose: false };
const OUTPUTS: Readonly<Record<string, (report: SweepReport) => string>> = {
  "text-60": (report) => renderSweepText(report, { ...plain, width: 60 }),
  "text-100": (report) => renderSweepText(report, { ...plain, width: 100 }),
  verbose: (report) => renderSweepText(report, { ...plain, verbose: true, width: 100 }),
  json: renderSweepJson,
  csv: renderSweepCsv,
};

/** `vitest run ... -u` writes them anew: read the difference before you commit it. */
describe.each(Object.entries(sweepScenes))("the report of %s", (name, report) => {
  it("is one that the published schema takes", () => {
    expect(sweepReportSchema.parse(report)).toEqual(report);
  });

  it.each(Object.entries(OUTPUTS))("as %s is the golden one", async (output, render) => {
    await expect(render(report)).toMatchFileSnapshot(path.join(FOLDER, name, `${output}.golden`));
  });

  it("in colour is the same, with colours", () => {
    const colored = renderSweepText(report, { color: true, verbose: true, width: 100 });
    const colorless = renderSweepText(report, { color: false, verbose: true, width: 100 });
    // eslint-disable-next-line no-control-regex
    expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(colorless);
    expect(colored).not.toBe(colorless);
  });
});
