/** The report of a sweep that a person reads: who serves, who else connects, what is in the way, what is left. */
import { grouped } from "../../sweep/counts.ts";
import type { Slowdown, SweepReport } from "../../sweep/model.ts";
import { defaultWords } from "../default-words.ts";
import { printable } from "../escape.ts";
import { createStyle, SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { renderFindings } from "./text-findings.ts";
import { renderOthers, renderServing } from "./text-hosts.ts";
import { renderMiddleboxes, renderSubnets } from "./text-subnets.ts";
import {
  counted,
  gapsOf,
  hasSeveralPorts,
  headline,
  loneShardOf,
  slowdownSentence,
  warningsOf,
} from "./words.ts";
import { durationWords } from "../../verdict/duration.ts";

/** Gaps named without --verbose. */
const GAPS_SHOWN = 20;

/** `joined`: by `merge`, for which a missing shard is a gap and nothing to be joined later. */
type Options = { color: boolean; verbose: boolean; width: number; joined?: boolean };

export function renderSweepText(given: SweepReport, options: Options): string {
  // Whatever text a report holds, of peers or out of a file, nothing of it reaches a terminal unescaped.
  const report: SweepReport = JSON.parse(
    JSON.stringify(given, (_, value: unknown) => (typeof value === "string" ? printable(value) : value)),
  );
  const style = createStyle(options.color);
  const parts = [
    renderHeadline(report, options, style),
    renderServing(report, options, style),
    renderOthers(report, options, style),
    renderMiddleboxes(report, options, style),
    renderFindings(report, options, style),
    renderSubnets(report, options, style),
    renderGaps(report, options, style),
    report.slowdowns.map((each) => renderSlowdown(each, options, style)).join("\n"),
    style.dim(wrap(closing(report), options.width, "")),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function renderHeadline(report: SweepReport, { width, joined }: Options, style: Style): string {
  const gaps = gapsOf(report, joined).length > 0;
  const severity = report.serving === 0 ? "failed" : warningsOf(report) > 0 || gaps ? "degraded" : "ok";
  const text = `${report.interrupted ? "Interrupted. " : ""}${headline(report, joined)}`;
  return `${style.severity(severity, SIGNS[severity])} ${style.bold(wrap(text, width, "  ").trimStart())}`;
}

function renderGaps(report: SweepReport, { width, verbose, joined }: Options, style: Style): string {
  const gaps = gapsOf(report, joined);
  const shown = verbose ? gaps : gaps.slice(0, GAPS_SHOWN);
  const lines = shown.map(
    ({ text }) => `  ${style.severity("degraded", "!")} ${wrap(text, width, "    ").trimStart()}`,
  );
  if (gaps.length > shown.length)
    lines.push(style.dim(`  and ${grouped(gaps.length - shown.length)} more: --verbose shows them`));
  const alone = joined === true ? null : loneShardOf(report);
  const elsewhere = report.coverage.gaps.reduce(
    (sum, { why, addresses }) => sum + (why === "shard-missing" ? addresses : 0),
    0,
  );
  const rest = hasSeveralPorts(report)
    ? counted(elsewhere, "pair of address and port is", "pairs of address and port are")
    : counted(elsewhere, "address is", "addresses are");
  const note = `This is shard ${alone?.index} of ${alone?.count}: ${rest} in others, which kmsprobe merge joins with it.`;
  return [
    ...(lines.length > 0 ? [style.bold("Not looked at"), ...lines] : []),
    ...(alone === null ? [] : [wrap(note, width, "")]),
  ].join("\n");
}

function renderSlowdown(slowdown: Slowdown, { width }: Options, style: Style): string {
  const sentence = slowdownSentence(slowdown);
  return style.dim(wrap(`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`, width, ""));
}

function closing(report: SweepReport): string {
  const { settings, plan, shards, from, startedAt, elapsedMs } = report;
  const { rate, concurrency, timeoutMs, retries, rpcTimeoutMs } = settings;
  const pace =
    rate === 0 ? "No limit of rate" : `At most ${counted(rate, "connection", "connections")} a second`;
  const connect = timeoutMs === null ? "by the round trips of each subnet" : durationWords(timeoutMs);
  const again = retries === 0 ? "" : ` and ${counted(retries, "retry", "retries")}`;
  const each = shards.length > 1 ? " for each shard" : "";
  const places = from.map(({ host }) => host).join(", ");
  const when = startedAt.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
  return (
    `${pace} and ${grouped(concurrency)} in flight${each}, in the order of seed ${plan.seed}; ` +
    `timeout of a connect ${connect}${again}, of an RPC answer ${durationWords(rpcTimeoutMs)}. ` +
    `Seen from ${places} on ${when} in ${durationWords(elapsedMs)}; no activation request was sent.${defaultWords(report)}`
  );
}
