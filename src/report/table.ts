import Table from "cli-table3";

/** No lines, two blanks between columns: narrow terminals and screen readers are served alike. */
const PLAIN = {
  chars: {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: "",
  },
  style: { "padding-left": 0, "padding-right": 2, head: [], border: [], compact: true },
};

/** An empty table with its head; rows are pushed. */
export function plainTable(head: string[], colAligns: ("left" | "right")[]): Table.Table {
  return new Table({ ...PLAIN, head, colAligns });
}

/** Blanks at the end of a line, colours among them. */
// eslint-disable-next-line no-control-regex
const TAIL = /(?:\s|\u001b\[[\d;]*m)+$/;

/** What stands in its lines, without blanks at their ends, in colour or not. */
export function tableLines(table: Table.Table): string[] {
  return table
    .toString()
    .split("\n")
    .map((line) => line.replace(TAIL, (tail) => tail.replace(/\s+/g, "")));
}
