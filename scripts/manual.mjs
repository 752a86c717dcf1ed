// The manual pages in man/man1, one a command and one for all, from the same command line as the help: mdoc(7), in ASCII.
import { existsSync, readFileSync } from "node:fs";

const FOLDER = "man/man1";

/** As mandoc and groff print them, whatever the terminal: what is to be pasted stays what it is. */
const ESCAPES = {
  "\\": "\\e",
  "-": "\\-",
  '"': "\\(dq",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

const escaped = (text) =>
  text.replaceAll(/[\\"'`^~-]|[^\x20-\x7e\n]/gu, (char) => ESCAPES[char] ?? `\\[u${codePoint(char)}]`);
const codePoint = (char) => char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");

/** One word, or more, as the argument of a macro. A name of two or three letters could be a macro's own. */
const argument = (text) =>
  escaped(text)
    .split(" ")
    .map((word) => (/^(?:[A-Z%][A-Za-z0-9]{1,2}|[.,:;()[\]?!|])$/.test(word) ? `\\&${word}` : word))
    .join(" ");

/** Running text: a sentence begins a line, and no line is longer than mandoc wants it. */
function prose(text) {
  const sentences = text
    .replaceAll(/\s+/g, " ")
    .trim()
    .split(/(?<=[a-z0-9)][.!?:]) (?=[A-Z])/);
  return sentences.flatMap((sentence) => wrapped(escaped(sentence))).join("\n");
}

function wrapped(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === "") lines[lines.length - 1] = guarded(word);
    else if (line.length + word.length < 78) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(guarded(word));
  }
  return lines;
}

/** A dot that begins a line is no request. */
const guarded = (line) => (line.startsWith(".") ? `\\&${line}` : line);

const literal = (lines) =>
  [
    ".Bd -literal -offset 2n",
    ...lines.map((line) => guarded(escaped(line.replace(/^ {2}/, "")))),
    ".Ed",
  ].join("\n");

/** Every page, by its file. @param program the command line, as commander has it */
export function manualsOf(program) {
  const commands = program.commands.filter((command) => command.name() !== "help");
  const pages = [[program.name(), mainPage(program, commands)], ...commands.map(pageOf)];
  return Object.fromEntries(pages.map(([name, page]) => [`${FOLDER}/${name}.1`, dated(name, page)]));
}

/** A page keeps its date until it says something else. */
function dated(name, page) {
  const file = `${FOLDER}/${name}.1`;
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const [, date] = /^\.Dd (.+)$/m.exec(before) ?? [];
  if (date !== undefined && page(date) === before) return before;
  return page(new Date().toLocaleDateString("en-US", { dateStyle: "long", timeZone: "UTC" }));
}

const joined = (parts) => `${parts.filter((part) => part !== "").join("\n")}\n`;

function head(name, summary) {
  return (date) =>
    [
      '.\\" Made of the command line by scripts/generate.mjs.',
      `.Dd ${date}`,
      `.Dt ${name.toUpperCase()} 1`,
      ".Os",
      ".Sh NAME",
      `.Nm ${name}`,
      `.Nd ${argument(summary)}`,
    ].join("\n");
}

function mainPage(program, commands) {
  const top = head(program.name(), "find the KMS hosts that would serve, and why others would not");
  const list = commands.map((command) => `.It Xr ${pageName(command)} 1\n${prose(`${summaryOf(command)}.`)}`);
  return (date) =>
    joined([
      top(date),
      ".Sh SYNOPSIS\n.Nm kmsprobe\n.Ar command\n.Op Ar option ...\n.Op Ar operand ...",
      `.Sh DESCRIPTION\n${prose(program.description())}\n.Pp\nEach command has a page of its own:`,
      `.Bl -tag -width Ds\n${list.join("\n")}\n.El`,
      ".Pp\nOptions of the program itself:",
      optionList(program),
      ".Sh EXIT STATUS\n.Bl -tag -width Ds",
      ...STATUS.map(([code, says]) => `.It ${code}\n${prose(says)}`),
      ".El\n.Pp\nThe page of a command says what that means there.",
    ]);
}

