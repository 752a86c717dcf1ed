/** Source × host: every address of every host once, by subnet, with what each source saw of it. */
import type { Report } from "../../model/report.ts";
import { subnetLabel, subnetOf } from "../../verdict/subnet.ts";
import { hostPort } from "../../verdict/words.ts";
import { rowsOf } from "../rows.ts";
import type { Row } from "../rows.ts";

export type MatrixRow = {
  host: string;
  address: string | null;
  /** By the label of the source; "" where the system chose. */
  cells: ReadonlyMap<string, Row>;
};
export type MatrixGroup = { subnet: string; rows: readonly MatrixRow[] };

/** @param most rows; `more` counts those beyond */
export function matrixOf(report: Report, most: number): { groups: MatrixGroup[]; more: number } {
  const groups = new Map<string, Map<string, MatrixRow & { cells: Map<string, Row> }>>();
  let count = 0;
  let more = 0;
  for (const diagnosis of report.diagnoses) {
    for (const row of rowsOf(diagnosis)) {
      const host = hostPort(row.endpoint.endpoint.host, row.endpoint.endpoint.port);
      const address = row.attempt?.address ?? null;
      const subnet = address === null ? "no address" : subnetLabel(subnetOf(address, report.networks));
      const key = `${host} ${address ?? ""}`;
      const group = groups.get(subnet) ?? new Map<string, MatrixRow & { cells: Map<string, Row> }>();
      let known = group.get(key);
      if (known === undefined) {
        if (count >= most) {
          more += 1;
          continue;
        }
        count += 1;
        known = { host, address, cells: new Map() };
        group.set(key, known);
        groups.set(subnet, group);
      }
      known.cells.set(diagnosis.source ?? "", row);
    }
  }
  return { groups: [...groups].map(([subnet, rows]) => ({ subnet, rows: [...rows.values()] })), more };
}
