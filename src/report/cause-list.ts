/** What may be the cause, likeliest first, as a short list. */
import { wrap } from "./style.ts";

/** Causes shown without --verbose. */
const SHOWN = 3;

/** @returns no line where there is no cause */
export function causeLines(
  causes: readonly string[],
  { verbose, width, indent }: { verbose: boolean; width: number; indent: string },
): string[] {
  if (causes.length === 0) return [];
  // One that is left over would take as much room as the line that counts it.
  const shown = verbose || causes.length <= SHOWN + 1 ? causes : causes.slice(0, SHOWN);
  const more = causes.length - shown.length;
  return [
    `${indent}Possible causes`,
    ...shown.map((cause) => `${indent}• ${wrap(cause, width, `${indent}  `).trimStart()}`),
    ...(more > 0 ? [`${indent}  and ${more} more: -v`] : []),
  ];
}
