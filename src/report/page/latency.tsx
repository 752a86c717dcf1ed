/** How RPC round trips are distributed: a strip for each address on one axis, and the same in figures. */
import type { ReactElement } from "react";
import type { Report } from "../../model/report.ts";
import { axisFor } from "./axis.ts";
import type { Axis } from "./axis.ts";
import { latencyRowsOf } from "./latency-rows.ts";
import type { LatencyRow } from "./latency-rows.ts";
import { AxisStrip, LatencyStrip } from "./latency-strip.tsx";
import { More, ScrollRegion, Section } from "./section.tsx";

const STRIPS_SHOWN = 60;
/** More strips than this, and the axis below them is out of sight. */
const AXIS_ABOVE_FROM = 12;
const ROWS_SHOWN = 500;

export function Latency({ report }: { report: Report }): ReactElement | null {
  const rows = latencyRowsOf(report);
  if (rows.length === 0) return null;
  const strips = rows.slice(0, STRIPS_SHOWN);
  const axis = axisFor(strips.flatMap(({ min, max }) => [min, max]));
  return (
    <Section
      id="latency"
      title="How long RPC took"
      lead={`Round trips on a bound connection, the slowest host first, on one ${axis.scale} axis of milliseconds.`}
    >
      <figure className="strips">
        <figcaption>
          Dot: a sample. Box: the middle half (p25 to p75). Thick line: median. Dashed line: p95, by nearest
          rank.
        </figcaption>
        {strips.length > AXIS_ABOVE_FROM ? <AxisRow axis={axis} /> : null}
        {strips.map((row, index) => (
          <div className="strip-row" key={index}>
            <span className="strip-name">
              <b className="name">{row.name}</b> <span className="note">{placeOf(row)}</span>
            </span>
            <LatencyStrip row={row} axis={axis} />
          </div>
        ))}
        <AxisRow axis={axis} />
      </figure>
      <More count={rows.length - STRIPS_SHOWN} what="strips" />
      <LatencyTable rows={rows.slice(0, ROWS_SHOWN)} />
      <More count={rows.length - ROWS_SHOWN} what="rows" />
    </Section>
  );
}

function AxisRow({ axis }: { axis: Axis }): ReactElement {
  return (
    <div className="strip-row axis" aria-hidden="true">
      <span className="strip-name">milliseconds</span>
      <AxisStrip axis={axis} />
    </div>
  );
}

function LatencyTable({ rows }: { rows: readonly LatencyRow[] }): ReactElement {
  return (
    <ScrollRegion label="Table: RPC round trips in milliseconds">
      <table className="latency">
        <caption>RPC round trips in milliseconds</caption>
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col">At</th>
            {["Samples", "Min", "Median", "p95", "Max"].map((head) => (
              <th scope="col" className="number" key={head}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <th scope="row">{row.name}</th>
              <td>{placeOf(row)}</td>
              <td className="number">
                {row.sorted.length}
                {row.sorted.length < row.asked ? ` of ${row.asked}` : ""}
              </td>
              {[row.min, row.median, row.p95, row.max].map((ms, at) => (
                <td className="number" key={at}>
                  {ms.toFixed(2)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function placeOf({ address, source }: LatencyRow): string {
  return source === null ? address : `${address} from ${source}`;
}
