/** What may stand at the cursor, from the tables that the help is made of. */
import type { Argument, Command, Option } from "commander";
import { codeValues, interfaceValues } from "./values.ts";
import type { Value } from "./values.ts";

type Candidates = {
  values: readonly Value[];
  /** names of files as well */
  files: boolean;
  /** what stands in the word before all of these, as `--format=` */
  lead: string;
  /** whether more of the same word follows, as a file does after `junit=` */
  open: boolean;
};

/**
 * As the scripts read it: `values`, `open` or `files` with the lead behind a tab; then a line for each value, with what it
 * is behind a tab. A script must not evaluate anything of it.
 *
 * @param before the words between the program's name and the one at the cursor
 */
export function answerOf(program: Command, before: readonly string[], current: string): string {
  const { values, files, lead, open } = candidatesOf(program, before, current);
  const rest = current.slice(lead.length);
  const fitting = values.filter(([value]) => value.startsWith(rest));
  const lines = fitting.map(([value, says]) => `${lead}${value}\t${oneLine(says)}`);
  const how = files ? "files" : open ? "open" : "values";
  return `${[`${how}\t${lead}`, ...lines].join("\n")}\n`;
}

function candidatesOf(program: Command, before: readonly string[], current: string): Candidates {
  const [name, ...words] = before;
  const command = program.commands.find((each) => each.name() === name);
  if (name === undefined)
    return current.startsWith("-") ? only(optionsOf(program, [])) : only(commandsOf(program));
  if (name === "help") return only(commandsOf(program));
  if (command === undefined) return only([]);
  // Behind -- nothing is an option.
  if (words.includes("--")) return operandsOf(command);
  const asking = optionOf(command, words.at(-1) ?? "");
  if (asking !== undefined && takesValue(asking)) return valuesOf(asking, current, "");
  const [, long, value] = /^(--[a-z-]+)=(.*)$/s.exec(current) ?? [];
  if (long !== undefined && value !== undefined) {
    const option = optionOf(command, long);
    return option !== undefined && takesValue(option) ? valuesOf(option, value, `${long}=`) : only([]);
  }
  return current.startsWith("-") ? only(optionsOf(command, words)) : operandsOf(command);
}

function only(values: readonly Value[], lead = ""): Candidates {
  return { values, files: false, lead, open: false };
}

function commandsOf(program: Command): Value[] {
  const commands = program.createHelp().visibleCommands(program);
  return commands.map((each) => [each.name(), each.summary() || each.description()]);
}

function optionsOf(command: Command, given: readonly string[]): Value[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => takesValue(option) || !given.some((word) => isNamed(option, word)))
    .flatMap(({ long, description }) => (long == null ? [] : [[long, description] as const]));
}

function optionOf(command: Command, word: string): Option | undefined {
  return word.startsWith("-") ? command.options.find((option) => isNamed(option, word)) : undefined;
}

function isNamed({ short, long }: Option, word: string): boolean {
  return word === short || word === long;
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function valuesOf(option: Option & { kinds?: readonly string[] }, text: string, lead: string): Candidates {
  const { argChoices, kinds, flags } = option;
  if (argChoices !== undefined) return only(plain(argChoices), lead);
  if (kinds !== undefined) {
    const [kind] = /^[a-z]+=/.exec(text) ?? [];
    if (kind !== undefined) return { ...only([], `${lead}${kind}`), files: true };
    return { ...only(plain(kinds.map((each) => `${each}=`)), lead), open: true };
  }
  const [, value = ""] = /<(.+)>$/.exec(flags) ?? [];
  const forms = value.split("|");
  if (forms.includes("iface")) return only(interfaceValues(), lead);
  if (forms.includes("file") || forms.includes("command")) return { ...only([], lead), files: true };
  return only(plain(forms.filter((form) => /^(?:auto|any|all)$/.test(form))), lead);
}

/** Operands that are files, by their name in the usage. */
const FILES = new Set(["file", "policy", "report", "what"]);

function operandsOf(command: Command): Candidates {
  const [operand] = command.registeredArguments;
  if (operand === undefined) return only([]);
  const values = operand.name() === "what" ? codeValues() : plain(shellsOf(operand));
  return { ...only(values), files: FILES.has(operand.name()) };
}

/** Without the word that the scripts themselves ask with. */
function shellsOf({ argChoices = [] }: Argument): string[] {
  return argChoices.filter((choice) => choice !== "words");
}

function plain(values: readonly string[]): Value[] {
  return values.map((value) => [value, ""]);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
