/** How --help reads: options in groups, and nothing said of a switch that is off. */
import type { Command, Option } from "commander";
import { UsageError } from "../targets/usage-error.ts";

const TARGETS = "What to look at:";
const SOURCES = "From where, and whom to ask:";
const THOROUGHNESS = "How long, and how thoroughly:";
const OUTPUT = "Output:";

/** The group of each option, by its long name; the rest stands under "Options:". */
const GROUPS: Readonly<Record<string, string>> = {
  ...inGroup(
    TARGETS,
    "domain file exclude exclude-file port yes allow-public ipv4 ipv6 place set baseline init schema reconcile allowed config " +
      "check-config here check serve",
  ),
  ...inGroup(SOURCES, "resolver source network listen web-config enable-reload"),
  ...inGroup(
    THOROUGHNESS,
    "fast patient timeout retries rpc-timeout dns-timeout deadline client-timeout dns-tcp count require ladder clock trace with concurrency " +
      "rate workers max-time seed state shard interval dns-interval rounds for dry-run",
  ),
  ...inGroup(
    OUTPUT,
    "format json report output quiet verbose color ascii bom all label write-baseline plain log exec list log-level log-format",
  ),
};

function inGroup(heading: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [`--${name}`, heading]));
}

/** Puts every option of every command into its group. */
export function groupOptions(program: Command): void {
  for (const command of program.commands) {
    for (const option of command.options) {
      const heading = GROUPS[option.long ?? ""];
      if (heading !== undefined) option.helpGroup(heading);
    }
  }
}

/** `--json`, for fingers that know it from elsewhere. */
export function addJson(program: Command): void {
  for (const command of program.commands) {
    const format = command.options.find(({ long }) => long === "--format");
    if (format?.argChoices?.includes("json") !== true) continue;
    command.option("--json", "the same as --format json", false);
  }
}

/** Before a command runs. @throws UsageError where another format was asked for as well */
export function heedJson(command: Command): void {
  const { json, format } = command.opts();
  if (json !== true) return;
  if (command.getOptionValueSource("format") === "cli" && format !== "json")
    throw new UsageError(`--json is --format json: it does not go with --format ${String(format)}`);
  command.setOptionValue("format", "json");
}

/** As commander has it, without the default of a switch. */
export function optionDescription({
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
}: Option): string {
  const said: string | undefined =
    defaultValueDescription ??
    (defaultValue === undefined || defaultValue === false ? undefined : String(defaultValue));
  const notes = [
    ...(argChoices === undefined ? [] : [argChoices.join(", ")]),
    ...(said === undefined ? [] : [`default: ${said}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join("; ")})`;
}
