import { compare as laid } from "../compare/compare.ts";
import type { Comparison } from "../compare/comparison.ts";
import { labelsOf } from "../compare/labels.ts";
import { readReport } from "../compare/reading.ts";
import type { Report } from "../model/report.ts";
import type { Verification } from "../verify/model.ts";
import { listOf, OBJECT, requireThese, TEXTS } from "../run/options.ts";
import { parseNetwork } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { VERSION } from "../version.ts";
import { inOptions } from "./in-options.ts";

export type CompareOptions = {
  /** What `check` or `verify` came to, at each place. Of any 1.x: they may have been read from a file. */
  reports: readonly (Report | Verification)[];
  /** Names of their places, in their order; by default those of the machines. */
  labels?: readonly string[];
  /** Names for subnets, `NAME=CIDR`. */
  networks?: readonly string[];
};

const OPTIONS = {
  reports: {
    fits: (value: unknown) => listOf(OBJECT.fits)(value) && Array.isArray(value) && value.length > 0,
    form: "a list of reports",
  },
  labels: TEXTS,
  networks: TEXTS,
};

/**
 * Lays reports side by side as `kmsprobe compare` does: who serves where, what differs, and what follows.
 *
 * @throws UsageError where an option can't be understood, one of the reports is none, or there is one place only
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  requireThese(options, OPTIONS, "{ reports: [here, there] }");
  return await inOptions(async () => compared(options));
}

function compared(options: CompareOptions): Comparison {
  const { reports, labels = [], networks = [] } = options;
  // A program in JavaScript may leave it out.
  if (!Array.isArray(reports)) throw new UsageError("reports is to be a list of reports: it was left out");
  const read = reports.map((report, index) => {
    const reading = readReport(JSON.stringify(report));
    if (!reading.ok) throw new UsageError(`reports[${index}] ${reading.fault}`);
    return { file: `reports[${index}]`, report: reading.report };
  });
  const named = labelsOf(
    read.map(({ report }) => ({ file: "-", host: report.from.host })),
    labels,
  );
  const labelled = read.map((each, index) => ({ ...each, label: named[index] ?? each.file }));
  const comparison = laid(labelled, networks.map(parseNetwork), VERSION);
  if (comparison.places.length < 2)
    throw new UsageError("one report from one place: name another to compare it with");
  return comparison;
}
