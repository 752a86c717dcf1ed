/** The explanation a person reads: each piece, each code, then the eight usual causes. */
import type { ExplainedCode, Explanation, Piece } from "../../explain/model.ts";
import { renderText } from "../check/text.ts";
import { renderCauses } from "../check/text-causes.ts";
import { printable, printableUpTo } from "../escape.ts";
import { createStyle, wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { PLACES } from "../words.ts";
import { causeWords, codeCauses, factLines, leftLines, titleOf } from "./words.ts";

const MAX_TEXT = 1_500;
const MAX_FACTS = 4_000;
/** Pieces that are told; JSON has all of them. */
const MOST_TOLD = 60;

export function renderExplainText(
  explanation: Explanation,
  options: { color: boolean; width: number; verbose?: boolean },
): string {
  const style = createStyle(options.color);
  const { pieces, codes, causes, contradictions, report } = explanation;
  const shown = pieces.slice(0, MOST_TOLD);
  const more = pieces.length - shown.length;
  const blocks = [
    ...shown.map((piece) => pieceText(piece, options.width, style)),
    ...(more > 0 ? [style.dim(`and ${more} more pieces (--format json has all)`)] : []),
    ...codes.map((code) => codeText(code, options.width, style)),
    ...(report === null
      ? []
      : [renderText(report, { ...options, verbose: options.verbose ?? false, causes: false }).trimEnd()]),
    ...(contradictions.length === 0 ? [] : [contradictionsText(explanation, options.width, style)]),
    ...leftLines(explanation).map((line) => style.dim(line)),
    ...(pieces.length > 0 || report !== null ? [renderCauses(causes, options.width, style).trimEnd()] : []),
  ];
  return blocks.length === 0 ? "" : `${blocks.join("\n\n")}\n`;
}

function pieceText(piece: Piece, width: number, style: Style): string {
  const facts = factLines(piece.facts).map(({ name, text }) => `${name}: ${text}`);
  const lines = [
    style.bold(titleOf(piece)),
    wrap(printableUpTo(MAX_TEXT, piece.says), width, "  "),
    wrap(`Cause: ${causeWords(piece.cause)}`, width, "  "),
    ...(facts.length === 0 ? [] : [style.dim(wrap(whole(facts), width, "  "))]),
    style.dim(wrap(`Does not tell: ${printable(piece.doesNotTell)}`, width, "  ")),
  ];
  for (const { where, text, command } of piece.next) {
    lines.push(wrap(`→ ${PLACES[where]}: ${printable(text)}`, width, "  "));
    // A command stays on one line, so that it can be copied.
    if (command !== null) lines.push(`      ${style.bold(printable(command))}`);
  }
  return lines.join("\n");
}

/** As many as there is room for, each whole. */
function whole(facts: readonly string[]): string {
  let room = MAX_FACTS;
  const shown = facts.filter((fact) => (room -= fact.length) >= 0);
  const more = facts.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more (--format json has all)`] : [])].join("; ");
}

function codeText(code: ExplainedCode, width: number, style: Style): string {
  const name = code.name === null ? (code.known ? "" : "  not in our table") : `  ${printable(code.name)}`;
  const causes = codeCauses(code);
  return [
    style.bold(printable(code.code)) + name,
    wrap(printableUpTo(MAX_TEXT, code.says), width, "  "),
    ...(causes === null ? [] : [wrap(causes, width, "  ")]),
    wrap(`Next: ${printableUpTo(MAX_TEXT, code.next)}`, width, "  "),
  ].join("\n");
}

function contradictionsText({ contradictions }: Explanation, width: number, style: Style): string {
  const lines = contradictions.flatMap(({ text, next }) => [
    `  ${style.severity("failed", "≠")} ${wrap(printableUpTo(MAX_TEXT, text), width, "    ").trimStart()}`,
    ...(next === null ? [] : [wrap(`→ ${PLACES[next.where]}: ${printable(next.text)}`, width, "    ")]),
    ...(next === null || next.command === null ? [] : [`        ${style.bold(printable(next.command))}`]),
  ]);
  return [style.bold("Where text and network contradict each other"), ...lines].join("\n");
}

export function listText(codes: readonly ExplainedCode[]): string {
  return codes.map(({ code, name, says }) => `${code}  ${name ?? "(no name)"}\n  ${says}\n`).join("");
}
