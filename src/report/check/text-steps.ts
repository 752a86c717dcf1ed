import type { Report } from "../../model/report.ts";
import type { RefutedCause, Verdict } from "../../model/verdict.ts";
import { listOf } from "../../compare/phrase.ts";
import { isAsked } from "../../verdict/asked.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { isFamilyMissingHere } from "../../verdict/endpoint.ts";
import { leadOf } from "../../verdict/leads.ts";
import { hostPort } from "../../verdict/words.ts";
import { causeLines } from "../cause-list.ts";
import { printable } from "../escape.ts";
import { rowsOf } from "../rows.ts";
import { PLACES } from "../words.ts";
import { SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";

/** Steps shown for one kind of trouble without --verbose. */
const STEPS_SHOWN = 2;

/**
 * One kind of trouble and everywhere it was met. `weight`: how likely clients are to run into it. `again`: what to name
 * on a command line to look at the first of it once more; null where it is no host.
 */
type Trouble = { verdict: Verdict; where: Map<string, string[]>; weight: number; again: string | null };

/** Places shown of one kind of trouble. */
const SHOWN = 3;

/** `from` is empty where there is one source. */
type Met = Pick<Trouble, "verdict" | "weight" | "again"> & { at: string; from: string };

/** What to do, most useful first: the trouble that most clients would meet, then what is surest. */
export function renderSteps(
  report: Report,
  options: { verbose: boolean; width: number },
  style: Style,
): string {
  const troubles = collect(report).toSorted((a, b) => b.weight - a.weight);
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

/** `10.0.0.1:1688 from hq0 and vpn0, 10.0.0.2:1688 from vpn0`. */
function whereWords(where: Trouble["where"]): string {
  const all = [...where].map(([at, sources]) => {
    const named = sources.filter((source) => source !== "");
    return named.length > 0 ? `${at} from ${listOf(named)}` : at;
  });
  return all.length > SHOWN
    ? `${all.slice(0, SHOWN).join(", ")} and ${all.length - SHOWN} more`
    : all.join(", ");
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

function collect(report: Report): Trouble[] {
  const troubles = new Map<string, Trouble>();
  const several = report.requirement.bySource.length > 1;
  const add = ({ verdict, at, from, weight, again }: Met): void => {
    if (verdict.severity === "ok") return;
    // One code may stand for several pictures: together goes what has the same causes.
    const kind = [verdict.code, ...verdict.causes].join("\n");
    const known = troubles.get(kind);
    const trouble = known ?? { verdict, where: new Map<string, string[]>(), weight: 0, again };
    const sources = trouble.where.get(at);
    if (sources === undefined || !sources.includes(from)) {
      trouble.where.set(at, [...(sources ?? []), from]);
      trouble.weight += weight;
    }
    troubles.set(kind, trouble);
  };
  for (const diagnosis of report.diagnoses) {
    const { target, verdict, endpoints, source } = diagnosis;
    const from = several && source !== null ? printable(source) : "";
    const place = target.kind === "domain" ? printable(target.domain) : "this machine";
    // A search list usually has one suffix with hosts: the others matter where nobody serves.
    const served = report.requirement.bySource.some((each) => each.source === source && each.serving > 0);
    const passedOver = served && !isAsked(diagnosis);
    const unlisted = endpoints.length === 0 || verdict.layer === "srv";
    if ((unlisted && !passedOver) || verdict.code === "srv-resolvers-disagree")
      add({ verdict, at: place, from, weight: 2, again: null });
    for (const { endpoint, attempt, firstPick } of rowsOf(diagnosis)) {
      const at = hostPort(printable(attempt?.address ?? endpoint.endpoint.host), endpoint.endpoint.port);
      // What serves at another address hurts less than what serves nowhere.
      const weight = (firstPick ?? 0) + (endpoint.verdict.serves ? 0.01 : 0.1);
      const harmless =
        attempt !== null && endpoint.verdict.serves && isFamilyMissingHere(attempt, endpoint.attempts);
      const again = commandWords(at, several ? source : null);
      if (!harmless) add({ verdict: (attempt ?? endpoint).verdict, at, from, weight, again });
    }
  }
  return [...troubles.values()];
}

/** Null for what is unfit for a command line: names come from the network. */
function commandWords(target: string, source: string | null): string | null {
  if (!isFit(target) || (source !== null && !isFit(source))) return null;
  return source === null ? target : `${target} --source ${source}`;
}

function isFit(word: string): boolean {
  return /^[\w.:[\]%-]+$/.test(word) && !word.startsWith("-");
}
