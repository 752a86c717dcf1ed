/** Windows Management as ConvertTo-Csv writes it: names in the first row, an object in each that follows. */
import type { Line } from "../clean.ts";
import type { Found, Recogniser } from "../found.ts";
import { cimPiece, isTelling } from "./cim.ts";
import type { Held } from "./cim.ts";

/** Between two values; the first and the last quote of a line were taken off with its decoration. */
const BETWEEN = /"[,;]"/;
/** Rows of one listing, from the names to the last. */
const MOST_ROWS = 30;

export const cimTable: Recogniser = (lines, at) => {
  const names = namesIn(lines[at]);
  if (names !== null) return object(names, lines, { from: at, row: at + 1 });
  if (!BETWEEN.test(lines[at]?.text ?? "")) return null;
  for (let above = at - 1; above >= Math.max(0, at - MOST_ROWS); above--) {
    const heads = namesIn(lines[above]);
    if (heads !== null) return object(heads, lines, { from: at, row: at });
    if (!BETWEEN.test(lines[above]?.text ?? "")) return null;
  }
  return null;
};

function namesIn(line: Line | undefined): readonly string[] | null {
  if (line === undefined || !BETWEEN.test(line.text)) return null;
  const names = line.text.split(BETWEEN);
  if (names.length < 2 || !names.every((name) => /^[A-Za-z]\w{0,60}$/.test(name))) return null;
  return names.filter(isTelling).length >= 2 ? names : null;
}

/** A row that was torn has fewer values than there are names, and is not read. */
function object(
  names: readonly string[],
  lines: readonly Line[],
  { from, row }: { from: number; row: number },
): Found | null {
  const line = lines[row];
  if (line === undefined || line.cut) return null;
  const values = line.text.split(BETWEEN);
  if (values.length !== names.length) return null;
  const held: Held = new Map(
    names.map((name, at) => [name, { text: (values[at] ?? "").trim(), index: row }]),
  );
  return cimPiece(held, lines, { from, to: row + 1 });
}
