/** Addresses that have round trips to show, each once from each source, the slowest first. */
import type { Report } from "../../model/report.ts";
import { median, quantile } from "../../verdict/figures.ts";
import { hostPort } from "../../verdict/words.ts";
import { rowsOf } from "../rows.ts";

export type LatencyRow = {
  name: string;
  address: string;
  source: string | null;
  asked: number;
  sorted: readonly number[];
  min: number;
  p25: number;
  median: number;
  p75: number;
  p95: number;
  max: number;
};

export function latencyRowsOf(report: Report): LatencyRow[] {
  const rows = new Map<string, LatencyRow>();
  for (const diagnosis of report.diagnoses) {
    for (const { endpoint, attempt } of rowsOf(diagnosis)) {
      const latency = attempt?.rpc?.latency;
      if (attempt === null || latency === undefined || latency.samplesMs.length === 0) continue;
      const { host, port } = endpoint.endpoint;
      const sorted = latency.samplesMs.toSorted((a, b) => a - b);
      const at = (share: number): number => quantile(sorted, share) ?? Number.NaN;
      const key = JSON.stringify([host, port, attempt.address, diagnosis.source]);
      if (rows.has(key)) continue;
      rows.set(key, {
        name: hostPort(host, port),
        address: attempt.address,
        source: diagnosis.source,
        asked: latency.asked,
        sorted,
        min: at(0),
        p25: at(0.25),
        median: median(sorted) ?? Number.NaN,
        p75: at(0.75),
        p95: at(0.95),
        max: at(1),
      });
    }
  }
  return [...rows.values()].toSorted((a, b) => b.median - a.median);
}

/** Evenly picked from sorted samples, the first and the last always among them. */
export function picked(sorted: readonly number[], most: number): readonly number[] {
  if (sorted.length <= most) return sorted;
  const step = (sorted.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => sorted[Math.round(index * step)] ?? 0);
}
