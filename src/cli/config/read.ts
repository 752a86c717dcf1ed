/** The reading of the file. Apart from the rest: it loads zod and yaml, which nobody needs who has no such file. */
import { readConfig } from "../../config/config-file.ts";
import type { Written } from "../../config/config-file.ts";
import type { Location } from "../../config/location.ts";
import { nameOfFile, readBounded } from "../../targets/read-bounded.ts";
import { Interrupted } from "../../targets/usage-error.ts";

export async function readWritten(
  { file, named }: Location,
  signal: AbortSignal | undefined,
): Promise<Written[]> {
  const what = named ? "configuration that KMSPROBE_CONFIG names," : "configuration";
  const text = await readBounded(file, { what, most: 1, signal });
  if (signal?.aborted && text === "")
    throw new Interrupted(`interrupted while ${nameOfFile(file)} was waited for`);
  return readConfig(text, nameOfFile(file));
}
