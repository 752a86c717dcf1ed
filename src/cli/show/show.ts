import { Option } from "commander";
import type { Command } from "commander";
import { printable } from "../../report/escape.ts";
import { nameOfFile, readBounded } from "../../targets/read-bounded.ts";
import { asciiOption, bomOption, colorOption } from "../options/printing.ts";
import { EXIT } from "../exit.ts";
import { CHECK_KINDS, asFile, wantsColor, widthOf, writeOut } from "../output.ts";
import type { OutputFlags } from "../output.ts";
import { parseReportFile, requireWritable } from "../report-files.ts";
import { REPORT_KINDS } from "../verify/report-kinds.ts";
import { collect } from "../options/values.ts";
import { ReportOption } from "../options/report.ts";

/** Larger than any report of the hosts that one check takes, and than a sweep's of a campus. */
const MAX_MIB = 256;

/** Whatever any report can be shown as; which of it this one can be, its renderer says. */
const KINDS = [...new Set([...CHECK_KINDS, ...REPORT_KINDS])];

const EXAMPLES = `
Examples:
  kmsprobe show report.json                       what the run printed, again
  kmsprobe show report.json -v                    with the evidence
  kmsprobe show report.json --format html -o report.html
  kmsprobe show verification.json --report junit=kms.xml --report markdown=kms.md
  ssh jump kmsprobe check --format json | kmsprobe show -

Reports are what check, sweep, merge, verify, compare and explain write with --format json. It
sends nothing.
Exit codes: those of the run that is shown; 2 usage, or a file that is no report.`;

type Flags = Pick<OutputFlags, "output" | "color" | "verbose" | "ascii" | "bom"> & {
  format: string;
  report?: string[];
};

export function addShow(program: Command, signal: AbortSignal, setExitCode: (code: number) => void): void {
  program
    .command("show")
    .summary("show a saved report again, in any format")
    .description(
      "Reads a report that was saved as JSON, and shows it again: as text, or in any other format.",
    )
    .argument("<report>", "JSON report; - is standard input")
    .addOption(new Option("--format <format>", "what to print").choices(KINDS).default("text"))
    .addOption(new ReportOption(KINDS).argParser(collect))
    .option("-o, --output <file>", "write to a file instead of standard output")
    .option("-v, --verbose", "show the evidence behind each verdict", false)
    .addOption(colorOption("colour in the text"))
    .addOption(asciiOption())
    .addOption(bomOption())
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, flags: Flags) => {
      const besides = (flags.report ?? []).map((text) => parseReportFile(text, KINDS));
      const files = [flags.output ?? null, ...besides.map((each) => each.file)].filter(
        (each) => each !== null,
      );
      await requireWritable(files, [{ file, what: "the report to show" }]);
      const text = await readBounded(file, { what: "report", most: MAX_MIB, signal });
      if (signal.aborted) return setExitCode(EXIT.interrupted);
      const { exitCodeOfSaved, renderSaved, savedIn } = await import("./saved.ts");
      const saved = savedIn(text, printable(nameOfFile(file)));
      const { verbose } = flags;
      const looks = { color: wantsColor(flags), verbose, width: widthOf(flags) };
      // All of them are made before any is written: a kind that this report hasn't got leaves no half of the files.
      const shown = [{ kind: flags.format, file: flags.output, looks }];
      const plain = { color: false, verbose, width: 100 };
      for (const { kind, file: to } of besides) shown.push({ kind, file: to ?? undefined, looks: plain });
      const made = await Promise.all(
        shown.map(async (each) => ({ ...each, text: await renderSaved(saved, each.kind, each.looks) })),
      );
      for (const { kind, text: shape, file: to } of made) await writeOut(asFile(shape, kind, flags), to);
      setExitCode(exitCodeOfSaved(saved, flags.format));
    });
}
