/** The answer, before anything else: holds or not, how many of how many, of what policy, seen from where and when. */
import type { ReactElement } from "react";
import type { Verification } from "../../verify/model.ts";
import { OUTCOME_SEVERITY, summaryOf } from "../verify/words.ts";
import { signOf } from "./badge.tsx";
import type { Tone } from "./badge.tsx";
import { Counts } from "./counts.tsx";
import { Fact } from "./fact.tsx";
import { momentWords } from "./figures.ts";
import { durationWords } from "../../verdict/duration.ts";

export function VerdictHeader({ verification }: { verification: Verification }): ReactElement {
  const { policy, startedAt, elapsedMs, report } = verification;
  const { tone, words } = headlineOf(verification);
  const sources = report.sources.map(({ label }) => label).join(", ");
  return (
    <header className={`verdict ${tone}`}>
      <div className="headline">
        <span className={`seal ${tone}`} aria-hidden="true">
          {signOf(tone)}
        </span>
        <div>
          <p className="overline">kmsprobe verify</p>
          <h1>{words}</h1>
          <p className="policy-name">{policy.name ?? policy.file}</p>
        </div>
      </div>
      <p className="summary">{summaryOf(verification)}.</p>
      <Counts counts={verification.counts} />
      <dl className="facts">
        <Fact term="Policy">{policy.file}</Fact>
        <Fact term="Place">{policy.place ?? "none named"}</Fact>
        <Fact term="When">
          <time dateTime={startedAt}>{momentWords(startedAt)}</time>
        </Fact>
        <Fact term="Seen from">
          {report.from.host} ({report.from.platform}){sources === "" ? "" : `, sources ${sources}`}
        </Fact>
        <Fact term="Took">{durationWords(elapsedMs)}</Fact>
        <Fact term="Activation requests">none sent</Fact>
      </dl>
    </header>
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
