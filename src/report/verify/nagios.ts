import { servingWords } from "../../verdict/counts.ts";
import { median, plural } from "../../verdict/figures.ts";
import type { Step } from "../../model/verdict.ts";
import type { Verification } from "../../verify/model.ts";
import { printable } from "../escape.ts";
import { cutTo, fitting, utf8Length } from "../room.ts";
import { rowsOf } from "../rows.ts";
import { briefLines, changeLines, changeName } from "./lines.ts";
import {
  byUrgency,
  changesOf,
  nameOf,
  printableVerification,
  severityOf,
  STATUS_WORDS,
  summaryOf,
} from "./words.ts";

/** What a plugin ends with: OK, WARNING, CRITICAL, UNKNOWN. */
export type NagiosCode = 0 | 1 | 2 | 3;
export type NagiosResult = { text: string; code: NagiosCode };

const WORDS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;

/**
 * Bytes. Older cores and many agents see the first KiB only. Nagios takes 8 KiB by its documents; 4.4.6 was seen to
 * lose, in about every second run, what is beyond the first 4,096 that it reads (Debian 12, 2026-11).
 */
const MAX_FIRST = 1_000;
const MAX_SAID = 480;
const MAX_LABEL = 120;
const MAX_LINE = 300;
const MAX_TEXT = 4_000;

/**
 * Output of a monitoring plugin: one line with performance data, then what does not hold, in lines. What failed is
 * CRITICAL, a warning alone WARNING, and what could not be checked or was cut short UNKNOWN, unless something failed.
 */
export function renderVerifyNagios(given: Verification): NagiosResult {
  const verification = printableVerification(given);
  const code = codeOf(verification);
  const said = safe(`${summary(verification)}${worst(verification)}`);
  const first = `KMS ${WORDS[code]} - ${cutTo(MAX_SAID, said)}`;
  const figures = fitting(figuresOf(verification), MAX_FIRST - utf8Length(first) - " | ".length, 1);
  const line = figures.length === 0 ? first : `${first} | ${figures.join(" ")}`;
  return { code, text: withLines(line, longLines(verification)) };
}

/** For a run that could not be, which ends with 3: wrong usage, a policy that cannot be read, our own time-out. */
export function renderNagiosUnknown(reason: string): string {
  const [first = "", ...more] = reason.split(/\r?\n/).filter((line) => line.trim() !== "");
  return withLines(`KMS UNKNOWN - ${cutTo(MAX_SAID, safe(printable(first)))}`, more.map(printable));
}

function codeOf({ outcome, interrupted }: Verification): NagiosCode {
  if (outcome === "failed") return 2;
  if (interrupted || outcome === "error") return 3;
  return outcome === "warned" ? 1 : 0;
}

function summary(verification: Verification): string {
  const { serving, listed } = verification.report.requirement;
  const middle = median(latencies(verification));
  return [
    // Nagios makes colons of semicolons in this line.
    summaryOf(verification).replace("; ", ", "),
    ...(listed > 0 ? [servingWords(serving, listed)] : []),
    ...(middle === null ? [] : [`median ${middle.toFixed(1)} ms`]),
  ].join(", ");
}

/** A notification shows the first line only: it names what is worst. */
function worst({ results, baseline }: Verification): string {
  const [result] = byUrgency(results).filter(({ status }) => status === "failed" || status === "error");
  const [change] = changesOf(baseline, "worse");
  if (result !== undefined && (change === undefined || severityOf(result) === "failed"))
    return `. Worst: ${nameOf(result)}: ${result.observed}`;
  return change === undefined ? "" : `. Worst: ${changeName(change)}: ${change.after}`;
}

function latencies({ report }: Verification): number[] {
  return report.diagnoses.flatMap(rowsOf).flatMap(({ rpcMs }) => (rpcMs === null ? [] : [rpcMs]));
}

/** Totals first: what follows is left out where there is no room. */
function figuresOf(verification: Verification): string[] {
  const { counts, report, elapsedMs, baseline } = verification;
  const { serving, listed } = report.requirement;
  const all = counts.met + counts.failed + counts.warned + counts.error;
  const middle = median(latencies(verification));
  const perHost = report.diagnoses.flatMap((diagnosis) =>
    rowsOf(diagnosis).flatMap(({ endpoint: { endpoint }, attempt, rpcMs }) => {
      if (rpcMs === null || attempt === null) return [];
      const from = diagnosis.source === null ? "" : ` from ${diagnosis.source}`;
      const where = attempt.address === endpoint.host ? "" : ` at ${attempt.address}`;
      return [datum(`rpc ${endpoint.host}:${endpoint.port}${where}${from}`, secondsOf(rpcMs))];
    }),
  );
  const figures = [
    datum("met", `${counts.met};;;0;${all}`),
    datum("failed", `${counts.failed};;0;0;${all}`),
    datum("warned", `${counts.warned};0;;0;${all}`),
    datum("unchecked", `${counts.error};;;0;${all}`),
    datum("hosts serving", `${serving};;;0;${listed}`),
    ...(middle === null ? [] : [datum("rpc median", secondsOf(middle))]),
    ...(baseline === null ? [] : [datum("worse", `${changesOf(baseline, "worse").length};;0;0`)]),
    datum("duration", secondsOf(elapsedMs)),
    ...perHost,
  ];
  // A host of two suffixes is one host.
  return [...new Map(figures.map((figure) => [figure.slice(0, figure.lastIndexOf("=")), figure])).values()];
}

/** A label may hold anything but the equals sign; a quote in it is doubled. */
function datum(label: string, value: string): string {
  const name = cutTo(MAX_LABEL, safe(label).replaceAll("=", "\\u{3d}"));
  return `'${name.replaceAll("'", "''")}'=${value}`;
}

function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(6)}s;;;0`;
}

function longLines(verification: Verification): string[] {
  const { results, baseline } = verification;
  return [
    ...byUrgency(results).flatMap((result) => {
      const severity = severityOf(result);
      if (severity === null || severity === "ok") return [];
      const head = `${STATUS_WORDS[severity]}: ${nameOf(result)}`;
      const told = { ...result, details: result.details.map(withoutBars) };
      return [head, ...briefLines(told).map((line) => `  ${line}`)];
    }),
    ...changesOf(baseline, "worse").flatMap((change) => {
      return [`worse: ${changeName(change)}`, ...changeLines(withoutBars(change)).map((line) => `  ${line}`)];
    }),
  ];
}

/** A command with another sign for its bar is none that could be pasted: its sentence says what to do, and all else has it. */
function withoutBars<Told extends { next: readonly Step[] }>(told: Told): Told {
  const next = told.next.map((step) =>
    step.command?.includes("|") === true ? { ...step, command: null } : step,
  );
  return { ...told, next };
}

/** A bar would begin performance data; people read what stands for it. */
function safe(text: string): string {
  return text.replaceAll("|", "¦");
}

function withLines(first: string, lines: readonly string[]): string {
  const room = MAX_TEXT - utf8Length(first) - "\nand 1000000 more lines\n".length;
  const shown = fitting(
    lines.map((line) => cutTo(MAX_LINE, safe(line))),
    room,
    1,
  );
  const left = lines.length - shown.length;
  const note = left === 0 ? [] : [`and ${plural(left, "more line")}`];
  return `${[first, ...shown, ...note].join("\n")}\n`;
}
