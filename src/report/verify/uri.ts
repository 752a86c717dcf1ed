/** The URI of a file as it was named on a command line. */

/** Half a surrogate pair has no encoding. */
const LONE_SURROGATE = /\p{Cs}/gu;

/**
 * Relative where the name is relative or lies in `base`, a `file:` URI otherwise. ASCII, with forward slashes.
 *
 * @param base an absolute folder, or null
 * @param windows backslashes part folders, and a drive may stand in front
 */
export function policyUri(
  file: string,
  { base, windows }: { base: string | null; windows: boolean },
): string {
  const path = slashed(file, windows);
  const root = base === null ? null : slashed(base, windows).replace(/\/*$/, "/");
  if (root !== null && path.startsWith(root)) return encoded(path.slice(root.length));
  if (windows && path.startsWith("//")) return `file:${encoded(path)}`;
  if (windows && /^[A-Za-z]:\//.test(path)) return `file:///${path.slice(0, 2)}${encoded(path.slice(2))}`;
  return path.startsWith("/") ? `file://${encoded(path)}` : encoded(path.replace(/^(?:\.\/)+/, ""));
}

function slashed(path: string, windows: boolean): string {
  if (!windows) return path.replace(/\/{2,}/g, "/");
  const forward = path.replaceAll("\\", "/");
  return forward.slice(0, 1) + forward.slice(1).replace(/\/{2,}/g, "/");
}

/** A colon is encoded, too: in a first segment it would end a scheme. */
function encoded(path: string): string {
  return path.replace(LONE_SURROGATE, "\ufffd").split("/").map(encodeURIComponent).join("/");
}
