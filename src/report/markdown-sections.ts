/** Markdown in sections that can be cut short, so that the whole stays within what its reader takes. */
import { markdownText } from "./markdown-escape.ts";
import { fitting, utf8Length } from "./room.ts";

/** `lines` may be left out from the end; what stands around them may not. */
export type Section = {
  before: readonly string[];
  lines: readonly string[];
  after: readonly string[];
};

/** Sections in order of weight, a blank line before each. What does not fit in so many bytes is counted. */
export function withinRoom(sections: readonly Section[], bytes: number): string[] {
  let room = bytes;
  return sections.flatMap(({ before, lines, after }) => {
    const shown = fitting(lines, room, 1);
    room -= shown.reduce((sum, line) => sum + utf8Length(line) + 1, 0);
    const left = lines.length - shown.length;
    const note = left === 0 ? [] : ["", `${left} more left out: see the whole report.`];
    return ["", ...before, ...shown, ...note, ...after];
  });
}

export function tableOf(
  title: readonly string[],
  head: readonly string[],
  rows: readonly string[][],
): Section {
  return {
    before: [...title, row(head), `|${head.map(() => "---").join("|")}|`],
    lines: rows.map(row),
    after: [],
  };
}

/** Cells are escaped here, and nowhere before. */
function row(cells: readonly string[]): string {
  return `| ${cells.map(markdownText).join(" | ")} |`;
}
