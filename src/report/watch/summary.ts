import type { Verdict } from "../../model/verdict.ts";
import { entryOf } from "../../verdict/catalog.ts";
import type { Subject } from "../../watch/event.ts";
import type { Host } from "../../watch/host.ts";
import type { LatencyFigures } from "../../watch/latency.ts";
import { SIGNS } from "../style.ts";
import type { Style } from "../style.ts";
import { plainTable } from "../table.ts";
import { subjectName } from "./words.ts";
import { durationWords } from "../../verdict/duration.ts";

/** What is left of a host when the watch is over. */
export type HostSummary = {
  subject: Subject;
  listed: boolean;
  verdict: Verdict["code"];
  since: string;
  rounds: number;
  served: number;
  changes: number;
  tcp: LatencyFigures | null;
  rpc: LatencyFigures | null;
};

export function summaryOf(host: Host): HostSummary {
  const { subject, listed, verdict, since, rounds, served, changes, tcp, rpc } = host;
  return {
    subject,
    listed,
    verdict: verdict.code,
    since,
    rounds,
    served,
    changes,
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
  const head = ["  HOST", "ROUNDS", "SERVED", "MIN ms", "MEDIAN", "P95", "CHANGES", "AT THE END"];
  const table = plainTable(head.map(style.dim), [
    "left",
    "right",
    "right",
    "right",
    "right",
    "right",
    "right",
    "left",
  ]);
  for (const host of hosts) {
    const { title: verdict, severity } = entryOf(host.verdict);
    const figures = host.rpc ?? host.tcp;
    table.push([
      `${style.severity(severity, SIGNS[severity])} ${subjectName(host.subject)}`,
      host.rounds,
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
  return `${title}\n${lines.join("\n")}\n`;
}

/** One lost round in thousands is not "100 %". */
function servedWords({ served, rounds }: HostSummary): string {
  const percent = Math.floor((served / rounds) * 1_000) / 10;
  return `${percent} %`;
}
