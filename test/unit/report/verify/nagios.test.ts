import { describe, expect, it } from "vitest";
import { renderNagiosUnknown, renderVerifyNagios } from "../../../../src/report/verify/nagios.ts";
import type { Verification } from "../../../../src/verify/model.ts";
import { domain, isServing, listed, lists, record, says } from "../../verdict/builders.ts";
import { readPluginOutput } from "./plugin-output.ts";
import { reportOf, scenes } from "../check/scenes.ts";
import { change, detail, result, verificationOf, verifyScenes } from "./scenes.ts";

const report = scenes["all-serving"];
const met = result();
const failed = result({ status: "failed" });
const warned = result({ status: "failed", level: "warning" });
const unchecked = result({ status: "error" });

const worse: Verification["baseline"] = {
  file: "b.json",
  writtenAt: "2026-01-01T00:00:00.000Z",
  changes: [change()],
  unchanged: 0,
  notCompared: 0,
};

describe("the reader that these tests trust", () => {
  it("reads text, figures and further lines", () => {
    expect(readPluginOutput("KMS OK - fine | 'it''s'=1.5s;@1:2;~:3;0;9 'b'=2\nmore\n")).toEqual({
      text: "KMS OK - fine",
      figures: [
        { label: "it's", value: 1.5, unit: "s", warn: "@1:2", crit: "~:3", min: "0", max: "9" },
        { label: "b", value: 2, unit: "", warn: "", crit: "", min: "", max: "" },
      ],
      long: ["more"],
    });
  });

  it.each([
    "x | 'a'=NaN\n",
    "x | 'a=b'=1\n",
    "x | 'a'=1,5s\n",
    "x | 'a'=1x\n",
    "x | 'a'=1 y | 'b'=2\n",
    "x\na|b\n",
    "x",
  ])("throws on %j", (text) => {
    expect(() => readPluginOutput(text)).toThrow();
  });
});

describe("the state", () => {
  it.each<[string, Verification, number, string]>([
    ["all hold", verificationOf(report, [met]), 0, "OK"],
    ["one warns", verificationOf(report, [met, warned]), 1, "WARNING"],
    ["one fails", verificationOf(report, [met, warned, failed]), 2, "CRITICAL"],
    ["one fails and one could not be checked", verificationOf(report, [unchecked, failed]), 2, "CRITICAL"],
    ["something got worse", verificationOf(report, [met], { baseline: worse }), 2, "CRITICAL"],
    ["one could not be checked", verificationOf(report, [met, unchecked, warned]), 3, "UNKNOWN"],
    ["it was interrupted", verificationOf(report, [met], { interrupted: true }), 3, "UNKNOWN"],
    [
      "it was interrupted after a failure",
      verificationOf(report, [failed], { interrupted: true }),
      2,
      "CRITICAL",
    ],
  ])("where %s is %j", (_, verification, code, word) => {
    const rendered = renderVerifyNagios(verification);
    expect(rendered.code).toBe(code);
    expect(rendered.text.startsWith(`KMS ${word} - `)).toBe(true);
  });
});

describe("the output", () => {
  it("says in one line how much holds, who serves and how fast", () => {
    const { text } = readPluginOutput(renderVerifyNagios(verifyScenes["all-met"]).text);
    expect(text).toBe("KMS OK - 2 of 2 expectations hold, 3 of 3 hosts serve, median 1.0 ms");
  });

  it("names what is worst, for a notification that shows one line", () => {
    expect(readPluginOutput(renderVerifyNagios(verifyScenes.everything).text).text).toMatch(
      /, median 3\.5 ms\. Worst: all hosts that corp.example lists serve: 2 of 12 hosts serve$/,
    );
  });

  it("has figures in seconds, with what is critical about counts", () => {
    const { figures } = readPluginOutput(renderVerifyNagios(verifyScenes.everything).text);
    const labelled = (label: string): (typeof figures)[number] | undefined =>
      figures.find((figure) => figure.label === label);
    expect(labelled("failed")).toEqual({
      label: "failed",
      value: 4,
      unit: "",
      warn: "",
      crit: "0",
      min: "0",
      max: "8",
    });
    expect(labelled("hosts serving")).toMatchObject({ value: 1, min: "0", max: "12" });
    expect(labelled("rpc median")).toMatchObject({ value: 0.0035, unit: "s", min: "0" });
    expect(labelled("duration")).toMatchObject({ value: 4.40025, unit: "s" });
    expect(labelled("rpc kms1.corp.example:1688 at 10.1.0.1")).toMatchObject({ value: 0.001, unit: "s" });
  });

  it("stays within a KiB in the first line and four in all, whatever the number of hosts", () => {
    const hosts = Array.from({ length: 200 }, (_, index) => listed(index + 1, isServing));
    const records = hosts.map(({ endpoint: { host } }) => record(host));
    const many = reportOf([domain([says(lists(records))], hosts)]);
    const results = Array.from({ length: 300 }, (_, index) =>
      result({ id: `x${index}`, name: `fails ${index} ${"ü".repeat(300)}`, status: "failed" }),
    );
    const { text } = renderVerifyNagios(verificationOf(many, results));
    const [first = ""] = text.split("\n");
    expect(Buffer.byteLength(first)).toBeLessThanOrEqual(1_024);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
    const { figures, long } = readPluginOutput(text);
    expect(figures.length).toBeGreaterThan(8);
    expect(long.at(-1)).toMatch(/^and \d+ more lines$/);
    expect(long.filter((line) => Buffer.byteLength(line) > 300)).toEqual([]);
  });
});

describe("a command with a bar", () => {
  it("is left out, and its step is not", () => {
    const step = {
      where: "kms-host",
      text: "See whether it listens",
      command: "netstat -ano | findstr :1688",
    } as const;
    const { text } = renderVerifyNagios(
      verificationOf(report, [result({ status: "failed", details: [detail({ next: [step] })] })], {
        baseline: { ...worse, changes: [change({ next: [step] })] },
      }),
    );
    const steps = readPluginOutput(text).long.filter((line) => line.includes("next, "));
    expect(steps.map((line) => line.trim())).toEqual([
      "next, on the KMS host: See whether it listens",
      "next, on the KMS host: See whether it listens",
    ]);
    expect(text).not.toContain("netstat");
  });
});

describe("what could not be run", () => {
  it("is UNKNOWN, with the rest of the message in lines", () => {
    expect(renderNagiosUnknown("policy.yaml:3: no such key | x\r\n\n  hint\u001b[2J\n")).toBe(
      "KMS UNKNOWN - policy.yaml:3: no such key ¦ x\n  hint\\u{1b}[2J\n",
    );
    expect(renderNagiosUnknown("")).toBe("KMS UNKNOWN - \n");
  });
});
