import { create } from "xmlbuilder2";
import type { XMLBuilder } from "xmlbuilder2/lib/interfaces.js";
import type { BaselineComparison, ExpectationResult, Verification } from "../../verify/model.ts";
import { changeLines, changeName, failing, resultLines } from "./lines.ts";
import { nameOf, printableVerification } from "./words.ts";

type Case = {
  name: string;
  outcome: "passed" | "failure" | "error" | "skipped";
  message: string;
  type: string;
  text: string;
};
type Suite = { kind: string; cases: readonly Case[] };

/**
 * JUnit XML as both Jenkins' schema and Ant's stricter one take it: a suite an expectation kind, a case a result, and
 * a suite of what changed since the baseline. A failure is an expectation of level error that does not hold, an error
 * one that could not be checked.
 *
 * A warning passes, and speaks in its suite's system-out: Ant's schema has none in a case. One probing serves every
 * case, so none has a time of its own; the first suite has that of the whole, so that the sum is right.
 */
export function renderVerifyJunit(given: Verification): string {
  const verification = printableVerification(given);
  // Ant's root takes no attributes, such as totals.
  const root = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuites");
  suitesOf(verification).forEach((suite, index) => addSuite(root, suite, index, verification));
  return `${root.end({ prettyPrint: true })}\n`;
}

function suitesOf(verification: Verification): Suite[] {
  const { results, baseline } = verification;
  const suites: Suite[] = [...new Set(results.map(({ kind }) => kind))].map((kind) => ({
    kind,
    cases: results.filter((each) => each.kind === kind).map((each) => caseOf(each, verification)),
  }));
  return baseline === null ? suites : [...suites, { kind: "baseline", cases: baselineCases(baseline) }];
}

function caseOf(result: ExpectationResult, verification: Verification): Case {
  return {
    // CI systems follow a case by its name, and the id is what is unique in the policy.
    name: `${result.id}: ${nameOf(result)}`,
    outcome: outcomeOf(result),
    message: result.observed,
    type: failing(result)[0]?.code ?? result.id,
    text: result.status === "met" ? "" : resultLines(result, verification).join("\n"),
  };
}

function outcomeOf({ status, level }: ExpectationResult): Case["outcome"] {
  switch (status) {
    case "met":
      return "passed";
    case "failed":
      return level === "error" ? "failure" : "passed";
    case "error":
      // Neither good nor bad, and of a warning nothing that breaks a build.
      return level === "error" ? "error" : "skipped";
    case "skipped":
      return status;
    default:
      return status satisfies never;
  }
}

function baselineCases({ changes, unchanged, notCompared, file, writtenAt }: BaselineComparison): Case[] {
  const cases = changes.map((change): Case => {
    return {
      name: changeName(change),
      outcome: change.direction === "worse" ? "failure" : "passed",
      message: `${change.before}, now ${change.after}`,
      type: `baseline-${change.direction}`,
      text: [`${change.direction} since the baseline`, ...changeLines(change)].join("\n"),
    };
  });
  const text = [
    `${unchanged} unchanged since ${file} of ${writtenAt}`,
    ...(notCompared > 0 ? [`${notCompared} not looked at in this run`] : []),
  ].join("\n");
  return [...cases, { name: "unchanged", outcome: "passed", message: "", type: "", text }];
}

function addSuite(root: XMLBuilder, { kind, cases }: Suite, index: number, verification: Verification): void {
  const { startedAt, elapsedMs, report, policy, tool } = verification;
  const having = (outcome: Case["outcome"]): number =>
    cases.filter((each) => each.outcome === outcome).length;
  const suite = root.ele("testsuite", {
    name: `kmsprobe.${kind}`,
    package: "kmsprobe",
    id: index,
    // Ant's pattern has neither a fraction nor a zone.
    timestamp: startedAt.slice(0, "2026-01-02T03:04:05".length),
    // An xs:token of length 1 at least, counted without the blanks around it.
    hostname: literal(report.from.host.trim() || "localhost"),
    tests: cases.length,
    failures: having("failure"),
    errors: having("error"),
    skipped: having("skipped"),
    time: index === 0 ? (elapsedMs / 1000).toFixed(3) : "0.000",
  });
  const properties = suite.ele("properties");
  const facts = { policy: policy.file, name: policy.name, place: policy.place, kmsprobe: tool.version };
  for (const [name, value] of Object.entries(facts))
    if (value !== null) properties.ele("property", { name, value: literal(value) });
  for (const each of cases) addCase(suite, kind, each);
  const said = cases.filter(({ outcome, text }) => outcome === "passed" && text !== "");
  suite.ele("system-out").txt(literal(said.map(({ name, text }) => `${name}\n${text}\n`).join("\n")));
  suite.ele("system-err");
}

/** In Ant's schema at most one of the three stands in a case, and nothing else. */
function addCase(suite: XMLBuilder, kind: string, { name, outcome, message, type, text }: Case): void {
  const node = suite.ele("testcase", { name: literal(name), classname: `kmsprobe.${kind}`, time: "0.000" });
  const attributes = { message: literal(message), type: literal(type) };
  if (outcome === "skipped") node.ele("skipped", { message: attributes.message });
  else if (outcome !== "passed") node.ele(outcome, attributes).txt(literal(text));
}

/** xmlbuilder2 takes `&bogus;` in a text for an entity and leaves it; of ours it escapes the rest. */
function literal(text: string): string {
  return text.replaceAll("&", "&amp;");
}
