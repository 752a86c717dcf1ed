/**
 * Reports in ASCII, for terminals, mail and logs that show nothing else. Each sign becomes one as wide as itself, so that
 * columns stay where they are.
 */

const SIGNS: Readonly<Record<string, string>> = {
  "✓": "+",
  "✗": "x",
  "•": "*",
  "–": "-",
  "→": ">",
  "↑": "^",
  "↓": "v",
  "≠": "#",
  "×": "x",
  "·": ".",
  "“": '"',
  "”": '"',
  "’": "'",
  "▁": "_",
  "▂": ".",
  "▃": ":",
  "▄": "-",
  "▅": "=",
  "▆": "+",
  "▇": "*",
  "█": "#",
  "░": ".",
};

const FOREIGN = /[\u0080-\u{10ffff}]/gu;

/** Where something was cut off in a column: two blanks follow, behind what ends a colour. */
const CUT_IN_COLUMN = /…(?=(?:\p{Cc}\[[\d;]*m)* {2})/gu;

/** Text in lines. What is no sign of ours, such as a name in another script, is escaped. */
export function asciiText(text: string): string {
  return text
    .replace(CUT_IN_COLUMN, "~")
    .replaceAll("…", "...")
    .replaceAll("± ", "+-")
    .replace(FOREIGN, (sign) => SIGNS[sign] ?? `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A screen whose cells are all counted: nothing becomes wider than it was. */
export function asciiScreen(text: string): string {
  return text
    .replaceAll("…", "~")
    .replaceAll("± ", "+-")
    .replace(FOREIGN, (sign) => SIGNS[sign] ?? "?");
}
