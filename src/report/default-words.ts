import type { Default } from "../model/report.ts";
import { printable } from "./escape.ts";

/** What was asked because the user's own configuration says so, for the end of a paragraph. */
export function defaultWords({ defaults = [] }: { defaults?: readonly Default[] | undefined }): string {
  const by = new Map<string, string[]>();
  for (const { setting, from, where } of defaults) {
    const origin = from === "file" ? where.replace(/:\d+$/, "") : where;
    by.set(origin, [...(by.get(origin) ?? []), setting]);
  }
  return [...by]
    .map(([origin, settings]) => ` By ${printable(origin)}: ${settings.map(printable).join(", ")}.`)
    .join("");
}
