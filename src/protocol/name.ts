import { Buffer } from "node:buffer";

/** Controls, blanks, and what has a meaning in a name's text. */
// eslint-disable-next-line no-control-regex
export const SPOILS_TEXT = /[\x00-\x20\x7f-\x9f.\\]/g;

/** Lower case (ASCII only), no final dot, "." for the root: how names are compared and kept (RFC 4343). */
export function normalizeName(name: string): string {
  return name === "." ? "." : name.replace(/\.$/, "").replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}

/** Whether a name can be put into a question: labels of 1 to 63 bytes, 253 in all (RFC 1035 2.3.4), no escapes. */
export function isEncodableName(name: string): boolean {
  const plain = normalizeName(name);
  const labels = plain.split(".");
  return (
    Buffer.byteLength(plain) <= 253 &&
    labels.every(
      (label) => label.length > 0 && Buffer.byteLength(label) <= 63 && label.search(SPOILS_TEXT) < 0,
    )
  );
}

/** Whether a name can be a host's: letters, digits, hyphens and, as Windows allows, underscores (RFC 1123 2.1). */
export function isHostName(name: string): boolean {
  return (
    isEncodableName(name) && /^(?!-)[a-z0-9_-]+(?<!-)(\.(?!-)[a-z0-9_-]+(?<!-))*$/i.test(normalizeName(name))
  );
}

/**
 * Whether a name could be a host's by Microsoft's rules alone: letters of any script, which its DNS keeps as UTF-8 and
 * its clients ask for as they stand. What is no valid UTF-8 has been replaced on reading, and can't be asked for.
 */
export function isUnicodeHostName(name: string): boolean {
  return (
    isEncodableName(name) &&
    /[^ -~]/.test(name) &&
    /^[\p{L}\p{M}\p{N}_-]+(\.[\p{L}\p{M}\p{N}_-]+)*$/u.test(normalizeName(name))
  );
}
