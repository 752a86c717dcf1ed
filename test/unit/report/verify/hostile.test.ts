import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderCsv } from "../../../../src/report/check/csv.ts";
import { renderJson, renderNdjson } from "../../../../src/report/check/json.ts";
import { cutTo } from "../../../../src/report/room.ts";
import { renderText } from "../../../../src/report/check/text.ts";
import { renderVerifyCsv } from "../../../../src/report/verify/csv.ts";
import { renderVerifyAnnotations } from "../../../../src/report/verify/github.ts";
import { renderVerifyJson } from "../../../../src/report/verify/json.ts";
import { renderVerifyJunit } from "../../../../src/report/verify/junit.ts";
import { briefLines, failing } from "../../../../src/report/verify/lines.ts";
import { renderVerifyMarkdown } from "../../../../src/report/verify/markdown.ts";
import { renderNagiosUnknown, renderVerifyNagios } from "../../../../src/report/verify/nagios.ts";
import { renderVerifyPrometheus } from "../../../../src/report/verify/prometheus.ts";
import { renderVerifySarif } from "../../../../src/report/verify/sarif.ts";
import { nameOf, printableVerification, severityOf } from "../../../../src/report/verify/words.ts";
import type { Verification } from "../../../../src/verify/model.ts";
import { connected, endpoint, list, serving } from "../../verdict/builders.ts";
import { readPluginOutput } from "./plugin-output.ts";
import { parseCsv } from "../rfc4180.ts";
import { readCommands } from "./runner-commands.ts";
import { reportOf } from "../check/scenes.ts";
import { anyText, anyVerification } from "./arbitrary.ts";
import { HOSTILE, verifyScenes } from "./scenes.ts";
import { runs } from "../../runs.ts";

const RUNS = { seed: 2026, numRuns: runs(300) };

/** Controls, bidi and other format characters, surrogates, private use, invisible letters and blanks of every kind. */
const UNFIT = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

function unfitLines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => UNFIT.test(line));
}

