/** What joined lines come to. Pure: the same lines, the same report. */
import type { EndpointDiagnosis } from "../model/diagnosis.ts";
import { comparedLines } from "./behind.ts";
import { addCounts, connects, isServing, sumOf } from "./counts.ts";
import { coverageOf } from "./coverage.ts";
import { byWorth } from "./hold.ts";
import type { Held } from "./hold.ts";
import { foldMiddleboxes } from "./middlebox.ts";
import type {
  EndLine,
  EndpointLine,
  MeasuredLine,
  MiddleboxLine,
  Shard,
  StartLine,
  SweepHost,
  SweepReport,
} from "./model.ts";
import { reconcile } from "./reconcile.ts";
import { addSubnets } from "./subnets.ts";
import { addSlowdowns, compare, unitePermitted, unitePublished } from "./union.ts";

/** Hosts that do not serve, in one report. */
const MAX_OTHER_HOSTS = 10_000;

/** Each line once, in order. One end line a shard; a killed one has none. */
export type Lines = {
  starts: readonly StartLine[];
  held: readonly Held[];
  /** Hosts that do not serve may be missing among the held ones. */
  full: boolean;
  /** By the `order` of its host. */
  measured: ReadonlyMap<string, MeasuredLine>;
  middleboxes: readonly MiddleboxLine[];
  ends: readonly EndLine[];
};

/** @throws Error without a start line */
export function reportOf({ starts, held, full, measured, middleboxes: said, ends }: Lines): SweepReport {
  const [start] = starts;
  if (start === undefined) throw new Error("no line says which sweep this is");
  const shards = shardsOf(starts, ends);
  const subnets = addSubnets(ends.map((end) => end.subnets));
  const totals = addCounts(subnets.map(({ counts }) => counts));
  const seen = held.map((each) => {
    return { ...each, diagnosis: () => diagnosisOf(each.line()) };
  });
  const { middleboxes, isBehind } = foldMiddleboxes(subnets, seen, said);
  const apart = held.filter((each) => !isBehind(each));
  const serving = apart.filter(({ serves }) => serves);
  const others = apart.filter(({ serves }) => !serves);
  const shown = others.toSorted(byWorth).slice(0, MAX_OTHER_HOSTS);
  const hosts = [...serving, ...shown].toSorted((a, b) => compare(a.order, b.order));
  const published = unitePublished(ends.map((end) => end.published));
  const permitted = unitePermitted(ends.map((end) => end.permitted));
  return {
    schemaVersion: "1.0",
    tool: start.tool,
    startedAt: start.startedAt,
    elapsedMs: Math.max(0, ...ends.map(({ elapsedMs }) => elapsedMs)),
    from: placesOf(starts),
    plan: start.plan,
    shards,
    settings: start.settings,
    ...defaultsOf(starts),
    interrupted: ends.some(({ interrupted }) => interrupted),
    coverage: coverageOf(start.plan, shards, new Map(ends.map((end) => [end.shard.index, end]))),
    unsent: ends.reduce((sum, end) => sum + end.unsent, 0),
    totals,
    serving: serving.length,
    hosts: hosts.map((each) => hostOf(each, measured.get(each.order))),
    hostsDropped: droppedOf(
      others,
      shown,
      full,
      sumOf(totals, (code) => connects(code) && !isServing(code)) - behindOf(middleboxes),
    ),
    middleboxes,
    subnets,
    slowdowns: addSlowdowns(ends.flatMap((end) => end.slowdowns)),
    reconcile:
      published === null && permitted === null
        ? null
        : reconcile(comparedLines(held, middleboxes, published, permitted), published, permitted),
  };
}

/** Hosts that connected and are not in the report. Where lines were left out on the way, the counts know how many. */
function droppedOf(others: readonly Held[], shown: readonly Held[], full: boolean, counted: number): number {
  return Math.max(connected(others), full ? counted : 0) - connected(shown);
}

function connected(hosts: readonly Held[]): number {
  return hosts.filter(({ code }) => connects(code)).length;
}

function behindOf(middleboxes: SweepReport["middleboxes"]): number {
  return middleboxes.reduce((sum, { counts }) => sum + sumOf(counts, (code) => !isServing(code)), 0);
}

function hostOf(held: Held, measured: MeasuredLine | undefined): SweepHost {
  const { type: _, ...host } = held.line();
  return { ...host, quiet: measured?.quiet ?? null, fingerprint: measured?.fingerprint ?? null };
}

function diagnosisOf(line: EndpointLine): EndpointDiagnosis {
  const { type: _, names: __, ...diagnosis } = line;
  return diagnosis;
}

function shardsOf(starts: readonly StartLine[], ends: readonly EndLine[]): Shard[] {
  const shards = new Map([...starts, ...ends].map(({ shard }) => [shard.index, shard]));
  return [...shards.values()].toSorted((a, b) => a.index - b.index);
}

/** Of several runs each may have had its own. */
function defaultsOf(starts: readonly StartLine[]): Pick<SweepReport, "defaults"> {
  const all = starts.flatMap(({ defaults = [] }) => defaults);
  const once = new Map(all.map((each) => [JSON.stringify(each), each]));
  return once.size === 0 ? {} : { defaults: [...once.values()] };
}

function placesOf(starts: readonly StartLine[]): SweepReport["from"] {
  const places = new Map(starts.map(({ from }) => [JSON.stringify([from.host, from.platform]), from]));
  return Array.from(places)
    .toSorted(([a], [b]) => compare(a, b))
    .map(([, from]) => from);
}
