import type { ReactElement } from "react";
import type { Report } from "../../model/report.ts";
import type { Source } from "../../model/source.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { subnetOf } from "../../verdict/subnet.ts";
import { missingAt } from "../rows.ts";
import type { Row } from "../rows.ts";
import { Badge } from "./badge.tsx";
import { matrixOf } from "./matrix-rows.ts";
import { More, ScrollRegion, Section } from "./section.tsx";
import { durationWords } from "../../verdict/duration.ts";

const ROWS_SHOWN = 1_000;

type Column = { key: string; title: string; note: string };

/** Which address answered from which source: a row an address, by subnet, a column a source. */
export function Matrix({ report }: { report: Report }): ReactElement | null {
  const { groups, more } = matrixOf(report, ROWS_SHOWN);
  if (groups.length === 0) return null;
  // A policy may look from sources that it names, and where it names none, from where the system chooses.
  const chosen = report.diagnoses.some(({ source }) => source === null);
  const columns: Column[] = [
    ...(chosen
      ? [{ key: "", title: `From ${report.from.host}`, note: "the source that the system chose" }]
      : []),
    ...report.sources.map((source) => columnOf(source, report)),
  ];
  return (
    <Section
      id="matrix"
      title={columns.length > 1 ? "Every host from every source" : "Every host"}
      lead="“Serves” means that an RPC server there accepted the KMS interface. Times: TCP connect, then one RPC round trip (the median, where several were taken)."
    >
      <ScrollRegion label="Table: hosts by source">
        <table className="matrix">
          <caption className="hidden">What each source saw of each host address</caption>
          <thead>
            <tr>
              <th scope="col">Host</th>
              <th scope="col">Address</th>
              {columns.map(({ key, title, note }) => (
                <th scope="col" key={key}>
                  {title} <span className="note">{note}</span>
                </th>
              ))}
            </tr>
          </thead>
          {groups.map(({ subnet, rows }) => (
            <tbody key={subnet}>
              <tr>
                <th className="subnet" scope="rowgroup" colSpan={columns.length + 2}>
                  {subnet}
                </th>
              </tr>
              {rows.map(({ host, address, cells, unasked }, index) => (
                <tr key={index}>
                  <th scope="row">{host}</th>
                  <td>{address ?? "–"}</td>
                  {columns.map(({ key }) => (
                    <td key={key}>
                      <MatrixCell
                        row={cells.get(key)}
                        missing={unasked ?? missingAt(key, report.diagnoses)}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </ScrollRegion>
      <More count={more} what="rows" />
    </Section>
  );
}

function columnOf({ label, ipv4, ipv6, link }: Source, { networks }: Report): Column {
  const addresses = [ipv4, ipv6].flatMap((address) => address ?? []);
  const network = addresses.flatMap((address) => subnetOf(address, networks).name ?? [])[0];
  const notes = [
    ...addresses.filter((address) => address !== label),
    ...(network === undefined ? [] : [network]),
    ...(link === "tunnel" ? ["a tunnel"] : []),
  ];
  return { key: label, title: `From ${label}`, note: notes.join(", ") };
}

function MatrixCell({ row, missing }: { row: Row | undefined; missing: string }): ReactElement {
  if (row === undefined) return <Badge tone="neutral" words={missing} />;
  const { verdict } = row.attempt ?? row.endpoint;
  const times = [
    ...(row.tcpMs === null ? [] : [`TCP ${durationWords(row.tcpMs)}`]),
    ...(row.rpcMs === null ? [] : [`RPC ${durationWords(row.rpcMs)}`]),
  ];
  return (
    <>
      <Badge tone={verdict.severity} words={entryOf(verdict.code).title} />
      {times.length === 0 ? null : <span className="note">{times.join(", ")}</span>}
    </>
  );
}
