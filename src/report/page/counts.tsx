import type { ReactElement } from "react";
import type { Verification } from "../../verify/model.ts";
import { signOf } from "./badge.tsx";
import type { Tone } from "./badge.tsx";

/** How many expectations came to what: a bar for the eye, figures with their words for everybody. */
export function Counts({ counts }: { counts: Verification["counts"] }): ReactElement {
  const { met, failed, warned, error, skipped } = counts;
  const tiles = [
    { tone: "failed", count: failed, words: failed === 1 ? "fails" : "fail" },
    { tone: "inconclusive", count: error, words: "not checked" },
    { tone: "degraded", count: warned, words: warned === 1 ? "warns" : "warn" },
    { tone: "ok", count: met, words: met === 1 ? "holds" : "hold" },
    { tone: "neutral", count: skipped, words: "for other places" },
  ] as const;
  const shown = tiles.filter(({ tone, count }) => tone !== "neutral" || count > 0);
  return (
    <>
      <Bar parts={tiles.filter(({ tone }) => tone !== "neutral")} />
      <ul className="counts" aria-label="Expectations by result">
        {shown.map(({ tone, count, words }) => (
          <li key={tone} className={count === 0 ? "none" : tone}>
            <span aria-hidden="true">{signOf(tone)}</span>
            <b>{count}</b> <span>{words}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Bar({ parts }: { parts: readonly { tone: Tone; count: number }[] }): ReactElement | null {
  const all = parts.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return null;
  let before = 0;
  return (
    <svg className="bar" width="100%" height="10" aria-hidden="true">
      {parts.map(({ tone, count }) => {
        const from = before;
        before += count;
        if (count === 0) return null;
        return (
          <rect
            key={tone}
            className={`fill-${tone}`}
            x={`${((from / all) * 100).toFixed(2)}%`}
            width={`${((count / all) * 100).toFixed(2)}%`}
            height="10"
          />
        );
      })}
    </svg>
  );
}
