/** Words and texts in, the report out. A file of its own: it loads what decodes code pages, which other commands don't. */
import { decodeText } from "../../explain/decode.ts";
import { knownCodes } from "../../explain/codes.ts";
import { knownEvents } from "../../explain/events.ts";
import { explainCode, explained } from "../../explain/explain.ts";
import type { Claimed } from "../../explain/causes.ts";
import type { Input } from "../../explain/explain.ts";
import { hresultOf } from "../../explain/hresult.ts";
import { join } from "../../explain/join/join.ts";
import { textTargets } from "../../explain/join/text-targets.ts";
import type { ExplainedCode, Explanation } from "../../explain/model.ts";
import type { CheckOptions } from "../../run/request.ts";
import type { Report } from "../../model/report.ts";
import { printable } from "../../report/escape.ts";
import { renderExplainJson } from "../../report/explain/json.ts";
import { renderExplainMarkdown } from "../../report/explain/markdown.ts";
import { listText, renderExplainText } from "../../report/explain/text.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { VERSION } from "../../version.ts";
import { inputName } from "../../report/explain/words.ts";
import { plural } from "../../verdict/figures.ts";
import { codeLike, ownCode } from "./own-codes.ts";

export type ExplainRequest = Shown & { words: readonly string[] };

export type Shown = {
  format: "text" | "json" | "markdown";
  color: boolean;
  width: number;
  verbose?: boolean;
};

export type Explained = {
  readonly output: string;
  /** a line for each word that was not understood, and each text in which nothing was recognised */
  readonly unread: readonly string[];
  /** whether a word is neither a code nor a file */
  readonly misnamed: boolean;
  readonly recognised: boolean;
};

/** @param read the bytes of a file or of standard input; null where there is no such file */
export async function explainWords(
  request: ExplainRequest,
  read: (file: string) => Promise<Uint8Array | null>,
): Promise<Explained> {
  const { explanation, unread, unknown } = await gather(request.words, read);
  return {
    output: render(explanation, request),
    unread: [...unknown, ...unread],
    misnamed: unknown.length > 0,
    recognised: isRecognised(explanation),
  };
}

/** Texts as they were read, for a check to be joined with. `named` is what they name that can be looked at. */
export type Texts = Awaited<ReturnType<typeof gather>> & {
  readonly recognised: boolean;
  readonly named: NonNullable<CheckOptions["named"]>;
};

/** @throws UsageError where a word is neither a code nor a file: a check would go without it */
export async function readTexts(
  words: readonly string[],
  read: (file: string) => Promise<Uint8Array | null>,
): Promise<Texts> {
  const gathered = await gather(words, read);
  const { explanation, unknown } = gathered;
  const [first] = unknown;
  if (first !== undefined) throw new UsageError(first);
  const named = { ...textTargets(explanation), by: namesOf(explanation) };
  return { ...gathered, recognised: isRecognised(explanation), named };
}

export function renderJoined({ explanation, claims }: Texts, report: Report, request: Shown): string {
  return render(join(explanation, claims, report), request);
}

/** `ticket.txt`, `a.txt and standard input`: where the targets were named. */
function namesOf({ inputs }: Explanation): string {
  const names = inputs.map(({ name }) => (name === "-" ? "standard input" : name));
  return names.length === 0 ? "the codes" : names.join(" and ");
}

export function isRecognised({ pieces, codes }: Explanation): boolean {
  return pieces.length > 0 || codes.length > 0;
}

/** What the words come to, before it is shown. */
export async function gather(
  words: readonly string[],
  read: (file: string) => Promise<Uint8Array | null>,
): Promise<{ explanation: Explanation; claims: Claimed[]; unread: string[]; unknown: string[] }> {
  const hresults: string[] = [];
  const others: ExplainedCode[] = [];
  const inputs: Input[] = [];
  const unread: string[] = [];
  const unknown: string[] = [];
  for (const word of words) {
    const code = hresultOf(word);
    const own = code === null ? ownCode(word) : null;
    const bytes = code === null && own === null ? await read(word) : null;
    if (code !== null) hresults.push(code);
    else if (own !== null) others.push(own);
    else if (bytes !== null) inputs.push({ name: word, ...decodeText(bytes) });
    else unknown.push(notUnderstood(word));
  }
  const { explanation, claims } = explained(inputs, [...new Set(hresults)], VERSION);
  for (const [at, { name, lines }] of explanation.inputs.entries())
    if (!explanation.pieces.some(({ input }) => input === inputs[at]?.name) && explanation.codes.length === 0)
      unread.push(
        lines === 0
          ? `${inputName(name)} is empty: ${EXPECTED_TEXT}`
          : `nothing was recognised in the ${plural(lines, "line")} of ${inputName(name)}: ${EXPECTED_TEXT}`,
      );
  const codes = [...explanation.codes, ...others];
  return { explanation: { ...explanation, codes }, claims, unread, unknown };
}

function notUnderstood(word: string): string {
  if (word.trim() === "")
    return `'${printable(word)}' is no code of ours, and no file: is a variable of a script empty?`;
  const meant = codeLike(word);
  const hint = meant === null ? EXPECTED : `did you mean ${meant}?`;
  return `${printable(word)} is no code of ours, and no file: ${hint}`;
}

const EXPECTED =
  "an HRESULT (0x and eight digits, or a decimal of ten), the number of an event, or a code of kmsprobe is expected";
const EXPECTED_TEXT =
  "output of slmgr.vbs, ospp.vbs, events, nslookup, Test-NetConnection, ipconfig /all, w32tm or sc is expected";

export function render(explanation: Explanation, { format, color, width, verbose = false }: Shown): string {
  switch (format) {
    case "text":
      return renderExplainText(explanation, { color, width, verbose });
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
