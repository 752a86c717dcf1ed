import { Option } from "commander";
import type { Command } from "commander";
import { spelt, wantsColor, writeOut } from "../output.ts";
import type { OutputFlags } from "../output.ts";
import { asciiOption, colorOption } from "../options/printing.ts";
import { readConfigured } from "./find.ts";

const NOTES = `
A flag counts more than a variable, a variable more than the file, the file more than what is
built in. The file is YAML (schema/config-v1.json for editors):

  resolvers: [10.0.0.53, 10.0.1.53]
  networks: { hq: 10.20.0.0/16, vpn: 10.8.0.0/24 }
  place: vpn
  dns-timeout: 2s

Examples:
  kmsprobe config                                 which file is read, which default is whose
  kmsprobe config --format json
  KMSPROBE_CONFIG=./lab.yaml kmsprobe check       another file for one run
  kmsprobe check --no-config                      neither file nor variables

Exit codes: 0 sound, or none there, 2 usage, or a mistake in the file (with its line) or in a
variable.
It sends nothing.`;

type Flags = Pick<OutputFlags, "output" | "color" | "ascii"> & { format: "text" | "json" };

export function addConfig(program: Command, signal: AbortSignal): void {
  program
    .command("config")
    .summary("which defaults hold here, and where each comes from")
    .description(
      "Says which configuration file is read, and for each default whether it comes from there, from the environment, or is built in.",
    )
    .addOption(new Option("--format <format>", "what to print").choices(["text", "json"]).default("text"))
    .option("-o, --output <file>", "write to a file instead of standard output")
    .addOption(colorOption("colour in the text"))
    .addOption(asciiOption())
    .addHelpText("after", NOTES)
    .action(async (flags: Flags) => {
      const { heldOf, renderHeld, renderHeldJson } = await import("./held.ts");
      const held = heldOf(program, await readConfigured(process.env, process.platform, signal));
      const text =
        flags.format === "json" ? renderHeldJson(held) : spelt(renderHeld(held, wantsColor(flags)), flags);
      await writeOut(text, flags.output);
    });
}
