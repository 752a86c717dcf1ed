/** Source × host: every address of every host once, by subnet, with what each source saw of it. */
import type { Report } from "../../model/report.ts";
import { subnetLabel, subnetOf } from "../../verdict/subnet.ts";
import { hostPort } from "../../verdict/words.ts";
import { addressOf, leftOutOf, rowsOf } from "../rows.ts";
import type { Row } from "../rows.ts";

export type MatrixRow = {
  host: string;
  address: string | null;
  /** By the label of the source; "" where the system chose. */
  cells: ReadonlyMap<string, Row>;
  /** Why no source asked it, where -4 or -6 leaves it out. */
  unasked: string | null;
};
export type MatrixGroup = { subnet: string; rows: readonly MatrixRow[] };

type OpenRow = MatrixRow & { cells: Map<string, Row> };

/** @param most rows; `more` counts those beyond */
export function matrixOf(report: Report, most: number): { groups: MatrixGroup[]; more: number } {
  const groups = new Map<string, Map<string, OpenRow>>();
  let count = 0;
  let more = 0;
  /** Null where there are too many. */
  const rowAt = ({
    host,
    address,
    unasked,
  }: Pick<MatrixRow, "host" | "address" | "unasked">): OpenRow | null => {
    const subnet = address === null ? "no address" : subnetLabel(subnetOf(address, report.networks));
    const key = `${host} ${address ?? ""}`;
    const group = groups.get(subnet) ?? new Map<string, OpenRow>();
    const known = group.get(key);
    if (known !== undefined) return known;
    if (count >= most) {
      more += 1;
      return null;
    }
    count += 1;
    const row: OpenRow = { host, address, unasked, cells: new Map() };
    group.set(key, row);
    groups.set(subnet, group);
    return row;
  };
  for (const diagnosis of report.diagnoses) {
    const rows = rowsOf(diagnosis);
    for (const [index, row] of rows.entries()) {
      const { endpoint } = row;
      const host = hostPort(endpoint.endpoint.host, endpoint.endpoint.port);
      rowAt({ host, address: addressOf(row), unasked: null })?.cells.set(diagnosis.source ?? "", row);
      if (rows[index + 1]?.endpoint === endpoint) continue;
      for (const { address, words } of leftOutOf(endpoint)) rowAt({ host, address, unasked: words });
    }
  }
  return { groups: [...groups].map(([subnet, rows]) => ({ subnet, rows: [...rows.values()] })), more };
}
