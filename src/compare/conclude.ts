/**
 * What several looks come to, taken together: of several reports, or of the several sources of one run. Pure and total;
 * `check`, `verify` and `compare` say what is said here, and nothing else.
 */
import type { Conclusion } from "../model/conclusion.ts";
import type { Network } from "../model/source.ts";
import type { Comparison } from "./comparison.ts";
import { concludeDns, concludeUntested } from "./conclude-dns.ts";
import { concludeEverywhere } from "./conclude-everywhere.ts";
import { concludeFailure } from "./conclude-failures.ts";
import { concludeLatency } from "./conclude-latency.ts";
import { concludeNothing, notes } from "./conclude-rest.ts";
import { concludeSources } from "./conclude-sources.ts";
import { differencesOf, differsInServing } from "./differences.ts";
import { failuresOf } from "./failures.ts";
import { matrixOf } from "./matrix.ts";
import type { ReadReport } from "./reading.ts";
import { suffixesOf } from "./suffixes.ts";
import { vantagesOf } from "./vantage.ts";
import type { Vantage } from "./vantage.ts";

export type Concluded = Pick<Comparison, "groups" | "suffixes" | "differences" | "conclusions" | "serving">;

/** Matrix, differences and conclusions of several vantages: all that a comparison says beside its places. */
export function conclude(vantages: readonly Vantage[], networks: readonly Network[]): Concluded {
  const groups = matrixOf(vantages, networks);
  const suffixes = suffixesOf(vantages);
  const differences = differencesOf(vantages, groups, suffixes);
  const rows = groups.flatMap((group) => group.rows);
  const places = vantages.map(({ place }) => place);
  const failures = groups
    .flatMap((group) => failuresOf(group, vantages))
    .map((failure) => concludeFailure(failure, networks));
  const conclusions: Conclusion[] = [
    ...concludeNothing(
      rows,
      suffixes,
      differences,
      places.map(({ label }) => label),
    ),
    ...concludeSources(rows),
    ...failures,
    ...concludeDns(suffixes, differences),
    ...concludeUntested(rows, suffixes, places),
    ...concludeEverywhere(rows, networks),
    ...concludeLatency(differences),
    ...notes(
      places,
      rows,
      failures.some(({ asks }) => asks.length > 0),
    ),
  ];
  const serving = differsInServing(differences) ? "differs" : "same";
  return { groups, suffixes, differences, conclusions, serving };
}

/** What the sources of one run come to, taken together; nothing where there is one. */
export function concludeRun(report: ReadReport): Conclusion[] {
  const vantages = vantagesOf([{ file: "", label: report.from.host, report }]);
  return vantages.length > 1 ? conclude(vantages, report.networks).conclusions : [];
}
