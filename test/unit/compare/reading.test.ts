import { describe, expect, expectTypeOf, it } from "vitest";
import { readReport } from "../../../src/compare/reading.ts";
import type { ReadReport } from "../../../src/compare/reading.ts";
import type { Report } from "../../../src/model/report.ts";
import { scenes } from "../report/check/scenes.ts";
import { verifyScenes } from "../report/verify/scenes.ts";
import { attempt, diagnosis, endpoint, report } from "./reports.ts";
import type { ReportFile } from "./reports.ts";

function fault(file: unknown): string {
  const reading = readReport(typeof file === "string" ? file : JSON.stringify(file));
  return reading.ok ? "none" : reading.fault;
}

const one = report([diagnosis([endpoint("kms1", [attempt("10.0.0.1", "rpc-serves")])])]);

describe("reading a report", () => {
  it("takes every report that this version writes, and nothing of it but what it needs", () => {
    expectTypeOf<Report>().toExtend<ReportFile>();
    for (const scene of Object.values(scenes)) {
      const reading = readReport(JSON.stringify(scene));
      expect(reading).toMatchObject({ ok: true });
    }
  });

  it("takes the report that a verification has in it", () => {
    const reading = readReport(JSON.stringify(verifyScenes["two-sources"]));
    expect(reading).toEqual(readReport(JSON.stringify(verifyScenes["two-sources"].report)));
    expect(reading).toMatchObject({ ok: true, report: { sources: [{ label: "eth0" }, { label: "wg0" }] } });
    expect(fault({ kind: "verification", report: null })).toContain("no report");
  });

  it("takes a newer minor: unknown fields, codes, outcomes and severities", () => {
    const newer = {
      ...one,
      schemaVersion: "1.42",
      novelty: { deep: [1] },
      diagnoses: [
        diagnosis([
          {
            ...endpoint("kms1", [
              attempt("10.0.0.1", "rpc-serves", {
                tcp: { outcome: "proxied" },
                verdict: { code: "quic-serves", layer: "quic", severity: "splendid", serves: true },
              }),
            ]),
          },
        ]),
      ],
    };
    const reading = readReport(JSON.stringify(newer));
    expect(reading).toMatchObject({
      ok: true,
      report: {
        schemaVersion: "1.42",
        diagnoses: [
          {
            endpoints: [
              { attempts: [{ verdict: { code: "quic-serves", severity: "inconclusive", serves: true } }] },
            ],
          },
        ],
      },
    });
    expect(JSON.stringify(reading)).not.toContain("novelty");
  });

  it("takes an older report, without sources and networks", () => {
    const { sources: _, networks: __, ...older } = one;
    const diagnoses = older.diagnoses.map(({ source: ___, ...rest }) => rest);
    const reading = readReport(JSON.stringify({ ...older, diagnoses }));
    const expected: Partial<ReadReport> = { sources: [], networks: [] };
    expect(reading).toMatchObject({ ok: true, report: { ...expected, diagnoses: [{ source: null }] } });
  });

  it("passes over a network of the report that is no subnet", () => {
    const networks = [
      { name: "hq", cidr: "10.0.0.0/8" },
      { name: "odd", cidr: "10.0.0.0/64" },
    ];
    expect(readReport(JSON.stringify({ ...one, networks }))).toMatchObject({
      ok: true,
      report: { networks: [{ name: "hq" }] },
    });
  });

  it("takes a byte order mark", () => {
    expect(fault(`\uFEFF${JSON.stringify(one)}`)).toBe("none");
  });

  it.each([
    ["nothing", "", "is empty"],
    ["blanks", "  \n", "is empty"],
    ["text", "kms1 serves", "is not JSON: write the report with --format json"],
    ["NDJSON", '{"type":"endpoint"}\n{"type":"run"}\n', "is NDJSON: write the report with --format json"],
    ["a part", JSON.stringify(one).slice(0, -20), "is cut short: the JSON ends too early"],
    ["a list", "[]", "is JSON, but no report: it has no schemaVersion"],
    ["null", "null", "is JSON, but no report: it has no schemaVersion"],
    [
      "a version that is a number",
      { ...one, schemaVersion: 1 },
      "is JSON, but no report: it has no schemaVersion",
    ],
    ["another major", { ...one, schemaVersion: "2.0" }, "has schemaVersion 2.0: this kmsprobe reads 1.x"],
    ["half a version", { ...one, schemaVersion: "1" }, "has schemaVersion 1: this kmsprobe reads 1.x"],
    [
      "lines of a sweep",
      '{"type":"start","schemaVersion":"1.0"}\n{"type":"end"}\n',
      "is NDJSON of a sweep: kmsprobe merge shows it",
    ],
    [
      "a log of watch",
      '{"type":"start","at":"2026-10-20T10:00:00Z"}\n{"type":"end"}\n',
      "is a log of watch, which has events and no report",
    ],
    ["no date", { ...one, startedAt: "yesterday" }, "is no report: startedAt: Invalid ISO datetime"],
  ])("says what is wrong with %s", (_, file, expected) => {
    expect(fault(file)).toBe(expected);
  });

  it.each([
    ["compare", { kind: "comparison" }],
    ["sweep", { from: [], plan: {}, coverage: {} }],
    ["explain", { pieces: [], codes: [] }],
  ])("names a report of %s as one, and who shows it", (of, has) => {
    expect(fault({ schemaVersion: "1.0", ...has })).toBe(
      `is a report of ${of}, which kmsprobe show shows: only those of check and verify are compared`,
    );
  });

  it("says where in the JSON", () => {
    const broken = {
      ...one,
      diagnoses: [{ ...one.diagnoses[0], endpoints: [{ endpoint: { host: "a", port: "x" } }] }],
    };
    expect(fault(broken)).toBe(
      "is no report: diagnoses[0].endpoints[0].endpoint.port: Invalid input: expected number, received string",
    );
  });

  it("survives depth and breadth", () => {
    expect(fault("[".repeat(100_000))).toMatch(/^is not JSON/);
    expect(fault(`${"[".repeat(5_000)}${"]".repeat(5_000)}`)).toMatch(/^is JSON, but no report/);
  });
});
