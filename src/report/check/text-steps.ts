import type { Report } from "../../model/report.ts";
import type { RefutedCause } from "../../model/verdict.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { leadOf } from "../../verdict/leads.ts";
import { causeLines } from "../cause-list.ts";
import { printable } from "../escape.ts";
import { PLACES } from "../words.ts";
import { SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { troublesOf, whereWords } from "./troubles.ts";

/** Steps shown for one kind of trouble without --verbose. */
const STEPS_SHOWN = 2;

/** What to do, most useful first: the trouble that most clients would meet, then what is surest. */
export function renderSteps(
  report: Report,
  options: { verbose: boolean; width: number },
  style: Style,
): string {
  const troubles = troublesOf(report);
  if (troubles.length === 0) return "";
  const blocks = troubles.map(({ verdict, where, again }, index) => {
    const sign = `${String(index + 1).padStart(2)} ${style.severity(verdict.severity, SIGNS[verdict.severity])} `;
    const { title } = entryOf(verdict.code);
    const whole = `${title}: ${whereWords(where)} [${verdict.code}, ${verdict.certainty}]`;
    const head = wrap(whole, options.width, "     ").trimStart();
    const lines = [`${sign}${style.bold(title)}${head.slice(title.length)}`];
    if (options.verbose) lines.push(wrap(printable(verdict.observed), options.width, "     "));
    lines.push(...causeLines(verdict.causes.map(printable), { ...options, indent: "     " }));
    if (options.verbose) lines.push(...refutedLines(verdict.refuted, options.width));
    for (const step of verdict.next.slice(0, options.verbose ? undefined : STEPS_SHOWN)) {
      lines.push(wrap(`→ ${PLACES[step.where]}: ${printable(step.text)}`, options.width, "     "));
      // A command stays on one line, so that it can be copied.
      if (step.command !== null) lines.push(`         ${style.bold(printable(step.command))}`);
    }
    const lead = leadOf(verdict, report.settings);
    if (lead !== null && again !== null) {
      lines.push(wrap(`→ here: ${lead.option} ${lead.tells}`, options.width, "     "));
      lines.push(`         ${style.bold(`kmsprobe check ${again} ${lead.option}`)}`);
    }
    return lines.join("\n");
  });
  return `${style.bold("What to do, most useful first")}\n${blocks.join("\n")}\n`;
}

function refutedLines(refuted: readonly RefutedCause[], width: number): string[] {
  if (refuted.length === 0) return [];
  return [
    "     Ruled out by what another source or resolver saw",
    ...refuted.map(
      ({ cause, because }) =>
        `     • ${wrap(`${printable(cause)} [${printable(because)}]`, width, "       ").trimStart()}`,
    ),
  ];
}
