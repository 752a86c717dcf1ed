/** Codes that are no HRESULT: numbers of events, and kmsprobe's own verdicts and findings. */
import { eventEntry } from "../../explain/events.ts";
import type { ExplainedCode } from "../../explain/model.ts";
import { catalog, isVerdictCode, entryOf } from "../../verdict/catalog.ts";
import { tellsOf } from "../../verdict/causes/tells.ts";
import type { Hint } from "../../verdict/catalog/entry.ts";
import { findingCatalog } from "../../verdict/findings/catalog.ts";
import { nearest } from "../../verify/nearest.ts";

/** @returns null for a word that is none */
export function ownCode(word: string): ExplainedCode | null {
  const event = eventEntry(word);
  if (event !== undefined) {
    const side = event.side === "host" ? "on a KMS host" : "on a client";
    return { ...NOTHING, code: word, name: `event ${word}, ${side}`, says: event.says, next: event.next };
  }
  if (isVerdictCode(word)) {
    const { title, observed, causes, next, severity } = entryOf(word);
    const { connectivity, host, dns } = tellsOf(word);
    const fits = [
      ...(connectivity === "fault" || connectivity === "maybe" ? (["connectivity"] as const) : []),
      ...(host === "fault" || host === "maybe" ? (["kms-host"] as const) : []),
      ...(dns === "fault" || dns === "maybe" ? (["dns"] as const) : []),
    ];
    const usual = causes.filter(isUsual);
    const why = usual.length === 0 ? "" : ` Causes: ${usual.map(({ text }) => filled(text)).join("; ")}.`;
    const seen = filled(observed).replace(/[:. ]+$/, "");
    return {
      ...NOTHING,
      code: word,
      name: `verdict: ${title}`,
      success: severity === "ok",
      says: `${seen || title}.${why}`,
      fits,
      next:
        next
          .filter(isUsual)
          .map(({ text, command }) => filled(command === undefined ? text : `${text}: ${command}`))[0] ??
        "nothing to do",
    };
  }
  const finding = Object.entries(findingCatalog).find(([name]) => name === word)?.[1];
  if (finding === undefined) return null;
  return {
    ...NOTHING,
    code: word,
    name: `finding, ${finding.severity}`,
    says: `${finding.means}. It stands beside a verdict, and does not decide it.`,
    next: filled(finding.next),
  };
}

/**
 * The code that somebody may have meant by a word that is none: an HRESULT whose 0x was left out, or one of our own with
 * a letter wrong.
 */
export function codeLike(word: string): string | null {
  if (/^[0-9a-f]{8}$/i.test(word)) return `0x${word.toUpperCase()}`;
  if (!/^[a-z\d]+(?:-[a-z\d]+)+$/i.test(word)) return null;
  return nearest(word, [...Object.keys(catalog), ...Object.keys(findingCatalog)]);
}

const NOTHING = { known: true, success: false, proves: null, fits: [], lines: [] };

/** What holds without something special in the evidence, of which a bare code has none. */
function isUsual({ only }: { only?: readonly Hint[] | undefined }): boolean {
  return only === undefined;
}

/** The catalogue's placeholders, as a reader fills them; what only evidence could add is left out. */
function filled(text: string): string {
  return text
    .replace(/(?<=[\w.}])\{\w+\}/g, "")
    .replaceAll("{detail}", "")
    .replace(/\{(\w+)\}/g, "<$1>");
}
