import fs from "node:fs";
import { fileError } from "./file-error.ts";
import { UsageError } from "./usage-error.ts";

/** `what` the file is, for messages; `kind` what a larger one is none of. `most` it may hold, in MiB. */
export type Bounds = { what: string; kind?: string; most: number; signal?: AbortSignal | undefined };

/** What messages call a file: `-` is standard input. A name may come out of an archive: it stays on its line. */
export function nameOfFile(file: string): string {
  return file === "-" ? "standard input" : file.replace(/[\p{Cc}\p{Cf}]/gu, "?");
}

/**
 * The whole of a file or of standard input, as text without a byte order mark.
 * @param file a path, or `-` for standard input
 * @returns "" where the signal aborts
 * @throws UsageError where it can't be read, or is larger
 */
export async function readBounded(file: string, bounds: Bounds): Promise<string> {
  const bytes = await readBoundedBytes(file, bounds);
  return bytes.toString("utf8").replace(/^\uFEFF/, "");
}

/** The same, where it is not known to be UTF-8. */
export async function readBoundedBytes(
  file: string,
  { what, kind = what, most, signal }: Bounds,
): Promise<Buffer> {
  const name = nameOfFile(file);
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
      if (length > most << 20) throw new UsageError(`${name} is larger than ${most} MiB: no ${kind}`);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (signal?.aborted) return Buffer.alloc(0);
    throw fileError(`can't read the ${what} ${name}`, error);
  }
  return Buffer.concat(chunks);
}
