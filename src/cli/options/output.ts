import { Option } from "commander";
import type { Command } from "commander";
import { CHECK_KINDS } from "../output.ts";
import { asciiOption, bomOption, colorOption } from "./printing.ts";

/** Where the report of a check goes, and how it looks. */
export function addOutputOptions(command: Command): Command {
  return command
    .addOption(new Option("--format <format>", "what to print").choices(CHECK_KINDS).default("text"))
    .option("-o, --output <file>", "write to a file instead of standard output")
    .option("-q, --quiet", "no progress, and no text report: the exit code tells", false)
    .option("-v, --verbose", "show the evidence behind each verdict", false)
    .addOption(colorOption("colour in the text report"))
    .addOption(asciiOption())
    .addOption(bomOption());
}
