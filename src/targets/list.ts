import fs from "node:fs";
import type { Endpoint } from "../model.ts";
import { parseHost } from "./parse.ts";
import { fileError } from "./file-error.ts";
import { UsageError } from "./usage-error.ts";

const MAX_BYTES = 4 << 20;
const MAX_HOSTS = 4096;

/**
 * Reads a list of hosts, one a line; `#` begins a comment. A mistake is reported with its line.
 * @param file a path, or `-` for standard input
 * @returns what was read by then, where the signal aborts
 */
export async function readHostList(
  file: string,
  { defaultPort, signal }: { defaultPort?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Endpoint[]> {
  const name = file === "-" ? "standard input" : file;
  const hosts: Endpoint[] = [];
  const lines = (await readBounded(file, name, signal)).split(/\r?\n/);
  lines.forEach((line, index) => {
    for (const word of line.replace(/#.*/, "").split(/[\s,]+/)) {
      if (word === "") continue;
      try {
        hosts.push(parseHost(word, defaultPort));
      } catch (error) {
        if (error instanceof UsageError) throw new UsageError(`${name}, line ${index + 1}: ${error.message}`);
        throw error;
      }
    }
  });
  if (signal?.aborted) return hosts;
  if (hosts.length === 0) throw new UsageError(`${name} lists no hosts: write one a line`);
  if (hosts.length > MAX_HOSTS)
    throw new UsageError(`${name} lists ${hosts.length} hosts: ${MAX_HOSTS} at most at a time`);
  return hosts;
}

/** The whole of a small file or of standard input, as text. @returns "" where the signal aborts */
export async function readBounded(file: string, name: string, signal?: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const stream = file === "-" ? process.stdin : fs.createReadStream(file);
    // A terminal or a pipe may keep us waiting for ever: Ctrl-C ends that, too.
    signal?.addEventListener("abort", () => stream.destroy(), { once: true });
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      chunks.push(bytes);
      length += bytes.length;
      if (length > MAX_BYTES)
        throw new UsageError(`${name} is larger than ${MAX_BYTES >> 20} MiB: no list of hosts`);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (signal?.aborted) return "";
    throw fileError(`can't read the list ${name}`, error);
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
}
