/** Reads RFC 4180: quoted cells, doubled quotes, CRLF between rows. The first row names the columns. */
export function parseCsv(text: string): Record<string, string>[] {
  const [header = [], ...rows] = rowsOf(text);
  return rows.map((cells) => {
    if (cells.length !== header.length) throw new Error(`${cells.length} cells under ${header.length} names`);
    return Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ""]));
  });
}

function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A cell, then what ends it. Sticky: a byte that fits nowhere is an error, and not passed over.
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) throw new Error(`no CSV at ${JSON.stringify(text.slice(at, at + 40))}`);
    const [, raw = "", end] = match;
    row.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === "\r\n") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
