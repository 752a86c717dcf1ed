/**
 * Names and banners come from the network. What goes to a terminal keeps printable characters only: no escape
 * sequences, no bidi controls, no invisible ones (Unicode TR 36).
 */

/** Characters of one text that are shown in a line. */
export const MAX_SHOWN = 300;

/** Control, format, surrogate, private-use, unassigned and invisible characters, and separators but the plain space. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]/gu;

/** What most texts are. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Controls and the like escaped, and cut: for text of peers or of files, in every output. */
export function printable(text: string): string {
  return printableUpTo(MAX_SHOWN, text);
}

/** @param most characters of `text` that are shown; the rest is cut, and marked as such */
export function printableUpTo(most: number, text: string): string {
  const shown = text.length > most ? `${text.slice(0, most)}…` : text;
  if (PRINTABLE_ASCII.test(shown)) return shown;
  return shown.replace(UNPRINTABLE, (character) => {
    return character === " " ? " " : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** The same value with every text in it fit for print: nothing of a peer or a file reaches a report unescaped. */
export function printableThroughout<Value>(most: number, given: Value): Value {
  const text = JSON.stringify(given, (_, value: unknown) =>
    typeof value === "string" ? printableUpTo(most, value) : value,
  );
  return JSON.parse(text);
}

/** JSON in ASCII only, so that a terminal shows what the bytes are and every reader agrees on them. */
export function asciiJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
