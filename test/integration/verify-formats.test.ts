import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderCsv } from "../../src/report/check/csv.ts";
import { renderJson } from "../../src/report/check/json.ts";
import { cutTo } from "../../src/report/room.ts";
import { renderVerifyCsv } from "../../src/report/verify/csv.ts";
import { renderVerifyJson } from "../../src/report/verify/json.ts";
import { renderVerifyJunit } from "../../src/report/verify/junit.ts";
import { changeName, failing, resultLines } from "../../src/report/verify/lines.ts";
import { renderVerifyMarkdown } from "../../src/report/verify/markdown.ts";
import { renderVerifyPrometheus } from "../../src/report/verify/prometheus.ts";
import { renderVerifySarif } from "../../src/report/verify/sarif.ts";
import { byUrgency, nameOf, printableVerification } from "../../src/report/verify/words.ts";
import type { ExpectationResult, Verification } from "../../src/verify/model.ts";
import { reportOf } from "../unit/report/check/scenes.ts";
import { sampled } from "../unit/report/verify/arbitrary.ts";
import { HOSTILE, verifyScenes } from "../unit/report/verify/scenes.ts";
import { connected, endpoint, list, serving } from "../unit/verdict/builders.ts";
import { needs, programPath } from "./servers/available.ts";
import { makeServerDir, removeServerDir } from "./servers/process.ts";
import { readAll } from "./support/readers.ts";
import type { Family, XmlNode } from "./support/readers.ts";

/** Every scene, the hostile one with its megabyte label included, and what chance makes of hostile texts. */
const CORPUS: readonly Verification[] = [...Object.values(verifyScenes), ...sampled(80)];
const SHOWN = CORPUS.map(printableVerification);

const SCHEMAS = fileURLToPath(new URL("../fixtures/schemas/", import.meta.url));

function eachOf<Read>(read: readonly Read[], check: (read: Read, verification: Verification) => void): void {
  expect(read).toHaveLength(SHOWN.length);
  SHOWN.forEach((verification, index) => {
    const found = read[index];
    if (found === undefined) throw new Error(`nothing was read of ${index}`);
    check(found, verification);
  });
}

function expectCase(node: XmlNode | undefined, result: ExpectationResult, verification: Verification): void {
  const [complaint, ...more] = node?.children ?? [];
  expect(more).toEqual([]);
  const { status, level } = result;
  const tag = { failed: "failure", error: "error", skipped: "skipped", met: undefined }[status];
  // A warning breaks no build: it passes, and is skipped where it could not be checked.
  const expected =
    level === "error" || status === "skipped" ? tag : status === "error" ? "skipped" : undefined;
  expect(complaint?.tag).toBe(expected);
  if (complaint === undefined) return;
  expect(complaint.attributes["message"]).toBe(result.observed);
  expect(complaint.children).toEqual([]);
  if (expected !== "skipped") expect(complaint.text).toBe(resultLines(result, verification).join("\n"));
}

function defused(cell: string): string {
  return /^[=+\-@＝＋－＠]/.test(cell) ? `'${cell}` : cell;
}

function samplesOf(families: readonly Family[], name: string): Family["samples"] {
  return families.find((family) => family.name === name)?.samples ?? [];
}

/** What the summary shows as code, as it was. */
function commandsOf({ results, baseline }: Verification): string[] {
  const details = results.filter(({ status }) => status === "failed" || status === "error").flatMap(failing);
  const worse = (baseline?.changes ?? []).filter(({ direction }) => direction === "worse");
  return [...details, ...worse]
    .flatMap(({ next }) => next)
    .flatMap(({ command }) => (command === null || command.trim() === "" ? [] : [command]));
}

/** Blanks at the ends of a cell or a line are not text there. */
function trimmed(text: string): string {
  return text.replace(/^ +| +$/g, "");
}

function seriesKey({ id, kind, source }: Record<string, string>): string {
  return JSON.stringify([id, kind, source]);
}

