/** What the exporter tells of itself, by prom-client, and how long things took over all looks of a target. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import { rowsOf } from "../report/rows.ts";
import type { LookLabels, Measured } from "../report/serve/metrics.ts";
import { OWN_METRICS } from "./own-metric-table.ts";
import type { OwnMetric } from "./own-metric-table.ts";
import { createDurations } from "./durations.ts";
import type { Durations } from "./durations.ts";

const RESULTS = ["met", "not_met", "cut_short", "failed"] as const;

export type OwnMetrics = ReturnType<typeof createOwnMetrics>;

export function createOwnMetrics(version: string) {
  const registers = [new Registry()];
  const [registry] = registers;
  collectDefaultMetrics({ register: registry ?? new Registry() });
  // Gauges by a counter's name, which promtool complains of.
  for (const name of [
    "nodejs_active_handles_total",
    "nodejs_active_requests_total",
    "nodejs_active_resources_total",
  ])
    registry?.removeSingleMetric(name);
  const counter = (name: OwnMetric): Counter =>
    new Counter({ name, help: OWN_METRICS[name].help, labelNames: [...OWN_METRICS[name].labels], registers });
  const gauge = (name: OwnMetric): Gauge =>
    new Gauge({ name, help: OWN_METRICS[name].help, labelNames: [...OWN_METRICS[name].labels], registers });
  const dns = durations("kms_dns_duration_seconds");
  const tcp = durations("kms_tcp_connect_duration_seconds");
  const rpc = durations("kms_rpc_duration_seconds");
  const looks = counter("kms_serve_looks_total");
  const requests = counter("kms_serve_http_requests_total");
  /** Since the last scrape: a counter looks its labels up by a text that it makes each time. */
  const answers = new Map<string, { path: string; code: string; count: number }>();
  const shared = counter("kms_serve_shared_answers_total");
  const refused = counter("kms_serve_refused_targets_total");
  const unread = counter("kms_serve_unread_answers_total");
  const crowded = counter("kms_serve_crowded_connections_total");
  const lostLines = counter("kms_serve_log_lines_lost_total");
  const late = gauge("kms_serve_schedule_lag_seconds");
  const stalls = counter("kms_serve_stalls_total");
  const stalledSeconds = counter("kms_serve_stalled_seconds_total");
  const reloaded = gauge("kms_serve_config_last_reload_successful");
  const reloadedAt = gauge("kms_serve_config_last_reload_success_timestamp_seconds");
  gauge("kms_serve_build_info").set({ version }, 1);
  for (const each of [shared, stalls, stalledSeconds, refused, unread, crowded, lostLines]) each.inc(0);

  return {
    looked(measured: Measured, { place, target, module }: LookLabels): void {
      const labels = { place, target, module };
      for (const diagnosis of measured.diagnoses) {
        for (const { answer } of diagnosis.srv)
          if (answer.outcome === "ok" || answer.outcome === "denied")
            dns.observe(labels, answer.elapsedMs / 1000);
        for (const { tcpMs, rpcMs } of rowsOf(diagnosis)) {
          if (tcpMs !== null) tcp.observe(labels, tcpMs / 1000);
          if (rpcMs !== null) rpc.observe(labels, rpcMs / 1000);
        }
      }
      const result = measured.interrupted ? "cut_short" : measured.requirement.met ? "met" : "not_met";
      looks.inc({ ...labels, result });
    },
    failed(labels: LookLabels | undefined): void {
      if (labels !== undefined) looks.inc({ ...labels, result: "failed" });
    },
    /** Of a target that is gone no series stays. */
    forget({ place, target, module }: LookLabels): void {
      const labels = { place, target, module };
      for (const metric of [dns, tcp, rpc]) metric.remove(labels);
      for (const result of RESULTS) looks.remove({ ...labels, result });
    },
    stalled(ms: number): void {
      stalls.inc();
      stalledSeconds.inc(ms / 1000);
    },
    late: (ms: number): void => late.set(Math.max(0, ms) / 1000),
    answered(path: string, code: number): void {
      const series = `${path} ${code}`;
      const tally = answers.get(series) ?? { path, code: String(code), count: 0 };
      tally.count += 1;
      answers.set(series, tally);
    },
    shared: (): void => shared.inc(),
    refused: (): void => refused.inc(),
    unread: (): void => unread.inc(),
    crowded: (): void => crowded.inc(),
    lostLine: (): void => lostLines.inc(),
    configured(successful: boolean, unixMs: number): void {
      reloaded.set(Number(successful));
      if (successful) reloadedAt.set(unixMs / 1000);
    },
    /** Of all but the durations: text format 0.0.4, as the other. */
    process: async (): Promise<Uint8Array> => {
      for (const { path, code, count } of answers.values()) requests.inc({ path, code }, count);
      answers.clear();
      return Buffer.from(await (registry ?? new Registry()).metrics());
    },
    durations: [dns, tcp, rpc] as readonly Pick<Durations, "write" | "copy">[],
  };
}

function durations(name: OwnMetric): Durations {
  return createDurations(name, OWN_METRICS[name].help);
}
