/** What a person reads is said once: no sentence of a text report stands in it a second time. */
import { expect, it } from "vitest";
import { renderText } from "../../../src/report/check/text.ts";
import { renderVerifyText as renderVerification } from "../../../src/report/verify/text.ts";
import { scenes } from "./check/scenes.ts";
import { verifyScenes as verifications } from "./verify/scenes.ts";

/** Shorter ones are names and words. */
const LONG = 40;

const OPTIONS = { color: false, verbose: false } as const;
const WIDTHS = [60, 100];

/**
 * The sentences of a report, without those of its verdict, which is the first line and the last on purpose, and without
 * steps, which each verdict has for hosts of its own.
 */
function sentencesOf(text: string): string[] {
  const [verdict = ""] = text.split("\n\n");
  const body = text.replaceAll(verdict.trim(), "");
  const paragraphs = body.split(/\n\s*\n|\n(?=\s*(?:[•–✓✗!?i→] | ?\d+ [✓✗!?] ))/);
  return paragraphs
    .map((paragraph) => paragraph.replaceAll(/\s+/g, " ").trim())
    .filter((paragraph) => !paragraph.startsWith("→"))
    .flatMap((paragraph) => paragraph.replace(/^[•–] /, "").split(/(?<=[.;]) /))
    .filter((sentence) => sentence.length >= LONG);
}

function twiceIn(text: string): string[] {
  const sentences = sentencesOf(text);
  expect(sentences.length).toBeGreaterThan(0);
  return sentences.filter((sentence, index) => sentences.indexOf(sentence) !== index);
}

it.each(Object.entries(scenes))("a check of %s", (_, report) => {
  for (const width of WIDTHS) expect(twiceIn(renderText(report, { ...OPTIONS, width }))).toEqual([]);
});

it.each(Object.entries(verifications))("a verification of %s", (_, verification) => {
  for (const width of WIDTHS)
    expect(twiceIn(renderVerification(verification, { ...OPTIONS, width }))).toEqual([]);
});

it("would see one", () => {
  const said = "One sentence that is long enough to be counted as such.";
  expect(twiceIn(`✗ the verdict\n\n${said} And more.\n\n  • ${said}\n\n✗ the verdict\n`)).toEqual([said]);
});
