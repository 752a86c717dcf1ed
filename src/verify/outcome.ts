import type { BaselineComparison, ExpectationResult, Outcome, Verification } from "./model.ts";

/**
 * What the results come to. Only failures of level error and what got worse fail a run; what could not be checked of a
 * warning is told as one.
 * @param cut the run was stopped: what it had no time for may be anything
 */
export function outcomeOf(
  results: readonly ExpectationResult[],
  baseline: BaselineComparison | null,
  cut = false,
): Pick<Verification, "counts" | "outcome"> {
  const counts = { met: 0, failed: 0, warned: 0, error: 0, skipped: 0 };
  for (const { status, level } of results)
    counts[status === "failed" && level === "warning" ? "warned" : status] += 1;
  const worse = baseline?.changes.some(({ direction }) => direction === "worse") ?? false;
  // Worse in the only look that came to it: whether it stays so is not known.
  const undecided =
    baseline?.changes.some(({ direction, looks }) => direction === "flapping" && looks.of < 2) ?? false;
  const unchecked = results.some(({ status, level }) => status === "error" && level === "error");
  const outcome = ((): Outcome => {
    if (counts.failed > 0 || worse) return "failed";
    if (unchecked || cut || undecided) return "error";
    return counts.warned > 0 || counts.error > 0 ? "warned" : "met";
  })();
  return { counts, outcome };
}
