/**
 * What earlier runs of a sweep left in its state file. It may have been cut, spoilt by a full disk, or edited: a line
 * that is no JSON is left out, a whole line that can't be is refused by its number, and what stands twice counts once.
 */
import fs from "node:fs";
import type { VerdictCode } from "../../model/verdict.ts";
import type { EndpointLine, MeasuredLine, Shard, SweepLine } from "../../sweep/model.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { createUnpacking } from "./outcomes.ts";

export const FORMAT = 1;

/** Whose state it is: another sweep's must not be mixed in. */
export type Header = {
  format: number;
  digest: string;
  shard: Shard;
  batch: number;
  codes: readonly VerdictCode[];
};

export type Entry =
  | { run: { startedAt: string; pid: number } }
  | { line: EndpointLine }
  | { measured: MeasuredLine }
  /** `outcomes`: for each place the number of its code in the header's list, as `packOutcomes` writes them. */
  | { batch: number; outcomes: string; elapsedMs: number; unsent?: number };

/** What earlier runs came to. */
export type Past = {
  startedAt: string | null;
  runs: number;
  elapsedMs: number;
  lines: EndpointLine[];
  measured: MeasuredLine[];
  /** Batches that are alike may share their outcomes. */
  batches: { readonly batch: number; readonly outcomes: Readonly<Uint8Array>; readonly unsent: number }[];
};

/** `whole` bytes of the file are whole lines; `spoilt` are the numbers of those that are no JSON. */
export type PastReading = { past: Past; whole: number; spoilt: number[] };

/** @param name of the file, for messages; `addresses` that the sweep has */
export async function readPast(
  descriptor: number,
  name: string,
  { header, addresses }: { header: Header; addresses: number },
): Promise<PastReading> {
  // Loads zod, which a sweep without a past doesn't need.
  const { sweepLineSchema } = await import("../../sweep/model.ts");
  const asLine = (value: object): SweepLine | null => sweepLineSchema.safeParse(value).data ?? null;
  const past: Past = { startedAt: null, runs: 0, elapsedMs: 0, lines: [], measured: [], batches: [] };
  const spoilt: number[] = [];
  const seen = new Set<string>();
  const isFirst = (key: string): boolean => !seen.has(key) && Boolean(seen.add(key));
  const unpack = createUnpacking(header.codes.length);
  let runMs = 0;
  let whole = 0;
  let number = 0;
  const refuse = (what: string): never => {
    throw new UsageError(
      `${name}, line ${number}: ${what}; name another file for --state, or remove this one`,
    );
  };
  for (const { text, bytes } of wholeLines(descriptor, () => refuse("longer than any line of a sweep"))) {
    number += 1;
    whole += bytes;
    const entry = parse(text);
    if (number === 1) checkHeader(entry, header, name);
    else if (entry === null) spoilt.push(number);
    else if ("run" in entry) {
      const startedAt = startOf(entry.run) ?? refuse("no run of a sweep");
      past.startedAt ??= startedAt;
      past.runs += 1;
      past.elapsedMs += runMs;
      runMs = 0;
    } else if ("line" in entry) {
      const line = isObject(entry.line) ? asLine(entry.line) : null;
      if (line?.type !== "endpoint") return refuse("no line of a host");
      if (isFirst(`line ${line.attempts[0]?.address} ${line.endpoint.port}`)) past.lines.push(line);
    } else if ("measured" in entry) {
      const line = isObject(entry.measured) ? asLine(entry.measured) : null;
      if (line?.type !== "measured") return refuse("no figures of a host");
      if (isFirst(`measured ${line.address} ${line.endpoint.port}`)) past.measured.push(line);
    } else if ("batch" in entry) {
      const batch = batchOf(entry, { unpack, size: header.batch, addresses });
      if (batch === null) return refuse("no part of this sweep");
      runMs = batch.elapsedMs;
      if (isFirst(`batch ${batch.batch}`)) past.batches.push(batch);
    }
  }
  past.elapsedMs += runMs;
  if (number === 0) checkBeginning(descriptor, header, name);
  return { past, whole, spoilt };
}

function startOf(run: unknown): string | null {
  if (!isObject(run) || !("startedAt" in run) || typeof run.startedAt !== "string") return null;
  return Number.isNaN(Date.parse(run.startedAt)) ? null : run.startedAt;
}

/** Null where it can't be one of this sweep: each has the outcome of every address that is in it. */
function batchOf(
  entry: object,
  sweep: { unpack: ReturnType<typeof createUnpacking>; size: number; addresses: number },
): (Past["batches"][number] & { elapsedMs: number }) | null {
  if (!("batch" in entry && "outcomes" in entry && "elapsedMs" in entry)) return null;
  const { batch, outcomes: text, elapsedMs } = entry;
  const { unpack, size, addresses } = sweep;
  if (typeof batch !== "number" || !Number.isInteger(batch) || batch < 0 || batch * size >= addresses)
    return null;
  if (typeof elapsedMs !== "number" || !(elapsedMs >= 0 && elapsedMs < Infinity)) return null;
  if (typeof text !== "string") return null;
  const outcomes = unpack(text, Math.min(size, addresses - batch * size));
  if (outcomes === null) return null;
  // States of before have none.
  const unsent = "unsent" in entry ? entry.unsent : 0;
  if (typeof unsent !== "number" || !Number.isInteger(unsent) || unsent < 0 || unsent > outcomes.length)
    return null;
  return { batch, outcomes, elapsedMs, unsent };
}

const CHUNK = 1 << 20;

/** No line of a sweep is longer: what is, is another's file. */
const MAX_LINE = 32 << 20;

function* wholeLines(descriptor: number, tooLong: () => never): Generator<{ text: string; bytes: number }> {
  const chunk = Buffer.alloc(CHUNK);
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  while (rest.length < MAX_LINE) {
    const count = fs.readSync(descriptor, chunk, 0, CHUNK, at);
    if (count === 0) return;
    at += count;
    rest = Buffer.concat([rest, chunk.subarray(0, count)]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      yield { text: rest.toString("utf8", 0, end), bytes: end + 1 };
      rest = rest.subarray(end + 1);
    }
  }
  tooLong();
}

function parse(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkHeader(entry: object | null, expected: Header, name: string): void {
  if (entry === null || !("format" in entry) || entry.format !== FORMAT) throw notAState(name);
  if (JSON.stringify(entry) !== JSON.stringify(expected)) {
    throw new UsageError(
      `${name} is the state of another sweep (other targets, ports, seed, shard or version): name another file, or remove this one`,
    );
  }
}

/** Killed within its first line it may be ours; anything else in one line is not to be written over. */
function checkBeginning(descriptor: number, expected: Header, name: string): void {
  const text = JSON.stringify(expected);
  const begun = Buffer.alloc(Buffer.byteLength(text) + 1);
  const count = fs.readSync(descriptor, begun, 0, begun.length, 0);
  if (!text.startsWith(begun.toString("utf8", 0, count))) throw notAState(name);
}

function notAState(name: string): UsageError {
  return new UsageError(
    `${name} is not the state of a sweep; name another file for --state, or remove this one`,
  );
}
