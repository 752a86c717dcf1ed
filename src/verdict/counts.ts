/** Hosts counted against what was required: each host once, and at each source of the run. */
import type { Diagnosis } from "../model/diagnosis.ts";
import type { Report, SourceCount } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { isAsked } from "./asked.ts";
import { foundHosts } from "./believed.ts";
import { plural } from "./figures.ts";
import { hostPort } from "./words.ts";

type Counting = Pick<Diagnosis, "source" | "target" | "srv" | "endpoints" | "verdict">;

/** Sources in the order in which they were looked from. */
export function countHosts(
  diagnoses: readonly Counting[],
  { require, requireAt }: Pick<Settings, "require" | "requireAt">,
): Report["requirement"] {
  const sources = [...new Set(diagnoses.map(({ source }) => source))];
  const all: Names = { serving: new Set(), listed: new Set() };
  const bySource = sources.map((source) => countAt(source, diagnoses, require, all));
  const { serving, listed } = all;
  const met =
    requireAt === "any"
      ? bySource.some((each) => each.met)
      : bySource.length > 0 && bySource.every((each) => each.met);
  return { require, at: requireAt, serving: serving.size, listed: listed.size, met, bySource };
}

/** Hosts by name and port. */
type Names = { serving: Set<string>; listed: Set<string> };

/** @param beside what is counted here is counted there as well */
function countAt(
  source: string | null,
  all: readonly Counting[],
  require: Settings["require"],
  beside: Names,
): SourceCount {
  const serving = new Set<string>();
  const listed = new Set<string>();
  let served = true;
  for (const diagnosis of all) {
    if (diagnosis.source !== source) continue;
    for (const { endpoint, verdict } of foundHosts(diagnosis)) {
      const name = hostPort(endpoint.host, endpoint.port);
      listed.add(name);
      beside.listed.add(name);
      if (!verdict.serves) continue;
      serving.add(name);
      beside.serving.add(name);
    }
    served &&= !isAsked(diagnosis) || diagnosis.verdict.serves;
  }
  const met =
    require === "all"
      ? serving.size > 0 && serving.size === listed.size && served
      : serving.size >= (require === "any" ? 1 : require);
  return { source, serving: serving.size, listed: listed.size, met };
}

/** `2 of 3 hosts serve`, `1 of 3 hosts serves`. */
export function servingWords(serving: number, all: number, noun = "host"): string {
  return `${serving} of ${plural(all, noun)} ${serving === 1 || all === 1 ? "serves" : "serve"}`;
}

/** `2 of 3 listed hosts serve`; from several sources `hq0: 2 of 3 hosts serve; vpn0: 0 of 3`. */
export function countWords({ serving, listed, bySource }: Report["requirement"]): string {
  if (bySource.length < 2) return servingWords(serving, listed, "listed host");
  return bySource
    .map((each, index) => {
      const counted =
        index === 0 ? servingWords(each.serving, each.listed) : `${each.serving} of ${each.listed}`;
      return `${each.source ?? "the system's choice"}: ${each.listed === 0 ? "no host is listed" : counted}`;
    })
    .join("; ");
}
