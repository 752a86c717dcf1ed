/**
 * Lines of log on standard error, over months. A disk that was full for an hour, or a reader that stands still, costs the
 * lines of that time: Node's own stream of a file takes nothing more after its first error, and that of a pipe keeps
 * everything for a reader that never comes.
 */
import fs from "node:fs";
import { tolerateErrors } from "./standard.ts";
import { writeAll } from "./write-all.ts";

/** Of a pipe that nobody reads: more is not kept for it. */
const MOST_WAITING = 1 << 20;

/** The part of standard error's stream that is used. */
type Stream = Pick<NodeJS.WriteStream, "isTTY" | "writableLength" | "destroyed" | "write">;

export type LogOutput = (line: string) => boolean;

/** @returns takes a line. It never throws and never waits; false where the line is lost */
export function createLogOutput(descriptor = 2, stream: Stream = process.stderr): LogOutput {
  tolerateErrors();
  if (stream.isTTY || !isFile(descriptor))
    return (line) => {
      if (stream.destroyed || stream.writableLength > MOST_WAITING) return false;
      stream.write(line);
      return true;
    };
  let torn = false;
  return (line) => {
    try {
      writeAll(descriptor, torn ? `\n${line}` : line);
      torn = false;
    } catch {
      // Part of it may be there.
      torn = true;
    }
    return !torn;
  };
}

/** Or a device that is no terminal. */
function isFile(descriptor: number): boolean {
  try {
    const found = fs.fstatSync(descriptor);
    return found.isFile() || found.isCharacterDevice();
  } catch {
    return false;
  }
}
