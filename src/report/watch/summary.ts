import type { Verdict } from "../../model/verdict.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { plural } from "../../verdict/figures.ts";
import type { Subject } from "../../watch/event.ts";
import type { Host } from "../../watch/host.ts";
import type { LimitPicture } from "../../watch/limit.ts";
import type { LatencyFigures } from "../../watch/latency.ts";
import { printable } from "../escape.ts";
import { createStyle, SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { plainTable, tableLines } from "../table.ts";
import { durationWords } from "../../verdict/duration.ts";
import { limitWords, NOTE_SIGN, subjectName } from "./words.ts";

/** What is left of a host when the watch is over. */
export type HostSummary = {
  subject: Subject;
  listed: boolean;
  verdict: Verdict["code"];
  since: string;
  rounds: number;
  served: number;
  changes: number;
  /** Mean time between the latest looks; null before the second. */
  everyMs: number | null;
  /** Null unless connects pass and meet silence by turns. */
  limit: LimitPicture | null;
  tcp: LatencyFigures | null;
  rpc: LatencyFigures | null;
};

export function summaryOf(host: Host): HostSummary {
  const { subject, listed, verdict, since, rounds, served, changes, pace, turns, tcp, rpc } = host;
  return {
    subject,
    listed,
    verdict: verdict.code,
    since,
    rounds,
    served,
    changes,
    everyMs: pace.everyMs(),
    limit: turns.picture(),
    tcp: tcp.figures(),
    rpc: rpc.figures(),
  };
}

type Column = { title: string; align: "left" | "right"; cell: (host: HostSummary) => string };

/** Times are those of RPC where the host ever accepted a bind, else of TCP. */
const figuresOf = ({ rpc, tcp }: HostSummary): LatencyFigures | null => rpc ?? tcp;

const FIGURES: readonly Column[] = [
  { title: "ROUNDS", align: "right", cell: ({ rounds }) => String(rounds) },
  {
    title: "EVERY",
    align: "right",
    cell: ({ everyMs }) => (everyMs === null ? "–" : durationWords(everyMs)),
  },
  { title: "SERVED", align: "right", cell: (host) => (host.rounds === 0 ? "–" : servedWords(host)) },
  { title: "MIN", align: "right", cell: (host) => figuresOf(host)?.minMs.toFixed(1) ?? "–" },
  { title: "MEDIAN", align: "right", cell: (host) => figuresOf(host)?.medianMs.toFixed(1) ?? "–" },
  { title: "P95", align: "right", cell: (host) => figuresOf(host)?.p95Ms.toFixed(1) ?? "–" },
  { title: "CHANGES", align: "right", cell: ({ changes }) => String(changes) },
];

/** The unit stands once, at the first of those that are shown. */
const TIMES = ["MIN", "MEDIAN", "P95"];

/** What a narrow terminal does without, least missed first. */
const SPARED = ["MIN", "P95", "EVERY", "CHANGES", "ROUNDS", "MEDIAN"];

/** Of a host's name, at least. */
const SHORTEST_NAME = 14;

/** `spared` of `SPARED` are left out; `room` is what a name with port and address may take. */
type Detail = { spared: number; room: number };

/** The most that any host has. */
export function roundsOf(hosts: readonly Pick<HostSummary, "rounds">[]): number {
  return hosts.reduce((most, { rounds }) => Math.max(most, rounds), 0);
}

/** A line a host. @param width of the terminal; Infinity where no line can break */
export function renderSummary(
  hosts: readonly HostSummary[],
  { elapsedMs }: { elapsedMs: number },
  width: number,
  style: Style,
): string {
  const title = style.bold(`${plural(roundsOf(hosts), "round")} in ${durationWords(elapsedMs)}`);
  if (hosts.length === 0) return `${title}\nEnded before any host was looked at.\n`;
  const sources = [...new Set(hosts.map(({ subject }) => subject.source))];
  const bySource = sources.flatMap((source) => hosts.filter(({ subject }) => subject.source === source));
  const counts = sources.length > 1 ? sources.map((source) => sourceWords(source, hosts)) : [];
  const limits = hosts.flatMap(({ subject, limit }) =>
    limit === null ? [] : [`${NOTE_SIGN} ${subjectName(subject)}  ${limitWords(limit, 0)}`],
  );
  const table = renderTable(bySource, detailFor(bySource, width), style);
  return `${[title, ...counts.map((words) => within(words, width)), ...table, ...limits.map((words) => within(words, width))].join("\n")}\n`;
}

/** Whoever reads a file or a pipe breaks lines, or doesn't, as is best there. */
function within(words: string, width: number): string {
  return width === Infinity ? words : wrap(words, width, "  ").trimStart();
}

/** Figures go before a name is cut; of a name, no more is cut than the line is too long. */
function detailFor(hosts: readonly HostSummary[], width: number): Detail {
  const plain = createStyle(false);
  const widest = (detail: Detail): number =>
    Math.max(...renderTable(hosts, detail, plain).map((line) => line.length));
  let tooMuch = 0;
  for (let spared = 0; spared <= SPARED.length; spared++) {
    tooMuch = widest({ spared, room: Infinity }) - width;
    if (tooMuch <= 0) return { spared, room: Infinity };
  }
  const longest = Math.max(...hosts.map(({ subject }) => subjectName(subject).length));
  return { spared: SPARED.length, room: longest - tooMuch };
}

function renderTable(hosts: readonly HostSummary[], { spared, room }: Detail, style: Style): string[] {
  const left = SPARED.slice(0, spared);
  const columns = FIGURES.filter(({ title }) => !left.includes(title));
  const firstTime = columns.find(({ title }) => TIMES.includes(title));
  const titles = columns.map((column) => (column === firstTime ? `${column.title} ms` : column.title));
  const table = plainTable(["  HOST", ...titles, "AT THE END"].map(style.dim), [
    "left",
    ...columns.map(({ align }) => align),
    "left",
  ]);
  for (const host of hosts) {
    const { title: verdict, severity } = entryOf(host.verdict);
    table.push([
      `${style.severity(severity, SIGNS[severity])} ${subjectName(cutName(host.subject, room))}`,
      ...columns.map(({ cell }) => cell(host)),
      style.severity(severity, verdict) + (host.listed ? "" : style.dim(" (not listed any more)")),
    ]);
  }
  return tableLines(table);
}

/** An address is never cut: half of one is another. */
function cutName(subject: Subject, room: number): Subject {
  const name = printable(subject.host);
  const left = Math.max(SHORTEST_NAME, name.length - (subjectName(subject).length - room));
  if (subject.host === subject.address || name.length <= left) return subject;
  return { ...subject, host: `${name.slice(0, left - 1)}…` };
}

/** `From hq0: 2 of 3 hosts serve at the end; 66.6 % of 72 rounds served.` */
function sourceWords(source: string | null, hosts: readonly HostSummary[]): string {
  const here = hosts.filter(({ subject, listed }) => subject.source === source && listed);
  const names = new Set(here.map(nameOf));
  const serving = new Set(here.filter(({ verdict }) => isServed(verdict)).map(nameOf));
  const rounds = here.reduce((sum, each) => sum + each.rounds, 0);
  const served = here.reduce((sum, each) => sum + each.served, 0);
  const share = rounds === 0 ? "" : `; ${servedWords({ served, rounds })} of ${rounds} rounds served`;
  const from = source === null ? "this machine" : printable(source);
  const verb = names.size === 1 ? "serves" : "serve";
  return `From ${from}: ${serving.size} of ${plural(names.size, "host")} ${verb} at the end${share}`;
}

function isServed(code: Verdict["code"]): boolean {
  const { severity } = entryOf(code);
  return severity === "ok" || severity === "degraded";
}

function nameOf({ subject }: HostSummary): string {
  return `${subject.host} ${subject.port ?? ""}`;
}

/** One lost round in thousands is not "100 %". */
function servedWords({ served, rounds }: Pick<HostSummary, "served" | "rounds">): string {
  const percent = Math.floor((served / rounds) * 1_000) / 10;
  return `${percent} %`;
}
