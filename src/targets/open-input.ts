import fs from "node:fs";
import net from "node:net";
import { addAbortSignal } from "node:stream";
import type { Readable } from "node:stream";

/**
 * Opens what is to be read, so that the signal ends the wait for it at once: a terminal or a pipe may keep us waiting
 * for ever.
 *
 * A pipe with a name is opened without waiting, and read as a socket is: the usual way, a writer that doesn't come, or
 * comes and says nothing, holds a thread that nothing ends. Only Linux tells a pipe whose writer has yet to come from
 * one whose writer has gone.
 * @param file a path, or `-` for standard input
 * @returns what fails with an AbortError where the signal aborts
 * @throws the system's error, here or as the stream's, where it can't be opened
 */
export function openInput(
  file: string,
  { signal, highWaterMark }: { signal?: AbortSignal | undefined; highWaterMark?: number } = {},
): Readable {
  const stream = opened(file, highWaterMark);
  return signal === undefined ? stream : addAbortSignal(signal, stream);
}

function opened(file: string, highWaterMark?: number): Readable {
  if (file === "-") return process.stdin;
  if (process.platform === "linux" && fs.statSync(file).isFIFO()) {
    const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    return new net.Socket({ fd, readable: true, writable: false });
  }
  return fs.createReadStream(file, highWaterMark === undefined ? {} : { highWaterMark });
}