describe.skipIf(needs("python3", "xmllint").skip)("JUnit", () => {
  let dir: string;
  beforeAll(async () => (dir = await makeServerDir("junit")));
  afterAll(() => removeServerDir(dir));

  /** xmllint's own words on each document that it refuses. */
  function refusals(schema: "junit-ant" | "junit-jenkins", documents: readonly string[]): string[][] {
    const files = documents.map((text, index) => {
      const file = join(dir, `${index}.xml`);
      writeFileSync(file, text);
      return file;
    });
    const args = ["--noout", "--nonet", "--schema", join(SCHEMAS, `${schema}.xsd`), ...files];
    const { stderr } = spawnSync(programPath("xmllint"), args, { encoding: "utf8", maxBuffer: 1 << 26 });
    const lines = stderr.split("\n");
    return files.map((file) => {
      if (lines.includes(`${file} validates`)) return [];
      return lines.filter((line) => line.startsWith(`${file}:`) || line === `${file} fails to validate`);
    });
  }

  const documents = CORPUS.map(renderVerifyJunit);

  test.each(["junit-ant", "junit-jenkins"] as const)("is valid by %s, whatever the texts", (schema) => {
    expect(refusals(schema, documents)).toEqual(documents.map(() => []));
  });

  test("has a case a result and a change, in words that arrive as they are printed", () => {
    eachOf(readAll("junit", documents), (root, verification) => {
      const suites = root.children;
      const cases = suites.flatMap(({ children }) => children.filter(({ tag }) => tag === "testcase"));
      const { results, baseline } = verification;
      const kinds = [...new Set(results.map(({ kind }) => kind))];
      const inOrder = kinds.flatMap((kind) => results.filter((each) => each.kind === kind));
      expect(cases.map(({ attributes }) => attributes["name"])).toEqual([
        ...inOrder.map((each) => `${each.id}: ${nameOf(each)}`),
        ...(baseline?.changes ?? []).map(changeName),
        ...(baseline === null ? [] : ["unchanged"]),
      ]);
      inOrder.forEach((each, index) => expectCase(cases[index], each, verification));
      for (const { attributes, children } of suites) {
        const own = children.filter(({ tag }) => tag === "testcase");
        const having = (tag: string): number => own.filter((each) => each.children[0]?.tag === tag).length;
        expect(attributes).toMatchObject({
          tests: String(own.length),
          failures: String(having("failure")),
          errors: String(having("error")),
          skipped: String(having("skipped")),
        });
      }
    });
  });

  const good = renderVerifyJunit(verifyScenes.everything);

  test.each([
    ["attributes of the root", "<testsuites>", '<testsuites name="x">'],
    ["output in a case", "</failure>", "</failure><system-out/>"],
    ["a zone in a time", 'timestamp="2026-01-02T03:04:05"', 'timestamp="2026-01-02T03:04:05Z"'],
    ["a failure without a type", ' type="tcp-no-answer"', ""],
    ["no system-err", "<system-err/>", ""],
    ["no package", ' package="kmsprobe"', ""],
    ["two outcomes of a case", "</failure>", '</failure><error type="x"/>'],
    ["an unknown attribute", 'name="serve-1: ', 'line="1" name="serve-1: '],
    ["a blank host name", 'hostname="jump1"', 'hostname=" "'],
    ["a number that is none", 'tests="2"', 'tests="two"'],
  ])("Ant's schema refuses %s", (_, from, to) => {
    const broken = good.replace(from, to);
    expect(broken).not.toBe(good);
    expect(refusals("junit-ant", [broken])[0]).not.toEqual([]);
  });

  test.each([
    ["an unknown attribute", 'name="serve-1: ', 'line="1" name="serve-1: '],
    ["an exponent in a time", 'time="4.400"', 'time="4.4e3"'],
    ["markup in a failure", "</failure>", "<b/></failure>"],
    ["no number of tests", ' tests="2"', ""],
    ["a case outside a suite", "<testsuites>", '<testsuites><testcase name="x"/>'],
  ])("Jenkins' schema refuses %s", (_, from, to) => {
    const broken = good.replace(from, to);
    expect(broken).not.toBe(good);
    expect(refusals("junit-jenkins", [broken])[0]).not.toEqual([]);
  });
});

describe.skipIf(needs("python3", "jsonschema").skip)("SARIF", () => {
  const schema = readFileSync(join(SCHEMAS, "sarif-2.1.0-subset.json"), "utf8");
  const documents = CORPUS.map((each) => ({ schema, text: renderVerifySarif(each) }));

  test("is valid, with a result a failing detail, whose words arrive", () => {
    eachOf(readAll("sarif", documents), ({ faults, log }, verification) => {
      expect(faults).toEqual([]);
      const failed = byUrgency(verification.results).filter(
        ({ kind, status }) => status === "failed" && ["lint", "permitted", "listed"].includes(kind),
      );
      const expected = failed.flatMap((result) => {
        const details = failing(result);
        return details.length === 0
          ? [[result.name, result.observed]]
          : details.map((each) => [each.about, each.observed]);
      });
      const results = log.runs[0]?.results ?? [];
      expect(results.map(({ locations }) => locations[0]?.logicalLocations[0]?.fullyQualifiedName)).toEqual(
        expected.map(([about]) => about),
      );
      results.forEach(({ message: { text } }, index) => {
        // No link of the standard's plain text form, and no placeholder, comes out of a text.
        expect(text).not.toMatch(/\]\(/);
        expect(text.replaceAll("{{", "").replaceAll("}}", "")).not.toMatch(/[{}]/);
        const plain = text.replace(/([{}])\1/g, "$1").replaceAll("]\\(", "](");
        expect(plain).toContain(expected[index]?.[1] ?? "?");
      });
    });
  });

  const good = renderVerifySarif(verifyScenes.everything);

  test.each([
    ["another version", '"version": "2.1.0"', '"version": "2.0.0"'],
    ["a backslash in a URI", '"uri": "policy.yaml"', '"uri": "a\\\\policy.yaml"'],
    ["a scheme that is no file", '"uri": "policy.yaml"', '"uri": "http://x/policy.yaml"'],
    ["a blank in a URI", '"uri": "policy.yaml"', '"uri": "a policy.yaml"'],
    ["line 0", '"startLine": 22', '"startLine": 0'],
    ["an unknown level", '"level": "warning"', '"level": "fatal"'],
    ["an unknown property", '"ruleIndex": 0', '"ruleIndex": 0, "rank": 1'],
    ["an empty message", '"text": "10.0.0.53:53 lists', '"text": "", "x": "'],
  ])("its schema refuses %s", (_, from, to) => {
    const text = good.replace(from, to);
    expect(text).not.toBe(good);
    expect(readAll("sarif", [{ schema, text }])[0]?.faults).not.toEqual([]);
  });
});

