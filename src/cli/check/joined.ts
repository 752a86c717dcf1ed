import type { Report } from "../../model/report.ts";
import { tell } from "../../output/standard.ts";
import type { CheckOptions } from "../../run/request.ts";
import { UsageError } from "../../targets/usage-error.ts";
import type { Defaulted } from "../config/heed.ts";
import { checkWords, readPaste } from "../explain/paste.ts";
import { spelt, wantsColor, widthOf, writeOut } from "../output.ts";
import type { OutputFlags } from "../output.ts";
import { runWithProgress } from "../run-check.ts";

/**
 * The check, joined with texts: one report of both, which it prints.
 * @param words files, or codes
 * @throws UsageError where a format has no room for a text, or two things want standard input
 */
export async function checkWith(
  words: readonly string[],
  request: CheckOptions,
  flags: OutputFlags & Defaulted & { file?: string[] },
  signal: AbortSignal,
): Promise<Report> {
  const { format } = flags;
  if (format !== "text" && format !== "json" && format !== "markdown")
    throw new UsageError(
      `--with goes with --format text, json or markdown: ${format} has no room for a text`,
    );
  if (flags.report !== undefined)
    throw new UsageError("--report holds what a check alone shows: take --format and -o for one with --with");
  if (words.includes("-") && flags.file?.includes("-") === true)
    throw new UsageError("-f - and --with - both want standard input: there is one");
  checkWords(words);
  const { readTexts, renderJoined } = await import("../explain/words.ts");
  const texts = await readTexts(words, (file) => readPaste(file, signal));
  if (!signal.aborted) for (const note of texts.unread) tell(`kmsprobe: ${note}\n`);
  const report = await runWithProgress({ ...request, named: texts.named }, flags, signal);
  if (format === "text" && flags.quiet && flags.output === undefined) return report;
  const shown = { format, color: wantsColor(flags), width: widthOf(flags), verbose: flags.verbose };
  const text = renderJoined(texts, report, shown);
  await writeOut(format === "text" ? spelt(text, flags) : text, flags.output);
  return report;
}
