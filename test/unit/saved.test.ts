import { describe, expect, it } from "vitest";
import { exitCodeOfReport, exitCodeOfVerification } from "../../src/cli/exit.ts";
import { exitCodeOfSaved, renderSaved, savedIn } from "../../src/cli/show/saved.ts";
import { renderHtml } from "../../src/report/page/check-page.tsx";
import { renderJunit } from "../../src/report/check/junit.ts";
import { renderJson } from "../../src/report/check/json.ts";
import { renderMarkdown } from "../../src/report/check/markdown.ts";
import { renderText } from "../../src/report/check/text.ts";
import { compare } from "../../src/compare/compare.ts";
import { readReport } from "../../src/compare/reading.ts";
import { renderCompareJson } from "../../src/report/compare/json.ts";
import { renderCompareText } from "../../src/report/compare/text.ts";
import { renderSweepJson } from "../../src/report/sweep/json.ts";
import { renderSweepText } from "../../src/report/sweep/text.ts";
import { renderExplainJson } from "../../src/report/explain/json.ts";
import { renderExplainMarkdown } from "../../src/report/explain/markdown.ts";
import { explain } from "../../src/explain/explain.ts";
import { renderVerifyJson } from "../../src/report/verify/json.ts";
import { renderVerifyJunit } from "../../src/report/verify/junit.ts";
import { renderVerifyNagios } from "../../src/report/verify/nagios.ts";
import { scenes } from "./report/check/scenes.ts";
import { sweepScenes } from "./report/sweep/scenes.ts";
import { verifyScenes } from "./report/verify/scenes.ts";

const LOOKS = { color: false, verbose: false, width: 100 };

async function shown(text: string, format: string): Promise<string> {
  return await renderSaved(savedIn(text, "saved.json"), format, LOOKS);
}

function placesOf(): Parameters<typeof compare>[0] {
  return [scenes["all-serving"], scenes.mixed].map((report, index) => {
    const reading = readReport(renderJson(report));
    if (!reading.ok) throw new Error(reading.fault);
    return { label: `place ${index}`, file: `${index}.json`, report: reading.report };
  });
}

describe("a saved report", () => {
  it.each(Object.entries(scenes))("of a check (%s) is shown as the run printed it", async (_, report) => {
    const text = renderJson(report);
    expect(JSON.parse(await shown(text, "json"))).toEqual(JSON.parse(text));
    expect(await shown(text, "text")).toBe(renderText(report, LOOKS));
    expect(await shown(text, "html")).toBe(renderHtml(report));
    expect(await shown(text, "markdown")).toBe(renderMarkdown(report));
    expect(await shown(text, "junit")).toBe(renderJunit(report));
    expect(exitCodeOfSaved(savedIn(text, ""), "html")).toBe(exitCodeOfReport(report));
  });

  it.each(Object.entries(verifyScenes))("of a verification (%s), too", async (_, verification) => {
    const text = renderVerifyJson(verification);
    expect(JSON.parse(await shown(text, "json"))).toEqual(JSON.parse(text));
    expect(await shown(text, "junit")).toBe(renderVerifyJunit(verification));
    const saved = savedIn(text, "");
    expect(exitCodeOfSaved(saved, "text")).toBe(exitCodeOfVerification(verification, false));
    expect(exitCodeOfSaved(saved, "nagios")).toBe(renderVerifyNagios(verification).code);
  });

  it.each(Object.entries(sweepScenes))("of a sweep (%s), too", async (_, report) => {
    const text = renderSweepJson(report);
    expect(JSON.parse(await shown(text, "json"))).toEqual(JSON.parse(text));
    expect(await shown(text, "text")).toBe(renderSweepText(report, LOOKS));
  });

  it("of a comparison and of an explanation, too", async () => {
    const comparison = compare(placesOf(), [], "1.2.3");
    const compared = renderCompareJson(comparison);
    expect(JSON.parse(await shown(compared, "json"))).toEqual(JSON.parse(compared));
    expect(await shown(compared, "text")).toBe(renderCompareText(comparison, LOOKS));
    expect(exitCodeOfSaved(savedIn(compared, ""), "text")).toBe(1);
    const explanation = explain([], ["0xC004F074"], "1.2.3");
    const explained = renderExplainJson(explanation);
    expect(JSON.parse(await shown(explained, "json"))).toEqual(JSON.parse(explained));
    expect(await shown(explained, "markdown")).toBe(renderExplainMarkdown(explanation));
    expect(exitCodeOfSaved(savedIn(explained, ""), "text")).toBe(0);
  });

  it("has the formats of its command, and says which", async () => {
    const check = renderJson(scenes.mixed);
    await expect(shown(check, "sarif")).rejects.toThrow(
      "a report of check is not shown as sarif: it can be text, json, ndjson, csv, html, markdown, junit",
    );
    const [sweep] = Object.values(sweepScenes);
    if (sweep === undefined) throw new Error("no sweep");
    await expect(shown(renderSweepJson(sweep), "html")).rejects.toThrow("it can be text, json, csv");
  });

  it.each([
    ["", "saved.json is empty"],
    ["no", "is not JSON: save the report with --format json"],
    ['{"schemaVersion":"1.0","diagnoses":[', "is cut short: the JSON ends too early"],
    ["[]", "is JSON, but no report: it is no object"],
    ["{}", "is JSON, but no report of check, sweep, merge, verify, compare or explain"],
    ['{"schemaVersion":"1.0","kind":"baseline"}', "is JSON, but no report of check"],
    ['{"schemaVersion":"2.0","diagnoses":[]}', "has schemaVersion 2.0: this kmsprobe shows 1.0"],
    ['{"schemaVersion":"1.0","diagnoses":7}', "is not as this kmsprobe writes it: "],
    ['{"type":"start","x":1}\n{"type":"end"}', "is NDJSON of a sweep: kmsprobe merge shows it"],
    ['{"type":"run","x":1}\n{"type":"run"}', "is NDJSON: save the report with --format json"],
  ])("that is none (%j) is refused in a sentence", (text, words) => {
    expect(() => savedIn(text, "saved.json")).toThrow(words);
  });
});
