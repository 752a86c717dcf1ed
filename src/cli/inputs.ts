/** What a command reads is never what it writes to. */
import fs from "node:fs";
import type { Command } from "commander";
import { show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";

/** Options that name a file which is read, by their key in commander. */
const READ = ["file", "excludeFile", "allowed", "with", "config", "webConfig", "state"];
/** Those that name one which is written to from the start, or replaced. */
const WRITTEN = ["output", "log"];
/** Commands whose arguments are files, or may be; `show` and `verify` say what theirs is. */
const READ_ARGUMENTS = ["merge", "compare", "explain"];

/**
 * By what the names lead to: a link to a file is that file.
 * @throws UsageError that names the file and what it is
 */
export function requireOtherOutput(command: Command): void {
  const options: Readonly<Record<string, unknown>> = command.opts();
  const written = WRITTEN.flatMap((key) => namesIn(options[key])).map((file) => ({
    file,
    is: identity(file),
  }));
  if (written.every(({ is }) => is === null)) return;
  const read = [
    ...READ.flatMap((key) => namesIn(options[key])),
    ...(READ_ARGUMENTS.includes(command.name()) ? command.args : []),
  ];
  const found = new Set(read.filter((file) => file !== "-").map(identity));
  const same = written.find(({ is }) => is !== null && found.has(is));
  if (same !== undefined)
    throw new UsageError(`'${show(same.file)}' is read by this command: name another file to write to`);
}

function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return typeof value === "string" && value !== "-" ? [value] : [];
}

/** Null where it is no file yet, or none that keeps what is written to it. */
function identity(file: string): string | null {
  try {
    const found = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
    return found?.isFile() === true ? `${found.dev} ${found.ino}` : null;
  } catch {
    // Not there for us: whoever opens it says why.
    return null;
  }
}
