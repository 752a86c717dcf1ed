import type { Report } from "../../model/report.ts";
import type { Verdict } from "../../model/verdict.ts";
import { csvText } from "../csv-format.ts";
import type { Cells } from "../csv-format.ts";
import { rowsOf } from "../rows.ts";
import type { Row } from "../rows.ts";

/** One row an address, one a host that has none, one a domain that lists no host. */
export function renderCsv(report: Report): string {
  const rows = report.diagnoses.flatMap((diagnosis) => {
    const { target, source, endpoints, verdict } = diagnosis;
    const common = { target: target.kind === "domain" ? target.domain : target.kind, source: source ?? "" };
    if (endpoints.length === 0) return [{ ...common, ...verdictCells(verdict) }];
    return rowsOf(diagnosis).map((row) => ({ ...common, ...cells(row) }));
  });
  return csvText(rows, COLUMNS);
}

function cells({ endpoint, attempt, tcpMs, rpcMs, firstPick }: Row): Cells {
  const [listing] = endpoint.listedBy;
  return {
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
    ...verdictCells((attempt ?? endpoint).verdict),
    endpoint_verdict: endpoint.verdict.code,
    endpoint_serves: endpoint.verdict.serves,
  };
}

function verdictCells({ code, serves, certainty, observed }: Verdict) {
  return { verdict: code, serves, certainty, observed };
}

const COLUMNS = [
  "target",
  "source",
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
