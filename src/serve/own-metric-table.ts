/** What an exporter tells beside the gauges of looks: names, labels and help texts, which are documented from here. */
const LOOK = ["place", "target", "module"] as const;

export const OWN_METRICS = {
  kms_dns_duration_seconds: {
    type: "histogram",
    labels: LOOK,
    help: "Time of answered SRV questions, of scheduled looks",
  },
  kms_tcp_connect_duration_seconds: {
    type: "histogram",
    labels: LOOK,
    help: "Time of TCP connects, of scheduled looks",
  },
  kms_rpc_duration_seconds: {
    type: "histogram",
    labels: LOOK,
    help: "Median RPC round trip of a host, of scheduled looks",
  },
  kms_serve_looks_total: {
    type: "counter",
    labels: [...LOOK, "result"],
    help: "Scheduled looks that ended",
  },
  kms_serve_http_requests_total: {
    type: "counter",
    labels: ["path", "code"],
    help: "HTTP requests answered",
  },
  kms_serve_shared_answers_total: {
    type: "counter",
    labels: [],
    help: "Probes answered by a look that others had asked for",
  },
  kms_serve_refused_targets_total: {
    type: "counter",
    labels: [],
    help: "Targets that the configuration does not permit",
  },
  kms_serve_unread_answers_total: {
    type: "counter",
    labels: [],
    help: "Connections that were ended since their client did not read its answer",
  },
  kms_serve_crowded_connections_total: {
    type: "counter",
    labels: [],
    help: "Connections that were ended since there were too many",
  },
  kms_serve_log_lines_lost_total: {
    type: "counter",
    labels: [],
    help: "Lines of log that could not be written, or that nobody read",
  },
  kms_serve_schedule_lag_seconds: {
    type: "gauge",
    labels: [],
    help: "How late the last scheduled look began",
  },
  kms_serve_stalls_total: {
    type: "counter",
    labels: [],
    help: "Times that this process stood still for over a second: stopped, or starved of CPU",
  },
  kms_serve_stalled_seconds_total: {
    type: "counter",
    labels: [],
    help: "Time that this process stood still, in stretches of over a second",
  },
  kms_serve_config_last_reload_successful: {
    type: "gauge",
    labels: [],
    help: "1 if the configuration was last read without a mistake",
  },
  kms_serve_config_last_reload_success_timestamp_seconds: {
    type: "gauge",
    labels: [],
    help: "When the configuration was last read without a mistake, in Unix time",
  },
  kms_serve_build_info: { type: "gauge", labels: ["version"], help: "1, with the version as a label" },
} as const satisfies Readonly<
  Record<string, { type: "counter" | "gauge" | "histogram"; labels: readonly string[]; help: string }>
>;

export type OwnMetric = keyof typeof OWN_METRICS;
