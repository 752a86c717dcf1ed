import { stringify } from "csv-stringify/sync";
import { printableUpTo } from "./escape.ts";

export type Cells = Readonly<Record<string, string | number | boolean>>;

/**
 * RFC 4180 with a header, printable throughout. A cell that a spreadsheet would take for a formula is defused with an
 * apostrophe; a number stays one, with its sign.
 *
 * @param most characters that are shown of a cell
 */
export function csvText(rows: readonly Cells[], columns: readonly string[], most = 300): string {
  return stringify([...rows], {
    header: true,
    columns: [...columns],
    escape_formulas: true,
    record_delimiter: "\r\n",
    cast: { boolean: String, string: (text) => printableUpTo(most, text) },
  });
}
