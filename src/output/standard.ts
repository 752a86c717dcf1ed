/**
 * Standard output and standard error, whatever is behind them. A reader that closes a pipe, or a terminal that is gone,
 * costs what would have been written there and nothing else: the run goes on, its files are written, and the exit code
 * is what was found.
 */
import fs from "node:fs";
import { errnoOf } from "../errno.ts";
import { writeAll } from "./write-all.ts";

export type StandardOutput = {
  /** Never throws, and never waits. */
  write: (text: string) => void;
  /** The same, of what nobody misses where too much is waiting for a reader already. */
  offer: (text: string) => void;
  /** Bytes that nobody has taken yet. */
  readonly waiting: number;
  /** At the reader's pace, so that no more than a piece is held. */
  writeAll: (pieces: Iterable<string>) => Promise<void>;
  /** Whether nobody takes any more. */
  readonly gone: boolean;
  /** Why what was to be written is not all there, other than that nobody wanted it: an errno such as ENOSPC. */
  readonly fault: string | null;
  /** Called once, when the reader has gone. */
  onGone: (listener: () => void) => void;
};

/** A pipe or a socket that was closed at the other end, and a terminal that was hung up. */
const GONE = new Set(["EPIPE", "ECONNRESET", "EIO", "ERR_STREAM_DESTROYED"]);

/** Of a pipe that is open and never read: more is not kept for it. */
export const MOST_WAITING = 8 << 20;

/** One for the process: who ends the program asks for its fault. */
export const standardOutput = createStandardOutput();

function createStandardOutput(): StandardOutput {
  const listeners: (() => void)[] = [];
  let opened = false;
  let toFile = false;
  let gone = false;
  let fault: string | null = null;

  const failed = (error: unknown): void => {
    const code = errnoOf(error, "unknown error");
    if (GONE.has(code)) {
      if (gone) return;
      gone = true;
      for (const listener of listeners.splice(0)) listener();
    } else if (fault === null) {
      fault = code;
      tell(`kmsprobe: can't write to standard output (${code})\n`);
    }
  };

  const open = (): void => {
    if (opened) return;
    opened = true;
    toFile = isFile(1);
    process.stdout.on("error", failed);
  };

  const write = (text: string): void => {
    open();
    if (gone || fault !== null) return;
    if (!toFile) return void process.stdout.write(text);
    try {
      // Node's own stream takes a short write to a file for a whole one.
      writeAll(1, text);
    } catch (error) {
      failed(error);
    }
  };

  return {
    write,
    offer(text) {
      if (!opened || process.stdout.writableLength < MOST_WAITING) write(text);
    },
    get waiting() {
      return opened && !toFile ? process.stdout.writableLength : 0;
    },
    async writeAll(pieces) {
      for (const piece of pieces) {
        write(piece);
        if (gone || fault !== null) return;
        if (!toFile && process.stdout.writableNeedDrain) await drained(listeners);
      }
    },
    get gone() {
      return gone;
    },
    get fault() {
      return fault;
    },
    onGone(listener) {
      open();
      if (gone) listener();
      else listeners.push(listener);
    },
  };
}

function drained(listeners: (() => void)[]): Promise<void> {
  return new Promise((resolve) => {
    listeners.push(resolve);
    process.stdout.once("drain", resolve);
  });
}

/** A file, or a device that is no terminal: written to at once, and whole. */
function isFile(descriptor: number): boolean {
  try {
    const found = fs.fstatSync(descriptor);
    return found.isFile() || found.isBlockDevice() || (found.isCharacterDevice() && !process.stdout.isTTY);
  } catch {
    return false;
  }
}

let listensToErrors = false;

/** Says something on standard error, if anybody is there. */
export function tell(text: string): void {
  tolerateErrors();
  process.stderr.write(text);
}

/** Nobody is left to be told that nobody can be told. */
export function tolerateErrors(): void {
  if (listensToErrors) return;
  listensToErrors = true;
  process.stderr.on("error", () => {});
}
