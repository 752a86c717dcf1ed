/** The report a person reads: who lists what, which host serves, what a client would experience, what to do. */
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { SrvAnswer } from "../../model/dns.ts";
import { plural } from "../../verdict/figures.ts";
import type { Finding, Fix } from "../../model/finding.ts";
import type { Report } from "../../model/report.ts";
import { COMMAND_LINE } from "../../verdict/asked.ts";
import { contentOf } from "../../verdict/srv.ts";
import { hostPort } from "../../verdict/words.ts";
import { MAX_SHOWN, printable, printableThroughout } from "../escape.ts";
import { createStyle, SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { findingsOf, groupByTarget, outlooksOf } from "./groups.ts";
import { headlineOf } from "./headline.ts";
import { renderCauses } from "./text-causes.ts";
import { renderConclusions } from "./text-conclusions.ts";
import { renderEvidence } from "./text-evidence.ts";
import { renderHosts } from "./text-hosts.ts";
import { renderMatrix } from "./text-matrix.ts";
import { renderSteps } from "./text-steps.ts";
import { durationWords } from "../../verdict/duration.ts";
import { defaultWords } from "../default-words.ts";

/** `causes`: whether the eight usual causes belong to it; where a text is joined, its table has them. */
export type TextOptions = { color: boolean; verbose: boolean; width: number; causes?: boolean };

/** For people: headline, hosts, causes, what to do; with `verbose` the evidence, too. */
export function renderText(given: Report, options: TextOptions): string {
  // Whatever text a report holds, of peers or out of a file, nothing of it reaches a terminal unescaped.
  const report = printableThroughout(MAX_SHOWN, given);
  const style = createStyle(options.color);
  const { settings } = report;
  const { severity, text } = headlineOf(report);
  const sentence = wrap(text, options.width, "  ").trimStart();
  const verdict = `${style.severity(severity, SIGNS[severity])} ${style.bold(sentence)}\n`;
  const parts = [
    verdict,
    ...groupByTarget(report.diagnoses).map((group) => renderTarget(group, report, options, style)),
    renderConclusions(given.conclusions, options.width, style),
    renderSteps(report, options, style),
    options.verbose && options.causes !== false ? renderCauses(report.causes, options.width, style) : "",
  ].filter((part) => part !== "");
  parts.push(verdict);
  const connects = settings.retries > 0 ? `up to ${settings.retries + 1} times ` : "";
  const other = settings.family === 4 ? "IPv6 (-4)" : "IPv4 (-6)";
  const leftOut = settings.family === undefined ? "" : ` Addresses of ${other} were left out.`;
  const waited =
    `Timeouts: ${connects}${durationWords(settings.timeoutMs)} for a connect, ${durationWords(settings.rpcTimeoutMs)} for an RPC answer, ` +
    `${durationWords(settings.dnsTimeoutMs)} for DNS; Windows waits about 21 s for a connect. ` +
    `Seen from ${printable(report.from.host)} in ${durationWords(report.elapsedMs)}; no activation request was sent.${leftOut}${defaultWords(report)}`;
  parts.push(`${style.dim(wrap(waited, options.width, ""))}\n`);
  return parts.join("\n");
}

/** Diagnoses of one target, one from each source: usually there is one. */
function renderTarget(
  group: readonly Diagnosis[],
  report: Report,
  options: TextOptions,
  style: Style,
): string {
  const [first] = group;
  if (first === undefined) return "";
  const several = group.length > 1;
  const lines: string[] = [];
  if (first.target.kind === "domain") {
    const { domain, source } = first.target;
    const origin = source === COMMAND_LINE ? "" : style.dim(`  (from ${printable(source)})`);
    lines.push(style.bold(printable(`_vlmcs._tcp.${domain}`)) + origin);
    for (const { srv, source: label } of group) {
      const from = several ? `from ${printable(label ?? "")} ` : "";
      const width = Math.max(
        ...srv.map(({ resolver }) => hostPort(resolver.address, resolver.port).length),
        0,
      );
      lines.push(...srv.map((answer) => renderAnswer(answer, from, width, style)));
      if (srv.length === 0) lines.push("  no resolver is known to this machine: name one with --resolver");
    }
  }
  if (group.some(({ endpoints }) => endpoints.length > 0)) {
    if (lines.length > 0) lines.push("");
    lines.push(several ? renderMatrix(group, report, style) : renderHosts(first, options, style));
  }
  const findings = renderFindings(findingsOf(group, options.verbose), options, style);
  if (findings.length > 0) lines.push("", ...findings);
  for (const sentence of outlooksOf(group)) lines.push("", wrap(sentence, options.width, ""));
  if (options.verbose) lines.push("", ...group.map((each) => renderEvidence(each, style)));
  return lines.length > 0 ? `${lines.join("\n")}\n` : "";
}

function renderAnswer(said: SrvAnswer, from: string, width: number, style: Style): string {
  const { answer, exchange, resolver } = said;
  const who = from + hostPort(resolver.address, resolver.port).padEnd(width);
  const how = (ms: number): string =>
    style.dim(
      `${ms.toFixed(1)} ms ${exchange.transport}${exchange.tries > 1 ? `, ${exchange.tries} tries` : ""}`,
    );
  switch (answer.outcome) {
    case "ok": {
      const count = answer.facts.records.length;
      const aliases = answer.facts.aliases.map((alias) => ` via alias ${printable(alias)}`).join("");
      return `  ${who}  ${count} ${count === 1 ? "host" : "hosts"}${aliases}  ${how(answer.elapsedMs)}`;
    }
    case "denied":
      return `  ${who}  ${style.severity("failed", contentOf(said)?.words ?? "")}  ${how(answer.elapsedMs)}`;
    case "no-answer":
      return `  ${who}  ${style.severity("failed", answer.cause === "deadline" ? "no answer" : answer.cause)}  ${how(answer.elapsedMs)}`;
    case "malformed":
      return `  ${who}  ${style.severity("failed", `no usable answer: ${answer.fault.what}`)}  ${how(answer.elapsedMs)}`;
    case "not-sent":
      return `  ${who}  ${style.severity("inconclusive", `could not be asked from here: ${answer.errno}`)}`;
    case "skipped":
      return `  ${who}  ${style.severity("inconclusive", `not asked to the end (${answer.reason})`)}`;
    default:
      return answer satisfies never;
  }
}

/** What several findings advise alike is said once, after the last of them; in the verbose text, after each. */
function renderFindings(findings: readonly Finding[], options: TextOptions, style: Style): string[] {
  const last = (index: number): boolean => findings[index + 1]?.next !== findings[index]?.next;
  const told = findings.map((finding, index) =>
    renderFinding(finding, options.verbose || last(index), options, style),
  );
  const cut = options.verbose ? findings.flatMap(({ fix }) => commandsIn(fix).filter(isCut)).length : 0;
  if (cut > 0) told.push(style.dim(`  ${plural(cut, "command")} too long for a line: see the JSON report`));
  return told;
}

function commandsIn(fix: Fix | null): string[] {
  return [fix?.windows ?? null, fix?.bind ?? null].filter((command) => command !== null);
}

/** What `printable` had to cut would do something else. */
function isCut(command: string): boolean {
  return command.endsWith("…");
}

function renderFinding(
  { severity, observed, next, code, fix }: Finding,
  withAdvice: boolean,
  options: TextOptions,
  style: Style,
): string {
  const sign = severity === "warning" ? style.severity("degraded", "!") : style.dim("i");
  const body = wrap(`${printable(observed)}. [${code}]`, options.width, "  ").trimStart();
  const lines = [`${sign} ${body}`];
  if (withAdvice) lines.push(style.dim(wrap(next, options.width, "  ")));
  if (options.verbose && fix !== null) lines.push(...fixLines(fix, style));
  return lines.join("\n");
}

/** On one line each, so that they can be copied. */
function fixLines({ windows, bind }: Fix, style: Style): string[] {
  const servers = [
    ["Windows DNS", windows],
    ["BIND", bind],
  ] as const;
  return servers.flatMap(([server, command]) => {
    if (command === null || isCut(command)) return [];
    return [style.dim(`  → ${server}:`), `     ${style.bold(command)}`];
  });
}
