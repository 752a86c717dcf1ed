/** The answer of a run in one sentence: the first line of the report, and the last but one. */
import type { Report } from "../../model/report.ts";
import type { Severity } from "../../model/verdict.ts";

export type Headline = { severity: Severity; text: string };

/** The one sentence of a report, and how bad it is: a requirement that is not met is a failure, whatever serves. */
export function headlineOf({ verdict, requirement, interrupted }: Report): Headline {
  const { met, listed } = requirement;
  const severity = met || verdict.severity === "inconclusive" ? verdict.severity : "failed";
  const said = listed > 0 ? countSentence(requirement) + needWords(requirement) : verdict.observed;
  return { severity, text: interrupted ? `Interrupted. ${said}` : said };
}

/** `2 of 3 hosts would serve a client from here`, `2 of 3 hosts would serve a client from hq0, 0 of 3 from vpn0`. */
function countSentence({ serving, listed, bySource }: Report["requirement"]): string {
  if (bySource.length < 2) return `${serving} of ${hosts(listed)} would serve a client from here`;
  return bySource
    .map((each, index) => {
      const from = `from ${each.source ?? "the system's choice"}`;
      if (each.listed === 0) return `a client ${from} finds no host`;
      return index === 0
        ? `${each.serving} of ${hosts(each.listed)} would serve a client ${from}`
        : `${each.serving} of ${each.listed} ${from}`;
    })
    .join(", ");
}

function needWords({ require, at, met, bySource }: Report["requirement"]): string {
  const several = bySource.length > 1;
  if (require === "any" && (met || !several)) return "";
  const where = !several ? "" : at === "any" ? " at any one source" : " at each source";
  return ` (${require} required${where}: ${met ? "met" : "not met"})`;
}

function hosts(count: number): string {
  return `${count} ${count === 1 ? "host" : "hosts"}`;
}
