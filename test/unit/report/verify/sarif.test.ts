import { describe, expect, it } from "vitest";
import { renderVerifySarif } from "../../../../src/report/verify/sarif.ts";
import type { Verification } from "../../../../src/verify/model.ts";
import { findingCatalog } from "../../../../src/verdict/findings/catalog.ts";
import { scenes } from "../check/scenes.ts";
import { detail, result, verificationOf, verifyScenes } from "./scenes.ts";

type Located = {
  physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number; startColumn: number } };
  logicalLocations: { fullyQualifiedName: string; kind: string }[];
};
type Run = {
  tool: { driver: { rules: { id: string; help: { text: string } }[] } };
  automationDetails: { id: string };
  invocations: {
    executionSuccessful: boolean;
    toolExecutionNotifications: { message: { text: string } }[];
  }[];
  results: {
    ruleId: string;
    ruleIndex: number;
    level: string;
    message: { text: string };
    locations: Located[];
    partialFingerprints: { primaryLocationLineHash: string };
  }[];
};

function runOf(verification: Verification, base: string | null = null): Run {
  const { runs }: { runs: Run[] } = JSON.parse(renderVerifySarif(verification, { base }));
  const [run] = runs;
  if (run === undefined) throw new Error("no run");
  return run;
}

const report = scenes["all-serving"];
const dangling = detail({
  about: "corp.example",
  code: "lint-dangling-target",
  observed: "a.corp.example has no address.",
});
const stranger = detail({
  about: "kms9:1688 at 10.1.0.9",
  code: null,
  observed: "kms9 took 4.0 s to say so.",
});

function permitted(...details: ReturnType<typeof detail>[]): Verification {
  return verificationOf(report, [result({ id: "p", kind: "permitted", status: "failed", details })]);
}

function failed(
  kind: "lint" | "permitted",
  id: string,
  source: string | null,
  ...details: ReturnType<typeof detail>[]
): ReturnType<typeof result> {
  return result({ kind, id, source, status: "failed", details });
}

function prints(verification: Verification): string[] {
  return runOf(verification).results.map((each) => each.partialFingerprints.primaryLocationLineHash);
}

describe("the SARIF results", () => {
  it("are the failing details of lint, permitted and listed, and of nothing else", () => {
    const { results } = runOf(verifyScenes.everything);
    expect(
      results.map(({ ruleId, level, locations }) => [
        ruleId,
        level,
        locations[0]?.physicalLocation.region.startLine,
      ]),
    ).toEqual([
      ["listing-differs", "error", 22],
      ["unauthorised-host", "error", 32],
      ["lint-dangling-target", "warning", 36],
    ]);
    expect(results[1]?.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: "policy.yaml" },
          region: { startLine: 32, startColumn: 5 },
        },
        logicalLocations: [{ fullyQualifiedName: "kms9.corp.example:1688 at 10.1.0.9", kind: "resource" }],
      },
    ]);
  });

  it("are one for a result that failed without a detail", () => {
    const { results } = runOf(verificationOf(report, [result({ kind: "listed", status: "failed" })]));
    expect(results.map(({ message }) => message.text)).toEqual([
      "all hosts that corp.example lists serve: 3 of 3 hosts serve (expected: all listed hosts serve)",
    ]);
  });

  it("refer to a rule each, with the words of the catalogue for a finding", () => {
    const all = Object.keys(findingCatalog).map((code) => detail({ code }));
    const lint = result({
      kind: "lint",
      status: "failed",
      details: [...all, detail({ code: "lint-of-tomorrow" })],
    });
    const { tool, results } = runOf(verificationOf(report, [lint]));
    const { rules } = tool.driver;
    expect(results.map(({ ruleId, ruleIndex }) => rules[ruleIndex]?.id === ruleId)).toEqual(
      results.map(() => true),
    );
    expect(rules.map(({ id }) => id)).toEqual([...Object.keys(findingCatalog), "lint-finding"]);
    expect(rules.slice(0, -1).map(({ help }) => help.text)).toEqual(
      Object.values(findingCatalog).map(({ next }) => next),
    );
  });

  it("are at most 5,000, and a note says how many were left out", () => {
    const details = Array.from({ length: 64 }, (_, index) =>
      detail({ about: `h${index}`, next: [], causes: [] }),
    );
    const many = Array.from({ length: 100 }, (_, index) =>
      result({
        id: `p${index}`,
        kind: "permitted",
        status: "failed",
        details,
        detailsDropped: index === 0 ? 3 : 0,
      }),
    );
    const { results, invocations } = runOf(verificationOf(report, many));
    expect(results).toHaveLength(5_000);
    expect(invocations[0]?.toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
      "all hosts that corp.example lists serve: 3 more that are not shown",
      "1400 more results were left out",
    ]);
    expect(invocations[0]?.executionSuccessful).toBe(true);
  });
});

describe("a fingerprint", () => {
  it("is the same in the next run, at another line, after another time", () => {
    const before = permitted(stranger);
    const after: Verification = {
      ...permitted({ ...stranger, observed: "kms9 took 2.5 s to say so." }),
      startedAt: "2027-01-01T00:00:00.000Z",
    };
    for (const each of after.results) each.at = { line: 99, column: 1 };
    expect(prints(after)).toEqual(prints(before));
    expect(prints(before)[0]).toMatch(/^[0-9a-f]{16}:1$/);
  });

  it("is another for another host, rule, expectation or source, and for a second of its kind", () => {
    const all = prints(
      verificationOf(report, [
        failed("lint", "a", null, dangling, dangling, { ...dangling, about: "other.example" }),
        failed("lint", "b", null, dangling),
        failed("lint", "a", "wg0", dangling),
        failed("permitted", "a", null, dangling),
      ]),
    );
    expect(new Set(all).size).toBe(6);
    expect(all[1]).toBe(all[0]?.replace(/:1$/, ":2"));
  });
});

describe("the invocation", () => {
  it("was not successful where one of them could not be checked, and says which", () => {
    const unchecked = result({
      kind: "permitted",
      name: "only ours",
      status: "error",
      observed: "no resolver answers",
    });
    const [invocation] = runOf(verificationOf(report, [unchecked])).invocations;
    expect(invocation?.executionSuccessful).toBe(false);
    expect(invocation?.toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
      "only ours could not be checked: no resolver answers",
    ]);
  });

  it("was successful where only another kind could not be checked", () => {
    expect(runOf(verifyScenes.everything).invocations[0]?.executionSuccessful).toBe(true);
    expect(runOf(verifyScenes.interrupted).invocations[0]?.executionSuccessful).toBe(false);
  });

  it("is told apart by policy and place, in the form of a category", () => {
    expect(runOf(verifyScenes.everything).automationDetails.id).toBe("kmsprobe/KMS after the change/jump/");
    const nameless = { policy: { file: "p.yaml", name: null, place: null } };
    expect(runOf(verificationOf(report, [], nameless)).automationDetails.id).toBe("kmsprobe/p.yaml/any/");
  });
});

describe("a message", () => {
  it.each([
    ["a {0} b", "a {{0}} b"],
    ["[x](http://y)", "[x]\\(http://y)"],
    ["[fd00::1]:1688", "[fd00::1]:1688"],
    ["\u001b", "\\u{{1b}}"],
  ])("of %j is %j", (observed, text) => {
    const [first] = runOf(permitted(detail({ observed, code: null, certainty: null, next: [] }))).results;
    expect(first?.message.text).toBe(text);
  });

  it("is never empty", () => {
    const [first] = runOf(permitted(detail({ observed: "", code: null, certainty: null, next: [] }))).results;
    expect(first?.message.text).toBe("-");
  });
});
