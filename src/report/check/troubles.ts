/** What keeps hosts from serving, by kinds: of each everywhere it was met, and what to do about it. */
import type { Report } from "../../model/report.ts";
import type { Verdict } from "../../model/verdict.ts";
import { listOf } from "../../compare/phrase.ts";
import { isAsked } from "../../verdict/asked.ts";
import { isFamilyMissingHere } from "../../verdict/endpoint.ts";
import { hostPort } from "../../verdict/words.ts";
import { printable } from "../escape.ts";
import { rowsOf } from "../rows.ts";

/**
 * One kind of trouble and everywhere it was met. `weight`: how likely clients are to run into it. `again`: what to name
 * on a command line to look at the first of it once more; null where it is no host.
 */
export type Trouble = {
  verdict: Verdict;
  where: Map<string, string[]>;
  weight: number;
  again: string | null;
};

/** Places shown of one kind of trouble. */
const SHOWN = 3;

/** `from` is empty where there is one source. */
type Met = Pick<Trouble, "verdict" | "weight" | "again"> & { at: string; from: string };

/** The trouble that most clients would meet first, then what is surest. */
export function troublesOf(report: Report): Trouble[] {
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
      const again = commandWords(at, source);
      if (!harmless) add({ verdict: (attempt ?? endpoint).verdict, at, from, weight, again });
    }
  }
  return [...troubles.values()].toSorted((a, b) => b.weight - a.weight);
}

/** `10.0.0.1:1688 from hq0 and vpn0, 10.0.0.2:1688 from vpn0`. */
export function whereWords(where: Trouble["where"]): string {
  const all = [...where].map(([at, sources]) => {
    const named = sources.filter((source) => source !== "");
    return named.length > 0 ? `${at} from ${listOf(named)}` : at;
  });
  return all.length > SHOWN
    ? `${all.slice(0, SHOWN).join(", ")} and ${all.length - SHOWN} more`
    : all.join(", ");
}

/** Null for what is unfit for a command line: names come from the network. */
function commandWords(target: string, source: string | null): string | null {
  if (!isFit(target) || (source !== null && !isFit(source))) return null;
  return source === null ? target : `${target} --source ${source}`;
}

function isFit(word: string): boolean {
  return /^[\w.:[\]%-]+$/.test(word) && !word.startsWith("-");
}
