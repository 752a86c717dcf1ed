/** What the user called a file of reports, or what to call it. */
import { clipTo } from "./phrase.ts";

/** Labels long enough to tell places apart, short enough for the head of a column. */
const MAX_LENGTH = 40;

/**
 * One label a file: as given, in the order of the files; then by the file's name, or the machine's for standard input.
 * Those that would be the same get a number.
 */
export function labelsOf(
  files: readonly { file: string; host: string }[],
  given: readonly string[],
): string[] {
  const labels: string[] = [];
  files.forEach(({ file, host }, index) => {
    labels.push(unique(given[index] ?? defaultLabel(file, host), [...labels, ...given.slice(index + 1)]));
  });
  return labels;
}

/** `jump.json` is `jump`. */
function defaultLabel(file: string, host: string): string {
  if (file === "-") return host || "standard input";
  const name = file.replace(/[\\/]+$/, "").replace(/^.*[\\/]/, "");
  return clipTo(name.replace(/(?<=.)\.json$/i, ""), MAX_LENGTH) || file;
}

/** The wanted label, or with the first number that makes it new. */
export function unique(wanted: string, taken: readonly string[]): string {
  for (let number = 2, label = wanted; ; number++) {
    if (!taken.includes(label)) return label;
    label = `${wanted} (${number})`;
  }
}
