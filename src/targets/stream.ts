import { fileError } from "./file-error.ts";
import { refuseScan } from "./list.ts";
import { LineReader } from "./lines.ts";
import { openInput } from "./open-input.ts";
import { NmapReader } from "./nmap-xml.ts";
import type { Target } from "./range.ts";
import { parseExclusion, parseTarget } from "./range.ts";
import { TextInput } from "./text-input.ts";
import { UsageError } from "./usage-error.ts";

/** It is read piece by piece: the limit is one of patience, for a pipe that never ends. */
const MAX_BYTES = 2 ** 30;

/** What takes a file's text as it comes. */
type Reader = {
  write: (text: string) => void;
  /** @returns what should be known of the file, a sentence each */
  end: () => string[];
};

export type ReadOptions = {
  /** Ports that are to be swept: of an nmap scan's hosts, those where one of them is open. */
  ports: readonly number[];
  /** Whether it lists what is to be left out: that may be anything, but no scan. */
  exclusions?: boolean;
  signal?: AbortSignal | undefined;
};

/**
 * Reads targets from a file, or from what nmap writes with `-oX`, without ever holding all of it.
 *
 * A list has targets in lines, with commas or blanks between several; `#` begins a comment. In UTF-8, or in
 * UTF-16 as Windows PowerShell writes it.
 * @param file a path, or `-` for standard input
 * @param add gets each target; a UsageError it throws is reported with the line
 * @returns what should be known of the file, a sentence each; nothing where the signal aborts
 * @throws UsageError with file and line
 */
export async function readTargets(
  file: string,
  add: (target: Target) => void,
  { ports, exclusions = false, signal }: ReadOptions,
): Promise<string[]> {
  const name = nameOf(file);
  const source = new TargetText((beginning, line) => {
    refuseScan(name, beginning, true);
    const xml = beginning.startsWith("<");
    if (!xml) return new LineReader(name, line, exclusions ? parseExclusion : parseTarget, add);
    if (exclusions) throw new UsageError(`${name} is XML: write what is to be left out one a line`);
    return new NmapReader(name, line, ports, add);
  });
  let length = 0;
  const input = new TextInput();
  for await (const bytes of chunksOf(file, name, signal)) {
    length += bytes.length;
    if (length > MAX_BYTES)
      throw new UsageError(`${name} is larger than ${MAX_BYTES >> 30} GiB: sweep a part of it at a time`);
    source.write(input.write(bytes));
  }
  if (signal?.aborted) return [];
  source.write(input.end());
  return source.end();
}

/** What a file is called in messages, and among what was asked for. */
export function nameOf(file: string): string {
  return file === "-" ? "standard input" : file;
}

async function* chunksOf(file: string, name: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (signal?.aborted) return;
  try {
    for await (const chunk of openInput(file, { signal })) yield Buffer.from(chunk);
  } catch (error) {
    if (signal?.aborted) return;
    throw fileError(`can't read the list ${name}`, error);
  }
}

/** Text that shows by its first character that is no blank what it is: `<` begins XML. */
class TargetText {
  readonly #choose: (beginning: string, line: number) => Reader;
  #reader: Reader | null = null;
  #line = 1;

  constructor(choose: (beginning: string, line: number) => Reader) {
    this.#choose = choose;
  }

  write(text: string): void {
    if (this.#reader !== null) {
      this.#reader.write(text);
      return;
    }
    const start = text.search(/\S/);
    const blank = start < 0 ? text : text.slice(0, start);
    this.#line += blank.split("\n").length - 1;
    if (start < 0) return;
    this.#reader = this.#choose(text.slice(start, start + 200), this.#line);
    this.#reader.write(text.slice(start));
  }

  end(): string[] {
    return this.#reader?.end() ?? [];
  }
}
