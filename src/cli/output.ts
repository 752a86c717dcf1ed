import type { Report } from "../model/report.ts";
import { asciiText } from "../report/ascii.ts";
import { endpointLine, ndjsonLines, renderJson, renderNdjson } from "../report/check/json.ts";
import type { TextOptions } from "../report/check/text.ts";
import type { FoundEndpoint } from "../run/early.ts";
import { standardOutput } from "../output/standard.ts";
import { writeWhole } from "../output/whole-file.ts";
import { parseReportFile, requireWritable } from "./report-files.ts";
import { sized } from "./terminal-size.ts";

/** What a report of `check` can be, by its name on the command line. */
export const CHECK_KINDS = ["text", "json", "ndjson", "csv", "html", "markdown", "junit"] as const;
type CheckKind = (typeof CHECK_KINDS)[number];

export type OutputFlags = {
  format: CheckKind;
  report?: string[];
  output?: string;
  quiet: boolean;
  verbose: boolean;
  color: "auto" | "always" | "never";
  ascii: boolean;
  bom: boolean;
};

export type Output = {
  /** What is printed before the report is there; null where all of it is written as a whole. */
  onEndpoint: ((found: FoundEndpoint) => void) | null;
  write: (report: Report) => Promise<void>;
};

/** Columns of a text report in a file. */
const WIDTH = 100;

/**
 * Where the reports of a check go, each in its shape. Renderers that need a library load with their kind.
 *
 * @param inputs are read by the check, and never overwritten
 * @throws UsageError where one of the files can't be written: before anybody waits for what goes into it
 */
export async function createOutput(
  flags: OutputFlags,
  inputs: readonly { file: string; what: string }[],
): Promise<Output> {
  const { verbose, report: texts = [] } = flags;
  const besides = texts.map((text) => parseReportFile(text, CHECK_KINDS));
  const files = [flags.output ?? null, ...besides.map(({ file }) => file)].filter((file) => file !== null);
  if (besides.length > 0) await requireWritable(files, inputs);
  const printed = createPrinted(flags);
  const plain = { color: false, verbose, width: WIDTH };
  return {
    onEndpoint: printed.onEndpoint,
    async write(report) {
      const failures: unknown[] = [];
      // One that can't be written doesn't cost the others.
      await printed.write(report).catch((error: unknown) => failures.push(error));
      for (const { kind, file } of besides) {
        try {
          const text = await renderCheck(report, kind, plain);
          await writeOut(asFile(text, kind, flags), file ?? undefined);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

function createPrinted(flags: OutputFlags): Output {
  const { format, output, quiet, verbose } = flags;
  if (format === "ndjson" && output === undefined) return createStream();
  return {
    onEndpoint: null,
    async write(report) {
      if (quiet && format === "text" && output === undefined) return;
      const looks = { color: wantsColor(flags), verbose, width: widthOf(flags) };
      const text = await renderCheck(report, format, looks);
      await writeOut(asFile(text, format, flags), output);
    },
  };
}

/** Lines as hosts are done, and the rest at the end. */
function createStream(): Output {
  const told = new Set<string>();
  return {
    onEndpoint(found) {
      told.add(found.pointer);
      standardOutput.write(endpointLine(found));
    },
    write: (report) => standardOutput.writeAll(ndjsonLines(report, told)),
  };
}

/** @param output the file to write; standard output where there is none */
export async function writeOut(text: string | Iterable<string>, output: string | undefined): Promise<void> {
  if (output !== undefined) await writeWhole(output, text);
  else if (typeof text === "string") standardOutput.write(text);
  else await standardOutput.writeAll(text);
}

/** One report of a check, as text. */
export async function renderCheck(report: Report, kind: CheckKind, options: TextOptions): Promise<string> {
  switch (kind) {
    case "json":
      return renderJson(report);
    case "ndjson":
      return renderNdjson(report);
    case "csv":
      return (await import("../report/check/csv.ts")).renderCsv(report);
    case "text":
      return (await import("../report/check/text.ts")).renderText(report, options);
    case "html":
      return (await import("../report/page/check-page.tsx")).renderHtml(report);
    case "markdown":
      return (await import("../report/check/markdown.ts")).renderMarkdown(report);
    case "junit":
      return (await import("../report/check/junit.ts")).renderJunit(report);
    default:
      return kind satisfies never;
  }
}

/** Whether text gets colour; a file never does by the environment, only by `--color always`. */
export function wantsColor(
  { color, output }: Pick<OutputFlags, "color" | "output">,
  terminal: { isTTY?: boolean | undefined } = process.stdout,
): boolean {
  if (color !== "auto") return color === "always";
  if (output !== undefined) return false;
  // Without a terminal Node has no isTTY, and picocolors guesses where it gets no boolean: colours with CI, on Windows.
  return forcedByEnvironment() ?? (terminal.isTTY === true && process.env["TERM"] !== "dumb");
}

/** https://no-color.org, https://force-color.org and https://bixense.com/clicolors, in this order; null leaves it open. */
function forcedByEnvironment(): boolean | null {
  const { NO_COLOR = "", FORCE_COLOR = "", CLICOLOR_FORCE = "", CLICOLOR } = process.env;
  if (NO_COLOR !== "") return false;
  // Node and chalk take these for "none".
  if (FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if (CLICOLOR_FORCE !== "" && CLICOLOR_FORCE !== "0") return true;
  return CLICOLOR === "0" ? false : null;
}

/** Text for people, in signs that are shown where they read it. */
export function spelt(text: string, flags: Pick<OutputFlags, "ascii">): string {
  return wantsAscii(flags) ? asciiText(text) : text;
}

/** A report of a kind as its bytes are to be: Excel takes a file without a byte order mark for one in the code page of its machine. */
export function asFile(text: string, kind: string, flags: Pick<OutputFlags, "ascii" | "bom">): string {
  if (kind === "text") return spelt(text, flags);
  return kind === "csv" && flags.bom ? `\uFEFF${text}` : text;
}

/** A locale that is not set says nothing: cron, containers and ssh leave it so in front of any terminal. */
export function wantsAscii({ ascii }: Pick<OutputFlags, "ascii">): boolean {
  const { LC_ALL, LC_CTYPE, LANG, TERM } = process.env;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== "");
  if (ascii || (locale !== undefined && !/utf-?8/i.test(locale))) return true;
  // Linux' own console has 512 signs, and a tick is none of them.
  return TERM === "linux" && process.stdout.isTTY;
}

/** Columns of the terminal, at least 60; 100 for a file or a pipe. */
export function widthOf({ output }: Pick<OutputFlags, "output">): number {
  return output === undefined && process.stdout.isTTY ? Math.max(60, sized(process.stdout).columns) : 100;
}