const STATUS = [
  ["0", "What was checked holds: a client would be served."],
  ["1", "What was checked does not hold."],
  ["2", "Usage: one line says what is wrong, and what to write instead."],
  ["3", "It could not be checked, or the program could not run."],
  ["130", "Interrupted; what is known was printed."],
];

const pageName = (command) => `kmsprobe-${command.name()}`;
const summaryOf = (command) => command.summary() || command.description().replace(/\.$/, "");

function pageOf(command) {
  const name = pageName(command);
  const top = head(name, summaryOf(command));
  const { examples, status, notes } = told(command);
  const operands = command.registeredArguments.map(
    (operand) => `.It Ar ${argument(operand.name())}\n${prose(withChoices(operand))}`,
  );
  const page = (date) =>
    joined([
      top(date),
      ".Sh SYNOPSIS",
      `.Nm "kmsprobe ${command.name()}"\n.Op Ar option ...`,
      ...command.registeredArguments.map(synopsisOf),
      `.Sh DESCRIPTION\n${prose(command.description())}`,
      ...notes.map((lines) =>
        lines.every((line) => line.startsWith(" ")) ? literal(lines) : `.Pp\n${prose(lines.join(" "))}`,
      ),
      operands.length === 0 ? "" : `.Bl -tag -width Ds\n${operands.join("\n")}\n.El`,
      ...optionGroups(command),
      status === "" ? "" : `.Sh EXIT STATUS\n${prose(status)}`,
      examples.length === 0 ? "" : `.Sh EXAMPLES\n${literal(examples)}`,
      ".Sh SEE ALSO\n.Xr kmsprobe 1",
    ]);
  return [name, page];
}

function synopsisOf(operand) {
  const name = argument(operand.name()) + (operand.variadic ? " ..." : "");
  return operand.required ? `.Ar ${name}` : `.Op Ar ${name}`;
}

function optionGroups(command) {
  const groups = new Map();
  const rest = [];
  for (const option of command.createHelp().visibleOptions(command)) {
    const heading = option.helpGroupHeading;
    if (heading === undefined) rest.push(option);
    else groups.set(heading, [...(groups.get(heading) ?? []), option]);
  }
  groups.set("Other options:", rest);
  return [...groups].map(
    ([heading, options]) => `.Ss ${argument(heading.replace(/:$/, ""))}\n${listOf(options)}`,
  );
}

const optionList = (program) => listOf(program.createHelp().visibleOptions(program));

const listOf = (options) =>
  [
    ".Bl -tag -width Ds",
    ...options.map((option) => `.It ${flagsOf(option)}\n${prose(withChoices(option))}`),
    ".El",
  ].join("\n");

function flagsOf({ short, long, flags }) {
  const [, value] = /[<[](.+)[>\]]$/.exec(flags) ?? [];
  const names = [short, long].filter((name) => name != null).map((name) => `Fl ${argument(name.slice(1))}`);
  return names.join(" , ") + (value === undefined ? "" : ` Ar ${argument(value)}`);
}

/** What the help has in brackets, as sentences. */
function withChoices({ description, argChoices, defaultValue, defaultValueDescription }) {
  const usual =
    defaultValueDescription ??
    (defaultValue === undefined || defaultValue === false ? undefined : String(defaultValue));
  return [
    `${description}.`,
    ...(argChoices === undefined ? [] : [`One of: ${argChoices.join(", ")}.`]),
    ...(usual === undefined || usual === "" ? [] : [`Default: ${usual}.`]),
  ].join(" ");
}

/** What stands after the options of the help: examples, what the exit codes mean, and paragraphs. */
function told(command) {
  let text = "";
  command.emit("afterHelp", { error: false, command, write: (more) => (text += more) });
  const status = /^Exit codes: ((?:[^]*?)\.)$/m.exec(text);
  const rest = text.replace(status?.[0] ?? "", "");
  const paragraphs = rest
    .split(/\n\s*\n/)
    .map((each) => each.split("\n").filter((line) => line.trim() !== ""));
  const examples = paragraphs.filter(([first]) => first === "Examples:").flatMap((lines) => lines.slice(1));
  const notes = paragraphs.filter(([first]) => first !== undefined && first !== "Examples:");
  return { examples, status: status?.[1] ?? "", notes };
}
