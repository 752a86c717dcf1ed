/** How something weighs, told by sign, words and colour together. */
import type { ReactElement } from "react";
import type { Severity } from "../../model/verdict.ts";
import { SIGNS } from "../style.ts";

/** `neutral`: nothing was at stake, or nothing was looked at. */
export type Tone = Severity | "neutral";

export function signOf(tone: Tone): string {
  return tone === "neutral" ? "–" : SIGNS[tone];
}

/** The sign in its colour; words for it must stand beside it. */
export function Sign({ tone }: { tone: Tone }): ReactElement {
  return (
    <span className={`sign ${tone}`} aria-hidden="true">
      {signOf(tone)}
    </span>
  );
}

export function Badge({ tone, words }: { tone: Tone; words: string }): ReactElement {
  return (
    <span className={`badge ${tone}`}>
      <span aria-hidden="true">{signOf(tone)} </span>
      {words}
    </span>
  );
}
