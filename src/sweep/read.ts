/** The lines of a sweep read back, as they come: nothing is taken for granted, and no more than a line is held. */
import { z } from "zod";
import { TextInput } from "../targets/text-input.ts";
import { sweepLineSchema } from "./model.ts";
import type { SweepLine } from "./model.ts";

export type Limits = { lineBytes: number; fileBytes: number };

/** The end line of 65,536 subnets has 8 MiB. */
const LIMITS: Limits = { lineBytes: 32 << 20, fileBytes: 16 * 2 ** 30 };

/**
 * `cutShort`: a run's last line is not whole: it was killed. `spoilt` are the numbers of other lines that are no JSON: a
 * disk that was full for a moment leaves such. `fault` may hold text of the file and is not escaped.
 */
export type SweepReading = { ok: true; cutShort: boolean; spoilt: number[] } | { ok: false; fault: string };

/** A file with more such lines is spoilt as a whole. */
const MAX_SPOILT = 1_000;

/**
 * Reads what `sweep` writes as NDJSON: one run, or several one after the other. A line that is no JSON is passed over, and
 * costs nothing but itself; JSON that is no line of a sweep is a fault. Rejects only where `chunks` does.
 *
 * @param take gets each line as it comes; a sentence from it ends the reading, and is the fault
 */
export async function readSweep(
  chunks: AsyncIterable<Uint8Array>,
  take: (line: SweepLine) => string | null,
  limits: Limits = LIMITS,
): Promise<SweepReading> {
  let number = 0;
  let begun = false;
  let cutShort = false;
  const spoilt: number[] = [];
  /** The number of a line that is no JSON. It may have been a run's last: what follows tells. */
  let broken: number | null = null;
  let ended = true;
  for await (const piece of split(chunks, limits)) {
    number += 1;
    if (!piece.ok) return { ok: false, fault: `line ${number} ${piece.fault}` };
    if (piece.text.trim() === "") continue;
    ended = piece.ended;
    const reading = readLine(piece.text);
    const starts = reading.ok && reading.line.type === "start";
    if (broken !== null && !starts) spoilt.push(broken);
    else cutShort ||= broken !== null;
    broken = null;
    if (spoilt.length > MAX_SPOILT)
      return { ok: false, fault: `has more than ${MAX_SPOILT.toLocaleString("en")} lines that are not JSON` };
    if (!reading.ok) {
      const fault = `line ${number} ${reading.fault}`;
      if (reading.json || !begun) return { ok: false, fault };
      broken = number;
      continue;
    }
    if (!begun && !starts)
      return {
        ok: false,
        fault: "does not begin with the start line of a sweep: write it with --format ndjson",
      };
    begun = true;
    const fault = take(reading.line);
    if (fault !== null) return { ok: false, fault };
  }
  if (!begun) return { ok: false, fault: "is empty" };
  if (broken !== null && ended) spoilt.push(broken);
  return { ok: true, cutShort: cutShort || (broken !== null && !ended), spoilt };
}

type Piece = { ok: true; text: string; ended: boolean } | { ok: false; fault: string };

/** Text between line ends; `ended` is false where the last has none. */
async function* split(
  chunks: AsyncIterable<Uint8Array>,
  { lineBytes, fileBytes }: Limits,
): AsyncGenerator<Piece> {
  const input = new TextInput();
  let parts: string[] = [];
  let inLine = 0;
  let inFile = 0;
  const tooLong: Piece = { ok: false, fault: `is longer than ${mebibytes(lineBytes)}: no line of a sweep` };
  for await (const chunk of chunks) {
    inFile += chunk.length;
    if (inFile > fileBytes) {
      yield { ok: false, fault: `is beyond the first ${mebibytes(fileBytes)}: more than one file may have` };
      return;
    }
    const [rest = "", ...after] = input.write(chunk).split("\n");
    parts.push(rest);
    inLine += rest.length;
    for (const next of after) {
      if (inLine > lineBytes) break;
      yield { ok: true, text: parts.join(""), ended: true };
      parts = [next];
      inLine = next.length;
    }
    if (inLine > lineBytes) {
      yield tooLong;
      return;
    }
  }
  const text = parts.join("") + input.end();
  if (text !== "") yield { ok: true, text, ended: false };
}

/** `json`: it is JSON at least, and no run that was killed leaves that. */
type LineReading = { ok: true; line: SweepLine } | { ok: false; json: boolean; fault: string };

const KNOWN: readonly string[] = sweepLineSchema.options.map(({ shape }) => shape.type.value);

const header = z.object({
  type: z.string(),
  schemaVersion: z.string().optional(),
  intervalMs: z.unknown().optional(),
});

function readLine(text: string): LineReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, json: false, fault: "is not JSON: write the sweep with --format ndjson" };
  }
  const read = header.safeParse(value);
  if (!read.success) return refuse("is JSON, but no line of a sweep: it has no type");
  const { type, schemaVersion } = read.data;
  if (!KNOWN.includes(type))
    return refuse(
      `is of the type '${type}', which this kmsprobe does not know: merge with the one that wrote it`,
    );
  if (type === "start" && schemaVersion !== undefined && schemaVersion !== "1.0")
    return refuse(`has schemaVersion ${schemaVersion}: this kmsprobe reads 1.0`);
  if (type === "start" && schemaVersion === undefined && read.data.intervalMs !== undefined)
    return refuse("begins a log of watch, which has events and no addresses to join");
  const line = sweepLineSchema.safeParse(value);
  if (line.success) return { ok: true, line: line.data };
  const [issue] = line.error.issues;
  const where = pathOf(issue?.path ?? []);
  return refuse(`is no ${type} line: ${where === "" ? "" : `${where}: `}${issue?.message ?? "unreadable"}`);
}

function refuse(fault: string): LineReading {
  return { ok: false, json: true, fault };
}

/** `attempts[0].tcp`. */
function pathOf(path: readonly PropertyKey[]): string {
  const joined = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return joined.replace(/^\./, "");
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
