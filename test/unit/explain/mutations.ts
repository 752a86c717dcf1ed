/** What happens to text between a console and a ticket. Each is a function of the text alone, so that a failure repeats. */

export type Mutation = { readonly name: string; readonly apply: (text: string) => string };

/** As a console breaks: at the column, wherever that is. */
function hardWrapped(text: string, columns: number): string {
  return perLine(text, (line) => {
    const rows = [];
    for (let at = 0; at === 0 || at < line.length; at += columns) rows.push(line.slice(at, at + columns));
    return rows.join("\n");
  });
}

/** As a mail program breaks: at the last blank that fits. */
function wordWrapped(text: string, columns: number): string {
  return perLine(text, (line) => {
    const rows: string[] = [];
    let row = "";
    for (const word of line.split(" ")) {
      if (row !== "" && row.length + 1 + word.length > columns) {
        rows.push(row);
        row = word;
      } else
        row = row === "" && rows.length === 0 && word === "" ? " " : row === "" ? word : `${row} ${word}`;
    }
    return [...rows, row].join("\n");
  });
}

function perLine(text: string, change: (line: string) => string): string {
  return text
    .split("\n")
    .map((line) => change(line.replace(/\r$/, "")))
    .join("\n");
}

const WIDTHS = [72, 73, 76, 78, 79, 80, 90, 96, 100, 110, 119, 120];

export const MUTATIONS: readonly Mutation[] = [
  ...WIDTHS.flatMap((columns) => [
    { name: `hard wrap at ${columns}`, apply: (text: string) => hardWrapped(text, columns) },
    { name: `word wrap at ${columns}`, apply: (text: string) => wordWrapped(text, columns) },
  ]),
  {
    name: "hard wrap at 80, then stripped of indents",
    apply: (text) => perLine(hardWrapped(text, 80), (line) => line.trim()),
  },
  {
    name: "hard wrap at 72, then quoted",
    apply: (text) => perLine(hardWrapped(text, 72), (line) => `> ${line}`),
  },
  { name: "stripped of indents", apply: (text) => perLine(text, (line) => line.trimStart()) },
  { name: "stripped of blanks at the ends", apply: (text) => perLine(text, (line) => line.trim()) },
  { name: "indented", apply: (text) => perLine(text, (line) => `        ${line}`) },
  { name: "quoted", apply: (text) => perLine(text, (line) => `> ${line}`) },
  { name: "quoted twice", apply: (text) => perLine(text, (line) => `> > ${line}`) },
  { name: "commented", apply: (text) => perLine(text, (line) => `# ${line}`) },
  { name: "in a list", apply: (text) => perLine(text, (line) => (line === "" ? "" : `• ${line}`)) },
  { name: "with CRLF", apply: (text) => text.replace(/\r?\n/g, "\r\n") },
  { name: "with blank lines between", apply: (text) => text.replace(/\n/g, "\n\n") },
  { name: "with full-width colons", apply: (text) => text.replace(/: /g, "：") },
  {
    name: "in HTML",
    apply: (text) =>
      `<pre>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")}</pre>\n`,
  },
  {
    name: "in paragraphs of HTML",
    apply: (text) =>
      perLine(
        text,
        (line) => `<p>${line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}</p>`,
      ),
  },
  { name: "with no-break spaces", apply: (text) => text.replaceAll("  ", "\u00A0\u00A0") },
  { name: "with zero-width spaces", apply: (text) => text.replaceAll(": ", ": \u200B") },
  { name: "in a fence", apply: (text) => `\`\`\`\n${text}\`\`\`\n` },
  {
    name: "with Markdown's hard breaks",
    apply: (text) => perLine(text, (line) => (line === "" ? "" : `${line}\\`)),
  },
  {
    name: "with a poster's words around",
    apply: (text) =>
      `Hello all,\n\nthis is what I get on the new machines:\n\n${text}\n\nAny ideas? We have 30 of them, and the port is 1688.\nThanks, K.\n`,
  },
  { name: "in colour", apply: (text) => perLine(text, (line) => `\u001B[33m${line}\u001B[0m`) },
];
