/** Whatever the network, the shards and the order: joined lines come to one and the same report. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, createAssembly } from "../../../src/sweep/assemble.ts";
import { sweepLineSchema, sweepReportSchema } from "../../../src/sweep/model.ts";
import type { SweepLine, SweepReport } from "../../../src/sweep/model.ts";
import type { Ending } from "./worlds.ts";
import { anyWorld, linesOf } from "./worlds.ts";
import { runs } from "../runs.ts";

const RUNS = { seed: 1688, numRuns: runs(150) };

/** The lines that come out of joined lines, through JSON and the check of the reader. */
function merged(...parts: readonly SweepLine[][]): SweepLine[] {
  const assembly = createAssembly();
  expect(parts.flat().filter((line) => assembly.add(line) !== null)).toEqual([]);
  return Array.from(assembly.lines(), (line) => sweepLineSchema.parse(JSON.parse(JSON.stringify(line))));
}

/** What does not say in how many parts it was looked at. */
function seen({ hosts, middleboxes, subnets, totals, serving, hostsDropped, coverage }: SweepReport) {
  const { planned, covered, complete } = coverage;
  return { hosts, middleboxes, subnets, totals, serving, hostsDropped, planned, covered, complete };
}

/** A sweep in shards: some of them missing, killed or interrupted, some told twice. */
const anyShards: fc.Arbitrary<SweepLine[][]> = fc
  .record({
    world: anyWorld,
    endings: fc.array(
      fc.constantFrom<(Ending | "missing")[]>("ended", "ended", "killed", "interrupted", "missing"),
      {
        minLength: 1,
        maxLength: 5,
      },
    ),
    again: fc.nat(4),
  })
  .map(({ world, endings, again }) => {
    const parts = endings.flatMap((ending, index) =>
      ending === "missing" ? [] : [linesOf(world, index + 1, endings.length, ending)],
    );
    const whole = linesOf(world, (again % endings.length) + 1, endings.length);
    return [...parts, whole];
  });

const shuffledShards = anyShards.chain((parts) =>
  fc.record({
    parts: fc.constant(parts),
    files: fc.shuffledSubarray(parts, { minLength: parts.length }),
    lines: fc.shuffledSubarray(parts.flat(), { minLength: parts.flat().length }),
  }),
);

describe("joining the lines of a sweep", { timeout: 120_000 }, () => {
  it("of all shards is the report of the whole", () => {
    fc.assert(
      fc.property(anyWorld, fc.integer({ min: 2, max: 6 }), (world, count) => {
        const shards = Array.from({ length: count }, (_, index) => linesOf(world, index + 1, count));
        const joined = assemble(shards.flat());
        expect(seen(joined)).toEqual(seen(assemble(linesOf(world))));
        expect(joined.coverage.complete).toBe(true);
      }),
      RUNS,
    );
  });

  it("gives what the schema says", () => {
    fc.assert(
      fc.property(anyShards, (parts) => {
        const report = assemble(parts.flat());
        expect(sweepReportSchema.parse(report)).toEqual(report);
      }),
      RUNS,
    );
  });

  it("does not depend on the order of files or of lines", () => {
    fc.assert(
      fc.property(shuffledShards, ({ parts, files, lines }) => {
        const report = assemble(parts.flat());
        expect(assemble(files.flat())).toEqual(report);
        expect(assemble(lines)).toEqual(report);
      }),
      RUNS,
    );
  });

  it("changes nothing the second time, be it of the files or of what came out", () => {
    fc.assert(
      fc.property(anyShards, (parts) => {
        const report = assemble(parts.flat());
        const out = merged(...parts);
        expect(assemble([...parts.flat(), ...parts.flat()])).toEqual(report);
        expect(assemble(out)).toEqual(report);
        expect(merged(out)).toEqual(out);
        expect(merged(out, ...parts)).toEqual(out);
      }),
      RUNS,
    );
  });

  it("may go in steps, however they are taken", () => {
    fc.assert(
      fc.property(shuffledShards, fc.nat(5), ({ parts, files }, at) => {
        const all = merged(...parts);
        const [left, right] = [files.slice(0, at), files.slice(at)];
        expect(merged(merged(...left), merged(...right))).toEqual(all);
        expect(merged(merged(...left), ...right)).toEqual(all);
      }),
      RUNS,
    );
  });

  it("never says that a sweep is complete that is not, and accounts for every address", () => {
    fc.assert(
      fc.property(anyShards, (parts) => {
        const { coverage } = assemble(parts.flat());
        const left = coverage.gaps.reduce((sum, { addresses }) => sum + addresses, 0);
        expect(coverage.covered + left).toBe(coverage.planned);
        expect(coverage.complete).toBe(left === 0);
      }),
      RUNS,
    );
  });
});
