/** Files of a sweep in, the text of their one report out. A file of its own: it loads zod, which other commands don't. */
import { printable } from "../../report/escape.ts";
import { renderSweepCsv } from "../../report/sweep/csv.ts";
import { renderSweepJson, renderSweepLine } from "../../report/sweep/json.ts";
import { renderSweepText } from "../../report/sweep/text.ts";
import { createAssembly } from "../../sweep/assemble.ts";
import type { Assembly, Foreign } from "../../sweep/assemble.ts";
import type { SweepLine, SweepReport } from "../../sweep/model.ts";
import { readSweep } from "../../sweep/read.ts";

/** Lines of hosts that serve, of their figures and of middleboxes: they are all kept in memory. */
const MAX_KEPT = 200_000;

export type MergeOptions = {
  format: "text" | "json" | "csv" | "ndjson";
  verbose: boolean;
  color: boolean;
  width: number;
};

/** `fault` names the file and is fit for print, and so is each note. `output` comes in pieces; `lost` lines are not in it. */
export type Merged =
  | { ok: true; output: Iterable<string>; report: SweepReport; notes: string[]; lost: number }
  | { ok: false; fault: string };

/** @param open hands over one file's bytes; it throws what the user is to be told */
export async function mergeReports(
  files: readonly string[],
  open: (file: string) => AsyncIterable<Uint8Array>,
  options: MergeOptions,
): Promise<Merged> {
  const assembly = createAssembly();
  const notes: string[] = [];
  let kept = 0;
  let lost = 0;
  for (const file of files) {
    const name = file === "-" ? "standard input" : printable(file);
    const reading = await readSweep(open(file), (line) => {
      kept += Number(isKept(line));
      if (kept > MAX_KEPT)
        return `brings the lines of hosts that serve to more than ${MAX_KEPT.toLocaleString("en")}: no network has so many`;
      const foreign = assembly.add(line);
      return foreign === null ? null : `is ${FOREIGN[foreign]}${than(files, file, foreign)}`;
    });
    if (!reading.ok) return { ok: false, fault: `${name} ${printable(reading.fault)}` };
    lost += reading.spoilt.length;
    if (reading.spoilt.length > 0) notes.push(`${name}: ${spoiltWords(reading.spoilt)}`);
    if (reading.cutShort)
      notes.push(`${name}: the last line of a run is not whole, and left out: the run was killed`);
  }
  const report = assembly.report();
  return {
    ok: true,
    output: render(assembly, report, options),
    report,
    notes: [...notes, ...assembly.notes()],
    lost,
  };
}

function spoiltWords(lines: readonly number[]): string {
  const shown = lines.slice(0, 5).join(", ");
  return lines.length === 1
    ? `line ${shown} is not JSON, and left out; all others count`
    : `lines ${shown}${lines.length > 5 ? " ..." : ""} are not JSON, and left out; all others count`;
}

const FOREIGN = {
  "other-plan": "of another sweep",
  "other-division": "of another division into shards",
  "impossible-shard": "of a shard that can't be: its number is larger than their count",
} as const satisfies Record<Foreign, string>;

/** The first file says which sweep it is; a file may be wrong in itself. */
function than([first]: readonly string[], file: string, foreign: Foreign): string {
  if (foreign === "impossible-shard") return "";
  const other =
    first === undefined || first === file ? "what it begins with" : first === "-" ? "standard input" : first;
  const what = foreign === "other-plan" ? "its addresses, ports or seed differ" : "merge the parts of one";
  return ` than ${other}: ${what}`;
}

function isKept(line: SweepLine): boolean {
  switch (line.type) {
    case "endpoint":
      return line.verdict.serves;
    case "measured":
    case "middlebox":
      return true;
    case "start":
    case "end":
      return false;
    default:
      return line satisfies never;
  }
}

function render(assembly: Assembly, report: SweepReport, options: MergeOptions): Iterable<string> {
  switch (options.format) {
    case "text":
      return [renderSweepText(report, { ...options, joined: true })];
    case "json":
      return [renderSweepJson(report)];
    case "csv":
      return [renderSweepCsv(report)];
    case "ndjson":
      return rendered(assembly.lines());
    default:
      return options.format satisfies never;
  }
}

function* rendered(lines: Iterable<SweepLine>): Generator<string> {
  for (const line of lines) yield renderSweepLine(line);
}
