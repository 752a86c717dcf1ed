/** One look as Prometheus' metrics: gauges of what it saw, each with the labels of the look. */
import type { ClockFacts } from "../../model/clock.ts";
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { SrvAnswer } from "../../model/dns.ts";
import type { Report } from "../../model/report.ts";
import { contentOf } from "../../verdict/srv.ts";
import { hostPort } from "../../verdict/words.ts";
import { rowsOf } from "../rows.ts";
import type { Row } from "../rows.ts";
import { labelPair, labelPairs } from "./exposition.ts";

/** Hosts of one look that have series; names that change with each answer must not fill a store. */
const MOST_ROWS = 512;
/** Resolvers and domains of one look that have series. */
const MOST_ANSWERS = 128;

/** Every series of a look has these: the place and module of the configuration, and the target as it was asked for. */
export type LookLabels = { readonly place: string; readonly target: string; readonly module: string };

/** All gauges of a look, in the order in which they are written: help text, and labels beside those of the look. */
export const LOOK_METRICS = {
  kms_probe_success: {
    help: "1 if as many hosts as the module requires would serve a client, at RPC level",
    labels: [],
  },
  kms_probe_complete: {
    help: "0 if the look was cut short, by the scrape's time limit or by a stop: the rest is what was known by then",
    labels: [],
  },
  kms_probe_duration_seconds: { help: "Time that the look took", labels: [] },
  kms_probe_start_timestamp_seconds: { help: "When the look began, in Unix time", labels: [] },
  kms_probe_series_dropped: {
    help: "Hosts and resolver answers without series, beyond what one look may have",
    labels: [],
  },
  kms_source_requirement_met: {
    help: "1 if the requirement is met for a client at this source",
    labels: ["source"],
  },
  kms_source_hosts: {
    help: "Hosts that are listed, and that would serve a client, at this source",
    labels: ["source", "state"],
  },
  kms_host_serves: {
    help: "1 if the host accepts the bind of the KMS RPC interface at this address",
    labels: ["source", "host", "port", "address"],
  },
  kms_host_verdict: {
    help: "1, with the verdict on this address of the host as a label",
    labels: ["source", "host", "port", "address", "verdict", "certainty"],
  },
  kms_host_dns_seconds: {
    help: "Time of the slowest answered question for the host's addresses",
    labels: ["source", "host", "port"],
  },
  kms_host_tcp_connect_seconds: {
    help: "Time of the TCP connect",
    labels: ["source", "host", "port", "address"],
  },
  kms_host_rpc_seconds: {
    help: "Median of the RPC round trips",
    labels: ["source", "host", "port", "address"],
  },
  kms_host_clock_offset_seconds: {
    help: "The host's clock minus this machine's",
    labels: ["source", "host", "port", "address"],
  },
  kms_host_clock_uncertainty_seconds: {
    help: "The clock offset is no further off than this",
    labels: ["source", "host", "port", "address"],
  },
  kms_srv_records: {
    help: "SRV records in the answer; no series where there was none",
    labels: ["domain", "source", "resolver"],
  },
  kms_srv_ttl_seconds: {
    help: "Lowest TTL of the SRV records in the answer",
    labels: ["domain", "source", "resolver"],
  },
  kms_srv_query_seconds: {
    help: "Time of the SRV question; no series where nobody answered",
    labels: ["domain", "source", "resolver"],
  },
  kms_srv_resolvers_agree: {
    help: "1 if all resolvers that answered list the same hosts",
    labels: ["domain", "source"],
  },
  kms_outlook_first_try_ratio: {
    help: "Chance that the first host a client tries serves, RFC 2782 order, at the resolver that it believes",
    labels: ["domain", "source"],
  },
  kms_outlook_lost_seconds: {
    help: "Mean time that a client loses on silent hosts before one serves, RFC 2782 order",
    labels: ["domain", "source"],
  },
} as const satisfies Readonly<Record<string, { help: string; labels: readonly string[] }>>;

export type LookMetric = keyof typeof LOOK_METRICS;

/** In the order in which they are written. */
export const LOOK_METRIC_NAMES = Object.keys(LOOK_METRICS).filter(isLookMetric);

function isLookMetric(name: string): name is LookMetric {
  return Object.hasOwn(LOOK_METRICS, name);
}

/** What a look is told by. A report has it all, and more. */
export type Measured = Pick<Report, "startedAt" | "elapsedMs" | "interrupted" | "requirement"> & {
  readonly diagnoses: readonly MeasuredTarget[];
};

type MeasuredTarget = Pick<
  Diagnosis,
  "target" | "source" | "srv" | "endpoints" | "outlook" | "recordsDropped"
>;

/** Series of a look by metric: whole lines, ready to be written. */
export type LookSeries = ReadonlyMap<LookMetric, string>;

