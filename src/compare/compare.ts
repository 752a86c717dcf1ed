/** Reports in, comparison out: pure and total. Its order follows the places given; all else has one fixed order. */
import type { Network } from "../model/source.ts";
import type { Comparison } from "./comparison.ts";
import { conclude } from "./conclude.ts";
import { mergeNetworks } from "./ordering.ts";
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
  return {
    schemaVersion: "1.0",
    kind: "comparison",
    tool: { name: "kmsprobe", version },
    places: vantages.map(({ place }) => place),
    ...conclude(vantages, networks),
  };
}
