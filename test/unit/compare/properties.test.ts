import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare } from "../../../src/compare/compare.ts";
import { comparisonSchema } from "../../../src/compare/comparison.ts";
import type { Comparison } from "../../../src/compare/comparison.ts";
import type { ReadReport } from "../../../src/compare/reading.ts";
import { anyEvidence } from "../verdict/arbitrary.ts";
import { reportOf } from "../report/check/scenes.ts";
import { anyReport, oneSource } from "./arbitrary.ts";
import { read } from "./reports.ts";
import { runs } from "../runs.ts";

const SEED = 1688;
const RUNS = runs(100);
const NETWORKS = [{ name: "servers", cidr: "10.30.0.0/24" }];

function compareAll(reports: Readonly<Record<string, ReadReport>>): Comparison {
  const labelled = Object.entries(reports).map(([label, report]) => ({ file: "any.json", label, report }));
  return compare(labelled, NETWORKS, "0.1.0");
}

/** The same, whatever the order of the places: lists of places sorted, sentences as bags of words. */
function unordered(value: unknown, key = ""): unknown {
  if (typeof value === "string") return key === "text" ? value.split(/[\s,;:.]+/).toSorted() : value;
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => unordered(item));
    return items.map((item) => JSON.stringify(item)).toSorted();
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, unordered(item, name)]));
}

describe("a comparison of any reports", () => {
  it("never throws, and is what its schema says", () => {
    fc.assert(
      fc.property(fc.array(anyReport, { minLength: 1, maxLength: 4 }), (files) => {
        const reports = Object.fromEntries(files.map((file, index) => [`p${index}`, read(file)]));
        const comparison = compareAll(reports);
        expect(comparisonSchema.safeParse(comparison).error).toBeUndefined();
        expect(comparison.conclusions.length).toBeGreaterThan(0);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  }, 30_000);

  it("takes every report that a check can write", () => {
    fc.assert(
      fc.property(
        fc.array(anyEvidence, { maxLength: 2 }),
        fc.array(anyEvidence, { maxLength: 2 }),
        (one, two) => {
          const comparison = compareAll({ a: read(reportOf(one)), b: read(reportOf(two)) });
          expect(comparisonSchema.safeParse(comparison).error).toBeUndefined();
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
  }, 30_000);

  it("is the same in any order of the places", () => {
    fc.assert(
      fc.property(oneSource, oneSource, oneSource, (one, two, three) => {
        const [a, b, c] = [read(one), read(two), read(three)];
        const forth = compareAll({ office: a, vpn: b, branch: c });
        const back = compareAll({ branch: c, vpn: b, office: a });
        const turned = compareAll({ vpn: b, office: a, branch: c });
        expect(unordered(back)).toEqual(unordered(forth));
        expect(unordered(turned)).toEqual(unordered(forth));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  }, 30_000);

  it("of a report with itself differs in nothing", () => {
    fc.assert(
      fc.property(oneSource, (file) => {
        const report = read(file);
        const { differences, serving } = compareAll({ a: report, b: report, c: report });
        expect({ differences, serving }).toEqual({ differences: [], serving: "same" });
      }),
      { seed: SEED, numRuns: RUNS },
    );
  }, 30_000);

  it("never sets a place apart from its double, several sources or not", () => {
    fc.assert(
      fc.property(anyReport, (file) => {
        const report = read(file);
        const { differences } = compareAll({ a: report, b: report });
        for (const difference of differences) {
          if (difference.kind !== "serving") continue;
          const fails = difference.fails.map(({ place }) => place);
          const twins = difference.serves.map((label) =>
            label.replace(/^[ab]/, (side) => (side === "a" ? "b" : "a")),
          );
          expect(fails.filter((place) => twins.includes(place))).toEqual([]);
        }
      }),
      { seed: SEED, numRuns: RUNS },
    );
  }, 30_000);

  it("says that what serves differs exactly where a difference says so", () => {
    fc.assert(
      fc.property(oneSource, oneSource, (one, two) => {
        const { differences, serving, conclusions } = compareAll({ a: read(one), b: read(two) });
        const felt = differences.some(({ kind }) => kind === "serving" || kind === "domain");
        expect(serving).toBe(felt ? "differs" : "same");
        const nothing = conclusions.some(
          ({ rule }) => rule === "nothing-differs" || rule === "nothing-in-common",
        );
        expect(nothing).toBe(differences.length === 0);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  }, 30_000);
});
