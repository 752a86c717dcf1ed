import { describe, expect, it } from "vitest";
import { renderVerifyAnnotations } from "../../../../src/report/verify/github.ts";
import { readCommands } from "./runner-commands.ts";
import { scenes } from "../check/scenes.ts";
import { change, result, verificationOf, verifyScenes } from "./scenes.ts";

function commandsOf(...args: Parameters<typeof verificationOf>): ReturnType<typeof readCommands>["commands"] {
  return readCommands(renderVerifyAnnotations(verificationOf(...args))).commands;
}

const report = scenes["all-serving"];

describe("the reader that these tests trust", () => {
  it.each([
    ["::error::x", [{ command: "error", properties: {}, data: "x" }]],
    [
      " ::warning title=a%2Cb%3A,line=1::c%0Ad%2525",
      [{ command: "warning", properties: { title: "a,b:", line: "1" }, data: "c\nd%25" }],
    ],
    ["::error title=::x", [{ command: "error", properties: {}, data: "x" }]],
    ["::unknown::x", []],
    ["a ::error::x", []],
    ["::error", []],
  ])("reads %j", (line, commands) => {
    expect(readCommands(line).commands).toEqual(commands);
  });
});

describe("annotations", () => {
  it("are none where everything holds", () => {
    expect(renderVerifyAnnotations(verifyScenes["all-met"])).toBe("");
  });

  it("point at the expectation's place in the policy", () => {
    const [first] = readCommands(renderVerifyAnnotations(verifyScenes.everything)).commands;
    expect(first?.properties).toEqual({
      title: "all hosts that corp.example lists serve",
      file: "policy.yaml",
      line: "7",
      col: "5",
    });
    expect(first?.data).toMatch(/^expected: all listed hosts serve\nobserved: 2 of 12 hosts serve\n/);
  });

  it("put failures first, then what got worse, what could not be checked, and warnings", () => {
    const results = [
      result({ name: "warns", status: "failed", level: "warning" }),
      result({ name: "soft unchecked", status: "error", level: "warning" }),
      result({ name: "unchecked", status: "error" }),
      result({ name: "holds" }),
      result({ name: "fails", status: "failed" }),
    ];
    const baseline = {
      file: "b.json",
      writtenAt: "2026-01-01T00:00:00.000Z",
      changes: [change({ about: "x", direction: "better" }), change({ about: "y" })],
      unchanged: 0,
      notCompared: 0,
    };
    const found = commandsOf(report, results, { baseline });
    expect(found.map(({ command, properties }) => `${command} ${properties["title"]}`)).toEqual([
      "error fails",
      "error worse than the baseline: host y",
      "warning soft unchecked",
      "error unchecked",
      "warning warns",
    ]);
  });

  it("are ten, and a notice says how many more there are", () => {
    const results = Array.from({ length: 25 }, (_, index) =>
      result({ id: `x${index}`, name: `fails ${index}`, status: "failed" }),
    );
    const found = commandsOf(report, results);
    expect(found.map(({ command }) => command)).toEqual([...Array<string>(10).fill("error"), "notice"]);
    expect(found.at(-1)?.data).toBe("15 more problems: see the report");
    expect(commandsOf(report, results.slice(0, 10))).toHaveLength(10);
    expect(commandsOf(report, results.slice(0, 11)).at(-1)?.data).toBe("1 more problem: see the report");
  });

  it("escape what the runner reads, and no more than once", () => {
    const name = "100%: a,b %0A %253A";
    const [found] = commandsOf(report, [result({ name, status: "failed", observed: name })]);
    expect(found?.properties["title"]).toBe(name);
    expect(found?.data.split("\n")).toContain(`observed: ${name}`);
    const raw = renderVerifyAnnotations(
      verificationOf(report, [result({ name: "a,b:c%", status: "failed" })]),
    );
    expect(raw).toContain("title=a%2Cb%3Ac%25,file=");
  });
});
