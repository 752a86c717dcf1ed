import type { Endpoint } from "../model/evidence.ts";
import { parseHosts } from "./parse.ts";
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
  const text = await readBounded(file, { ...LIST, wayOut: "kmsprobe sweep -f takes more", signal });
  refuseScan(name, text);
  text.split(/\r?\n/).forEach((line, index) => {
    const words = line.replace(/#.*/, "").split(/[\s,]+/);
    try {
      hosts.push(
        ...parseHosts(
          words.filter((word) => word !== ""),
          defaultPort,
        ),
      );
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`${name}, line ${index + 1}: ${error.message}`);
      throw error;
    }
  });
  if (signal?.aborted) return hosts;
  if (hosts.length === 0) throw new UsageError(`${name} lists no hosts: write one a line`);
  if (hosts.length > MAX_HOSTS)
    throw new UsageError(
      `${name} lists ${hosts.length.toLocaleString("en")} hosts: ${MAX_HOSTS.toLocaleString("en")} at most at a time; kmsprobe sweep -f takes more`,
    );
  return hosts;
}

/** What a scanner wrote is read by `sweep`, and only as XML. @throws UsageError */
export function refuseScan(name: string, text: string, readsXml = false): void {
  const start = text.trimStart().slice(0, 200);
  if (!readsXml && start.startsWith("<"))
    throw new UsageError(
      `${name} is XML: kmsprobe sweep -f reads what nmap -oX writes; here write one host a line`,
    );
  if (/^(?:# Nmap |Starting Nmap |Nmap scan report|#masscan)/.test(start))
    throw new UsageError(
      `${name} is a scan, but no XML: let nmap (or masscan) write it with -oX, and read that with kmsprobe sweep -f`,
    );
  if (/^(?:\{|\[\s*["{[])/.test(start))
    throw new UsageError(
      `${name} is JSON: write one host a line; a scan is read by kmsprobe sweep -f, from nmap (or masscan) -oX`,
    );
  if (ARCHIVES.some((lead) => start.startsWith(lead)))
    throw new UsageError(`${name} is a workbook or an archive: save it as text, one host a line`);
}

/** What xlsx, ods and zip begin with, and gzip, as text. */
const ARCHIVES = ["PK\u0003\u0004", "\u001F\uFFFD"];
