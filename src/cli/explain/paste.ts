/** What is given to explain, or beside a check: codes, files, standard input. */
import fs from "node:fs";
import { readBoundedBytes } from "../../targets/read-bounded.ts";
import { UsageError } from "../../targets/usage-error.ts";

/** Larger than any paste. */
const MOST_MIB = 32;
const MOST_WORDS = 64;

export function checkWords(words: readonly string[]): void {
  if (words.length > MOST_WORDS)
    throw new UsageError(`${words.length} things to explain: ${MOST_WORDS} at most at a time`);
  if (words.filter((word) => word === "-").length > 1)
    throw new UsageError("- is named twice: there is one standard input");
}

/** @returns null where there is no such file; nothing where the signal aborts */
export async function readPaste(file: string, signal: AbortSignal): Promise<Uint8Array | null> {
  if (file !== "-" && !fs.existsSync(file)) return null;
  return readBoundedBytes(file, { what: "text", most: MOST_MIB, signal });
}
