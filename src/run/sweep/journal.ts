/**
 * The file of --state: what a sweep has found and finished, one JSON value a line, appended as it happens. What was
 * written before a kill -9 is there after it; a line that was cut is left out, and its batch done again.
 */
import fs from "node:fs";
import { endsInLine } from "../../output/lines.ts";
import { appendAll } from "../../output/write-all.ts";
import type { VerdictCode } from "../../model/verdict.ts";
import type { EndpointLine, MeasuredLine, Plan, Shard } from "../../sweep/model.ts";
import { addressesOfShards } from "../../sweep/coverage.ts";
import { lockOpenFile } from "../../system/file-lock.ts";
import { fileError } from "../../targets/file-error.ts";
import { show } from "../../targets/parse.ts";
import { CannotRun, UsageError } from "../../targets/usage-error.ts";
import { FORMAT, readPast } from "./journal-past.ts";
import type { Entry, Header, Past } from "./journal-past.ts";

export type { Past };
import { BATCH } from "./board.ts";
import { packOutcomes } from "./outcomes.ts";

export type Journal = {
  readonly past: Past;
  line: (line: EndpointLine) => void;
  measured: (line: MeasuredLine) => void;
  /** `unsent`: how many of them nothing was sent to. */
  batch: (batch: number, outcomes: Uint8Array, run: { elapsedMs: number; unsent: number }) => void;
  close: () => void;
};

const NOTHING: Past = { startedAt: null, runs: 0, elapsedMs: 0, lines: [], measured: [], batches: [] };

/** Keeps nothing. */
export function noJournal(): Journal {
  return { past: NOTHING, line: () => {}, measured: () => {}, batch: () => {}, close: () => {} };
}

export type Owner = {
  plan: Plan;
  shard: Shard;
  /** What an outcome's number stands for. */
  codes: readonly VerdictCode[];
  startedAt: string;
  /** Told what is left out of a file that is spoilt in places. */
  note?: ((text: string) => void) | undefined;
};

/**
 * Opens the state of this sweep, or begins it.
 *
 * @throws UsageError where the file is another sweep's, or another run has it open
 */
export async function openJournal(
  file: string,
  { plan, shard, codes, startedAt, note = () => {} }: Owner,
): Promise<Journal> {
  const header: Header = { format: FORMAT, digest: plan.digest, shard, batch: BATCH, codes };
  const name = show(file);
  const descriptor = open(file);
  const append = (entry: Entry | Header): void => {
    try {
      appendAll(descriptor, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      throw fileError(`can't write the state file ${name}`, error);
    }
  };
  try {
    lock(descriptor, name, note);
    const expected = { header, addresses: addressesOfShards(plan, shard) };
    const { past, whole, spoilt } = await readPast(descriptor, name, expected);
    if (spoilt.length > 0) note(spoiltWords(name, spoilt));
    // What a kill cut off would spoil the next line.
    fs.ftruncateSync(descriptor, whole);
    if (!endsInLine(descriptor)) appendAll(descriptor, "\n");
    if (whole === 0) append(header);
    append({ run: { startedAt, pid: process.pid } });
    return {
      past,
      line: (line) => append({ line }),
      measured: (measured) => append({ measured }),
      batch: (batch, outcomes, { elapsedMs, unsent }) =>
        append({
          batch,
          outcomes: packOutcomes(outcomes),
          elapsedMs: Math.round(elapsedMs),
          ...(unsent > 0 ? { unsent } : {}),
        }),
      close: () => fs.closeSync(descriptor),
    };
  } catch (error) {
    fs.closeSync(descriptor);
    if (error instanceof UsageError || error instanceof CannotRun) throw error;
    throw fileError(`can't use the state file ${name}`, error);
  }
}

function open(file: string): number {
  try {
    const found = fs.statSync(file, { throwIfNoEntry: false });
    if (found !== undefined && !found.isFile() && !found.isDirectory())
      throw new UsageError(`${show(file)} is a pipe or a device: name a file for --state`);
    return fs.openSync(file, "a+", 0o644);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw fileError(`can't use the state file ${show(file)}`, error);
  }
}

/** Two runs on one state would do the same work. */
function lock(descriptor: number, name: string, note: (text: string) => void): void {
  switch (lockOpenFile(descriptor)) {
    case "locked":
      return;
    case "taken":
      throw new UsageError(`${name} is in use by another run: let it end, or name another file for --state`);
    case "no-locks":
      return note(`nothing on this machine locks ${name}: see to it that no other run uses it`);
  }
}

function spoiltWords(name: string, lines: readonly number[]): string {
  const shown = lines.slice(0, 5).join(", ");
  const which =
    lines.length === 1 ? `line ${shown} is` : `lines ${shown}${lines.length > 5 ? " ..." : ""} are`;
  return `${name}: ${which} not readable and left out; what stood there is done again`;
}
