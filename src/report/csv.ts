import { stringify } from "csv-stringify/sync";
import type { Report } from "../model.ts";
import { printable } from "./escape.ts";
import { rowsOf } from "./rows.ts";

/**
 * One row an address, or one a host that has none. RFC 4180; a cell that a spreadsheet would take for a formula is
 * defused with an apostrophe.
 */
export function renderCsv(report: Report): string {
  const rows = report.diagnoses.flatMap((diagnosis) =>
    rowsOf(diagnosis).map(({ endpoint, attempt, tcpMs, rpcMs, firstPick }) => {
      const [listing] = endpoint.listedBy;
      return {
        target: diagnosis.target.kind === "domain" ? diagnosis.target.domain : diagnosis.target.kind,
        host: endpoint.endpoint.host,
        port: endpoint.endpoint.port,
        priority: listing?.priority ?? "",
        weight: listing?.weight ?? "",
        address: attempt?.address ?? "",
        source_address: attempt?.via?.address ?? "",
        source_interface: attempt?.via?.interface ?? "",
        tcp_ms: tcpMs?.toFixed(3) ?? "",
        rpc_ms: rpcMs?.toFixed(3) ?? "",
        first_pick: firstPick?.toFixed(4) ?? "",
        verdict: (attempt ?? endpoint).verdict.code,
        serves: (attempt ?? endpoint).verdict.serves,
        certainty: (attempt ?? endpoint).verdict.certainty,
        endpoint_verdict: endpoint.verdict.code,
        endpoint_serves: endpoint.verdict.serves,
        observed: (attempt ?? endpoint).verdict.observed,
      };
    }),
  );
  return stringify(rows, {
    header: true,
    columns: COLUMNS,
    escape_formulas: true,
    record_delimiter: "\r\n",
    cast: { boolean: String, string: printable },
  });
}

const COLUMNS = [
  "target",
  "host",
  "port",
  "priority",
  "weight",
  "address",
  "source_address",
  "source_interface",
  "tcp_ms",
  "rpc_ms",
  "first_pick",
  "verdict",
  "serves",
  "certainty",
  "endpoint_verdict",
  "endpoint_serves",
  "observed",
];