describe.skipIf(needs("python3").skip)("CSV and JSON", () => {
  const report = reportOf([
    list(HOSTILE.map((host) => endpoint([connected(serving())], { endpoint: { host, port: 1688 } }))),
  ]);

  test("the CSV has the rows that it should, as Python's strict reader sees it", () => {
    eachOf(readAll("csv", CORPUS.map(renderVerifyCsv)), ([head = [], ...rows], { results, baseline }) => {
      expect(rows.filter((row) => row.length !== head.length)).toEqual([]);
      const column = (name: string): string[] => rows.map((row) => row[head.indexOf(name)] ?? "?");
      const repeated = results.flatMap((each) =>
        Array<ExpectationResult>(Math.max(1, failing(each).length)).fill(each),
      );
      const changes = baseline?.changes ?? [];
      expect(column("kind")).toEqual([...repeated.map(({ kind }) => kind), ...changes.map(() => "baseline")]);
      expect(column("observed")).toEqual([
        ...repeated.map(({ observed }) => defused(observed)),
        ...changes.map(({ after }) => defused(after)),
      ]);
      expect(column("about").slice(repeated.length)).toEqual(changes.map(({ about }) => defused(about)));
    });
  });

  test("the JSON is what went in, as Python sees it", () => {
    // Python writes ASCII, too, so that half a surrogate pair comes through.
    expect(readAll("json", CORPUS.map(renderVerifyJson))).toEqual(CORPUS);
  });

  test("the reports of check hold their own before the same names", () => {
    expect(readAll("json", [renderJson(report)])).toEqual([report]);
    const [[head = [], ...rows] = []] = readAll("csv", [renderCsv(report)]);
    expect(rows).toHaveLength(HOSTILE.length);
    expect(rows.filter((row) => row.length !== head.length)).toEqual([]);
  });
});

describe.skipIf(needs("python3", "prometheus-client").skip)("the metrics", () => {
  let read: Family[][];
  beforeAll(async () => {
    read = readAll("prometheus", await Promise.all(CORPUS.map(renderVerifyPrometheus)));
  });

  test("are gauges of ours with a help each, whatever the texts", () => {
    eachOf(read, (families) => {
      for (const { name, type, help, samples } of families) {
        expect(name).toMatch(/^kms_(?:verify|probe|srv|baseline)_[a-z0-9_]+$/);
        expect(type).toBe("gauge");
        expect(help).not.toBe("");
        expect(samples.filter((sample) => sample.name !== name || !Number.isFinite(sample.value))).toEqual(
          [],
        );
      }
      const values = families.flatMap(({ samples }) =>
        samples.flatMap(({ labels }) => Object.values(labels)),
      );
      expect(values.filter((value) => Buffer.byteLength(value) > 256)).toEqual([]);
    });
  });

  test("have one series for each expectation, under its id", () => {
    eachOf(read, (families, { results, counts, startedAt }) => {
      const here = results.filter(({ status }) => status !== "skipped");
      const found = samplesOf(families, "kms_verify_expectation_success");
      // Ids that are alike in their first 256 bytes are one series.
      const expected = new Map(
        here.map(({ id, kind, source, status }) => [
          JSON.stringify([cutTo(256, id), kind, cutTo(256, source ?? "")]),
          Number(status === "met"),
        ]),
      );
      expect(new Map(found.map(({ labels, value }) => [seriesKey(labels), value]))).toEqual(expected);
      expect(found).toHaveLength(expected.size);
      const byStatus = samplesOf(families, "kms_verify_expectations").map(({ labels, value }) => [
        labels["status"],
        value,
      ]);
      expect(Object.fromEntries(byStatus)).toEqual(counts);
      expect(samplesOf(families, "kms_verify_timestamp_seconds")[0]?.value).toBe(
        Date.parse(startedAt) / 1000,
      );
    });
  });

  test("have the stages of each address, the SRV records of each resolver and the baseline's changes", () => {
    eachOf(read, (families, { report, baseline }) => {
      const addresses = report.diagnoses.flatMap(({ endpoints }) =>
        endpoints.flatMap(({ endpoint: { host }, attempts }) =>
          attempts.map(({ address }) => `${cutTo(256, host)} ${cutTo(256, address)}`),
        ),
      );
      const staged = samplesOf(families, "kms_probe_stage_success").map(
        ({ labels }) => `${labels["host"]} ${labels["address"]}`,
      );
      expect([...new Set(addresses)].filter((each) => !staged.includes(each))).toEqual([]);
      const directions = samplesOf(families, "kms_baseline_changes");
      expect(directions.reduce((sum, { value }) => sum + value, 0)).toBe(baseline?.changes.length ?? 0);
      expect(directions).toHaveLength(baseline === null ? 0 : 4);
    });
  });
});

