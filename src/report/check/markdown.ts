/** The check for a ticket or a job summary: the answer, what to do about it, then what was seen. */
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { Report } from "../../model/report.ts";
import type { Step } from "../../model/verdict.ts";
import { contentOf } from "../../verdict/srv.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { durationWords } from "../../verdict/duration.ts";
import { hostPort } from "../../verdict/words.ts";
import { printableThroughout } from "../escape.ts";
import { markdownCode, markdownText } from "../markdown-escape.ts";
import { tableOf, withinRoom } from "../markdown-sections.ts";
import type { Section } from "../markdown-sections.ts";
import { addressOf, leftOutOf, rowsOf } from "../rows.ts";
import { SIGNS } from "../style.ts";
import { PLACES } from "../words.ts";
import { findingsOf, groupByTarget, outlooksOf } from "./groups.ts";
import { headlineOf } from "./headline.ts";
import { troublesOf, whereWords } from "./troubles.ts";

/** GitHub takes a summary of at most 1 MiB, and drops a larger one whole; headings and notes have their share of it. */
const ROOM = 980_000;
const MAX_TEXT = 2_000;

/** GitHub's Markdown; text of peers can't become markup. */
export function renderMarkdown(given: Report): string {
  const report = printableThroughout(MAX_TEXT, given);
  const { severity, text } = headlineOf(report);
  const said = report.conclusions.map((each) => `- ${markdownText(each.text)}`);
  const sections = [
    ...(said.length === 0 ? [] : [{ before: ["## The sources taken together", ""], lines: said, after: [] }]),
    ...troubleSections(report),
    ...groupByTarget(report.diagnoses).flatMap((group) => targetSections(group)),
  ];
  const foot = `kmsprobe ${report.tool.version}, ${report.startedAt}, seen from ${report.from.host} in ${durationWords(report.elapsedMs)}; no activation request was sent.`;
  const head = `# ${SIGNS[severity]} ${markdownText(text)}`;
  return `${[head, ...withinRoom(sections, ROOM), "", markdownText(foot)].join("\n")}\n`;
}

function troubleSections(report: Report): Section[] {
  const lines = troublesOf(report).flatMap(({ verdict, where }) => {
    const { code, certainty, severity, causes, next } = verdict;
    const words = `${entryOf(code).title}: ${whereWords(where)} (${code}, ${certainty})`;
    return [
      `- ${SIGNS[severity]} ${markdownText(words)}`,
      ...(causes.length === 0 ? [] : [`  - Possible causes: ${markdownText(causes.join("; "))}`]),
      ...next.map(stepLine),
    ];
  });
  return lines.length === 0 ? [] : [{ before: ["## What to do, most useful first", ""], lines, after: [] }];
}

function stepLine({ where, text, command }: Step): string {
  const line = `  - ${PLACES[where]}: ${markdownText(text)}`;
  // What had to be cut would do something else.
  const whole = command !== null && command.trim() !== "" && !command.endsWith("…");
  return whole ? `${line}: ${markdownCode(command)}` : line;
}

function targetSections(group: readonly Diagnosis[]): Section[] {
  const [first] = group;
  if (first === undefined) return [];
  const { target } = first;
  const name = target.kind === "domain" ? `_vlmcs._tcp.${target.domain}` : "Hosts";
  const title = [`## ${markdownText(target.kind === "no-suffix" ? "No DNS suffix" : name)}`, ""];
  const findings = findingsOf(group, true).map(
    ({ severity, observed, code }) =>
      `- ${severity === "warning" ? SIGNS.degraded : "i"} ${markdownText(`${observed} (${code})`)}`,
  );
  const outlooks = outlooksOf(group).map((sentence) => `- ${markdownText(sentence)}`);
  return [
    tableOf(title, ["", "host", "address", "source", "TCP ms", "RPC ms", "verdict"], group.flatMap(hostRows)),
    ...onlyIf(
      target.kind === "domain",
      tableOf([], ["resolver", "source", "says of the SRV name"], group.flatMap(answerRows)),
    ),
    ...onlyIf(outlooks.length > 0, { before: ["### What a client meets", ""], lines: outlooks, after: [] }),
    ...onlyIf(findings.length > 0, { before: ["### Findings", ""], lines: findings, after: [] }),
  ];
}

function hostRows(diagnosis: Diagnosis): string[][] {
  const source = diagnosis.source ?? "–";
  if (diagnosis.endpoints.length === 0) {
    const { severity, code } = diagnosis.verdict;
    return [[SIGNS[severity], "–", "–", source, "–", "–", `${entryOf(code).title} (${code})`]];
  }
  const rows = rowsOf(diagnosis);
  return rows.flatMap((row, index) => {
    const { endpoint, attempt, tcpMs, rpcMs } = row;
    const { severity, code } = (attempt ?? endpoint).verdict;
    const host = hostPort(endpoint.endpoint.host, endpoint.endpoint.port);
    const probed = [
      SIGNS[severity],
      host,
      addressOf(row) ?? "–",
      attempt?.via?.address ?? source,
      tcpMs?.toFixed(1) ?? "–",
      rpcMs?.toFixed(1) ?? "–",
      `${entryOf(code).title} (${code})`,
    ];
    if (rows[index + 1]?.endpoint === endpoint) return [probed];
    const unprobed = leftOutOf(endpoint).map(({ address, words }) => [
      "",
      host,
      address,
      source,
      "–",
      "–",
      words,
    ]);
    return [probed, ...unprobed];
  });
}

function answerRows({ srv, source }: Diagnosis): string[][] {
  return srv.map((said) => {
    const { resolver, answer } = said;
    const listed =
      answer.outcome === "ok"
        ? answer.facts.records.map(({ target, port }) => hostPort(target, port)).join(", ")
        : (contentOf(said)?.words ?? answer.outcome);
    return [hostPort(resolver.address, resolver.port), source ?? "–", listed];
  });
}

function onlyIf(wanted: boolean, section: Section): Section[] {
  return wanted ? [section] : [];
}
