import { describe, expect, it } from "vitest";
import { renderVerifyJunit } from "../../../../src/report/verify/junit.ts";
import { scenes } from "../check/scenes.ts";
import { detail, result, verificationOf, verifyScenes } from "./scenes.ts";

const report = scenes["all-serving"];

// Its structure is looked at by an XML parser and both schemas in test/integration/verify-junit.test.ts.
const unchecked = (level: "error" | "warning"): string =>
  renderVerifyJunit(verificationOf(report, [result({ status: "error", level })]));

/** Names of suites and classes, in their order. */
function named(policy: { name: string | null; file: string; place: string | null }): string[] {
  const scene = verificationOf(report, [result()]);
  const text = renderVerifyJunit({ ...scene, policy: { ...scene.policy, ...policy } });
  return Array.from(
    text.matchAll(/<testsuite name="([^"]*)"|classname="([^"]*)"/g),
    ([, a, b]) => a ?? b ?? "",
  );
}

describe("the JUnit report", () => {
  it("has no attributes at its root, which Ant's schema forbids", () => {
    expect(renderVerifyJunit(verifyScenes.everything)).toContain("\n<testsuites>\n");
    expect(renderVerifyJunit(verificationOf(report, []))).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites/>\n',
    );
  });

  it("tells policies and places apart by the names of suites and classes", () => {
    const kind = result().kind;
    expect(named({ name: "branch", file: "a.yaml", place: "Bern" })).toEqual([
      `kmsprobe.${kind} (branch, Bern)`,
      `kmsprobe.${kind} branch Bern`,
    ]);
    expect(named({ name: null, file: "branch.yaml", place: null })).toEqual([
      `kmsprobe.${kind} (branch.yaml)`,
      `kmsprobe.${kind} branch_yaml`,
    ]);
  });

  it("says the time of the run once, in seconds", () => {
    const text = renderVerifyJunit(verifyScenes.everything);
    const times = Array.from(text.matchAll(/<testsuite .* time="([^"]*)"/g), ([, time]) => time);
    expect(times).toEqual(["4.400", ...times.slice(1).map(() => "0.000")]);
    expect(text).toContain('timestamp="2026-01-02T03:04:05" hostname="jump1"');
  });

  it("has a host name where the machine has none", () => {
    const nameless = { ...report, from: { ...report.from, host: "  " } };
    expect(renderVerifyJunit(verificationOf(nameless, [result()]))).toContain('hostname="localhost"');
  });

  it("calls a warning that could not be checked skipped, which is neither good nor bad", () => {
    expect(unchecked("warning")).toContain('tests="1" failures="0" errors="0" skipped="1"');
    expect(unchecked("error")).toContain('tests="1" failures="0" errors="1" skipped="0"');
  });

  it("lets a warning pass, and tells it in the output of its suite", () => {
    const text = renderVerifyJunit(
      verificationOf(report, [result({ status: "failed", level: "warning", details: [detail()] })]),
    );
    expect(text).toContain('tests="1" failures="0" errors="0" skipped="0"');
    expect(text).not.toContain("<failure");
    expect(text).toMatch(/<system-out>serve-1: all hosts .*\nexpected: all listed hosts serve\nobserved: /);
  });

  it.each([
    [
      "its first failing detail's code",
      [detail({ holds: true, code: "rpc-serves" }), detail()],
      "tcp-no-answer",
    ],
    ["the expectation's id where there is no code", [detail({ code: null })], "serve-1"],
  ])("types a failure by %s", (_, details, type) => {
    const text = renderVerifyJunit(verificationOf(report, [result({ status: "failed", details })]));
    expect(text).toContain(`<failure message="3 of 3 hosts serve" type="${type}">expected: `);
  });
});