/** A cell without the apostrophe that defuses it. */
function plain(cell: string | undefined): string {
  return (cell ?? "").replace(/^'(?=[=+\-@＝＋－＠])/, "");
}

/** Any verification, and in any case the scene with every hostile text, the megabyte included. */
function forAny(check: (verification: Verification) => void): void {
  check(verifyScenes.hostile);
  fc.assert(fc.property(anyVerification, check), RUNS);
}

function wrongOf({ results }: Verification): Verification["results"] {
  return results.filter(({ status }) => status === "failed" || status === "error");
}

function worseOf({ baseline }: Verification): NonNullable<Verification["baseline"]>["changes"] {
  return (baseline?.changes ?? []).filter(({ direction }) => direction === "worse");
}

describe("whatever a verification holds", { timeout: 120_000 }, () => {
  it("the runner reads our annotations from it and no other command", () => {
    forAny((given) => {
      const verification = printableVerification(given);
      const output = renderVerifyAnnotations(given);
      expect(unfitLines(output)).toEqual([]);
      const { commands, log } = readCommands(output);
      expect(log).toEqual([]);
      const all = wrongOf(verification).length + worseOf(verification).length;
      const shown = Math.min(all, 10);
      expect(commands).toHaveLength(all > 10 ? 11 : all);
      expect(commands.slice(0, shown).filter(({ command }) => !/^(?:error|warning)$/.test(command))).toEqual(
        [],
      );
      expect(commands.slice(shown).map(({ command }) => command)).toEqual(all > 10 ? ["notice"] : []);
      const [worst] = wrongOf(verification).filter((each) => severityOf(each) === "failed");
      if (worst === undefined) return;
      const [first] = commands;
      expect(first?.properties["title"] ?? "").toBe(cutTo(255, nameOf(worst)));
      expect(first?.properties["file"]).toBe(verification.policy.file);
      expect(first?.properties["line"]).toBe(String(worst.at.line));
      expect(first?.data).toBe(cutTo(4_000, briefLines(worst).join("\n")));
    });
  });

  it("a monitoring core reads our text and our figures, within its limits", () => {
    forAny((given) => {
      const { text: output } = renderVerifyNagios(given);
      expect(unfitLines(output)).toEqual([]);
      expect(Buffer.byteLength(output)).toBeLessThanOrEqual(4_096);
      expect(Buffer.byteLength(output.split("\n")[0] ?? "")).toBeLessThanOrEqual(1_024);
      const { text, figures, long } = readPluginOutput(output);
      expect(text).toMatch(/^KMS (?:OK|WARNING|CRITICAL|UNKNOWN) - /);
      expect(figures.slice(0, 5).map(({ label }) => label)).toEqual([
        "met",
        "failed",
        "warned",
        "unchecked",
        "hosts serving",
      ]);
      expect(new Set(figures.map(({ label }) => label)).size).toBe(figures.length);
      const heads = long.filter((line) => !line.startsWith("  "));
      const cut = heads.at(-1)?.startsWith("and ") === true;
      if (!cut) expect(heads).toHaveLength(wrongOf(given).length + worseOf(given).length);
    });
  });

  it("what a monitoring core is told of a run that could not be is one state and no figures", () => {
    fc.assert(
      fc.property(anyText, (message) => {
        const { text, figures } = readPluginOutput(renderNagiosUnknown(message));
        expect(text.startsWith("KMS UNKNOWN -")).toBe(true);
        expect(figures).toEqual([]);
      }),
      RUNS,
    );
  });

  it("the CSV has as many rows as there are things to say, each whole, and no formula", () => {
    forAny((given) => {
      const verification = printableVerification(given);
      const [head, ...rows] = parseCsv(renderVerifyCsv(given));
      expect(head).toHaveLength(20);
      expect(rows.filter((row) => row.length !== 20)).toEqual([]);
      const { results, baseline } = verification;
      expect(rows).toHaveLength(
        results.reduce((sum, each) => sum + Math.max(1, failing(each).length), 0) +
          (baseline?.changes.length ?? 0),
      );
      const cells = rows.flat();
      expect(cells.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell))).toEqual([]);
      expect(cells.filter((cell) => UNFIT.test(cell))).toEqual([]);
      const [first] = results;
      if (first === undefined) return;
      expect([1, 5, 6, 7].map((column) => plain(rows[0]?.[column]))).toEqual(
        [first.id, first.name, first.expected, first.observed].map(plain),
      );
    });
  });

  it("the JSON is ASCII, and read back is the verification", () => {
    forAny((given) => {
      const text = renderVerifyJson(given);
      expect(/^[\n\x20-\x7e]*$/.test(text)).toBe(true);
      expect(JSON.parse(text)).toEqual(given);
    });
  });

  it("JUnit, SARIF and the job summary have printable lines only", () => {
    forAny((given) => {
      expect(unfitLines(renderVerifyJunit(given))).toEqual([]);
      expect(/^[\n\x20-\x7e]*$/.test(renderVerifySarif(given))).toBe(true);
      expect(unfitLines(renderVerifyMarkdown(given))).toEqual([]);
    });
  });

  it.each([
    ["JUnit", renderVerifyJunit, 1 << 20],
    ["SARIF", renderVerifySarif, 1 << 19],
    ["annotations", renderVerifyAnnotations, 1 << 17],
    ["the job summary", renderVerifyMarkdown, (1 << 20) - 1],
    ["plugin output", (given: Verification) => renderVerifyNagios(given).text, 1 << 12],
    ["CSV", renderVerifyCsv, 1 << 19],
    ["metrics", renderVerifyPrometheus, 1 << 19],
  ])("a label of a megabyte stays short in %s", async (_, render, most) => {
    expect(Buffer.byteLength(await render(verifyScenes.hostile))).toBeLessThanOrEqual(most);
  });
});

describe("the reports of check, of hosts with these names", () => {
  const report = reportOf([
    list(HOSTILE.map((host) => endpoint([connected(serving())], { endpoint: { host, port: 1688 } }))),
  ]);

  it("are printable lines in text, of bounded length", () => {
    for (const verbose of [false, true]) {
      const text = renderText(report, { color: false, verbose, width: 100 });
      expect(unfitLines(text)).toEqual([]);
      expect(Buffer.byteLength(text)).toBeLessThan(1 << 17);
    }
  });

  it("are the report in JSON, and as many lines as there are hosts in NDJSON", () => {
    expect(JSON.parse(renderJson(report))).toEqual(report);
    const lines = renderNdjson(report).split("\n").slice(0, -1);
    expect(lines).toHaveLength(HOSTILE.length + 2);
    const hosts = lines.slice(0, HOSTILE.length).map((line): { endpoint: unknown } => JSON.parse(line));
    expect(hosts.map((each) => each.endpoint)).toEqual(HOSTILE.map((host) => ({ host, port: 1688 })));
  });

  it("are a row a host in CSV, without a formula", () => {
    const [, ...rows] = parseCsv(renderCsv(report));
    expect(rows).toHaveLength(HOSTILE.length);
    expect(rows.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell) || UNFIT.test(cell))).toEqual([]);
  });
});
