/** A result or a change in plain lines, for formats that have no structure of their own for them. */
import type { Step } from "../../model/verdict.ts";
import type { Change, Detail, ExpectationResult, Verification } from "../../verify/model.ts";
import { PLACES } from "../words.ts";
import { plural } from "../../verdict/figures.ts";

/** What was expected, what was seen, and of each detail that does not hold: causes and what to do. */
export function resultLines(result: ExpectationResult, { policy }: Pick<Verification, "policy">): string[] {
  return [
    `expected: ${result.expected}`,
    `observed: ${result.observed}`,
    `policy: ${policy.file}, line ${result.at.line}`,
    ...failing(result).flatMap(detailLines),
    ...(result.detailsDropped > 0 ? [`and ${result.detailsDropped} more that are not shown`] : []),
  ];
}

/** Details and steps that fit where there is little room: what it is, and the rule to ask for. */
const BRIEF_DETAILS = 3;

/** The first steps, and every rule for a firewall: that is what people come for, wherever it stands. */
export function urgentSteps(next: readonly Step[], most: number): Step[] {
  return next.filter(
    ({ where, command }, index) => index < most || (where === "firewall" && command !== null),
  );
}

/** The same for where few lines are read: the first details, each with its first step and its rules for a firewall. */
export function briefLines(result: ExpectationResult): string[] {
  const all = failing(result);
  const shown = all.slice(0, BRIEF_DETAILS);
  const more = all.length - shown.length + result.detailsDropped;
  return [
    `expected: ${result.expected}`,
    `observed: ${result.observed}`,
    ...shown.flatMap((detail) => [
      detailLine(detail),
      ...urgentSteps(detail.next, 1).map((step) => `  ${stepLine(step)}`),
    ]),
    ...(more > 0 ? [`and ${more} more: see the report`] : []),
  ];
}

export function changeLines({ before, after, looks, next }: Change): string[] {
  return [
    `before: ${before}`,
    `now: ${after}`,
    `worse in ${looks.worse} of ${plural(looks.of, "look")}`,
    ...next.map(stepLine),
  ];
}

export function failing({ details }: Pick<ExpectationResult, "details">): Detail[] {
  return details.filter(({ holds }) => !holds);
}

/** `tcp-no-answer, ambiguous`; empty where neither is known. */
export function codeWords({ code, certainty }: Pick<Detail, "code" | "certainty">): string {
  return [code, certainty].filter((word) => word !== null).join(", ");
}

/** "next, firewall: Ask for this rule: permit tcp from ...". */
export function stepLine({ where, text, command }: Step): string {
  return `next, ${PLACES[where]}: ${text}${command === null ? "" : `: ${command}`}`;
}

/** The sentence names the host already, more often than not. */
function detailLine(detail: Detail): string {
  const words = codeWords(detail);
  const [name = ""] = detail.about.split(" at ", 1);
  const about = detail.observed.includes(name) ? "" : `${detail.about}: `;
  return `- ${about}${detail.observed}${words === "" ? "" : ` (${words})`}`;
}

function detailLines(detail: Detail): string[] {
  return [
    detailLine(detail),
    ...detail.causes.map((cause) => `  perhaps: ${cause}`),
    ...detail.next.map((step) => `  ${stepLine(step)}`),
  ];
}

/** The name of a change: what it is of, and the source it was looked at from. */
export function changeName({ what, about, source }: Pick<Change, "what" | "about" | "source">): string {
  return `${what} ${about}${source === null ? "" : `, from ${source}`}`;
}
