import { codeEntry, knownCodes } from "../../explain/codes.ts";
import { hresultOf } from "../../explain/hresult.ts";
import { printable } from "../../report/escape.ts";
import { explainText, listText } from "../../report/explain/text.ts";

export type Explained = {
  readonly output: string;
  /** a line for each word that is no code */
  readonly unread: readonly string[];
  readonly recognised: boolean;
};

export function explainWords(words: readonly string[]): Explained {
  const codes = words.map(hresultOf);
  const read = [...new Set(codes.filter((code) => code !== null))];
  const unread = words
    .filter((_, at) => codes[at] === null)
    .map(
      (word) => `${printable(word)} is no error code: 0x and eight hexadecimal digits, or a decimal of ten`,
    );
  const output = read.map((code) => explainText(code, codeEntry(code))).join("\n");
  return { output, unread, recognised: read.length > 0 };
}

export function listCodes(): Explained {
  return { output: listText(knownCodes()), unread: [], recognised: true };
}
