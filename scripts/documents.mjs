// The parts of README.md and docs/ that follow from the source, between marks such as <!-- options --> and
// <!-- /options -->: a page a command with its options, the tables of verdicts and findings, and the README's transcript.
import { existsSync, readFileSync } from "node:fs";

const row = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const table = (head, rows) => [row(head), `|${"---|".repeat(head.length)}`, ...rows.map(row)].join("\n");
/** Placeholders in angle brackets are no HTML. */
const code = (text) => `\`${text}\``;

/**
 * Every file that holds generated parts, whole.
 *
 * @param program the command line, as commander has it
 */
export function documentsOf({ program, catalog, findingCatalog, lookMetrics, ownMetrics, ...explained }) {
  const commands = program.commands.filter((command) => command.name() !== "help");
  const pages = commands.map((command) => {
    const file = `docs/${command.name()}.md`;
    const text = existsSync(file) ? readFileSync(file, "utf8") : newPage(command);
    const more =
      command.name() === "serve" ? { metrics: metricsOf(lookMetrics), own: ownMetricsOf(ownMetrics) } : {};
    return [file, filled(file, text, { usage: usageOf(command), options: optionsOf(command), ...more })];
  });
  const parts = {
    "README.md": { transcript: transcript(), commands: commandsOf(commands) },
    "docs/verdicts.md": { verdicts: verdictsOf(catalog) },
    "docs/findings.md": { findings: findingsOf(findingCatalog) },
    "docs/explain-tables.md": {
      codes: codesOf(explained),
      events: eventsOf(explained),
      keys: keysOf(explained),
      labels: labelsOf(explained),
    },
  };
  const others = Object.entries(parts).map(([file, wanted]) => [
    file,
    filled(file, readFileSync(file, "utf8"), wanted),
  ]);
  return Object.fromEntries([...pages, ...others]);
}

function filled(file, text, parts) {
  for (const [name, part] of Object.entries(parts)) {
    const marked = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
    if (!marked.test(text)) throw new Error(`${file} has no marks for ${name}`);
    text = text.replace(marked, (_, start, end) => `${start}${part}\n${end}`);
  }
  return text;
}

const marks = (name) => `<!-- ${name} -->\n<!-- /${name} -->\n`;

/** For a command that nobody has written about yet. */
function newPage(command) {
  return `# kmsprobe ${command.name()}\n\n${command.description()}\n\n${marks("usage")}\n## Options\n\n${marks("options")}`;
}

function usageOf(command) {
  const line = `kmsprobe ${command.name()} ${command.usage()}`;
  const given = command.registeredArguments.map((argument) => [code(argument.name()), describe(argument)]);
  const text = ["```text", line, "```"].join("\n");
  return given.length === 0 ? text : `${text}\n\n${table(["argument", ""], given)}`;
}

function optionsOf(command) {
  const help = command.createHelp();
  const rows = help
    .visibleOptions(command)
    .filter(({ long }) => long !== "--help")
    .map((option) => [code(option.flags), defaultOf(option), describe(option)]);
  if (rows.length === 0) return "It has none but `--help`.";
  return table(["option", "default", "what it does"], rows);
}

function defaultOf({ defaultValue, defaultValueDescription }) {
  if (defaultValueDescription !== undefined) return code(defaultValueDescription);
  // A switch is off until it is given.
  if (defaultValue === undefined || defaultValue === false || defaultValue === null) return "";
  return code(String(defaultValue));
}

function describe({ description, argChoices }) {
  const choices = argChoices === undefined ? "" : `: ${argChoices.map(code).join(", ")}`;
  return `${description.replaceAll("<", "&lt;")}${choices}`;
}

function metricsOf(metrics) {
  const rows = Object.entries(metrics).map(([name, { help, labels }]) => [
    code(name),
    labels.map(code).join(", "),
    help,
  ]);
  return table(["gauge", "labels besides place, target, module", "what it says"], rows);
}

function ownMetricsOf(metrics) {
  const rows = Object.entries(metrics).map(([name, { type, help, labels }]) => [
    code(name),
    type,
    labels.map(code).join(", "),
    help,
  ]);
  return table(["metric", "type", "labels", "what it says"], rows);
}

function commandsOf(commands) {
  const rows = commands.map((command) => [
    `[${code(command.name())}](docs/${command.name()}.md)`,
    command.summary() || command.description(),
  ]);
  return table(["command", "what it does"], rows);
}

function verdictsOf(catalog) {
  const rows = Object.entries(catalog).map(([name, entry]) => [
    code(name),
    entry.severity,
    entry.certainty,
    entry.title,
    entry.causes.map(({ text }) => text).join("; ") || "–",
  ]);
  return table(["code", "severity", "certainty", "in short", "possible causes"], rows);
}

function findingsOf(findingCatalog) {
  const rows = Object.entries(findingCatalog).map(([name, entry]) => [
    code(name),
    entry.severity,
    entry.means,
    entry.next.replaceAll("{host}", "HOST"),
  ]);
  return table(["code", "severity", "what it means", "what to do"], rows);
}

function codesOf({ knownCodes, sourceOf }) {
  const rows = knownCodes().map(([name, { name: symbol, says, proves, fits, leads }]) => [
    code(name),
    symbol === null ? "–" : code(symbol),
    says,
    proves === null ? "–" : proves,
    fits.map((each) => (each === leads ? `**${each}**` : each)).join(", ") || "–",
    sourceOf(name),
  ]);
  return table(["code", "name", "says", "confirms", "fits (**speaks for**)", "source"], rows);
}

function eventsOf({ knownEvents }) {
  const rows = knownEvents().map(([id, { side, says, next }]) => [code(id), side, says, next]);
  return table(["event", "side", "says", "next"], rows);
}

function keysOf({ knownSetupKeys }) {
  return table(
    ["last five", "product"],
    knownSetupKeys().map(([five, name]) => [code(five), name]),
  );
}

function labelsOf({ LABEL_ROWS }) {
  const rows = LABEL_ROWS.flatMap(({ family, field, grade, labels }) =>
    Object.entries(labels)
      .filter(([language]) => language !== "en")
      .map(([language, texts]) => [family, code(field), language, texts.join("; "), grade]),
  );
  return table(["of", "field", "language", "labels", "read in"], rows);
}

/** A golden report of the tests: what is shown is what is printed. */
function transcript() {
  const report = readFileSync("test/fixtures/golden/readme/text-100.golden", "utf8");
  return ["```text", "$ kmsprobe check -d corp.example", report.trimEnd(), "```"].join("\n");
}
