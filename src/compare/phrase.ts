/** Pieces of sentences. Names come from the network: they are shortened here and escaped by each output. */
import { hostPort } from "../verdict/words.ts";
import type { LookedCell, Row } from "./comparison.ts";

/** Longer names and lists make no sentence; the matrix has all of it. */
const NAME_SHOWN = 64;
const LIST_SHOWN = 3;

const KMS_PORT = 1688;

/** As much of a name as a sentence has room for. */
export function clip(name: string): string {
  return clipTo(name, NAME_SHOWN);
}

/** @param shown characters at most, the sign for what is missing included */
export function clipTo(text: string, shown: number): string {
  if (text.length <= shown) return text;
  // Half a surrogate pair is no character.
  return `${text.slice(0, shown - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** `a`, `a and b`, `a, b and c`, `a, b, c and 2 more`. */
export function listOf(names: readonly string[], shown = LIST_SHOWN, last = "and"): string {
  const clipped = names.slice(0, shown).map(clip);
  if (names.length > shown) return `${clipped.join(", ")} and ${names.length - shown} more`;
  const end = clipped.pop() ?? "";
  return clipped.length === 0 ? end : `${clipped.join(", ")} ${last} ${end}`;
}

/** All places by their labels: each matters, whatever their number. */
export function places(labels: readonly string[], last = "and"): string {
  return listOf(labels, labels.length, last);
}

/** `kms1 (10.0.0.1)`, `10.0.0.1`, `kms1:1700 (10.0.0.1)`. */
export function rowName({ host, port, address }: Pick<Row, "host" | "port" | "address">): string {
  const name = port === KMS_PORT ? clip(host) : hostPort(clip(host), port);
  return address === null || address === host ? name : `${name} (${clip(address)})`;
}

/** At most LIST_SHOWN names, and how many more there are. */
export function rowNames(rows: readonly Row[]): string {
  const shown = rows.slice(0, LIST_SHOWN).map(rowName);
  if (rows.length > LIST_SHOWN) return `${shown.join(", ")} and ${rows.length - LIST_SHOWN} more`;
  const end = shown.pop() ?? "";
  return shown.length === 0 ? end : `${shown.join(", ")} and ${end}`;
}

/** `3 hosts`, `4 addresses of 3 hosts`. */
export function countRows(rows: readonly Row[]): string {
  const hosts = new Set(rows.map(({ host, port }) => `${port} ${host}`)).size;
  return hosts === rows.length
    ? count(hosts, "host")
    : `${count(rows.length, "address", "es")} of ${count(hosts, "host")}`;
}

/**
 * A number with its noun.
 * @param plural what is put behind the noun
 */
export function count(number: number, what: string, plural = "s"): string {
  return `${number} ${what}${number === 1 ? "" : plural}`;
}

/** `no answer`, `2 no answer, 1 refused`: most frequent first. */
export function reasons(cells: readonly LookedCell[]): string {
  const titles = new Map<string, number>();
  for (const { title } of cells) titles.set(title, (titles.get(title) ?? 0) + 1);
  const sorted = [...titles].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const [only] = sorted;
  if (only !== undefined && sorted.length === 1) return clip(only[0]);
  return sorted.map(([title, times]) => `${times} ${clip(title)}`).join(", ");
}
