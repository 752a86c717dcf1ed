/** A sweep in words: the same in the text report, in progress and in tests. */
import type { VerdictCode } from "../../model/verdict.ts";
import { connects, entriesOf, grouped, isServing } from "../../sweep/counts.ts";
import type {
  CodeCounts,
  Gap,
  ReconcileCode,
  Shard,
  Slowdown,
  SubnetCount,
  SweepReport,
} from "../../sweep/model.ts";
import { entryOf } from "../../verdict/catalog.ts";

/** After a number, and without a comma: the catalogue's titles stand alone. Of one address, and of several. */
const REASONS: Partial<Record<VerdictCode, readonly [one: string, several: string]>> = {
  "tcp-reset": ["resets at once", "reset at once"],
  "tcp-host-unreachable": ["unreachable", "unreachable"],
  "tcp-neighbour-silent": ["nobody there", "nobody there"],
  "tcp-local-resources": ["not tried (this machine ran out)", "not tried (this machine ran out)"],
  "tcp-no-local-address": ["not tried (no such family here)", "not tried (no such family here)"],
  "tcp-source-refused": ["not tried (not from that source)", "not tried (not from that source)"],
  "tcp-source-unusable": ["not tried (source interface unusable)", "not tried (source interface unusable)"],
  "tcp-proxy-failed": ["not reached by the proxy", "not reached by the proxy"],
  "rpc-no-answer": ["connects and stays silent", "connect and stay silent"],
  "rpc-closed": ["connects and closes", "connect and close"],
  "rpc-reset": ["connects and resets", "connect and reset"],
  "rpc-not-dcerpc": ["other service", "other services"],
  "rpc-malformed": ["answers garbled RPC", "answer garbled RPC"],
  "rpc-bind-nak": ["refuses the bind", "refuse the bind"],
  "rpc-fault": ["meets the bind with a fault", "meet the bind with a fault"],
  "rpc-interface-unknown": ["RPC without KMS", "RPC without KMS"],
  "rpc-syntax-refused": ["refuses the transfer syntax", "refuse the transfer syntax"],
  "rpc-accepts-anything": ["accepts any interface", "accept any interface"],
  "rpc-plain-bind-only": ["passes a plain bind only", "pass a plain bind only"],
  "rpc-serves": ["serves", "serve"],
};

/** What addresses with this verdict did, to follow their number: `12 refused`, `3 serve`, `1 serves`. */
export function reasonWords(code: VerdictCode, count = 2): string {
  const [one, several] = REASONS[code] ?? [entryOf(code).title, entryOf(code).title];
  return count === 1 ? one : several;
}

/** `254: 3 serve, 12 refused, 239 no answer`: what got furthest first. */
export function subnetSentence({
  planned,
  covered,
  counts,
}: Pick<SubnetCount, "planned" | "covered" | "counts">): string {
  const of = covered < planned ? `${grouped(covered)} of ${grouped(planned)}` : grouped(covered);
  return `${of}: ${countsSentence(counts)}`;
}

/** `3 serve, 12 refused, 239 no answer`. */
export function countsSentence(counts: CodeCounts): string {
  const furthest = entriesOf(counts).toReversed();
  return furthest.map(({ code, count }) => `${grouped(count)} ${reasonWords(code, count)}`).join(", ");
}

/** What a subnet of nothing else is, where many of them are told in one line. */
export function allOfOne(code: VerdictCode): string {
  return code === "tcp-no-answer" ? "no answer at all" : `all ${reasonWords(code)}`;
}

export const RECONCILE_TITLES = {
  "not-permitted-answering": "answers, and is not permitted",
  "published-dead": "published, and does not serve",
  "unpublished-answering": "answers, and is not published",
  "not-permitted-published": "published, and not permitted",
  "permitted-dead": "permitted, and does not serve",
  "permitted-unpublished": "permitted, and not published",
  "published-not-swept": "published, and not looked at",
  "permitted-not-swept": "permitted, and not looked at",
} as const satisfies Record<ReconcileCode, string>;

const SHORTAGES: Readonly<Record<string, string>> = {
  EMFILE: "ran out of descriptors",
  ENFILE: "ran out of descriptors",
  EADDRNOTAVAIL: "ran out of local ports",
  ENOBUFS: "ran out of buffers",
  ENOMEM: "ran out of memory",
};

