/** What a command reads is never what it writes to. */
import type { Command } from "commander";
import { show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { fileIdentity } from "./report-files.ts";

/** Options that name a file which is read, by their key in commander. */
const READ = ["file", "excludeFile", "allowed", "with", "config", "webConfig", "state"];
/** Those that name one which is written to from the start, or replaced. */
const WRITTEN = ["output", "log"];
/** Commands whose arguments are files, or may be; `show` and `verify` say what theirs is. */
const READ_ARGUMENTS = ["merge", "compare", "explain"];

/** @throws UsageError that names the file */
export function requireOtherOutput(command: Command): void {
  const options: Readonly<Record<string, unknown>> = command.opts();
  const written = WRITTEN.flatMap((key) => namesIn(options[key])).map((file) => ({
    file,
    is: fileIdentity(file),
  }));
  if (written.every(({ is }) => is === null)) return;
  const read = [
    ...READ.flatMap((key) => namesIn(options[key])),
    ...(READ_ARGUMENTS.includes(command.name()) ? command.args : []),
  ];
  const found = new Set(read.filter((file) => file !== "-").map(fileIdentity));
  const same = written.find(({ is }) => is !== null && found.has(is));
  if (same !== undefined)
    throw new UsageError(`'${show(same.file)}' is read by this command: name another file to write to`);
}

/** Commander takes the last of several files for an option that is one, and says nothing of the others. */
export function requireOneOutput(program: Command): void {
  for (const command of program.commands) {
    for (const key of WRITTEN) {
      let first: string | null = null;
      command.on(`option:${key}`, (file: string) => {
        if (first !== null && first !== file)
          throw new UsageError(
            `--${key} is given twice, '${show(first)}' and '${show(file)}': name one file to write to`,
          );
        first = file;
      });
    }
  }
}

function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return typeof value === "string" && value !== "-" ? [value] : [];
}
