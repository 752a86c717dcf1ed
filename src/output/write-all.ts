import fs from "node:fs";
import { errnoError } from "../errno.ts";

/**
 * Writes all of it to an open file. A full disk takes a part and reports no error: the rest is written, or the write
 * that takes nothing fails.
 */
export function writeAll(descriptor: number, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  let at = 0;
  while (at < bytes.length) {
    const count = fs.writeSync(descriptor, bytes, at, bytes.length - at);
    if (count === 0) throw noSpace();
    at += count;
  }
}

/**
 * Adds to a file that is open for appending. Where that fails, what was added of it is taken back: the file ends as it
 * did before, and the next line is a line of its own.
 */
export function appendAll(descriptor: number, text: string): void {
  const { size } = fs.fstatSync(descriptor);
  try {
    writeAll(descriptor, text);
  } catch (error) {
    fs.ftruncateSync(descriptor, size);
    throw error;
  }
}

/** ENOSPC where the system did not say so itself: a write that took nothing. */
export function noSpace(): Error {
  return errnoError("ENOSPC", "no space left on device");
}
