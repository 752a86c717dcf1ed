import { Option } from "commander";
import type { Command } from "commander";
import { parseNetwork } from "../../targets/parse.ts";
import { readBounded } from "../../targets/read-bounded.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { plural } from "../../verdict/figures.ts";
import { EXIT } from "../exit.ts";
import { asciiOption, colorOption } from "../options/printing.ts";
import { spelt, wantsColor, widthOf, writeOut } from "../output.ts";
import type { OutputFlags } from "../output.ts";

/** Larger than any report of the hosts that one check takes. */
const MAX_MIB = 64;
const MAX_REPORTS = 32;
const MAX_LABEL = 40;

const EXAMPLES = `
Examples:
  kmsprobe compare office.json vpn.json
  kmsprobe compare before.json after.json --label "VPN down" --label "VPN up"
  kmsprobe compare *.json --network servers=10.30.0.0/16 --format markdown -o ticket.md
  ssh jump kmsprobe check -d corp.example --format json | kmsprobe compare here.json -

Reports are what kmsprobe check --format json writes, and verify.
Exit codes: 0 no difference in what serves, 1 places differ, 2 usage, 3 could not run.`;

type Flags = Pick<OutputFlags, "output" | "color" | "ascii"> & {
  label?: string[];
  network?: string[];
  format: "text" | "json" | "markdown";
};

export function addCompare(program: Command, signal: AbortSignal, setExitCode: (code: number) => void): void {
  program
    .command("compare")
    .summary("lay reports from several places or times side by side")
    .description(
      "Reads reports of kmsprobe check and says which hosts serve at which place, what differs, and what follows from that.",
    )
    .argument(
      "<report...>",
      "JSON report; - is standard input; one with several sources counts as several places",
    )
    .option("--label <name>", "name of a report's place, in the order of the files (repeatable)", collect)
    .option("--network <name=cidr>", "name a subnet (repeatable)", collect)
    .addOption(
      new Option("--format <format>", "what to print").choices(["text", "json", "markdown"]).default("text"),
    )
    .option("-o, --output <file>", "write to a file instead of standard output")
    .addOption(colorOption("colour in the text"))
    .addOption(asciiOption())
    .addHelpText("after", EXAMPLES)
    .action(async (files: string[], flags: Flags) => {
      const labels = flags.label ?? [];
      checkNames(files, labels);
      const request = {
        files,
        labels,
        networks: (flags.network ?? []).map(parseNetwork),
        format: flags.format,
        color: wantsColor(flags),
        width: widthOf(flags),
      };
      const { compareReports } = await import("./reports.ts");
      const compared = await compareReports(request, (file) =>
        readBounded(file, { what: "report", most: MAX_MIB, signal }),
      );
      if (signal.aborted) return setExitCode(EXIT.interrupted);
      if (!compared.ok) throw new UsageError(compared.fault);
      await writeOut(flags.format === "text" ? spelt(compared.text, flags) : compared.text, flags.output);
      setExitCode(compared.serving === "differs" ? EXIT.wouldNotServe : EXIT.ok);
    });
}

function checkNames(files: readonly string[], labels: readonly string[]): void {
  if (files.length > MAX_REPORTS)
    throw new UsageError(`${files.length} reports: ${MAX_REPORTS} at most at a time`);
  if (files.filter((file) => file === "-").length > 1)
    throw new UsageError("- is named twice: there is one standard input");
  if (labels.length > files.length)
    throw new UsageError(
      `${plural(labels.length, "label")} for ${plural(files.length, "report")}: one --label a report, in their order`,
    );
  if (new Set(labels).size < labels.length) throw new UsageError("two reports have the same --label");
  const wrong = labels.find((label) => label.trim() === "" || label.length > MAX_LABEL);
  if (wrong !== undefined) throw new UsageError(`a --label has 1 to ${MAX_LABEL} characters`);
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
