import type { Diagnosis } from "../../model/diagnosis.ts";
import type { Report } from "../../model/report.ts";
import type { Source } from "../../model/source.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { subnetLabel, subnetOf } from "../../verdict/subnet.ts";
import { hostPort } from "../../verdict/words.ts";
import { printable } from "../escape.ts";
import { missingAt, rowsOf } from "../rows.ts";
import type { Row } from "../rows.ts";
import { SIGNS } from "../style.ts";
import type { Style } from "../style.ts";
import { plainTable, tableLines } from "../table.ts";

/** Source × host, for a run from several local addresses: a line a host address, a column a source, by subnet. */
export function renderMatrix(diagnoses: readonly Diagnosis[], report: Report, style: Style): string {
  const groups = new Map<string, Map<string, Map<string, Row>>>();
  for (const diagnosis of diagnoses) {
    for (const row of rowsOf(diagnosis)) {
      const { host, port } = row.endpoint.endpoint;
      const address = row.attempt?.address ?? null;
      const subnet = address === null ? "no address" : subnetLabel(subnetOf(address, report.networks));
      const name = `${printable(hostPort(host, port))}${address === null || address === host ? "" : `  ${address}`}`;
      const group = groups.get(subnet) ?? new Map<string, Map<string, Row>>();
      const cells = group.get(name) ?? new Map<string, Row>();
      cells.set(diagnosis.source ?? "", row);
      group.set(name, cells);
      groups.set(subnet, group);
    }
  }
  const table = plainTable(
    ["  HOST", ...report.sources.map((source) => `FROM ${sourceWords(source, report)}`)].map(style.dim),
    ["left", ...report.sources.map(() => "left" as const)],
  );
  for (const [subnet, hosts] of groups) {
    table.push([style.bold(printable(subnet)), ...report.sources.map(() => "")]);
    for (const [name, cells] of hosts) {
      const looks = report.sources.map(({ label }) => {
        const row = cells.get(label);
        return row === undefined ? style.dim(missingAt(label, diagnoses)) : cellWords(row, style);
      });
      table.push([`  ${name}`, ...looks]);
    }
  }
  return tableLines(table).join("\n");
}

/** `wg0, a tunnel`, `10.20.1.5 (hq)`. */
function sourceWords({ label, ipv4, ipv6, link }: Source, { networks }: Report): string {
  const network = [ipv4, ipv6].flatMap((address) =>
    address === null ? [] : (subnetOf(address, networks).name ?? []),
  )[0];
  const kind = link === "tunnel" ? ", a tunnel" : "";
  return printable(`${label}${network === undefined ? "" : ` (${network})`}${kind}`);
}

function cellWords(row: Row, style: Style): string {
  const { verdict } = row.attempt ?? row.endpoint;
  const words =
    verdict.serves && row.rpcMs !== null ? `${row.rpcMs.toFixed(1)} ms` : entryOf(verdict.code).title;
  return style.severity(verdict.severity, `${SIGNS[verdict.severity]} ${words}`);
}
