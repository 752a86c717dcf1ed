import type { BaselineComparison, ExpectationResult, Verification } from "../../verify/model.ts";
import { junitXml } from "../junit-xml.ts";
import type { Case, Suite } from "../junit-xml.ts";
import { changeLines, changeName, failing, resultLines } from "./lines.ts";
import { nameOf, printableVerification } from "./words.ts";

/**
 * A suite an expectation kind, a case a result, and a suite of what changed since the baseline; policy and place are in
 * the names of all, so that those of several runs in one build are told apart. A failure is an
 * expectation of level error that does not hold, an error one that could not be checked. A warning passes.
 */
export function renderVerifyJunit(given: Verification): string {
  const verification = printableVerification(given);
  const { startedAt, elapsedMs, report, policy, tool } = verification;
  const properties = {
    policy: policy.file,
    name: policy.name,
    place: policy.place,
    kmsprobe: tool.version,
  };
  const of = [policy.name ?? policy.file, policy.place].filter((each) => each !== null);
  return junitXml(suitesOf(verification), { startedAt, elapsedMs, host: report.from.host, of, properties });
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
