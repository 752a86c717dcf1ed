/**
 * The one way from lines to the report: of a single run, or of all shards. Lines may come in any order and more than
 * once. What is kept of them are joins (a set, the best of several), so that order can't matter.
 */
import { createHold, hostOrder } from "./hold.ts";
import type { EndLine, MeasuredLine, MiddleboxLine, StartLine, SweepLine, SweepReport } from "./model.ts";
import { reportOf } from "./report.ts";
import { byNet } from "./subnets.ts";
import { compare, joinEnds, joinMeasured } from "./union.ts";

/** Hosts that do not serve, while lines come in: about 250 MB. Those behind a middlebox are among them. */
const MAX_HELD = 100_000;

/** Settings without which two runs would have seen the same. */
const JUDGING = ["timeoutMs", "retries", "rpcTimeoutMs", "count"] as const;

/** Why a line is not one of this sweep. */
export type Foreign = "other-plan" | "other-division" | "impossible-shard";

export type Assembly = {
  /** Null where the line is taken. The first start or end line says which sweep this is, and in how many shards. */
  add: (line: SweepLine) => Foreign | null;
  /** Every line that the report is made of, once, in an order of its own. The same assembly comes out of them. */
  lines: () => Generator<SweepLine>;
  /** Needs a start line at least. */
  report: () => SweepReport;
  /** What a reader of the report should know and can't see in it. */
  notes: () => string[];
};

/**
 * The report that all lines of one sweep come to.
 * @throws Error where they are of several
 */
export function assemble(lines: Iterable<SweepLine>): SweepReport {
  const assembly = createAssembly();
  for (const line of lines) {
    const fault = assembly.add(line);
    if (fault !== null) throw new Error(`the lines are not of one sweep: ${fault}`);
  }
  return assembly.report();
}

/** @param limit of hosts that do not serve, held at a time */
export function createAssembly(limit = MAX_HELD): Assembly {
  const starts = new Map<string, StartLine>();
  const hold = createHold(limit);
  const measured = new Map<string, MeasuredLine>();
  const middleboxes = new Map<string, MiddleboxLine>();
  const ends = new Map<number, EndLine>();
  let first: { digest: string; count: number } | null = null;

  const add = (line: SweepLine): Foreign | null => {
    const fault = foreign(line);
    if (fault !== null) return fault;
    switch (line.type) {
      case "start": {
        const { startedAt, ...rest } = line;
        const key = JSON.stringify(rest);
        const before = starts.get(key);
        if (before === undefined || startedAt < before.startedAt) starts.set(key, line);
        return null;
      }
      case "endpoint":
        hold.add(line);
        return null;
      case "measured": {
        const key = hostOrder(line.address, line.endpoint.port);
        const before = measured.get(key);
        measured.set(key, before === undefined ? line : joinMeasured(before, line));
        return null;
      }
      case "middlebox":
        middleboxes.set(JSON.stringify(line), line);
        return null;
      case "end": {
        const before = ends.get(line.shard.index);
        ends.set(line.shard.index, before === undefined ? line : joinEnds(before, line));
        return null;
      }
      default:
        return line satisfies never;
    }
  };

  const foreign = (line: SweepLine): Foreign | null => {
    if (line.type !== "start" && line.type !== "end") return null;
    const digest = line.type === "start" ? line.plan.digest : line.plan;
    const { index, count } = line.shard;
    if (index > count) return "impossible-shard";
    first ??= { digest, count };
    if (first.digest !== digest) return "other-plan";
    return first.count === count ? null : "other-division";
  };

  const orderedStarts = (): StartLine[] =>
    Array.from(starts)
      .toSorted(
        ([a, { startedAt: since }], [b, { startedAt: after }]) => compare(since, after) || compare(a, b),
      )
      .map(([, line]) => line);
  const orderedEnds = (): EndLine[] => [...ends.values()].toSorted((a, b) => a.shard.index - b.shard.index);
  const orderedMiddleboxes = (): MiddleboxLine[] =>
    Array.from(middleboxes)
      .toSorted(([a, one], [b, other]) => byNet(one, other) || compare(a, b))
      .map(([, line]) => line);

  return {
    add,
    *lines() {
      yield* orderedStarts();
      for (const held of hold.all()) yield held.line();
      yield* Array.from(measured)
        .toSorted(([a], [b]) => compare(a, b))
        .map(([, line]) => line);
      yield* orderedMiddleboxes();
      yield* orderedEnds();
    },
    report() {
      const held = hold.all();
      return reportOf({
        starts: orderedStarts(),
        held,
        full: hold.full,
        measured,
        middleboxes: orderedMiddleboxes(),
        ends: orderedEnds(),
      });
    },
    notes() {
      const [one, ...others] = orderedStarts();
      const differing = JUDGING.filter((name) =>
        others.some(({ settings }) => settings[name] !== one?.settings[name]),
      );
      const unlike = `the runs differ in ${differing.join(", ")}: what one of them calls silent, another may have waited for`;
      const left = `more than ${limit} addresses that do not serve have a line: those beyond are counted by subnet only, and in a comparison with DNS they pass for not swept`;
      return [...(differing.length > 0 ? [unlike] : []), ...(hold.full ? [left] : [])];
    },
  };
}
