/**
 * Lines that go out one by one as they come: each is whole, and written before the next thing is done, so that a reader
 * sees it now and a kill cuts none. A file whose last line was cut all the same goes on with a line of its own.
 */
import fs from "node:fs";
import { errnoOf } from "../errno.ts";
import { fileError } from "../targets/file-error.ts";
import { show } from "../targets/parse.ts";
import { openDirect, writeDirect } from "./direct.ts";
import { placeOf } from "./place.ts";
import { standardOutput } from "./standard.ts";
import { appendAll, writeAll } from "./write-all.ts";

export type Lines = {
  /** @throws UsageError or CannotRun where it can't be written; nothing of the line is there then */
  write: (line: string) => void;
  /** Bytes that nobody has taken yet: of a pipe that is open, and not read. */
  waiting: () => number;
  /** Called once, when the reader of a pipe has gone. */
  onGone: (listener: () => void) => void;
  /** Resolves when all is written. */
  close: () => Promise<void>;
};

export const STANDARD_LINES: Lines = {
  write: standardOutput.write,
  waiting: () => standardOutput.waiting,
  onGone: standardOutput.onGone,
  close: () => Promise.resolve(),
};

/** @param how `fresh` begins the file anew, `append` goes on with it */
export async function openLines(file: string, how: "fresh" | "append"): Promise<Lines> {
  const failed = (error: unknown): Error => fileError(`can't write ${show(file)}`, error);
  if (file === "-") return STANDARD_LINES;
  try {
    const place = await placeOf(file);
    switch (place.kind) {
      case "standard":
        return STANDARD_LINES;
      case "descriptor":
        return toDescriptor(place.descriptor, failed);
      case "direct":
        return fs.statSync(file).isFIFO() ? toPipe(await openDirect(file), failed) : toDevice(file, failed);
      case "file":
        return toFile(place.at, how, failed);
      default:
        return place satisfies never;
    }
  } catch (error) {
    throw failed(error);
  }
}

type Failed = (error: unknown) => Error;

function toFile(at: string, how: "fresh" | "append", failed: Failed): Lines {
  const descriptor = fs.openSync(at, how === "fresh" ? "w+" : "a+");
  if (how === "append" && !endsInLine(descriptor)) appendAll(descriptor, "\n");
  return {
    write(line) {
      try {
        appendAll(descriptor, line);
      } catch (error) {
        throw failed(error);
      }
    },
    waiting: () => 0,
    onGone: () => {},
    close: () => Promise.resolve(fs.closeSync(descriptor)),
  };
}

/** Whether the next line can be appended to the file: it is empty, or its last byte is a line's end. */
export function endsInLine(descriptor: number): boolean {
  const { size } = fs.fstatSync(descriptor);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  fs.readSync(descriptor, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

function toDevice(file: string, failed: Failed): Lines {
  const descriptor = fs.openSync(file, fs.constants.O_WRONLY);
  return { ...toDescriptor(descriptor, failed), close: () => Promise.resolve(fs.closeSync(descriptor)) };
}

function toDescriptor(descriptor: number, failed: Failed): Lines {
  return {
    write(line) {
      try {
        writeAll(descriptor, line);
      } catch (error) {
        throw failed(error);
      }
    },
    waiting: () => 0,
    onGone: () => {},
    close: () => Promise.resolve(),
  };
}

/** A pipe has its reader's pace, and the run its own: what is not taken yet waits here. */
function toPipe(descriptor: number, failed: Failed): Lines {
  const listeners: (() => void)[] = [];
  let fault: Error | null = null;
  let gone = false;
  let waiting = 0;
  let last = Promise.resolve();
  const pass = async (line: string): Promise<void> => {
    try {
      if (!gone && fault === null) await writeDirect(descriptor, line);
    } catch (error) {
      if (errnoOf(error) === "EPIPE") {
        gone = true;
        for (const listener of listeners.splice(0)) listener();
      } else fault = failed(error);
    } finally {
      waiting -= line.length;
    }
  };
  return {
    write(line) {
      if (fault !== null) throw fault;
      waiting += line.length;
      last = last.then(() => pass(line));
    },
    waiting: () => waiting,
    onGone: (listener) => void listeners.push(listener),
    async close() {
      await last;
      fs.closeSync(descriptor);
      if (fault !== null) throw fault;
    },
  };
}