/** No series holds a cause, a sentence or a time as a label, and none stands twice. */
export function lookSeries(measured: Measured, look: LookLabels): LookSeries {
  const lines = new Map<LookMetric, string>();
  const known = isOfOneAddress(measured) ? null : new Set<string>();
  const begins = beginningsOf(look);
  const add: Add = (name, labels, value) => {
    const begin = begins.get(name) ?? "";
    const series = labels === "" ? `${begin}}` : `${begin},${labels}}`;
    // The first stays, as Prometheus would have it: a host of two domains of one look is looked at once.
    if (known?.has(series) === true) return;
    known?.add(series);
    const before = lines.get(name);
    lines.set(name, before === undefined ? `${series} ${value}\n` : `${before}${series} ${value}\n`);
  };
  const { requirement } = measured;
  let dropped = 0;
  add("kms_probe_success", "", Number(requirement.met));
  add("kms_probe_complete", "", Number(!measured.interrupted));
  add("kms_probe_duration_seconds", "", measured.elapsedMs / 1000);
  add("kms_probe_start_timestamp_seconds", "", Date.parse(measured.startedAt) / 1000);
  for (const { source, serving, listed, met } of requirement.bySource) {
    const labels = labelPair("source", source ?? "");
    add("kms_source_requirement_met", labels, Number(met));
    add("kms_source_hosts", `${labels},state="listed"`, listed);
    add("kms_source_hosts", `${labels},state="serving"`, serving);
  }
  for (const diagnosis of measured.diagnoses) {
    const rows = rowsOf(diagnosis);
    for (const row of rows.slice(0, MOST_ROWS)) addRow(add, diagnosis, row);
    dropped += Math.max(0, rows.length - MOST_ROWS) + diagnosis.recordsDropped;
    dropped += addDns(add, diagnosis);
  }
  add("kms_probe_series_dropped", "", dropped);
  return lines;
}

/** Nothing in such a look is told twice. */
function isOfOneAddress({ diagnoses, requirement }: Measured): boolean {
  const [one, ...others] = diagnoses;
  if (one === undefined || others.length > 0 || requirement.bySource.length > 1) return false;
  return one.srv.length === 0 && one.endpoints.length === 1 && one.endpoints[0]?.attempts.length === 1;
}

type Beginnings = ReadonlyMap<LookMetric, string>;

/** An exporter tells the same look again and again. */
const beginnings = new WeakMap<LookLabels, Beginnings>();

/** `name{place="",target="",module=""` of each metric. */
function beginningsOf(look: LookLabels): Beginnings {
  const before = beginnings.get(look);
  if (before !== undefined) return before;
  const common = labelPairs(look);
  const made = new Map(LOOK_METRIC_NAMES.map((name) => [name, `${name}{${common}`]));
  beginnings.set(look, made);
  return made;
}

/** @param labels as they stand between the braces, behind those of the look */
type Add = (name: LookMetric, labels: string, value: number) => void;

function addRow(
  add: Add,
  { source }: Pick<MeasuredTarget, "source">,
  { endpoint, attempt, tcpMs, rpcMs }: Row,
): void {
  const { host, port } = endpoint.endpoint;
  const named = `${labelPair("source", source ?? "")},${labelPair("host", host)},port="${port}"`;
  const labels = `${named},${labelPair("address", attempt?.address ?? "")}`;
  const { code, certainty, serves } = attempt?.verdict ?? endpoint.verdict;
  // What our own stop cut short says nothing about the host.
  if (code !== "run-cut-short") add("kms_host_serves", labels, Number(serves));
  add("kms_host_verdict", `${labels},verdict="${code}",certainty="${certainty}"`, 1);
  const asked = endpoint.address.lookups.flatMap(({ answer }) =>
    answer.outcome === "ok" || answer.outcome === "denied" ? [answer.elapsedMs] : [],
  );
  if (asked.length > 0) add("kms_host_dns_seconds", named, Math.max(...asked) / 1000);
  if (tcpMs !== null) add("kms_host_tcp_connect_seconds", labels, tcpMs / 1000);
  if (rpcMs !== null) add("kms_host_rpc_seconds", labels, rpcMs / 1000);
  const clock = clockOf(attempt);
  if (clock === null) return;
  add("kms_host_clock_offset_seconds", labels, clock.offsetMs / 1000);
  add("kms_host_clock_uncertainty_seconds", labels, clock.uncertaintyMs / 1000);
}

/** The reading that is least uncertain. */
function clockOf(attempt: Row["attempt"]): ClockFacts | null {
  const read = (attempt?.clock?.readings ?? []).flatMap(({ answer }) =>
    answer.outcome === "ok" ? [answer.facts] : [],
  );
  const [best = null] = read.toSorted((a, b) => a.uncertaintyMs - b.uncertaintyMs);
  return best;
}

/** @returns answers without series */
function addDns(add: Add, { target, source, srv, outlook }: MeasuredTarget): number {
  if (target.kind !== "domain") return 0;
  const labels = labelPairs({ domain: target.domain, source: source ?? "" });
  const answered = srv.filter(({ answer }) => answer.outcome === "ok" || answer.outcome === "denied");
  for (const each of answered.slice(0, MOST_ANSWERS)) {
    const resolver = hostPort(each.resolver.address, each.resolver.port);
    const at = `${labels},${labelPairs({ resolver })}`;
    const { answer } = each;
    if (answer.outcome !== "ok" && answer.outcome !== "denied") continue;
    add("kms_srv_query_seconds", at, answer.elapsedMs / 1000);
    add("kms_srv_records", at, answer.outcome === "ok" ? answer.facts.records.length : 0);
    const ttls = answer.outcome === "ok" ? answer.facts.records.map(({ ttlSeconds }) => ttlSeconds) : [];
    if (ttls.length > 0) add("kms_srv_ttl_seconds", at, Math.min(...ttls));
  }
  if (answered.length > 0) add("kms_srv_resolvers_agree", labels, Number(agree(answered)));
  const view = outlook?.views.find(({ believed }) => believed);
  const model = view?.models.find((each) => each.model === "rfc2782");
  if (model !== undefined) {
    add("kms_outlook_first_try_ratio", labels, model.firstServes);
    add("kms_outlook_lost_seconds", labels, model.expectedSecondsLost);
  }
  return Math.max(0, answered.length - MOST_ANSWERS);
}

function agree(answered: readonly SrvAnswer[]): boolean {
  return new Set(answered.map((each) => contentOf(each)?.key)).size <= 1;
}
