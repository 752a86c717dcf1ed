import pc from "picocolors";
import type { Severity } from "../model/verdict.ts";

export type Style = {
  bold: (text: string) => string;
  dim: (text: string) => string;
  severity: (severity: Severity, text: string) => string;
};

/** @param color false: every part of it returns the text as it is */
export function createStyle(color: boolean): Style {
  const colors = pc.createColors(color);
  const bySeverity = {
    ok: colors.green,
    degraded: colors.yellow,
    failed: colors.red,
    inconclusive: colors.magenta,
  };
  return { bold: colors.bold, dim: colors.dim, severity: (severity, text) => bySeverity[severity](text) };
}

/** A sign that needs no colour to be told apart. */
export const SIGNS: Readonly<Record<Severity, string>> = {
  ok: "✓",
  degraded: "!",
  failed: "✗",
  inconclusive: "?",
};

/** Columns of a paragraph, however wide the terminal: longer lines are hard to read. */
const WIDEST = 100;

/** Breaks text at spaces into lines of at most `width`, and of 100, each indented. A longer word stands alone. */
export function wrap(text: string, width: number, indent: string): string {
  const most = Math.min(width, WIDEST);
  const lines: string[] = [];
  let line = "";
  // A number stays with its per cent sign.
  for (const word of text.split(/ (?!%)/)) {
    if (line !== "" && indent.length + line.length + 1 + word.length > most) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each).join("\n");
}
