import fs from "node:fs";
import { renderLogLine } from "../../report/watch/lines.ts";
import type { LogLine } from "../../report/watch/lines.ts";
import { fileError } from "../../targets/file-error.ts";

export type WatchLog = { write: (line: LogLine) => void; close: () => void };

/**
 * Appends to a file, one whole line in one write: changes are rare, and what was told must be there whatever comes
 * next. A disk that fills up later is reported once and ends the log, not the watch.
 * @throws UsageError where the file can't be opened
 */
export function openLog(file: string, complain: (text: string) => void): WatchLog {
  let descriptor: number | null = open(file);
  const close = (): void => {
    if (descriptor !== null) fs.closeSync(descriptor);
    descriptor = null;
  };
  return {
    write(line) {
      if (descriptor === null) return;
      try {
        fs.writeSync(descriptor, renderLogLine(line));
      } catch (error) {
        complain(`kmsprobe: can't write ${file} any more (${reasonOf(error)}); the watch goes on\n`);
        close();
      }
    },
    close,
  };
}

function open(file: string): number {
  try {
    return fs.openSync(file, "a");
  } catch (error) {
    throw fileError(`can't write ${file}`, error);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
