/** The verification for a job summary or a ticket: what does not hold first, and what to do about it. */
import { markdownCode, markdownText } from "../markdown-escape.ts";
import type { Step } from "../../model/verdict.ts";
import { hostPort } from "../../verdict/words.ts";
import type { BaselineComparison, ExpectationResult, Verification } from "../../verify/model.ts";
import { tableOf, withinRoom } from "../markdown-sections.ts";
import type { Section } from "../markdown-sections.ts";
import { cutTo } from "../room.ts";
import { rowsOf } from "../rows.ts";
import { SIGNS } from "../style.ts";
import { changeName, codeWords, failing } from "./lines.ts";
import { plural } from "../../verdict/figures.ts";
import { createTold } from "./told.ts";
import {
  byUrgency,
  nameOf,
  OUTCOME_SEVERITY,
  printableVerification,
  severityOf,
  STATUS_WORDS,
  summaryOf,
  titleOf,
} from "./words.ts";

/** GitHub takes a summary of at most 1 MiB, and drops a larger one whole. */
const MOST = 1_000_000;
/** What headings, heads of tables and notes may come to, over all sections. */
const RESERVED = 20_000;
const MAX_NAME = 1_000;

export function renderVerifyMarkdown(given: Verification): string {
  const verification = printableVerification(given);
  const { results, baseline } = verification;
  const urgent = byUrgency(results);
  const wrong = urgent.filter(({ status }) => status === "failed" || status === "error");
  const rest = urgent.filter(({ status }) => status === "met" || status === "skipped");
  const sign = SIGNS[OUTCOME_SEVERITY[verification.outcome]];
  const conclusions = verification.report.conclusions.map(({ text }) => `- ${markdownText(text)}`);
  const head = [
    `# ${sign} ${markdownText(cutTo(MAX_NAME, titleOf(verification)))}`,
    "",
    `**${markdownText(summaryOf(verification))}.**`,
  ];
  const sections = [
    ...(conclusions.length === 0
      ? []
      : [{ before: ["## The sources taken together", ""], lines: conclusions, after: [] }]),
    ...wrongSections(wrong),
    ...stepSections(verification, wrong),
    ...baselineSections(baseline),
    ...countSections(verification),
    ...restSections(rest),
  ];
  const foot = markdownText(`kmsprobe ${verification.tool.version}, ${verification.startedAt}`);
  return `${[...head, ...withinRoom(sections, MOST - RESERVED), "", foot].join("\n")}\n`;
}

function statusCell(result: ExpectationResult): string {
  const severity = severityOf(result);
  return severity === null ? "– elsewhere" : `${SIGNS[severity]} ${STATUS_WORDS[severity]}`;
}

function wrongSections(wrong: readonly ExpectationResult[]): Section[] {
  if (wrong.length === 0) return [];
  const told = createTold();
  return [
    tableOf(
      ["## What does not hold", ""],
      ["", "expectation", "expected", "observed", "policy line"],
      wrong.map((result) => [
        statusCell(result),
        nameOf(result),
        result.expected,
        result.observed,
        String(result.at.line),
      ]),
    ),
    {
      before: ["### In detail", ""],
      lines: wrong.flatMap((result) => [
        `- ${SIGNS[severityOf(result) ?? "inconclusive"]} ${markdownText(nameOf(result))}`,
        ...failing(result).map((each) => {
          const words = codeWords(each);
          const before = told.before(result, [each]);
          const perhaps = each.causes.length === 0 ? "" : ` Perhaps: ${each.causes.join("; ")}.`;
          const causes = before === null ? perhaps : ` As under ${before}.`;
          const text = `${each.about}: ${each.observed}${words === "" ? "" : ` (${words})`}${causes}`;
          // Blanks behind the bullet would make it code.
          return `  - ${markdownText(text.trimStart())}`;
        }),
        ...(result.detailsDropped > 0 ? [`  - and ${result.detailsDropped} more`] : []),
      ]),
      after: [],
    },
  ];
}

