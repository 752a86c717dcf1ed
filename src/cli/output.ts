import { Option } from "commander";
import type { Report } from "../model/report.ts";
import { asciiText } from "../report/ascii.ts";
import { endpointLine, ndjsonLines, renderJson, renderNdjson } from "../report/check/json.ts";
import type { FoundEndpoint } from "../library.ts";
import { standardOutput } from "../output/standard.ts";
import { writeWhole } from "../output/whole-file.ts";
import { sized } from "./terminal-size.ts";

export type OutputFlags = {
  format: "text" | "json" | "ndjson" | "csv";
  output?: string;
  quiet: boolean;
  verbose: boolean;
  color: "auto" | "always" | "never";
  ascii: boolean;
};

export type Output = {
  /** What is printed before the report is there; null where all of it is written as a whole. */
  onEndpoint: ((found: FoundEndpoint) => void) | null;
  write: (report: Report) => Promise<void>;
};

/** Where the report goes, and in which shape. Renderers that need a library load with their format. */
export function createOutput(flags: OutputFlags): Output {
  if (flags.format === "ndjson" && flags.output === undefined) return createStream();
  return {
    onEndpoint: null,
    async write(report) {
      await writeOut(await render(report, flags), flags.output);
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

async function render(report: Report, flags: OutputFlags): Promise<string> {
  switch (flags.format) {
    case "json":
      return renderJson(report);
    case "ndjson":
      return renderNdjson(report);
    case "csv":
      return (await import("../report/check/csv.ts")).renderCsv(report);
    case "text": {
      if (flags.quiet && flags.output === undefined) return "";
      const { renderText } = await import("../report/check/text.ts");
      const options = { color: wantsColor(flags), verbose: flags.verbose, width: widthOf(flags) };
      return spelt(renderText(report, options), flags);
    }
    default:
      return flags.format satisfies never;
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

/** For every command that prints text. */
export function asciiOption(): Option {
  return new Option("--ascii", "text in ASCII only (default: where the locale is not UTF-8)").default(false);
}

/** Text for people, in signs that are shown where they read it. */
export function spelt(text: string, flags: Pick<OutputFlags, "ascii">): string {
  return wantsAscii(flags) ? asciiText(text) : text;
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
