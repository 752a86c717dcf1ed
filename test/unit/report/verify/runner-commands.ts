/**
 * Workflow commands as GitHub's runner reads a step's output, written after what its ActionCommand.cs does: a command
 * stands at the beginning of a line, blanks aside; everything else is log.
 */
export type RunnerCommand = { command: string; properties: Record<string, string>; data: string };

const KNOWN = new Set([
  "error",
  "warning",
  "notice",
  "debug",
  "group",
  "endgroup",
  "add-mask",
  "stop-commands",
  "set-output",
  "set-env",
  "save-state",
]);

const DATA: readonly (readonly [string, string])[] = [
  ["%0D", "\r"],
  ["%0A", "\n"],
  ["%25", "%"],
];
const PROPERTY: typeof DATA = [...DATA.slice(0, 2), ["%3A", ":"], ["%2C", ","], ...DATA.slice(2)];

function unescaped(text: string, table: typeof DATA): string {
  return table.reduce((sum, [written, meant]) => sum.replaceAll(written, meant), text);
}

/** The commands in this output, and the lines that are none. */
export function readCommands(output: string): { commands: RunnerCommand[]; log: string[] } {
  const commands: RunnerCommand[] = [];
  const log: string[] = [];
  for (const line of output.split(/\r\n|\n|\r/)) {
    const found = readCommand(line);
    if (found !== null) commands.push(found);
    else if (line !== "") log.push(line);
  }
  return { commands, log };
}

function readCommand(line: string): RunnerCommand | null {
  const text = line.trimStart();
  const end = text.indexOf("::", 2);
  if (!text.startsWith("::") || end === -1) return null;
  const head = text.slice(2, end);
  const space = head.indexOf(" ");
  const command = space === -1 ? head : head.slice(0, space);
  if (!KNOWN.has(command)) return null;
  const properties: Record<string, string> = {};
  if (space > 0) {
    for (const pair of head
      .slice(space + 1)
      .trim()
      .split(",")) {
      const at = pair.indexOf("=");
      if (at > 0 && at < pair.length - 1)
        properties[pair.slice(0, at)] = unescaped(pair.slice(at + 1), PROPERTY);
    }
  }
  return { command, properties, data: unescaped(text.slice(end + 2), DATA) };
}
