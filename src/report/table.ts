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
