import type { Report, Verdict } from "../../model.ts";
import { isAsked } from "../../verdict/asked.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { isFamilyMissingHere } from "../../verdict/endpoint.ts";
import { hostPort } from "../../verdict/words.ts";
import { printable } from "../escape.ts";
import { rowsOf } from "../rows.ts";
import { PLACES } from "../words.ts";
import { SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";

/** Steps shown for one kind of trouble without --verbose. */
const STEPS_SHOWN = 2;

/** One kind of trouble and everywhere it was met. `weight`: how likely clients are to run into it. */
type Trouble = { verdict: Verdict; where: string[]; weight: number };

/** What to do, most useful first: the trouble that most clients would meet, then what is surest. */
export function renderSteps(
  report: Report,
  options: { verbose: boolean; width: number },
  style: Style,
): string {
  const troubles = collect(report).toSorted((a, b) => b.weight - a.weight);
  if (troubles.length === 0) return "";
  const blocks = troubles.map(({ verdict, where }, index) => {
    const sign = `${String(index + 1).padStart(2)} ${style.severity(verdict.severity, SIGNS[verdict.severity])} `;
    const { title } = entryOf(verdict.code);
    const named =
      where.length > 3 ? `${where.slice(0, 3).join(", ")} and ${where.length - 3} more` : where.join(", ");
    const whole = `${title}: ${named} [${verdict.code}, ${verdict.certainty}]`;
    const head = wrap(whole, options.width, "     ").trimStart();
    const lines = [`${sign}${style.bold(title)}${head.slice(title.length)}`];
    if (options.verbose) lines.push(wrap(printable(verdict.observed), options.width, "     "));
    if (verdict.causes.length > 0)
      lines.push(wrap(`Fits: ${verdict.causes.map(printable).join("; ")}.`, options.width, "     "));
    for (const step of verdict.next.slice(0, options.verbose ? undefined : STEPS_SHOWN)) {
      lines.push(wrap(`→ ${PLACES[step.where]}: ${printable(step.text)}`, options.width, "     "));
      // A command stays on one line, so that it can be copied.
      if (step.command !== null) lines.push(`         ${style.bold(printable(step.command))}`);
    }
    return lines.join("\n");
  });
  return `${style.bold("What to do, most useful first")}\n${blocks.join("\n")}\n`;
}

function collect(report: Report): Trouble[] {
  const troubles = new Map<string, Trouble>();
  const add = (verdict: Verdict, where: string, weight: number): void => {
    if (verdict.severity === "ok") return;
    // One code may stand for several pictures: together goes what has the same causes.
    const kind = [verdict.code, ...verdict.causes].join("\n");
    const known = troubles.get(kind);
    if (!known) troubles.set(kind, { verdict, where: [where], weight });
    else if (!known.where.includes(where)) {
      known.where.push(where);
      known.weight += weight;
    }
  };
  for (const diagnosis of report.diagnoses) {
    const { target, verdict, endpoints } = diagnosis;
    const place = target.kind === "domain" ? printable(target.domain) : "this machine";
    // A search list usually has one suffix with hosts: the others matter where nobody serves.
    const passedOver = report.verdict.serves && !isAsked(diagnosis);
    if ((endpoints.length === 0 && !passedOver) || verdict.code === "srv-resolvers-disagree")
      add(verdict, place, 2);
    for (const { endpoint, attempt, firstPick } of rowsOf(diagnosis)) {
      const at = hostPort(printable(attempt?.address ?? endpoint.endpoint.host), endpoint.endpoint.port);
      // What serves at another address hurts less than what serves nowhere.
      const weight = (firstPick ?? 0) + (endpoint.verdict.serves ? 0.01 : 0.1);
      const harmless =
        attempt !== null && endpoint.verdict.serves && isFamilyMissingHere(attempt, endpoint.attempts);
      if (!harmless) add((attempt ?? endpoint).verdict, at, weight);
    }
  }
  return [...troubles.values()];
}
