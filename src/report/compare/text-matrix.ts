import type { Cell, Comparison, Group } from "../../compare/comparison.ts";
import { clip } from "../../compare/phrase.ts";
import { subnetLabel } from "../../verdict/subnet.ts";
import { hostPort } from "../../verdict/words.ts";
import { cellWords, legendWords, marksOf } from "./words.ts";
import { createStyle, SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { plainTable, tableLines } from "../table.ts";

/** The table's layout takes time by the square of its rows. */
const MAX_TABLE_ROWS = 1_000;

/**
 * Host × place by subnet, a column a place. A narrow terminal goes without the times, then has a line a place; so has
 * a very long list.
 */
export function renderCompareMatrix(comparison: Comparison, width: number, style: Style): string {
  if (comparison.groups.length === 0) return "";
  const plain = createStyle(false);
  const rows = comparison.groups.reduce((sum, group) => sum + group.rows.length, 0);
  const fits = (times: boolean): boolean =>
    rows <= MAX_TABLE_ROWS &&
    renderTable(comparison, times, plain)
      .split("\n")
      .every((line) => line.length <= width);
  const times = [true, false].find(fits);
  const body = times === undefined ? renderList(comparison, style) : renderTable(comparison, times, style);
  const legend = legendWords(comparison, times !== false);
  return legend === "" ? body : `${body}\n${style.dim(wrap(legend, width, "  "))}`;
}

function renderTable(comparison: Comparison, times: boolean, style: Style): string {
  const labels = comparison.places.map(({ label }) => clip(label).toUpperCase());
  const head = ["  HOST", "ADDRESS", ...labels];
  const table = plainTable(
    head.map(style.dim),
    head.map(() => "left"),
  );
  const marked = marksOf(comparison);
  for (const group of comparison.groups) {
    table.push([style.bold(groupName(group)), ...head.slice(1).map(() => "")]);
    let shown = "";
    for (const row of group.rows) {
      const name = hostPort(clip(row.host), row.port);
      // A host's further addresses stand under its first.
      table.push([
        `${markOf(marked(row), style)} ${name === shown ? "" : name}`,
        clip(row.address ?? "–"),
        ...row.cells.map((cell) => cellText(cell, times, style)),
      ]);
      shown = name;
    }
  }
  return tableLines(table).join("\n");
}

function renderList(comparison: Comparison, style: Style): string {
  const marked = marksOf(comparison);
  const labels = comparison.places.map(({ label }) => clip(label));
  const room = Math.max(...labels.map((label) => label.length));
  return comparison.groups
    .flatMap((group) => [
      style.bold(groupName(group)),
      ...group.rows.flatMap((row) => [
        `${markOf(marked(row), style)} ${hostPort(clip(row.host), row.port)}  ${clip(row.address ?? "–")}`,
        ...row.cells.map(
          (cell, index) => `    ${(labels[index] ?? "").padEnd(room)}  ${cellText(cell, true, style)}`,
        ),
      ]),
    ])
    .join("\n");
}

function groupName({ network }: Group): string {
  return network === null ? "no address" : subnetLabel(network);
}

function markOf(differs: boolean, style: Style): string {
  return differs ? style.severity("degraded", "≠") : " ";
}

function cellText(cell: Cell, times: boolean, style: Style): string {
  const { severity, text } = cellWords(cell, times);
  return severity === null
    ? style.dim(`– ${text}`)
    : style.severity(severity, `${SIGNS[severity]} ${clip(text)}`);
}
