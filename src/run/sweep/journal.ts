/**
 * The file of --state: what a sweep has found and finished, one JSON value a line, appended as it happens. What was
 * written before a kill -9 is there after it; a line that was cut is left out, and its batch done again.
 */
import fs from "node:fs";
import type { VerdictCode } from "../../model.ts";
import type { EndpointLine, MeasuredLine, Plan, Shard } from "../../sweep/model.ts";
import { fileError } from "../../targets/file-error.ts";
import { show } from "../../targets/parse.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { BATCH } from "./board.ts";

const FORMAT = 1;

/** Whose state it is: another sweep's must not be mixed in. */
type Header = { format: number; digest: string; shard: Shard; batch: number; codes: readonly VerdictCode[] };

type Entry =
  | { run: { startedAt: string; pid: number } }
  | { line: EndpointLine }
  | { measured: MeasuredLine }
  /** `outcomes` in base64: for each place the number of its code in the header's list. */
  | { batch: number; outcomes: string; elapsedMs: number };

/** What earlier runs came to. */
export type Past = {
  startedAt: string | null;
  runs: number;
  elapsedMs: number;
  lines: EndpointLine[];
  measured: MeasuredLine[];
  batches: { batch: number; outcomes: Uint8Array }[];
};

export type Journal = {
  readonly past: Past;
  line: (line: EndpointLine) => void;
  measured: (line: MeasuredLine) => void;
  batch: (batch: number, outcomes: Uint8Array, elapsedMs: number) => void;
  close: () => void;
};

const NOTHING: Past = { startedAt: null, runs: 0, elapsedMs: 0, lines: [], measured: [], batches: [] };

/** Keeps nothing. */
export function noJournal(): Journal {
  return { past: NOTHING, line: () => {}, measured: () => {}, batch: () => {}, close: () => {} };
}

/**
 * Opens the state of this sweep, or begins it.
 *
 * @param codes what an outcome's number stands for
 * @throws UsageError where the file is another sweep's, or another run has it open
 */
export function openJournal(
  file: string,
  {
    plan,
    shard,
    codes,
    startedAt,
  }: { plan: Plan; shard: Shard; codes: readonly VerdictCode[]; startedAt: string },
): Journal {
  const header: Header = { format: FORMAT, digest: plan.digest, shard, batch: BATCH, codes };
  let descriptor: number;
  let read: ReturnType<typeof readPast> = { length: 0, past: NOTHING };
  try {
    if (fs.existsSync(file)) read = readPast(file, header);
    descriptor = fs.openSync(file, "a", 0o644);
    // What a kill cut off would spoil the next line.
    fs.ftruncateSync(descriptor, read.length);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw fileError(`can't use the state file ${show(file)}`, error);
  }
  const append = (entry: Entry | Header): void => {
    try {
      fs.writeSync(descriptor, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      throw fileError(`can't write the state file ${show(file)}`, error);
    }
  };
  const { past } = read;
  if (read.length === 0) append(header);
  append({ run: { startedAt, pid: process.pid } });
  return {
    past,
    line: (line) => append({ line }),
    measured: (measured) => append({ measured }),
    batch: (batch, outcomes, elapsedMs) =>
      append({ batch, outcomes: Buffer.from(outcomes).toString("base64"), elapsedMs }),
    close: () => fs.closeSync(descriptor),
  };
}

const CHUNK = 1 << 20;

/** @returns how many bytes of the file are whole lines, and what they say */
function readPast(file: string, expected: Header): { length: number; past: Past } {
  const past: Past = { ...NOTHING, lines: [], measured: [], batches: [] };
  let runMs = 0;
  let length = 0;
  let number = 0;
  for (const line of wholeLines(file)) {
    number += 1;
    const entry = parse(line, file, number);
    if (number === 1) checkHeader(entry, expected, file);
    else if ("run" in entry) {
      checkNotRunning(entry.run.pid, file);
      past.startedAt ??= entry.run.startedAt;
      past.runs += 1;
      past.elapsedMs += runMs;
      runMs = 0;
    } else if ("line" in entry) past.lines.push(entry.line);
    else if ("measured" in entry) past.measured.push(entry.measured);
    else if ("batch" in entry) {
      past.batches.push({ batch: entry.batch, outcomes: Buffer.from(entry.outcomes, "base64") });
      runMs = entry.elapsedMs;
    }
    length += Buffer.byteLength(line) + 1;
  }
  past.elapsedMs += runMs;
  if (number === 0) checkBeginning(file, expected);
  return { length, past };
}

function* wholeLines(file: string): Generator<string> {
  const descriptor = fs.openSync(file, "r");
  try {
    const chunk = Buffer.alloc(CHUNK);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const count = fs.readSync(descriptor, chunk);
      if (count === 0) return;
      rest = Buffer.concat([rest, chunk.subarray(0, count)]);
      let end = rest.indexOf(0x0a);
      while (end >= 0) {
        yield rest.toString("utf8", 0, end);
        rest = rest.subarray(end + 1);
        end = rest.indexOf(0x0a);
      }
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function parse(line: string, file: string, number: number): Entry {
  try {
    const value: unknown = JSON.parse(line);
    if (isEntry(value)) return value;
  } catch {
    // No JSON is no state either.
  }
  throw new UsageError(
    `${show(file)}, line ${number}: not the state of a sweep; name another file for --state, or remove this one`,
  );
}

/** Our own file: its shape is looked at, its values are what we wrote. */
function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkHeader(entry: object, expected: Header, file: string): void {
  if (!("format" in entry) || entry.format !== FORMAT) {
    throw new UsageError(
      `${show(file)} is not the state of a sweep; name another file for --state, or remove this one`,
    );
  }
  if (JSON.stringify(entry) !== JSON.stringify(expected)) {
    throw new UsageError(
      `${show(file)} is the state of another sweep (other targets, ports, seed, shard or version): name another file, or remove this one`,
    );
  }
}

/** Killed within its first line it may be ours; anything else in one line is not to be written over. */
function checkBeginning(file: string, expected: Header): void {
  if (!JSON.stringify(expected).startsWith(fs.readFileSync(file, "utf8"))) {
    throw new UsageError(
      `${show(file)} is not the state of a sweep; name another file for --state, or remove this one`,
    );
  }
}

/** Two runs on one state would both write. A number that was given to another program since is no run of ours. */
function checkNotRunning(pid: number, file: string): void {
  if (pid === process.pid) return;
  let command = "";
  try {
    command = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return;
  }
  if (command.includes("kmsprobe") && command.includes("sweep")) {
    throw new UsageError(
      `${show(file)} is in use by process ${pid}: let it end, or name another file for --state`,
    );
  }
}
