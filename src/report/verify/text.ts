/** The verification a person reads: what fails first, with what to do about it; what holds in a line each. */
import type { Step } from "../../model/verdict.ts";
import type {
  BaselineComparison,
  Change,
  Detail,
  ExpectationResult,
  Verification,
} from "../../verify/model.ts";
import { causeLines } from "../cause-list.ts";
import { createStyle, SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { PLACES } from "../words.ts";
import { renderConclusions } from "../check/text-conclusions.ts";
import { urgentSteps } from "./lines.ts";
import { createTold } from "./told.ts";
import type { Told } from "./told.ts";
import { plural } from "../../verdict/figures.ts";
import {
  byUrgency,
  nameOf,
  OUTCOME_SEVERITY,
  printableVerification,
  severityOf,
  summaryOf,
  titleOf,
} from "./words.ts";
import { durationWords } from "../../verdict/duration.ts";

export type VerifyTextOptions = { color: boolean; verbose: boolean; width: number };

/** Details, causes and steps of one result without --verbose. */
const DETAILS_SHOWN = 3;
const STEPS_SHOWN = 2;
/** Expectations that hold, one a line; of more, a count is enough. */
const HOLDING_SHOWN = 40;

const INDENT = "    ";

/** Who says which place this is, where nobody said so there and then. */
function placeWords({ defaults = [] }: Verification): string {
  return defaults.map(({ setting, where }) => `\n(${setting} by ${where})`).join("");
}

export function renderVerifyText(given: Verification, options: VerifyTextOptions): string {
  // The evidence is in other reports: it need not be made fit for print here.
  const report = { ...given.report, diagnoses: [], causes: [] };
  const verification = printableVerification({ ...given, report, closed: [] });
  const style = createStyle(options.color);
  const { outcome, results, baseline, elapsedMs } = verification;
  const urgent = byUrgency(results).filter((each) => options.verbose || severityOf(each) !== "ok");
  const severity = OUTCOME_SEVERITY[outcome];
  const sign = style.severity(severity, SIGNS[severity]);
  const summary = `${sign} ${style.bold(wrap(summaryOf(verification), options.width, "  ").trimStart())}`;
  const told = createTold();
  const parts = [
    summary,
    style.bold(wrap(titleOf(verification), options.width, "")) + style.dim(placeWords(verification)),
    ...urgent
      .filter(({ status }) => status !== "skipped")
      .map((each) => renderResult({ result: each, told, verification }, options, style)),
    ...(options.verbose ? [] : renderHolding(results, options, style)),
    ...renderSkipped(results, options, style),
    ...conclusions(verification, options, style),
    ...(baseline === null ? [] : [renderBaseline(baseline, options, style)]),
  ];
  parts.push(summary);
  const seen = `Seen from ${verification.report.from.host} in ${durationWords(elapsedMs)}; no activation request was sent.`;
  parts.push(style.dim(wrap(seen, options.width, "")));
  return `${parts.join("\n\n")}\n`;
}

function conclusions({ report }: Verification, { width }: VerifyTextOptions, style: Style): string[] {
  const said = renderConclusions(report.conclusions, width, style).trimEnd();
  return said === "" ? [] : [said];
}

function renderResult(
  { result, told, verification }: { result: ExpectationResult; told: Told; verification: Verification },
  options: VerifyTextOptions,
  style: Style,
): string {
  const { policy } = verification;
  const severity = severityOf(result) ?? "ok";
  const { id, at, expected, observed, details, detailsDropped } = result;
  const head = wrap(nameOf(result), options.width, "  ").trimStart();
  const lines = [
    `${style.severity(severity, SIGNS[severity])} ${style.bold(head)}`,
    // Without a name of its own it is called by what it expects.
    ...(expected === result.name ? [] : [labelled("expected", expected, options, style)]),
    labelled("observed", observed, options, style),
  ];
  const telling = details.filter(({ holds, observed: said, next }) => {
    const repeats = next.length === 0 && said.replace(/\.$/, "") === observed;
    return !repeats && (options.verbose || severity === "ok" || !holds);
  });
  const groups = groupAlike(telling);
  const shown = options.verbose ? groups : groups.slice(0, DETAILS_SHOWN);
  lines.push(
    ...shown.flatMap((each) => renderDetail(each, told.before(result, each.details), options, style)),
  );
  const more =
    detailsDropped + groups.slice(shown.length).reduce((sum, { details: all }) => sum + all.length, 0);
  if (more > 0) lines.push(style.dim(`${INDENT}and ${more} more${options.verbose ? "" : ": see -v"}`));
  lines.push(style.dim(`${INDENT}[${id}, ${policy.file}:${at.line}]`));
  return lines.join("\n");
}

function labelled(label: string, text: string, options: VerifyTextOptions, style: Style): string {
  const lead = `${INDENT}${label.padEnd(10)}`;
  const wrapped = wrap(text, options.width, " ".repeat(lead.length)).trimStart();
  return `${INDENT}${style.dim(label.padEnd(10))}${wrapped}`;
}

/** The same picture at several addresses is told once. */
type Alike = { first: Detail; details: Detail[] };

function groupAlike(details: readonly Detail[]): Alike[] {
  const groups = new Map<string, Alike>();
  details.forEach((detail, index) => {
    // Without a code the sentence itself is all there is.
    const kind =
      detail.code === null ? String(index) : [detail.code, detail.holds, ...detail.causes].join("\n");
    const group = groups.get(kind) ?? { first: detail, details: [] };
    if (group.details.every(({ about }) => about !== detail.about)) group.details.push(detail);
    groups.set(kind, group);
  });
  return [...groups.values()];
}

/** @param before where the same was told before */
function renderDetail(
  { first, details }: Alike,
  before: string | null,
  options: VerifyTextOptions,
  style: Style,
): string[] {
  const { holds, observed, causes, next, code, certainty } = first;
  const where = details.map(({ about }) => about);
  const others =
    where.length > 1
      ? ` Likewise: ${where.slice(1, 4).join(", ")}${where.length > 4 ? ` and ${where.length - 4} more` : ""}.`
      : "";
  const tag = code === null ? "" : ` [${certainty === null ? code : `${code}, ${certainty}`}]`;
  const sign = holds ? style.severity("ok", SIGNS.ok) : "–";
  const said = wrap(`${observed}${others}${tag}`, options.width, `${INDENT}  `).trimStart();
  const lines = [`${INDENT}${sign} ${said}`];
  if (before !== null) return [...lines, `${INDENT}  as under ${before}`];
  if (causes.length > 0 && (options.verbose || certainty !== "certain"))
    lines.push(...causeLines(causes, { ...options, indent: `${INDENT}  ` }));
  if (!holds) lines.push(...renderSteps(next, options, style));
  return lines;
}

function renderSteps(next: readonly Step[], options: VerifyTextOptions, style: Style): string[] {
  const shown = options.verbose ? next : urgentSteps(next, STEPS_SHOWN);
  return shown.flatMap(({ where, text, command }) => [
    wrap(`→ ${PLACES[where]}: ${text}`, options.width, `${INDENT}  `),
    // A command stays on one line, so that it can be copied.
    ...(command === null ? [] : [`${INDENT}      ${style.bold(command)}`]),
  ]);
}

function renderHolding(
  results: readonly ExpectationResult[],
  options: VerifyTextOptions,
  style: Style,
): string[] {
  const holding = results.filter((each) => severityOf(each) === "ok");
  if (holding.length === 0) return [];
  if (holding.length > HOLDING_SHOWN)
    return [
      `${style.severity("ok", SIGNS.ok)} ${plural(holding.length, "expectation holds", "expectations hold")} (-v shows them)`,
    ];
  return [
    holding
      .map((each) => {
        const said = wrap(`${nameOf(each)}: ${each.observed}`, options.width, "  ").trimStart();
        return `${style.severity("ok", SIGNS.ok)} ${said}`;
      })
      .join("\n"),
  ];
}

function renderSkipped(
  results: readonly ExpectationResult[],
  options: VerifyTextOptions,
  style: Style,
): string[] {
  const skipped = results.filter(({ status }) => status === "skipped");
  if (skipped.length === 0) return [];
  const names = options.verbose ? `: ${skipped.map(({ id }) => id).join(", ")}` : "";
  const is = skipped.length === 1 ? "is" : "are";
  return [
    style.dim(
      wrap(`${plural(skipped.length, "expectation")} ${is} for other places${names}`, options.width, ""),
    ),
  ];
}

const DIRECTIONS = [
  { direction: "worse", title: "Worse", severity: "failed" },
  {
    direction: "flapping",
    title: "Flapping: worse in one look, and not in two of three",
    severity: "degraded",
  },
  { direction: "changed", title: "Changed", severity: "degraded" },
  { direction: "better", title: "Better", severity: "ok" },
] as const;

function renderBaseline(baseline: BaselineComparison, options: VerifyTextOptions, style: Style): string {
  const { file, writtenAt, changes, unchanged, notCompared } = baseline;
  const lines = [style.bold(wrap(`Since the baseline ${file} of ${writtenAt}`, options.width, ""))];
  for (const { direction, title, severity } of DIRECTIONS) {
    const those = changes.filter((each) => each.direction === direction);
    if (those.length === 0) continue;
    lines.push(`${style.severity(severity, SIGNS[severity])} ${title}`);
    const shown = options.verbose ? those : those.slice(0, HOLDING_SHOWN);
    lines.push(...shown.flatMap((each) => renderChange(each, options, style)));
    if (shown.length < those.length)
      lines.push(style.dim(`${INDENT}and ${those.length - shown.length} more: see -v`));
  }
  const aside = notCompared > 0 ? `, ${notCompared} not looked at this time` : "";
  lines.push(style.dim(`  ${unchanged} as before${aside}`));
  return lines.join("\n");
}

function renderChange(
  { about, source, before, after, looks, direction, next }: Change,
  options: VerifyTextOptions,
  style: Style,
): string[] {
  const from = source === null ? "" : `, from ${source}`;
  const often = looks.of > 1 ? ` (${looks.worse} of ${looks.of} looks)` : "";
  const said = wrap(`${about}${from}: ${before} → ${after}${often}`, options.width, INDENT);
  return [said, ...(direction === "worse" ? renderSteps(next, options, style) : [])];
}
