import type { Place } from "./comparison.ts";
import { unique } from "./labels.ts";
import type { ReadDiagnosis, ReadReport } from "./reading.ts";

/** One place to look from, with what was seen there. */
export type Vantage = { place: Place; diagnoses: ReadDiagnosis[] };

/** A report as it came in: the file's name is for the reader only. */
export type Labelled = { file: string; label: string; report: ReadReport };

/**
 * One place a report, or one for each source where a report has several: then `label/source`; the source alone where
 * there is but one report.
 */
export function vantagesOf(reports: readonly Labelled[]): Vantage[] {
  const vantages: Vantage[] = [];
  const alone = reports.length === 1;
  for (const { file, label, report } of reports) {
    const seen = new Set([
      ...report.sources.map((source) => source.label),
      ...report.diagnoses.flatMap(({ source }) => source ?? []),
    ]);
    const own = report.diagnoses.some(({ source }) => source === null);
    const sources: (string | null)[] = own || seen.size === 0 ? [null, ...seen] : [...seen];
    for (const source of sources) {
      const named = sources.length > 1 && source !== null;
      const wanted = named ? (alone ? source : `${label}/${source}`) : label;
      const taken = vantages.map(({ place }) => place.label);
      vantages.push({
        place: {
          label: unique(wanted, taken),
          file,
          source,
          host: report.from.host,
          platform: report.from.platform,
          startedAt: report.startedAt,
          toolVersion: report.tool.version,
          schemaVersion: report.schemaVersion,
          interrupted: report.interrupted,
        },
        diagnoses: report.diagnoses.filter((diagnosis) => diagnosis.source === source),
      });
    }
  }
  return vantages;
}
