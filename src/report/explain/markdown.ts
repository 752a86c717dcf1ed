/** The explanation for a ticket: what follows first, then the pieces it rests on. */
import type { Explanation, Piece } from "../../explain/model.ts";
import { printable, printableUpTo } from "../escape.ts";
import { markdownText } from "../markdown-escape.ts";
import { PLACES } from "../words.ts";
import { causeWords, codeCauses, factLines, leftLines, titleOf } from "./words.ts";

const MAX_TEXT = 1_500;
const md = (text: string): string => markdownText(printableUpTo(MAX_TEXT, text));

export function renderExplainMarkdown(explanation: Explanation): string {
  const { pieces, codes, causes, contradictions } = explanation;
  const rows = causes
    .filter(({ state }) => state !== "not-visible-from-here")
    .map(({ cause, state, evidence, step }) => [
      cause,
      state,
      evidence,
      step === null ? "" : `${PLACES[step.where]}: ${step.command ?? step.text}`,
    ]);
  const blocks = [
    "# What the text says",
    ...(rows.length === 0 ? [] : [table(["cause", "state", "evidence", "what settles it"], rows)]),
    ...(contradictions.length === 0
      ? []
      : ["## Contradictions", contradictions.map(({ text }) => `- ${md(text)}`).join("\n")]),
    ...pieces.flatMap(pieceBlocks),
    ...(codes.length === 0
      ? []
      : [
          "## Codes",
          table(
            ["code", "name", "meaning", "causes", "next"],
            codes.map((code) => [code.code, code.name ?? "–", code.says, codeCauses(code) ?? "–", code.next]),
          ),
        ]),
  ];
  blocks.push(...leftLines(explanation).map(md));
  return `${blocks.join("\n\n")}\n`;
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
    ...(facts.length === 0 ? [] : [table(["fact", "value"], facts)]),
    `Does not tell: ${md(piece.doesNotTell)}`,
    ...(next.length === 0 ? [] : [next.join("\n")]),
  ];
}

/** A command, so that it can be copied: no backtick of it ends the fence. */
function fenced(command: string): string {
  return `\`${printable(command).replaceAll("`", "'")}\``;
}

/** Cells are escaped here, and nowhere before. */
function table(head: readonly string[], rows: readonly string[][]): string {
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(md).join(" | ")} |`;
}
