/** Words and texts in, the report out. A file of its own: it loads what decodes code pages, which other commands don't. */
import { decodeText } from "../../explain/decode.ts";
import { knownCodes } from "../../explain/codes.ts";
import { knownEvents } from "../../explain/events.ts";
import { explain, explainCode } from "../../explain/explain.ts";
import type { Input } from "../../explain/explain.ts";
import { hresultOf } from "../../explain/hresult.ts";
import type { ExplainedCode, Explanation } from "../../explain/model.ts";
import { printable } from "../../report/escape.ts";
import { renderExplainJson } from "../../report/explain/json.ts";
import { renderExplainMarkdown } from "../../report/explain/markdown.ts";
import { listText, renderExplainText } from "../../report/explain/text.ts";
import { VERSION } from "../../version.ts";
import { ownCode } from "./own-codes.ts";

export type ExplainRequest = {
  words: readonly string[];
  format: "text" | "json" | "markdown";
  color: boolean;
  width: number;
};

export type Explained = {
  readonly output: string;
  /** a line for each word that was not understood */
  readonly unread: readonly string[];
  readonly recognised: boolean;
};

/** @param read the bytes of a file or of standard input; null where there is no such file */
export async function explainWords(
  request: ExplainRequest,
  read: (file: string) => Promise<Uint8Array | null>,
): Promise<Explained> {
  const { explanation, unread } = await gather(request.words, read);
  return { output: render(explanation, request), unread, recognised: isRecognised(explanation) };
}

export function isRecognised({ pieces, codes }: Explanation): boolean {
  return pieces.length > 0 || codes.length > 0;
}

/** What the words come to, before it is shown. */
export async function gather(
  words: readonly string[],
  read: (file: string) => Promise<Uint8Array | null>,
): Promise<{ explanation: Explanation; unread: string[] }> {
  const hresults: string[] = [];
  const others: ExplainedCode[] = [];
  const inputs: Input[] = [];
  const unread: string[] = [];
  for (const word of words) {
    const code = hresultOf(word);
    const own = code === null ? ownCode(word) : null;
    const bytes = code === null && own === null ? await read(word) : null;
    if (code !== null) hresults.push(code);
    else if (own !== null) others.push(own);
    else if (bytes !== null) inputs.push({ name: word, ...decodeText(bytes) });
    else unread.push(`${printable(word)} is no code of ours, and no file: ${EXPECTED}`);
  }
  const explanation = explain(inputs, [...new Set(hresults)], VERSION);
  for (const [at, { name, lines }] of explanation.inputs.entries())
    if (!explanation.pieces.some(({ input }) => input === inputs[at]?.name) && explanation.codes.length === 0)
      unread.push(`nothing was recognised in the ${lines} lines of ${printable(name)}: ${EXPECTED_TEXT}`);
  return { explanation: { ...explanation, codes: [...explanation.codes, ...others] }, unread };
}

const EXPECTED =
  "an HRESULT (0x and eight digits, or a decimal of ten), the number of an event, or a code of kmsprobe is expected";
const EXPECTED_TEXT =
  "output of slmgr.vbs, ospp.vbs, events, nslookup, Test-NetConnection, ipconfig /all, w32tm or sc is expected";

export function render(explanation: Explanation, { format, color, width }: ExplainRequest): string {
  switch (format) {
    case "text":
      return renderExplainText(explanation, { color, width });
    case "json":
      return renderExplainJson(explanation);
    case "markdown":
      return renderExplainMarkdown(explanation);
    default:
      return format satisfies never;
  }
}

export function listCodes(): string {
  const events = knownEvents()
    .map(([id]) => ownCode(id))
    .filter((code) => code !== null);
  return listText([...knownCodes().map(([code]) => explainCode(code)), ...events]);
}
