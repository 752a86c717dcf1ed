/**
 * How long something took, as a classic histogram for each target. Not by prom-client: it makes all lines anew for each
 * scrape, a tenth of a second for a thousand targets, in which nothing else is done. Here a target's lines are made again
 * where something was added to them.
 */
import { familyHead, labelPairs } from "../report/serve/exposition.ts";
import type { LookLabels } from "../report/serve/metrics.ts";
import { createKeptText } from "./kept-text.ts";
import type { KeptText } from "./kept-text.ts";

/** Edges where decisions lie: a LAN, a WAN, a retransmitted SYN (1, 3, 7, 15 s), and Windows' patience. In seconds. */
const BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3, 7, 15, 21];
const EDGES = [...BUCKETS.map(String), "+Inf"];

export type Durations = {
  observe: (labels: LookLabels, seconds: number) => void;
  remove: (labels: LookLabels) => void;
  /** Puts into words what was added. @returns how many bytes they are, in Prometheus' text format, version 0.0.4 */
  write: () => number;
  /** Good until something is observed. @returns where the next piece begins */
  copy: (to: Uint8Array, at: number) => number;
};

/** `upTo`: of each edge, how many took no longer. `told`: whether the text is of all that was added. */
type Series = { upTo: number[]; sum: number; told: boolean; readonly text: KeptText };

export function createDurations(name: string, help: string): Durations {
  const head = Buffer.from(familyHead(name, help, "histogram"));
  const known = new Map<string, Series>();
  const tell = (labels: string, { upTo, sum, text }: Series): void => {
    const buckets = EDGES.map((edge, at) => `${name}_bucket{le="${edge}",${labels}} ${upTo[at] ?? 0}\n`);
    const ends = `${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${upTo.at(-1) ?? 0}\n`;
    text.write([`${buckets.join("")}${ends}`]);
  };
  return {
    observe(look, seconds) {
      const labels = labelsOf(look);
      const series = known.get(labels) ?? {
        upTo: EDGES.map(() => 0),
        sum: 0,
        told: false,
        text: createKeptText(),
      };
      const first = BUCKETS.findIndex((edge) => seconds <= edge);
      for (let at = first === -1 ? BUCKETS.length : first; at < EDGES.length; at++)
        series.upTo[at] = (series.upTo[at] ?? 0) + 1;
      series.sum += seconds;
      series.told = false;
      known.set(labels, series);
    },
    remove: (look) => void known.delete(labelsOf(look)),
    write() {
      let length = known.size === 0 ? 0 : head.length;
      for (const [labels, series] of known) {
        if (!series.told) tell(labels, series);
        series.told = true;
        length += series.text.length;
      }
      return length;
    },
    copy(to, at) {
      if (known.size === 0) return at;
      to.set(head, at);
      let next = at + head.length;
      for (const { text } of known.values()) next = text.copy(0, to, next);
      return next;
    },
  };
}

function labelsOf({ place, target, module }: LookLabels): string {
  return labelPairs({ place, target, module });
}
