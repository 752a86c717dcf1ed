/** The explanation for a ticket: what follows first, then the pieces it rests on. */
import type { Explanation, Piece } from "../../explain/model.ts";
import { renderMarkdown } from "../check/markdown.ts";
import { printable, printableUpTo } from "../escape.ts";
import { markdownCode, markdownText } from "../markdown-escape.ts";
import { PLACES } from "../words.ts";
import { causeWords, codeCauses, factLines, leftLines, titleOf } from "./words.ts";

const MAX_TEXT = 1_500;
const md = (text: string): string => markdownText(printableUpTo(MAX_TEXT, text));
const fenced = (command: string): string => markdownCode(printable(command));

export function renderExplainMarkdown(explanation: Explanation): string {
  const { pieces, codes, causes, contradictions, report } = explanation;
  const table = causesTable(causes);
  const blocks = [
    ...(report === null ? [] : [renderMarkdown(report).trimEnd()]),
    "# What the text says",
    ...(contradictions.length === 0 ? [] : ["## Contradictions", contradictionList(contradictions)]),
    ...(report === null || table === null ? [] : ["## The eight usual causes, by text and network"]),
    ...(table === null ? [] : [table]),
    ...pieces.flatMap(pieceBlocks),
    ...(codes.length === 0
      ? []
      : [
          "## Codes",
          markdownTable(
            ["code", "name", "meaning", "causes", "next"],
            codes.map((code) => [code.code, code.name ?? "–", code.says, codeCauses(code) ?? "–", code.next]),
          ),
        ]),
  ];
  blocks.push(...leftLines(explanation).map(md));
  return `${blocks.join("\n\n")}\n`;
}

function contradictionList(contradictions: Explanation["contradictions"]): string {
  return contradictions
    .map(({ text, next }) => {
      const todo = next === null ? "" : `\n\n  ${PLACES[next.where]}: ${md(next.text)}`;
      const command = next === null || next.command === null ? "" : `\n\n  ${fenced(next.command)}`;
      return `- ${md(text)}${todo}${command}`;
    })
    .join("\n");
}

function pieceBlocks(piece: Piece): string[] {
  const facts = factLines(piece.facts).map(({ name, text }) => [name, text]);
  const next = piece.next.map(
    ({ where, text, command }) =>
      `- ${PLACES[where]}: ${md(text)}${command === null ? "" : `\n\n  ${fenced(command)}`}`,
  );
  return [
    `## ${md(titleOf(piece))}`,
    `${md(piece.says)} Cause: ${md(causeWords(piece.cause))}.`,
    ...(facts.length === 0 ? [] : [markdownTable(["fact", "value"], facts)]),
    `Does not tell: ${md(piece.doesNotTell)}`,
    ...(next.length === 0 ? [] : [next.join("\n")]),
  ];
}

/** @returns null where nothing is seen of any */
function causesTable(causes: Explanation["causes"]): string | null {
  const rows = causes
    .filter(({ state }) => state !== "not-visible-from-here")
    .map(({ cause, state, evidence, step }, index, told) => [
      cause,
      state,
      sameAs(told.slice(0, index), evidence) ?? evidence,
      step === null ? "" : `${PLACES[step.where]}: ${step.command ?? step.text}`,
    ]);
  return rows.length === 0 ? null : markdownTable(["cause", "state", "evidence", "what settles it"], rows);
}

/** What several causes rest on is said in full of the first. */
function sameAs(told: Explanation["causes"], evidence: string): string | null {
  const first = told.find((each) => each.evidence === evidence);
  return first === undefined ? null : `for the same reason as ${first.cause}`;
}

/** Cells are escaped here, and nowhere before. */
function markdownTable(head: readonly string[], rows: readonly string[][]): string {
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(md).join(" | ")} |`;
}