/** Each step once, with all that it is for. */
function stepSections({ baseline }: Verification, wrong: readonly ExpectationResult[]): Section[] {
  const steps = new Map<string, Step & { abouts: Set<string> }>();
  const details = wrong.flatMap(failing);
  const worse = (baseline?.changes ?? []).filter(({ direction }) => direction === "worse");
  for (const { about, next } of [...details, ...worse]) {
    for (const step of next) {
      const key = JSON.stringify(step);
      const known = steps.get(key) ?? { ...step, abouts: new Set() };
      steps.set(key, known);
      known.abouts.add(about);
    }
  }
  if (steps.size === 0) return [];
  const lines = [...steps.values()].map(({ where, text, command, abouts }) => {
    const [first = "", ...more] = abouts;
    const others = more.length === 0 ? "" : ` and ${more.length} more`;
    const line = `- ${where}: ${markdownText(text)}, for ${markdownText(first)}${others}`;
    return command === null || command.trim() === "" ? line : `${line}: ${markdownCode(command)}`;
  });
  return [{ before: ["## Next steps", ""], lines, after: [] }];
}

function baselineSections(baseline: BaselineComparison | null): Section[] {
  if (baseline === null) return [];
  const { file, writtenAt, changes, unchanged, notCompared } = baseline;
  const order = ["worse", "flapping", "changed", "better"];
  const sorted = changes.toSorted((a, b) => order.indexOf(a.direction) - order.indexOf(b.direction));
  const counted = `${unchanged} unchanged${notCompared > 0 ? `, ${notCompared} not compared` : ""}.`;
  const title = [
    "## Since the baseline",
    "",
    `Baseline: ${markdownText(`${cutTo(MAX_NAME, file)} of ${writtenAt}`)}; ${counted}`,
    "",
  ];
  if (sorted.length === 0) return [{ before: title, lines: [], after: [] }];
  return [
    tableOf(
      title,
      ["", "what", "before", "now", "looks"],
      sorted.map((change) => [
        change.direction,
        changeName(change),
        change.before,
        change.after,
        `worse in ${change.looks.worse} of ${change.looks.of}`,
      ]),
    ),
  ];
}

/** How many of each kind hold, and how many hosts serve from where. */
function countSections({ results, report, closed }: Verification): Section[] {
  const kinds = [...new Set(results.map(({ kind }) => kind))];
  const severities = ["ok", "failed", "degraded", "inconclusive", null] as const;
  const counts = kinds.map((kind) => {
    const ofKind = results.filter((result) => result.kind === kind);
    return [
      kind,
      ...severities.map((severity) => String(ofKind.filter((each) => severityOf(each) === severity).length)),
    ];
  });
  const words = severities.map((severity) => (severity === null ? "elsewhere" : STATUS_WORDS[severity]));
  const hosts = report.diagnoses.map((diagnosis) => {
    const { target, source, endpoints } = diagnosis;
    const rows = rowsOf(diagnosis).filter(({ attempt }) => attempt !== null);
    return [
      target.kind === "domain" ? target.domain : target.kind,
      source ?? "–",
      `${endpoints.filter(({ verdict }) => verdict.serves).length} of ${endpoints.length}`,
      `${rows.filter(({ attempt }) => attempt?.verdict.serves === true).length} of ${rows.length}`,
    ];
  });
  const open = closed.filter(({ attempts }) => attempts.some(({ tcp }) => tcp.outcome === "ok"));
  return [
    ...(counts.length === 0 ? [] : [tableOf(["## Counts", ""], ["", ...words], counts)]),
    ...(hosts.length === 0
      ? []
      : [tableOf([], ["hosts of", "source", "hosts serve", "addresses serve"], hosts)]),
    ...(closed.length === 0
      ? []
      : [
          tableOf(
            [`To stay closed: ${open.length} of ${closed.length} connect.`, ""],
            ["connects", "source"],
            open.map(({ host, port, source }) => [hostPort(host, port), source ?? "–"]),
          ),
        ]),
  ];
}

function restSections(rest: readonly ExpectationResult[]): Section[] {
  if (rest.length === 0) return [];
  const table = tableOf(
    ["<details>", `<summary>${plural(rest.length, "expectation")} without trouble</summary>`, ""],
    ["", "expectation", "expected", "observed"],
    rest.map((result) => [statusCell(result), nameOf(result), result.expected, result.observed]),
  );
  return [{ ...table, after: ["", "</details>"] }];
}
