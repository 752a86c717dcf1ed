/** A line read as a label and its value, and values that a wrap has torn put together again. */
import type { Line } from "./clean.ts";
import { labelKey, labelsFor, mayBeLabel } from "./labels.ts";
import type { Field, Label } from "./labels.ts";

/** No label is longer. */
const MAX_LABEL = 100;

/** @returns null where the line does not begin with a label of the table */
export function fieldOf(line: Line): Field | null {
  if (!mayBeLabel(line.text)) return null;
  if (line.field === undefined) line.field = readField(line.text);
  return line.field;
}

function readField(text: string): Field | null {
  const head = text.slice(0, MAX_LABEL + 2);
  for (let at = head.search(/[:=]/), tries = 0; at > 0 && tries < 3; tries++) {
    const labels = labelsFor(labelKey(head.slice(0, at)));
    if (labels.length > 0) return { labels, value: text.slice(at + 1).trim() };
    const next = head.slice(at + 1).search(/[:=]/);
    if (next === -1) break;
    at += 1 + next;
  }
  if (text.length > MAX_LABEL) return null;
  const whole = labelsFor(labelKey(text));
  return whole.length > 0 ? { labels: whole, value: "" } : null;
}

/**
 * Whether the line is a labelled field of that family.
 * @param name of the field; any, where it is left out
 */
export function hasField(line: Line | undefined, family: Label["family"], name?: string): boolean {
  const field = line === undefined ? null : fieldOf(line);
  return (
    field?.labels.some((each) => each.family === family && (name === undefined || each.field === name)) ??
    false
  );
}

/** Reads a value whole, or not at all. */
export interface Reader<Value> {
  (text: string): Value | null;
  /** That nothing behind a sound value makes another one of it, as digits do of a number and letters of a name. */
  readonly closed?: true;
}

/** A reader that says of itself that its values are `closed`. */
export function closed<Value>(read: (text: string) => Value | null): Reader<Value> {
  return Object.assign(read, { closed: true } as const);
}

/** A line this long may have been broken by a console, an editor or a mail program. */
export const WRAPPED_FROM = 56;
const MOST_JOINED = 3;

/**
 * The value that begins at `text` in line `at`, and may go on in the next lines. It is kept whole or lost: where two
 * readings are both sound and differ, the line's length decides, and in a short line neither is believed.
 */
export function valueAt<Value>(
  lines: readonly Line[],
  at: number,
  text: string,
  read: Reader<Value>,
): Value | null {
  const line = lines[at];
  if (line === undefined) return null;
  const alone = read(text);
  const next = lines[at + 1];
  if (next === undefined || next.text === "" || startsOther(next)) {
    return line.cut && !read.closed && text !== "0" ? null : alone;
  }
  const joined = joinedFrom(lines, at, text, read);
  if (joined === null) return alone;
  if (alone === null || same(alone, joined)) return joined;
  return line.width >= WRAPPED_FROM ? joined : null;
}

function joinedFrom<Value>(
  lines: readonly Line[],
  at: number,
  text: string,
  read: Reader<Value>,
): Value | null {
  let glued = text;
  let spaced = text;
  for (let more = 1; more <= MOST_JOINED; more++) {
    const next = lines[at + more];
    if (next === undefined || next.text === "" || startsOther(next)) return null;
    glued += next.text;
    spaced += ` ${next.text}`;
    const found = read(glued) ?? read(spaced);
    if (found !== null) return next.cut && !read.closed ? null : found;
  }
  return null;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether a line begins something of its own, so that it is no rest of the one before. */
function startsOther(line: Line): boolean {
  return (
    fieldOf(line) !== null ||
    /^(?:-{3,}|={3,}|C:\\|PS |<Event|<Product)/.test(line.text) ||
    /^[A-Z][A-Za-z_ ]{2,40} {0,20}[:=] ?\S/.test(line.text)
  );
}
