import type { Verdict } from "../../model/verdict.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { plural } from "../../verdict/figures.ts";
import type { Subject } from "../../watch/event.ts";
import type { Host } from "../../watch/host.ts";
import type { LimitPicture } from "../../watch/limit.ts";
import type { LatencyFigures } from "../../watch/latency.ts";
import { printable } from "../escape.ts";
import { SIGNS } from "../style.ts";
import type { Style } from "../style.ts";
import { plainTable } from "../table.ts";
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

/** A line a host. Times are those of RPC where the host ever accepted a bind, else of TCP. */
export function renderSummary(
  hosts: readonly HostSummary[],
  run: { rounds: number; elapsedMs: number },
  style: Style,
): string {
  const rounds = run.rounds === 1 ? "1 round" : `${run.rounds} rounds`;
  const title = style.bold(`${rounds} in ${durationWords(run.elapsedMs)}`);
  if (hosts.length === 0) return `${title}\nNo host was found to watch.\n`;
  const sources = [...new Set(hosts.map(({ subject }) => subject.source))];
  const bySource = sources.flatMap((source) => hosts.filter(({ subject }) => subject.source === source));
  const head = ["  HOST", "ROUNDS", "EVERY", "SERVED", "MIN ms", "MEDIAN", "P95", "CHANGES", "AT THE END"];
  const table = plainTable(head.map(style.dim), [
    "left",
    "right",
    "right",
    "right",
    "right",
    "right",
    "right",
    "right",
    "left",
  ]);
  for (const host of bySource) {
    const { title: verdict, severity } = entryOf(host.verdict);
    const figures = host.rpc ?? host.tcp;
    table.push([
      `${style.severity(severity, SIGNS[severity])} ${subjectName(host.subject)}`,
      host.rounds,
      host.everyMs === null ? "–" : durationWords(host.everyMs),
      host.rounds === 0 ? "–" : servedWords(host),
      figures?.minMs.toFixed(1) ?? "–",
      figures?.medianMs.toFixed(1) ?? "–",
      figures?.p95Ms.toFixed(1) ?? "–",
      host.changes,
      style.severity(severity, verdict) + (host.listed ? "" : style.dim(" (not listed any more)")),
    ]);
  }
  const lines = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  const counts = sources.length > 1 ? sources.map((source) => sourceWords(source, hosts)) : [];
  const limits = hosts.flatMap(({ subject, limit }) =>
    limit === null ? [] : [`${NOTE_SIGN} ${subjectName(subject)}  ${limitWords(limit, 0)}`],
  );
  return `${[title, ...counts, ...lines, ...limits].join("\n")}\n`;
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
