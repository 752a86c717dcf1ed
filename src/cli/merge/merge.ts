import { Option } from "commander";
import type { Command } from "commander";
import { printable } from "../../report/escape.ts";
import { fileError } from "../../targets/file-error.ts";
import { openInput } from "../../targets/open-input.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { EXIT, exitCodeOfMerge } from "../exit.ts";
import { tell } from "../../output/standard.ts";
import { asciiOption, bomOption, colorOption } from "../options/printing.ts";
import { asFile, wantsColor, widthOf, writeOut } from "../output.ts";

const MAX_FILES = 1_024;

const EXAMPLES = `
Examples:
  kmsprobe merge part1.ndjson part2.ndjson part3.ndjson part4.ndjson
  kmsprobe merge part*.ndjson --format json -o sweep.json
  ssh far kmsprobe sweep 10.20.0.0/16 --shard 2/2 --format ndjson | kmsprobe merge part1.ndjson -
  kmsprobe merge part*.ndjson --format ndjson -o whole.ndjson   one file, which can be merged again

Files are what kmsprobe sweep --format ndjson writes. Their order is all the same, and what is in
two of them counts once. Addresses that no file covers are named.
Exit codes: 0 all looked at and some host serves, 1 none serves or a warning of the comparison
with DNS, 2 usage, 3 not all looked at, a line that can't be read, or could not run.`;

type Flags = {
  format: "text" | "json" | "csv" | "ndjson";
  output?: string;
  quiet: boolean;
  verbose: boolean;
  color: "auto" | "always" | "never";
  ascii: boolean;
  bom: boolean;
};

export function addMerge(program: Command, signal: AbortSignal, setExitCode: (code: number) => void): void {
  program
    .command("merge")
    .summary("join the parts of a sweep into one report")
    .description(
      "Reads the lines that runs of kmsprobe sweep --shard wrote, joins them into one report, and names what is still missing.",
    )
    .argument("<file...>", "NDJSON of a sweep; - is standard input")
    .addOption(
      new Option("--format <format>", "what to print")
        .choices(["text", "json", "csv", "ndjson"])
        .default("text"),
    )
    .option("-o, --output <file>", "write the report to a file")
    .option("-q, --quiet", "no text report on standard output, and no notes", false)
    .option("-v, --verbose", "every host, subnet and finding", false)
    .addOption(colorOption("colour in the text report"))
    .addOption(asciiOption())
    .addOption(bomOption())
    .addHelpText("after", EXAMPLES)
    .action(async (files: string[], flags: Flags) => {
      checkNames(files);
      const { mergeReports } = await import("./reports.ts");
      const { format, verbose } = flags;
      const options = { format, verbose, color: wantsColor(flags), width: widthOf(flags) };
      const merged = await mergeReports(files, (file) => open(file, signal), options);
      if (signal.aborted) return setExitCode(EXIT.interrupted);
      if (!merged.ok) throw new UsageError(merged.fault);
      if (!flags.quiet) for (const note of merged.notes) tell(`kmsprobe: ${note}\n`);
      if (!(flags.quiet && format === "text" && flags.output === undefined))
        await writeOut(
          format === "ndjson" ? merged.output : asFile([...merged.output].join(""), format, flags),
          flags.output,
        );
      setExitCode(exitCodeOfMerge(merged.report, merged.lost));
    });
}

function checkNames(files: readonly string[]): void {
  if (files.length > MAX_FILES)
    throw new UsageError(
      `${files.length.toLocaleString("en")} files: ${MAX_FILES.toLocaleString("en")} at most at a time`,
    );
  if (files.filter((file) => file === "-").length > 1)
    throw new UsageError("- is named twice: there is one standard input");
}

/** Ends where the signal aborts: a pipe may keep us waiting for ever. */
async function* open(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (signal.aborted) return;
  try {
    for await (const chunk of openInput(file, { signal, highWaterMark: 1 << 20 })) yield Buffer.from(chunk);
  } catch (error) {
    if (signal.aborted) return;
    throw fileError(`can't read ${file === "-" ? "standard input" : printable(file)}`, error);
  }
}
