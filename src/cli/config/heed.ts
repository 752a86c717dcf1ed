/** The user's own defaults, under whatever stands on the command line. */
import type { Command } from "commander";
import type { Default } from "../../model/report.ts";
import { readConfigured } from "./find.ts";
import { SETTINGS, takes } from "./settings.ts";
import type { Setting } from "./settings.ts";

/** The option that turns them off, for every command that takes any. */
export function addNoConfig(program: Command): void {
  for (const command of program.commands) {
    if (SETTINGS.some((setting) => takes(command, setting)))
      command.option("--no-config", "no defaults from your configuration file or KMSPROBE_ variables");
  }
}

/** What a command's run can be told of: those that alter what it asks. */
export type Defaulted = { defaults?: readonly Default[] };

/**
 * Before a command runs. A flag counts more, and so does what --fast and --patient stand for.
 *
 * @throws UsageError where the configuration can't be understood
 */
export async function heedConfig(command: Command, signal: AbortSignal): Promise<void> {
  const options: Readonly<Record<string, unknown>> = command.opts();
  if (options["config"] === false) return;
  const taken = SETTINGS.filter((setting) => takes(command, setting) && !isGiven(command, setting));
  if (taken.length === 0) return;
  const { found } = await readConfigured(process.env, process.platform, signal);
  const defaults: Default[] = [];
  for (const { name, option, asks, shown, fits } of taken) {
    const set = found.get(name);
    if (set === undefined || fits?.(set.value, options) === false) continue;
    if (name === "color" && set.from === "file" && hasWord(process.env)) continue;
    command.setOptionValueWithSource(option, set.value, set.from === "file" ? "config" : "env");
    if (asks) defaults.push({ setting: name, value: shown(set.value), from: set.from, where: set.where });
  }
  if (defaults.length > 0) command.setOptionValue("defaults", defaults);
}

/** For what is printed before a run that has no report of its own to say it. */
export function defaultNotes({ defaults = [] }: Defaulted): string[] {
  return defaults.map(({ setting, value, where }) => `${setting} ${value}, by ${where}`);
}

function isGiven(command: Command, { option }: Setting): boolean {
  const source = command.getOptionValueSource(option);
  return source !== undefined && source !== "default";
}

/** The environment before the file: these say whether there is to be colour, for every program. */
function hasWord(env: NodeJS.ProcessEnv): boolean {
  return ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR"].some((name) => (env[name] ?? "") !== "");
}
