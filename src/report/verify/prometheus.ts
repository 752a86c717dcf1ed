/** The verification for node_exporter's textfile collector: gauges of one moment, and no histogram of one look. */
import { Gauge, Registry } from "prom-client";
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { Stage, Verification } from "../../verify/model.ts";
import { hostPort } from "../../verdict/words.ts";
import { cutTo } from "../room.ts";
import { rowsOf } from "../rows.ts";
import type { Row } from "../rows.ts";
import { changesOf, printableVerification } from "./words.ts";

/** What a store of series can bear of one file, for each metric; what is left out is counted. */
const MOST_SERIES = 2_000;
/** Bytes: a DNS name has at most 255. */
const MAX_LABEL = 256;

type Sample = { labels: Readonly<Record<string, string>>; value: number };

/**
 * Text format 0.0.4. No label holds a cause, a sentence or a time. Every series carries its policy and place: files of
 * several runs meet in one folder, where node_exporter keeps the first of two equal series and says nothing of it
 * (1.5.0, 2026-11). `kms_verify_expectation_success` is 1 where it was seen to hold, and 0 where not, unchecked ones
 * included; what is for other places has no series.
 */
export async function renderVerifyPrometheus(given: Verification): Promise<string> {
  const verification = printableVerification(given);
  const { policy, outcome, interrupted, counts, results, elapsedMs, startedAt, report, baseline } =
    verification;
  const run = { policy: policy.name ?? policy.file, place: policy.place ?? "" };
  // Its own: what a process exports of itself is in prom-client's global one.
  const registry = new Registry();
  let dropped = 0;
  const gauge = (name: string, help: string, samples: readonly Sample[]): void => {
    const shown = samples.slice(0, MOST_SERIES);
    dropped += samples.length - shown.length;
    if (shown.length === 0) return;
    const labelNames = [...new Set(shown.flatMap(({ labels }) => Object.keys({ ...run, ...labels })))];
    const metric = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const { labels, value } of shown) metric.set(cutLabels({ ...run, ...labels }), value);
  };
  const good = (outcome === "met" || outcome === "warned") && !interrupted;
  gauge("kms_verify_success", "1 if the policy is met, warnings aside", [only(Number(good))]);
  gauge("kms_verify_expectations", "Expectations by how they turned out", by("status", counts));
  gauge(
    "kms_verify_expectation_success",
    "1 if the expectation holds, 0 if it does not or could not be checked",
    results
      .filter(({ status }) => status !== "skipped")
      .map(({ id, kind, source, status }) => ({
        labels: { id, kind, source: source ?? "" },
        value: Number(status === "met"),
      })),
  );
  gauge("kms_verify_duration_seconds", "Time that the run took", [only(elapsedMs / 1000)]);
  gauge("kms_verify_timestamp_seconds", "When the run began, in Unix time", [
    only(Date.parse(startedAt) / 1000),
  ]);
  const hosts = report.diagnoses.flatMap((diagnosis) =>
    rowsOf(diagnosis).map((row) => ({ row, labels: hostLabels(diagnosis, row) })),
  );
  gauge(
    "kms_probe_stage_success",
    "1 if this stage of the way to the address was passed",
    hosts.flatMap(({ row, labels }) =>
      stagesOf(row).map(([stage, value]) => ({ labels: { ...labels, stage }, value })),
    ),
  );
  const timed = (name: string, help: string, figure: (row: Row) => number | null): void =>
    gauge(
      name,
      help,
      hosts.flatMap(({ row, labels }) => {
        const ms = figure(row);
        return ms === null ? [] : [{ labels, value: ms / 1000 }];
      }),
    );
  timed("kms_probe_tcp_connect_seconds", "Time of the TCP connect", ({ tcpMs }) => tcpMs);
  timed("kms_probe_rpc_median_seconds", "Median of the RPC round trips", ({ rpcMs }) => rpcMs);
  timed(
    "kms_probe_rpc_p95_seconds",
    "95th percentile of the RPC round trips, by nearest rank",
    ({ attempt }) => nearestRank(attempt?.rpc?.latency.samplesMs ?? [], 0.95),
  );
  gauge(
    "kms_srv_records",
    "SRV records in the answer; no series where there was none",
    report.diagnoses.flatMap(srvSamples),
  );
  if (baseline !== null) {
    const directions = ["worse", "better", "changed", "flapping"] as const;
    const counted = directions.map((each): [string, number] => [each, changesOf(baseline, each).length]);
    gauge("kms_baseline_changes", "Changes since the baseline", by("direction", Object.fromEntries(counted)));
  }
  gauge("kms_verify_series_dropped", "Series left out of this file to keep it small", [only(dropped)]);
  return registry.metrics();
}

function only(value: number): Sample {
  return { labels: {}, value };
}

function by(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function hostLabels({ source }: Diagnosis, { endpoint: { endpoint }, attempt }: Row): Sample["labels"] {
  const { host, port } = endpoint;
  return { source: source ?? "", host, port: String(port), address: attempt?.address ?? "" };
}

/** A stage that was not come to is not passed. What our own stop cut short says nothing, and has no series. */
function stagesOf({ endpoint, attempt }: Row): [Stage, number][] {
  if (attempt === null) {
    const cut = endpoint.address.lookups.some(({ answer }) => isCut(answer));
    return cut
      ? []
      : [
          ["dns", 0],
          ["tcp", 0],
          ["rpc", 0],
        ];
  }
  if (isCut(attempt.tcp)) return [["dns", 1]];
  const connects = attempt.tcp.outcome === "ok";
  if (connects && (attempt.rpc === null || isCut(attempt.rpc.bind.answer)))
    return [
      ["dns", 1],
      ["tcp", 1],
    ];
  return [
    ["dns", 1],
    ["tcp", Number(connects)],
    ["rpc", Number(attempt.verdict.serves)],
  ];
}

function isCut(answer: { outcome: string; reason?: string }): boolean {
  return answer.outcome === "skipped" && answer.reason !== "earlier-layer";
}

function nearestRank(samples: readonly number[], share: number): number | null {
  return samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * share) - 1] ?? null;
}

function srvSamples({ target, source, srv }: Diagnosis): Sample[] {
  if (target.kind !== "domain") return [];
  return srv.flatMap(({ resolver, answer }) => {
    if (answer.outcome !== "ok" && answer.outcome !== "denied") return [];
    const labels = {
      domain: target.domain,
      source: source ?? "",
      resolver: hostPort(resolver.address, resolver.port),
    };
    return [{ labels, value: answer.outcome === "ok" ? answer.facts.records.length : 0 }];
  });
}

function cutLabels(labels: Sample["labels"]): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, cutTo(MAX_LABEL, value)]));
}
