/** The same evidence through `check`, `verify` and `compare`: one conclusion, whoever draws it. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare } from "../../../src/compare/compare.ts";
import type { Comparison } from "../../../src/compare/comparison.ts";
import type { Conclusion } from "../../../src/model/conclusion.ts";
import type { Evidence } from "../../../src/model/evidence.ts";
import type { Report } from "../../../src/model/report.ts";
import type { Network } from "../../../src/model/source.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { renderJson } from "../../../src/report/check/json.ts";
import { renderText } from "../../../src/report/check/text.ts";
import { renderVerifyJson } from "../../../src/report/verify/json.ts";
import { renderVerifyText } from "../../../src/report/verify/text.ts";
import { reportOf } from "../../../src/run/check.ts";
import { DEFAULT_SETTINGS } from "../../../src/run/settings.ts";
import type { Verification } from "../../../src/verify/model.ts";
import { readReport } from "../../../src/compare/reading.ts";
import { runs } from "../runs.ts";
import { anyEvidence } from "../verdict/arbitrary.ts";
import { isRefused, isServing, isSilent, listed, zone } from "../verdict/builders.ts";
import { policyOf } from "../verify/policies.ts";
import { verificationIn } from "../verify/worlds.ts";

const SOURCES = ["hq0", "vpn0", "branch0"] as const;
const NETWORKS: Network[] = [{ name: "servers", cidr: "10.1.0.0/24" }];
const PRINTED = { color: false, verbose: true, width: 100 };

const POLICY = policyOf(`version: 1
domains: corp.example
expect:
  - serve: {}
    from: [hq0, vpn0, branch0]
`);

/** As `check` makes it, and `verify` in the middle of its own. */
function checked(evidence: readonly Evidence[], sources: readonly string[]): Report {
  const request = {
    settings: DEFAULT_SETTINGS,
    networks: NETWORKS,
    configuration: null,
    sources: sources.map((label) => {
      return { label, ipv4: null, ipv6: null, interface: label, link: "ethernet" as const };
    }),
  };
  const run = { startedAt: "2026-01-02T03:04:05.678Z", elapsedMs: 1, interrupted: false };
  return reportOf(evidence, request, run);
}

function verified(evidence: readonly Evidence[]): Verification {
  const report = checked(evidence, SOURCES);
  return verificationIn({ targets: evidence, report }, POLICY);
}

/** Of what was written to files. */
function compared(files: Readonly<Record<string, string>>): Comparison {
  const reports = Object.entries(files).map(([label, text]) => {
    const reading = readReport(text);
    if (!reading.ok) throw new Error(reading.fault);
    return { file: `${label}.json`, label, report: reading.report };
  });
  return compare(reports, [], "0.1.0");
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ");

/** Evidence of one suffix from three sources, which may contradict itself in every way. */
const anyRun: fc.Arbitrary<Evidence[]> = fc.tuple(anyEvidence, anyEvidence, anyEvidence).map((all) =>
  all.map((evidence, index) => ({
    ...evidence,
    source: SOURCES[index] ?? null,
    target: { kind: "domain" as const, domain: "corp.example", source: "the command line" },
  })),
);

/** Three looks at two hosts, each in one of few ways: they meet, and differ. */
const MAKES = [isServing, isSilent, isRefused] as const;
const plainRun: fc.Arbitrary<Evidence[]> = fc
  .array(fc.tuple(fc.constantFrom(...MAKES), fc.constantFrom(...MAKES)), { minLength: 3, maxLength: 3 })
  .map((looks) =>
    looks.map((makes, index) => {
      const via = { address: `10.7.${index}.9`, interface: "eth0", link: "ethernet" as const, owner: null };
      const hosts = makes.map((make, at) => listed(at + 1, (over) => make({ ...over, via })));
      return { ...zone(hosts), source: SOURCES[index] ?? null };
    }),
  );
const eitherRun = fc.oneof(anyRun, plainRun);

function verdictsFrom({ diagnoses }: Report, source: string | null): Verdict[] {
  return diagnoses
    .filter((diagnosis) => diagnosis.source === source)
    .flatMap(({ verdict, endpoints }) => [
      verdict,
      ...endpoints.flatMap((host) => [host.verdict, ...host.attempts.map((attempt) => attempt.verdict)]),
    ]);
}

/** How to look from there is told by `--source` only where the place is a source. */
function withoutSource(conclusions: readonly Conclusion[]): Conclusion[] {
  return conclusions.map((each) => ({ ...each, text: each.text.replaceAll(/ --source \w+$/g, "") }));
}

describe("the same evidence", { timeout: 120_000 }, () => {
  it("comes to the same in check, in verify, and in a comparison of what either wrote", () => {
    fc.assert(
      fc.property(eitherRun, (evidence) => {
        const report = checked(evidence, SOURCES);
        const verification = verified(evidence);
        expect(report.conclusions.length).toBeGreaterThan(0);
        expect(verification.report.conclusions).toEqual(report.conclusions);
        expect(compared({ check: renderJson(report) }).conclusions).toEqual(report.conclusions);
        expect(compared({ verify: renderVerifyJson(verification) }).conclusions).toEqual(report.conclusions);
      }),
      { seed: 1688, numRuns: runs(200) },
    );
  });

  it("comes to the same in one report of three sources and in three reports of one", () => {
    fc.assert(
      fc.property(eitherRun, (evidence) => {
        const together = compared({ all: renderJson(checked(evidence, SOURCES)) });
        const files = evidence.map((each, index) => {
          const from = { host: `machine${index}`, platform: "linux" };
          return [SOURCES[index] ?? "", renderJson({ ...checked([{ ...each, source: null }], []), from })];
        });
        const apart = compared(Object.fromEntries(files));
        expect(withoutSource(apart.conclusions)).toEqual(withoutSource(together.conclusions));
        expect([apart.serving, apart.differences]).toEqual([together.serving, together.differences]);
      }),
      { seed: 1689, numRuns: runs(200) },
    );
  });

  it("has the same causes under an expectation that fails as under the host", () => {
    let failing = 0;
    fc.assert(
      fc.property(eitherRun, (evidence) => {
        const { results, report } = verified(evidence);
        for (const { source, details } of results) {
          const said = verdictsFrom(report, source).map(({ code, causes }) => ({ code, causes }));
          for (const { code, causes, holds } of details) {
            if (holds || code === null) continue;
            failing++;
            expect(said).toContainEqual({ code, causes });
          }
        }
      }),
      { seed: 1690, numRuns: runs(200) },
    );
    expect(failing).toBeGreaterThan(20);
  });

  it("is printed in the same sentences", () => {
    fc.assert(
      fc.property(plainRun, (evidence) => {
        const report = checked(evidence, SOURCES);
        const texts = [renderText(report, PRINTED), renderVerifyText(verified(evidence), PRINTED)];
        for (const text of texts.map(oneLine))
          for (const { text: sentence } of report.conclusions) expect(text).toContain(sentence);
      }),
      { seed: 1691, numRuns: runs(100) },
    );
  });
});
