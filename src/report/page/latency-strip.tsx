import type { ReactElement } from "react";
import type { Axis } from "./axis.ts";
import { picked } from "./latency-rows.ts";
import type { LatencyRow } from "./latency-rows.ts";
import { durationWords } from "../../verdict/duration.ts";

/** With fewer samples, quarters of them mean nothing: the dots speak for themselves. */
const BOX_FROM = 5;

/** More dots than this are a bar. */
const DOTS = 80;

const HEIGHT = 34;

/**
 * The samples of one address. Places are per cents of the width and sizes are pixels: it stretches with the page, and
 * dots stay round.
 */
export function LatencyStrip({ row, axis }: { row: LatencyRow; axis: Axis }): ReactElement {
  const { at } = axis;
  const middle = HEIGHT / 2;
  const [from, to] = [at(row.p25), at(row.p75)];
  const boxed = row.sorted.length >= BOX_FROM;
  return (
    <svg className="strip" width="100%" height={HEIGHT} role="img">
      <title>{wordsOf(row)}</title>
      {axis.ticks.map((tick) => (
        <line key={tick} className="grid" x1={`${at(tick)}%`} x2={`${at(tick)}%`} y1="0" y2={HEIGHT} />
      ))}
      <line className="range" x1={`${at(row.min)}%`} x2={`${at(row.max)}%`} y1={middle} y2={middle} />
      {boxed ? (
        <rect
          className="box"
          x={`${from}%`}
          width={`${Number((to - from).toFixed(2))}%`}
          y="8"
          height={HEIGHT - 16}
          rx="2"
        />
      ) : null}
      {picked(row.sorted, DOTS).map((ms, index) => (
        <circle key={index} className="dot" cx={`${at(ms)}%`} cy={middle} r="2.5" />
      ))}
      {boxed ? (
        <line className="p95" x1={`${at(row.p95)}%`} x2={`${at(row.p95)}%`} y1="4" y2={HEIGHT - 4} />
      ) : null}
      <line className="median" x1={`${at(row.median)}%`} x2={`${at(row.median)}%`} y1="4" y2={HEIGHT - 4} />
    </svg>
  );
}

/** The numbers under all strips. */
export function AxisStrip({ axis: { ticks, at } }: { axis: Axis }): ReactElement {
  return (
    <svg className="strip" width="100%" height="22">
      {ticks.map((tick, index) => (
        <text
          key={tick}
          x={`${at(tick)}%`}
          y="15"
          textAnchor={index === 0 ? "start" : index === ticks.length - 1 ? "end" : "middle"}
        >
          {tick}
        </text>
      ))}
    </svg>
  );
}

/** What a strip shows, for those who do not see it. */
function wordsOf({ name, address, source, sorted, median, p95, min, max }: LatencyRow): string {
  const place = source === null ? address : `${address} from ${source}`;
  const count = `${sorted.length} ${sorted.length === 1 ? "sample" : "samples"}`;
  return `${name} at ${place}: median ${durationWords(median)}, p95 ${durationWords(p95)}, ${durationWords(min)} to ${durationWords(max)} in ${count}`;
}
