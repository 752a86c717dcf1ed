/** The header of a verification: holds or not, how many of how many, of what policy. */
import type { ReactElement } from "react";
import type { Verification } from "../../verify/model.ts";
import { OUTCOME_SEVERITY, summaryOf } from "../verify/words.ts";
import type { Tone } from "./badge.tsx";
import { Counts } from "./counts.tsx";
import { Fact } from "./fact.tsx";
import { Header } from "./header.tsx";

export function VerdictHeader({ verification }: { verification: Verification }): ReactElement {
  const { policy, startedAt, elapsedMs, report } = verification;
  const { tone, words } = headlineOf(verification);
  const facts = (
    <>
      <Fact term="Policy">{policy.file}</Fact>
      <Fact term="Place">{policy.place ?? "none named"}</Fact>
    </>
  );
  return (
    <Header
      answer={{ tone, command: "verify", title: words, subject: policy.name ?? policy.file }}
      seen={{ ...report, startedAt, elapsedMs }}
      facts={facts}
    >
      <p className="summary">{summaryOf(verification)}.</p>
      <Counts counts={verification.counts} />
    </Header>
  );
}

/** The outcome in words. A run may fail by its baseline alone, or have had nothing to check. */
export function headlineOf({ outcome, counts, interrupted }: Verification): { tone: Tone; words: string } {
  const tone = OUTCOME_SEVERITY[outcome];
  const { met, failed, warned, error } = counts;
  switch (outcome) {
    case "met":
      return met + failed + warned + error === 0
        ? { tone: "neutral", words: "Nothing was checked here" }
        : { tone, words: "The policy holds" };
    case "warned":
      return { tone, words: "The policy holds, with warnings" };
    case "failed":
      return { tone, words: failed > 0 ? "The policy does not hold" : "Worse than the baseline" };
    case "error":
      return {
        tone,
        words: interrupted ? "Interrupted before all was checked" : "Not everything could be checked",
      };
    default:
      return outcome satisfies never;
  }
}
