import fs from "node:fs";
import { fileError } from "./file-error.ts";
import { openInput } from "./open-input.ts";
import { textOf } from "./text-input.ts";
import { UsageError } from "./usage-error.ts";

/**
 * `what` the file is, for messages; `kind` what a larger one is none of, and `wayOut` what its owner may do. `most` it may
 * hold, in MiB.
 */
export type Bounds = {
  what: string;
  kind?: string;
  wayOut?: string;
  most: number;
  signal?: AbortSignal | undefined;
};

/** What messages call a file: `-` is standard input. A name may come out of an archive: it stays on its line. */
export function nameOfFile(file: string): string {
  return file === "-" ? "standard input" : file.replace(/[\p{Cc}\p{Cf}]/gu, "?");
}

/**
 * The whole of a file or of standard input, as text, whatever of UTF-8 and UTF-16 it is in.
 * @param file a path, or `-` for standard input
 * @returns "" where the signal ends the wait for a pipe, a terminal or a device: a file is read whatever it says
 * @throws UsageError where it can't be read, or is larger
 */
export async function readBounded(file: string, bounds: Bounds): Promise<string> {
  return textOf(await readBoundedBytes(file, bounds));
}

/** What is not there is told by whoever opens it. */
function mayWait(file: string): boolean {
  return file === "-" || fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true;
}

/** The same, where it is not known to be UTF-8. */
export async function readBoundedBytes(
  file: string,
  { what, kind = what, wayOut, most, signal }: Bounds,
): Promise<Buffer> {
  const name = nameOfFile(file);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of openInput(file, { signal: mayWait(file) ? signal : undefined })) {
      const bytes = Buffer.from(chunk);
      chunks.push(bytes);
      length += bytes.length;
      if (length > most << 20)
        throw new UsageError(
          `${name} is larger than ${most} MiB: no ${kind}${wayOut === undefined ? "" : `; ${wayOut}`}`,
        );
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (signal?.aborted) return Buffer.alloc(0);
    throw fileError(`can't read the ${what} ${name}`, error);
  }
  return Buffer.concat(chunks);
}
