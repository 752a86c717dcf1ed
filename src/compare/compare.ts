/** Reports in, comparison out: pure and total. Its order follows the places given; all else has one fixed order. */
import type { Network } from "../model.ts";
import type { Comparison, Conclusion } from "./comparison.ts";
import { concludeDns, concludeUntested } from "./conclude-dns.ts";
import { concludeEverywhere } from "./conclude-everywhere.ts";
import { concludeFailure } from "./conclude-failures.ts";
import { concludeLatency } from "./conclude-latency.ts";
import { concludeNothing, notes } from "./conclude-rest.ts";
import { differencesOf, differsInServing } from "./differences.ts";
import { failuresOf } from "./failures.ts";
import { matrixOf } from "./matrix.ts";
import { mergeNetworks } from "./ordering.ts";
import { suffixesOf } from "./suffixes.ts";
import { vantagesOf } from "./vantage.ts";
import type { Labelled } from "./vantage.ts";

/** @param named subnets that the user named; those that the reports name come after them */
export function compare(
  reports: readonly Labelled[],
  named: readonly Network[],
  version: string,
): Comparison {
  const vantages = vantagesOf(reports);
  const networks = mergeNetworks(
    named,
    reports.flatMap(({ report }) => report.networks),
  );
  const groups = matrixOf(vantages, networks);
  const suffixes = suffixesOf(vantages);
  const differences = differencesOf(vantages, groups, suffixes);
  const rows = groups.flatMap((group) => group.rows);
  const places = vantages.map(({ place }) => place);
  const labels = places.map(({ label }) => label);
  const failures = groups
    .flatMap((group) => failuresOf(group, vantages))
    .map((failure) => concludeFailure(failure, networks));
  const conclusions: Conclusion[] = [
    ...concludeNothing(rows, suffixes, differences, labels),
    ...failures,
    ...concludeDns(suffixes, differences),
    ...concludeUntested(rows, suffixes, labels),
    ...concludeEverywhere(rows, networks),
    ...concludeLatency(differences),
    ...notes(
      places,
      rows,
      failures.some(({ asks }) => asks.length > 0),
    ),
  ];
  return {
    schemaVersion: "1.0",
    kind: "comparison",
    tool: { name: "kmsprobe", version },
    places,
    groups,
    suffixes,
    differences,
    conclusions,
    serving: differsInServing(differences) ? "differs" : "same",
  };
}
