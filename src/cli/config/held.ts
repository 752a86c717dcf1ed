/** The defaults that hold, each with where it comes from. */
import type { Command } from "commander";
import type { Value } from "../../config/config-file.ts";
import { asciiJson, printable } from "../../report/escape.ts";
import { createStyle } from "../../report/style.ts";
import { plainTable, tableLines } from "../../report/table.ts";
import type { Configured } from "./find.ts";
import { optionOf, SETTINGS, takes } from "./settings.ts";
import type { Setting } from "./settings.ts";

type Held = {
  schemaVersion: "1.0";
  kind: "configuration";
  /** Null where none is read: no folder for it is known, or KMSPROBE_CONFIG is the null device. */
  file: { path: string; found: boolean; fault: string | null } | null;
  settings: {
    setting: string;
    /** As the option has it, times in milliseconds; null where it is left to the system, or to the policy. */
    value: Value | null;
    words: string;
    from: "file" | "environment" | "built-in";
    /** The file with its line, or the variable; null for what is built in. */
    where: string | null;
    option: string;
    variable: string;
    commands: string[];
  }[];
};

/** What is there without a word of the user's, where commander has none. */
const UNSET: Readonly<Record<string, string>> = {
  resolvers: "those of this machine",
  networks: "none",
  place: "none",
};

/** Commands that a line has room for. */
const MOST_NAMED = 4;

export function heldOf(program: Command, { file, found }: Configured): Held {
  const settings = SETTINGS.map((setting): Held["settings"][number] => {
    const set = found.get(setting.name);
    const commands = program.commands.filter((command) => takes(command, setting));
    const value = set?.value ?? builtIn(commands[0], setting);
    return {
      setting: setting.name,
      value,
      words: value === null ? (UNSET[setting.name] ?? "none") : setting.shown(value),
      from: set?.from ?? "built-in",
      where: set?.where ?? null,
      option: (commands[0] && optionOf(commands[0], setting)?.long) ?? "",
      variable: setting.variable,
      commands: commands.map((command) => command.name()),
    };
  });
  const read = file === null ? null : { path: file.path, found: file.fault === null, fault: file.fault };
  return { schemaVersion: "1.0", kind: "configuration", file: read, settings };
}

function builtIn(command: Command | undefined, setting: Setting): Value | null {
  const value: unknown = command && optionOf(command, setting)?.defaultValue;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

export function renderHeldJson(held: Held): string {
  return `${asciiJson(held, 2)}\n`;
}

export function renderHeld({ file, settings }: Held, color: boolean): string {
  const style = createStyle(color);
  const table = plainTable(["SETTING", "VALUE", "FROM", "TAKEN BY"].map(style.dim), [
    "left",
    "left",
    "left",
    "left",
  ]);
  for (const { setting, words, where, commands } of settings) {
    const origin = where === null ? style.dim("built in") : printable(placeOf(where, file?.path));
    table.push([
      setting,
      printable(words),
      origin,
      style.dim(commands.length > MOST_NAMED ? "whatever prints text" : commands.join(", ")),
    ]);
  }
  return `${fileWords(file)}\n\n${tableLines(table).join("\n")}\n`;
}

/** The path stands above the table. */
function placeOf(where: string, file: string | undefined): string {
  return file !== undefined && where.startsWith(`${file}:`) ? `line ${where.slice(file.length + 1)}` : where;
}

function fileWords(file: Held["file"]): string {
  if (file === null) return "No configuration file is read.";
  const path = printable(file.path);
  if (file.found) return `Configuration file: ${path}`;
  return file.fault === "ENOENT" || file.fault === "ENOTDIR"
    ? `Configuration file: ${path} (not there)`
    : `Configuration file: ${path} (not read: ${file.fault ?? ""})`;
}
