import type { Middlebox, SweepHost, SweepReport } from "../../sweep/model.ts";
import { csvText } from "../csv-format.ts";
import type { Cells } from "../csv-format.ts";
import { median } from "../../verdict/figures.ts";
import { createStandings } from "./standing.ts";
import type { Standing } from "./standing.ts";

/** One row a host, then one a middlebox, whose addresses are ranges. */
export function renderSweepCsv(report: SweepReport): string {
  const standingOf = createStandings(report.reconcile);
  const rows = [
    ...report.hosts.map((host) => hostCells(host, standingOf(host))),
    ...report.middleboxes.map(middleboxCells),
  ];
  return csvText(rows, COLUMNS);
}

function hostCells(host: SweepHost, { names, published, permitted }: Standing): Cells {
  const { endpoint, attempts, verdict, quiet, fingerprint } = host;
  const [attempt] = attempts;
  return {
    kind: "host",
    address: attempt?.address ?? "",
    port: endpoint.port,
    names: names.join(" "),
    verdict: verdict.code,
    serves: verdict.serves,
    certainty: verdict.certainty,
    tcp_ms: median(quiet?.tcpMs ?? [])?.toFixed(3) ?? "",
    bind_ms: median(quiet?.bindMs ?? [])?.toFixed(3) ?? "",
    fingerprint: fingerprint?.name ?? "",
    published: published ?? "",
    permitted: permitted ?? "",
    observed: verdict.observed,
  };
}

function middleboxCells({ subnet, port, addresses, accepted, silent, tried, sample }: Middlebox): Cells {
  return {
    kind: "middlebox",
    address: addresses.join(" "),
    port,
    verdict: sample.verdict.code,
    certainty: sample.verdict.certainty,
    subnet,
    accepted,
    silent,
    tried,
    observed: sample.verdict.observed,
  };
}

const COLUMNS = [
  "kind",
  "address",
  "port",
  "names",
  "verdict",
  "serves",
  "certainty",
  "tcp_ms",
  "bind_ms",
  "fingerprint",
  "published",
  "permitted",
  "subnet",
  "accepted",
  "silent",
  "tried",
  "observed",
];
