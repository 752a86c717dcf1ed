/**
 * What was wrong in the words of a program that calls: the rooms below name flags, as they stand on the command line, and
 * here the same thing is an option of the call.
 */
import { UsageError } from "../targets/usage-error.ts";

const OPTIONS: Readonly<Record<string, string>> = {
  "-d": "domains",
  "-r": "resolvers",
  "--domain": "domains",
  "--exclude": "exclude",
  "--exclude-file": "excludeFiles",
  "--file": "files",
  "--network": "networks",
  "--place": "place",
  "--set": "set",
  "--source": "sources",
  "--state": "stateFile",
};

/** Runs it; a UsageError that comes of it names options. */
export async function inOptions<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    throw ofOptions(error);
  }
}

/** The error to throw instead; one that names no flag stays as it is. */
export function ofOptions(error: unknown): unknown {
  if (!(error instanceof UsageError)) return error;
  // What the caller wrote stands in quotes, and stays as it was written.
  const parts = error.message.split(/('[^']*')/);
  const message = parts.map((part) => (part.startsWith("'") ? part : named(part))).join("");
  return message === error.message ? error : new UsageError(message, { cause: error });
}

function named(text: string): string {
  return text.replace(/(?<![\w-])--?[a-z][a-z-]*/g, (flag) => OPTIONS[flag] ?? flag);
}