/** `this machine ran out of descriptors (EMFILE) 12 times; slowed to 220 connections in flight; nothing was lost`. */
export function slowdownSentence({ cause, times, concurrency }: Slowdown): string {
  const often = times === 1 ? "once" : `${grouped(times)} times`;
  const what =
    cause === "conntrack"
      ? `the connection tracking of this machine was nearly full ${often}`
      : `this machine ${SHORTAGES[cause] ?? "could not keep up"} (${cause}) ${often}`;
  return `${what}; slowed to ${counted(concurrency, "connection", "connections")} in flight; nothing was lost`;
}

/**
 * `3 of 65,536 addresses answer as KMS hosts`, and what else is to be known at once.
 * @param joined by `merge`: then a shard that is missing is missing
 */
export function headline(report: SweepReport, joined = false): string {
  const { serving, coverage, middleboxes } = report;
  const { one, many, short } = unitOf(report);
  // Of a killed run we have hosts, and no number of addresses.
  const known = coverage.covered > 0 && coverage.gaps.every(({ why }) => why !== "shard-killed");
  const looked = known ? ` of ${counted(coverage.covered, one, many)}` : "";
  const found =
    serving === 0
      ? `${looked === "" ? `No ${one}` : `None${looked}`} answers as a KMS host`
      : `${grouped(serving)}${looked || (serving === 1 ? ` ${one}` : ` ${many}`)} ` +
        (serving === 1 ? "answers as a KMS host" : "answer as KMS hosts");
  const others = othersOf(report);
  const left = gapsOf(report, joined).reduce((sum, { addresses }) => sum + addresses, 0);
  const warnings = warningsOf(report);
  const devices = new Set(middleboxes.map(({ subnet }) => subnet)).size;
  return [
    found,
    ...(others > 0
      ? [`${grouped(others)} more ${others === 1 ? "connects" : "connect"} and would not serve`]
      : []),
    ...(devices > 0
      ? [`${counted(devices, "subnet is", "subnets are")} one device that accepts for all`]
      : []),
    ...(warnings > 0 ? [counted(warnings, "warning", "warnings")] : []),
    ...(left > 0 ? [`${counted(left, short.one, short.many)} not looked at`] : []),
  ].join(", ");
}

const ADDRESSES = { one: "address", many: "addresses" };
const PAIRS = { one: "pair", many: "pairs" };

/** What a sweep counts: the same address at two ports is looked at twice. `short`: where the long name was just said. */
function unitOf(report: SweepReport): { one: string; many: string; short: { one: string; many: string } } {
  if (!hasSeveralPorts(report)) return { ...ADDRESSES, short: ADDRESSES };
  return { one: "pair of address and port", many: "pairs of address and port", short: PAIRS };
}

/** Targets may bring ports of their own, and those of the others may not have been reached yet. */
export function hasSeveralPorts({ plan, subnets }: Pick<SweepReport, "plan" | "subnets">): boolean {
  return plan.ports.length > 1 || new Set(subnets.map(({ port }) => port)).size > 1;
}

/** Hosts that connect and do not serve, those beyond the report's limit included. */
function othersOf({ hosts, hostsDropped }: SweepReport): number {
  return hosts.filter(({ verdict }) => !verdict.serves && connects(verdict.code)).length + hostsDropped;
}

/** The one shard that a report is of, out of several. */
export function loneShardOf({ shards }: SweepReport): Shard | null {
  const [only, ...others] = shards;
  return only !== undefined && others.length === 0 && only.count > 1 ? only : null;
}

/**
 * What was to be looked at and was not: a shard alone has no gap where the others are elsewhere.
 * @param joined by `merge`, which was given all that there is
 */
export function gapsOf(report: SweepReport, joined = false): Gap[] {
  const alone = !joined && loneShardOf(report) !== null;
  return report.coverage.gaps.filter(({ why }) => !(alone && why === "shard-missing"));
}

export function warningsOf({ reconcile }: SweepReport): number {
  const findings = (reconcile?.rows ?? []).flatMap((row) => row.findings);
  return findings.filter(({ severity }) => severity === "warning").length;
}

/** Whether any address of these would serve. */
export function hasServing(counts: CodeCounts): boolean {
  return entriesOf(counts).some(({ code }) => isServing(code));
}

export function counted(number: number, one: string, many: string): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}
