/** Times as a person reads them. */

/** `2026-01-02 03:04:05 UTC`. */
export function momentWords(iso: string): string {
  return iso.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}
