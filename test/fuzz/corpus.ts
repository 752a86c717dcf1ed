import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readHexFile } from "../fixtures/wire/wire-fixture.ts";

/** `valid` seeds decode, `malformed` ones don't, `edge` ones stand at a limit, on either side of it. */
export const CLASSES = ["valid", "edge", "malformed"] as const;

export type Seed = { name: string; class: (typeof CLASSES)[number]; bytes: Uint8Array };

/** The seeds of one decoder: corpus/<decoder>/<class>/*.hex, or *.txt where the decoder reads text. */
export function seedsOf(decoder: string): Seed[] {
  return CLASSES.flatMap((seedClass) => {
    const folder = new URL(`corpus/${decoder}/${seedClass}/`, import.meta.url);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .toSorted()
      .map((file) => {
        const url = new URL(file, folder);
        const bytes = file.endsWith(".hex") ? readHexFile(url) : Uint8Array.from(readFileSync(url));
        return { name: `${seedClass}/${file}`, class: seedClass, bytes };
      });
  });
}
