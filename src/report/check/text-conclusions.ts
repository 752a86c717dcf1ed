/** What the sources of a run come to, taken together: the sentences of `kmsprobe compare`. */
import type { Conclusion } from "../../model/conclusion.ts";
import { printableUpTo } from "../escape.ts";
import { wrap } from "../style.ts";
import type { Style } from "../style.ts";

/** Longer than any sentence of many places; shorter than what a hostile name could make of one. */
const MAX_TEXT = 4_000;

export function renderConclusions(conclusions: readonly Conclusion[], width: number, style: Style): string {
  if (conclusions.length === 0) return "";
  const said = conclusions.filter(({ rule }) => rule !== "note");
  const notes = conclusions.filter(({ rule }) => rule === "note");
  return [
    style.bold("The sources taken together"),
    ...said.map((each) => `  • ${wrap(printableUpTo(MAX_TEXT, each.text), width, "    ").trimStart()}`),
    ...notes.map((each) => style.dim(wrap(printableUpTo(MAX_TEXT, each.text), width, "  "))),
    "",
  ].join("\n");
}
