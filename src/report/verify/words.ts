/** What every report of `verify` says alike. */
import type { Severity } from "../../model/verdict.ts";
import { plural } from "../../verdict/figures.ts";
import type { Change, ExpectationResult, Outcome, Verification } from "../../verify/model.ts";
import { printableThroughout } from "../escape.ts";

/** Longer than any sentence of ours; shorter than what a hostile name could make of one. */
const MAX_TEXT = 2_000;

/** The verification with every string fit for print: nothing of a peer or a file reaches a report unescaped. */
export function printableVerification(given: Verification): Verification {
  return printableThroughout(MAX_TEXT, given);
}

/** How a result weighs, in the words and colours of verdicts. Null for one that is for other places. */
export function severityOf({ status, level }: Pick<ExpectationResult, "status" | "level">): Severity | null {
  switch (status) {
    case "met":
      return "ok";
    case "failed":
      return level === "error" ? "failed" : "degraded";
    case "error":
      return "inconclusive";
    case "skipped":
      return null;
    default:
      return status satisfies never;
  }
}

export const STATUS_WORDS: Readonly<Record<Severity, string>> = {
  ok: "holds",
  degraded: "warning",
  failed: "fails",
  inconclusive: "not checked",
};

export const OUTCOME_SEVERITY: Readonly<Record<Outcome, Severity>> = {
  met: "ok",
  warned: "degraded",
  failed: "failed",
  error: "inconclusive",
};

/** "12 of 15 expectations hold, 2 fail, 1 warns; 1 host got worse since the baseline". */
export function summaryOf({ counts, baseline, interrupted }: Verification): string {
  const { met, failed, warned, error } = counts;
  const all = met + failed + warned + error;
  const parts = [
    `${met} of ${plural(all, "expectation")} ${met === 1 || all === 1 ? "holds" : "hold"}`,
    ...(failed > 0 ? [`${failed} ${failed === 1 ? "fails" : "fail"}`] : []),
    ...(warned > 0 ? [`${warned} ${warned === 1 ? "warns" : "warn"}`] : []),
    ...(error > 0 ? [`${error} could not be checked`] : []),
  ];
  const worse = changesOf(baseline, "worse").length;
  const since = worse > 0 ? `; ${worse} got worse since the baseline` : "";
  return `${interrupted ? "Cut short. " : ""}${parts.join(", ")}${since}`;
}

export function changesOf(
  baseline: Verification["baseline"],
  direction: Change["direction"],
): readonly Change[] {
  return (baseline?.changes ?? []).filter((each) => each.direction === direction);
}

/** `policy.yaml at jump`, with the policy's own name in front where it has one. */
export function titleOf({ policy }: Verification): string {
  const place = policy.place === null ? "" : ` at ${policy.place}`;
  return policy.name === null ? `${policy.file}${place}` : `${policy.name} (${policy.file}${place})`;
}

/** The name of a result, with the source it was looked at from. */
export function nameOf({ name, source }: Pick<ExpectationResult, "name" | "source">): string {
  return source === null ? name : `${name}, from ${source}`;
}

/** Those that want attention first: failed, not checked, warning, met, for other places. */
export function byUrgency(results: readonly ExpectationResult[]): ExpectationResult[] {
  const order: readonly (Severity | null)[] = ["failed", "inconclusive", "degraded", "ok", null];
  return results.toSorted((a, b) => order.indexOf(severityOf(a)) - order.indexOf(severityOf(b)));
}