describe.skipIf(needs("python3", "cmark-gfm").skip)("the job summary", () => {
  const documents = CORPUS.map(renderVerifyMarkdown);

  /** All that our own summary is made of. A link, an image, emphasis or a rule would be of somebody else. */
  const KINDS =
    /^(?:document|heading|paragraph|text|softbreak|strong|code|list|item|table|table_header|table_row|table_cell|html_block)$/;
  const HTML = /^(?:<details>\n<summary>\d+ expectations? without trouble<\/summary>\n|<\/details>\n)$/;

  test("is made of our own structure only, as GitHub's dialect is read", () => {
    eachOf(readAll("markdown", documents), ({ kinds, headings, html, code, texts }, verification) => {
      expect(kinds.filter((kind) => !KINDS.test(kind))).toEqual([]);
      expect(html.filter((block) => !HTML.test(block))).toEqual([]);
      expect(html.length).toBeLessThanOrEqual(2);
      const [, ...sections] = headings;
      const ours = [
        "The sources taken together",
        "What does not hold",
        "In detail",
        "Next steps",
        "Since the baseline",
        "Counts",
      ];
      expect(sections).toEqual(ours.filter((each) => sections.includes(each)));
      // What would call somebody or link an issue is code, and so is a command; nothing else is.
      expect(texts.filter((text) => /[@#]/.test(text))).toEqual([]);
      const commands = commandsOf(verification);
      expect(code.filter((span) => !/^[@#]+$/.test(span) && !commands.includes(span))).toEqual([]);
      expect(commands.filter((command) => !code.includes(command))).toEqual([]);
    });
  });

  test("has a row each, whose words arrive", () => {
    eachOf(readAll("markdown", documents), ({ headings, tables, items }, verification) => {
      expect(
        tables.flatMap(([head = [], ...rows]) => rows.filter((row) => row.length !== head.length)),
      ).toEqual([]);
      const under = (...head: string[]): string[][] =>
        tables.find(([first]) => JSON.stringify(first?.slice(1, 3)) === JSON.stringify(head))?.slice(1) ?? [];
      const { results, baseline, policy } = verification;
      const wrong = byUrgency(results).filter(({ status }) => status === "failed" || status === "error");
      const first = tables.find(([head]) => head?.includes("policy line"))?.slice(1) ?? [];
      expect(first.map((row) => row.slice(1, 4))).toEqual(
        wrong.map((each) => [nameOf(each), each.expected, each.observed].map(trimmed)),
      );
      const rest = byUrgency(results).filter(({ status }) => status === "met" || status === "skipped");
      const last =
        tables.find(([head]) => head?.includes("expectation") && !head.includes("policy line"))?.slice(1) ??
        [];
      expect(last.map((row) => row.slice(1))).toEqual(
        rest.map((each) => [nameOf(each), each.expected, each.observed].map(trimmed)),
      );
      const changed = under("what", "before").map((row) => row.slice(2, 4));
      const changes = (baseline?.changes ?? []).map(({ before, after }) => [before, after].map(trimmed));
      expect(changed).toHaveLength(changes.length);
      expect(changed).toEqual(expect.arrayContaining(changes));
      const details = wrong.flatMap(failing);
      for (const { about, observed } of details)
        expect(items.some((item) => item.includes(trimmed(`${about}: ${observed}`)))).toBe(true);
      if (policy.file.length < 200) expect(headings[0]).toContain(trimmed(policy.file));
    });
  });
});
