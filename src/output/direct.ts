/** Pipes and devices: written to as they are, and never waited for in a way that a signal can't end. */
import fs from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { errnoError, errnoOf } from "../errno.ts";
import { show } from "../targets/parse.ts";
import { isInterrupted } from "./interruption.ts";
import { tell } from "./standard.ts";
import { noSpace } from "./write-all.ts";

/** How often a pipe is looked at that has no reader, or is full. */
const POLL_MS = 20;

/** A reader that was started beside us comes sooner; then it is said what is waited for. */
const TELL_MS = 1_000;

/** How long a reader has, once the user has interrupted, to take some of what is there for him. */
const GRACE_MS = 2_000;

/**
 * Opens a pipe or a device. A pipe without a reader is waited for: opened the usual way it would hold a thread that
 * nothing ends, not even the end of the program.
 * @throws EINTR where the user interrupts, and nobody has come
 */
export async function openDirect(file: string): Promise<number> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    try {
      return fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
    } catch (error) {
      if (errnoOf(error) !== "ENXIO" || !fs.statSync(file).isFIFO()) throw error;
    }
    if (isInterrupted()) throw interrupted();
    if (waitedMs === TELL_MS)
      tell(`kmsprobe: nobody reads ${show(file)}: waiting for a reader; Ctrl-C ends it\n`);
    await wait(POLL_MS);
  }
}

/**
 * Writes all of it, at the reader's pace.
 * @throws EINTR where the user interrupts, and the reader takes nothing any more
 */
export async function writeDirect(descriptor: number, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  let at = 0;
  let idleMs = 0;
  while (at < bytes.length) {
    try {
      const count = fs.writeSync(descriptor, bytes, at, bytes.length - at);
      if (count === 0) throw noSpace();
      at += count;
      idleMs = 0;
    } catch (error) {
      if (errnoOf(error) !== "EAGAIN") throw error;
      idleMs = isInterrupted() ? idleMs + POLL_MS : 0;
      if (idleMs > GRACE_MS) throw interrupted();
      await wait(POLL_MS);
    }
  }
}

function interrupted(): Error {
  return errnoError("EINTR", "interrupted");
}
