/**
 * How long something took, as a classic histogram for each target. Not by prom-client: it makes all lines anew for each
 * scrape, a tenth of a second for a thousand targets, in which nothing else is done. Here a target's lines are made again
 * where something was added to them.
 */
import { familyHead, labelPairs } from "../report/serve/exposition.ts";
import type { LookLabels } from "../report/serve/metrics.ts";

/** Edges where decisions lie: a LAN, a WAN, a retransmitted SYN (1, 3, 7, 15 s), and Windows' patience. In seconds. */
const BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3, 7, 15, 21];
const EDGES = [...BUCKETS.map(String), "+Inf"];

export type Durations = {
  observe: (labels: LookLabels, seconds: number) => void;
  remove: (labels: LookLabels) => void;
  /** In Prometheus' text format, version 0.0.4, one part after the other. */
  parts: () => Uint8Array[];
};

/**
 * `upTo`: of each edge, how many took no longer. `written` is null where something was added since. Bytes, not text: to put
 * fifty thousand lines together and to encode them again takes half of a scrape.
 */
type Series = { upTo: number[]; sum: number; written: Uint8Array | null };

export function createDurations(name: string, help: string): Durations {
  const head = Buffer.from(familyHead(name, help, "histogram"));
  const known = new Map<string, Series>();
  const write = (labels: string, { upTo, sum }: Series): Uint8Array => {
    const buckets = EDGES.map((edge, at) => `${name}_bucket{le="${edge}",${labels}} ${upTo[at] ?? 0}\n`);
    const ends = `${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${upTo.at(-1) ?? 0}\n`;
    return Buffer.from(`${buckets.join("")}${ends}`);
  };
  return {
    observe(look, seconds) {
      const labels = labelsOf(look);
      const series = known.get(labels) ?? { upTo: EDGES.map(() => 0), sum: 0, written: null };
      const first = BUCKETS.findIndex((edge) => seconds <= edge);
      for (let at = first === -1 ? BUCKETS.length : first; at < EDGES.length; at++)
        series.upTo[at] = (series.upTo[at] ?? 0) + 1;
      series.sum += seconds;
      series.written = null;
      known.set(labels, series);
    },
    remove: (look) => void known.delete(labelsOf(look)),
    parts() {
      if (known.size === 0) return [];
      const parts: Uint8Array[] = [head];
      for (const [labels, series] of known) parts.push((series.written ??= write(labels, series)));
      return parts;
    },
  };
}

function labelsOf({ place, target, module }: LookLabels): string {
  return labelPairs({ place, target, module });
}
