import type { Attempt, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { SocketAddress } from "../model/dns.ts";
import type { Verdict } from "../model/verdict.ts";
import { entryOf } from "../verdict/catalog.ts";
import type { Happening, Subject } from "./event.ts";
import { createLatency } from "./latency.ts";
import type { Latency } from "./latency.ts";
import { createTurns } from "./limit.ts";
import type { Turns } from "./limit.ts";
import { createPace } from "./pace.ts";
import type { Pace } from "./pace.ts";
import { createTimeline } from "./timeline.ts";
import type { Timeline } from "./timeline.ts";

/** What one look saw of one address of one host, or of a host or domain that has none. */
export type Sample = {
  key: string;
  subject: Subject;
  verdict: Verdict;
  /** Nothing could be checked: see `verdict/checked.ts`. */
  open: boolean;
  /** Null for a domain without hosts. */
  endpoint: EndpointDiagnosis | null;
  attempt: Attempt | null;
};

/** One line of the table: an address of a host, and all that is remembered of it. Of bounded size. */
export type Host = {
  readonly key: string;
  readonly subject: Subject;
  /** False once DNS lists it no more; it is not probed then. */
  listed: boolean;
  /** Resolvers that listed it when it was last found there. Empty for a host given by the user. */
  listedBy: readonly SocketAddress[];
  verdict: Verdict;
  /** ISO 8601: when the verdict became what it is. */
  since: string;
  /** The latest change, with the verdict's own words as its cause. Null before the first. */
  lastChange: { at: string; from: Verdict["code"]; to: Verdict["code"]; cause: string } | null;
  changes: number;
  /** Looks that count: not those that this machine itself spoilt. */
  rounds: number;
  served: number;
  /** TCP connects, and round trips of RPC where the bind is accepted. */
  readonly tcp: Latency;
  readonly rpc: Latency;
  readonly timeline: Timeline;
  readonly pace: Pace;
  /** Whether connects pass and meet silence by turns. */
  readonly turns: Turns;
  /** Whether it was told that they do. */
  limitTold: boolean;
  /** Evidence of the latest look, for the details. */
  latest: Sample;
};

/** `begunMs`: when the look began, where it took its time; it is no later than `nowMs`, when what it saw was known. */
export type Moment = { at: string; nowMs: number; begunMs?: number };

/** @param cellMs the time that one cell of its timeline stands for */
export function createHost(sample: Sample, cellMs: number, { at }: Moment): Host {
  return {
    key: sample.key,
    subject: sample.subject,
    listed: true,
    listedBy: [],
    verdict: sample.verdict,
    since: at,
    lastChange: null,
    changes: 0,
    rounds: 0,
    served: 0,
    tcp: createLatency(),
    rpc: createLatency(),
    timeline: createTimeline(cellMs),
    pace: createPace(),
    turns: createTurns(),
    limitTold: false,
    latest: sample,
  };
}

/** Takes one sample in. @returns the change, where the verdict is another than before */
export function updateHost(
  host: Host,
  sample: Sample,
  { at, nowMs, begunMs = nowMs }: Moment,
): Happening | null {
  const { verdict } = sample;
  const before = host.verdict;
  host.verdict = verdict;
  host.latest = sample;
  host.listed = true;
  // From start to start: the first look takes longest, and would make the first interval a short one.
  host.pace.record(begunMs);
  const listings = sample.endpoint?.listedBy ?? [];
  if (listings.length > 0) host.listedBy = listings.map(({ resolver }) => resolver);
  // What our own machine did to itself says nothing about the host.
  if (!entryOf(verdict.code).ours) {
    host.rounds += 1;
    if (verdict.serves) host.served += 1;
    host.timeline.record(nowMs, verdict.serves, recordLatency(host, sample.attempt));
    host.turns.record(sample.attempt, nowMs);
  }
  if (before.code === verdict.code) return null;
  host.since = at;
  host.changes += 1;
  host.lastChange = { at, from: before.code, to: verdict.code, cause: verdict.observed };
  return verdictHappening(sample, before.code);
}

/** What others have seen since may strike causes; the verdict stays, or a look of its own changes it. */
export function rejudgeHost(host: Host, sample: Sample): void {
  if (host.verdict.code !== sample.verdict.code) return;
  host.verdict = sample.verdict;
  host.latest = sample;
}

export function verdictHappening({ subject, verdict }: Sample, from: Verdict["code"] | null): Happening {
  const { code, severity, serves, observed } = verdict;
  return { kind: "verdict", subject, from, to: code, severity, serves, observed };
}

/** @returns the latency that stands for this look in the timeline: RPC where it is known, TCP otherwise */
function recordLatency(host: Host, attempt: Attempt | null): number | null {
  const tcpMs = attempt?.tcp.outcome === "ok" ? attempt.tcp.elapsedMs : null;
  if (tcpMs === null) host.tcp.breakSeries();
  else host.tcp.record(tcpMs);
  const rpcMs = rpcSamples(attempt);
  if (rpcMs.length === 0) host.rpc.breakSeries();
  for (const ms of rpcMs) host.rpc.record(ms);
  return rpcMs.at(-1) ?? tcpMs;
}

/** Round trips on the bound connection; the bind's own where none were asked for or came. */
function rpcSamples(attempt: Attempt | null): readonly number[] {
  const rpc = attempt?.rpc ?? null;
  if (rpc === null) return [];
  if (rpc.latency.samplesMs.length > 0) return rpc.latency.samplesMs;
  const bind = [rpc.bind, rpc.plain].find((each) => each?.answer.outcome === "ok");
  return bind?.answer.outcome === "ok" ? [bind.answer.elapsedMs] : [];
}

/** Share of the counted looks in which a client would not have been served; null before the first. */
export function lossOf({ rounds, served }: Host): number | null {
  return rounds === 0 ? null : (rounds - served) / rounds;
}
