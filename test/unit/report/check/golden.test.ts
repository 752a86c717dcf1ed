import path from "node:path";
import { describe, expect, it } from "vitest";
import { reportSchema } from "../../../../src/model/report.ts";
import type { Report } from "../../../../src/model/report.ts";
import { renderCsv } from "../../../../src/report/check/csv.ts";
import { renderJson, renderNdjson } from "../../../../src/report/check/json.ts";
import { renderJunit } from "../../../../src/report/check/junit.ts";
import { renderMarkdown } from "../../../../src/report/check/markdown.ts";
import { renderText } from "../../../../src/report/check/text.ts";
import { scenes } from "./scenes.ts";

const FOLDER = path.join(import.meta.dirname, "../../../fixtures/golden");

const plain = { color: false, verbose: false };
const OUTPUTS: Readonly<Record<string, (report: Report) => string>> = {
  "text-60": (report) => renderText(report, { ...plain, width: 60 }),
  "text-100": (report) => renderText(report, { ...plain, width: 100 }),
  verbose: (report) => renderText(report, { ...plain, verbose: true, width: 100 }),
  json: renderJson,
  ndjson: renderNdjson,
  csv: renderCsv,
  junit: renderJunit,
  markdown: renderMarkdown,
};

/** `vitest run ... -u` writes them anew: read the difference before you commit it. */
describe.each(Object.entries(scenes))("the report of %s", (name, report) => {
  it("is one that the published schema takes", () => {
    expect(reportSchema.parse(report)).toEqual(report);
  });

  it.each(Object.entries(OUTPUTS))("as %s is the golden one", async (output, render) => {
    await expect(render(report)).toMatchFileSnapshot(path.join(FOLDER, name, `${output}.golden`));
  });

  it("in colour is the same, with colours", () => {
    const colored = renderText(report, { color: true, verbose: true, width: 100 });
    const colorless = renderText(report, { color: false, verbose: true, width: 100 });
    // eslint-disable-next-line no-control-regex
    expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(colorless);
    expect(colored).not.toBe(colorless);
  });
});
