import type { Endpoint } from "../model/evidence.ts";
import { parseHost } from "./parse.ts";
import { nameOfFile, readBounded } from "./read-bounded.ts";
import type { Bounds } from "./read-bounded.ts";
import { UsageError } from "./usage-error.ts";

/** What a list of hosts may be. */
export const LIST: Bounds = { what: "list", kind: "list of hosts", most: 4 };

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
  const name = nameOfFile(file);
  const hosts: Endpoint[] = [];
  const lines = (await readBounded(file, { ...LIST, signal })).split(/\r?\n/);
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
