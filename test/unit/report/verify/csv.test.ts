import { describe, expect, it } from "vitest";
import { renderVerifyCsv } from "../../../../src/report/verify/csv.ts";
import { parseCsv } from "../rfc4180.ts";
import { scenes } from "../check/scenes.ts";
import { change, detail, result, verificationOf } from "./scenes.ts";

const report = scenes["all-serving"];

function tableOf(...args: Parameters<typeof verificationOf>): Record<string, string>[] {
  const [head = [], ...rows] = parseCsv(renderVerifyCsv(verificationOf(...args)));
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ""])));
}

describe("the CSV of a verification", () => {
  it("has a row a detail that does not hold, and one a result without any", () => {
    const rows = tableOf(report, [
      result({
        id: "a",
        status: "failed",
        details: [detail(), detail({ about: "other" }), detail({ holds: true })],
      }),
      result({ id: "b", details: [detail({ holds: true })] }),
      result({ id: "c", status: "skipped" }),
    ]);
    expect(rows.map(({ id, status, about }) => [id, status, about])).toEqual([
      ["a", "failed", "kms2.corp.example:1688 at 10.1.0.2"],
      ["a", "failed", "other"],
      ["b", "met", ""],
      ["c", "skipped", ""],
    ]);
    expect(rows[0]).toMatchObject({
      kind: "serve",
      level: "error",
      source: "",
      code: "tcp-no-answer",
      certainty: "ambiguous",
      command: "permit tcp from 10.9.0.1 to 10.1.0.2 port 1688",
      policy: "policy.yaml",
      line: "7",
      column: "5",
      details_dropped: "0",
    });
  });

  it("has a row a change since the baseline", () => {
    const changes = [change(), change({ direction: "better", source: "wg0" })];
    const baseline = {
      file: "b.json",
      writtenAt: "2026-01-01T00:00:00.000Z",
      changes,
      unchanged: 3,
      notCompared: 0,
    };
    const rows = tableOf(report, [result()], { baseline });
    expect(
      rows.map(({ kind, status, level, source, expected, observed }) => [
        kind,
        status,
        level,
        source,
        expected,
        observed,
      ]),
    ).toEqual([
      ["serve", "met", "error", "", "all listed hosts serve", "3 of 3 hosts serve"],
      ["baseline", "worse", "error", "", "serves", "no answer"],
      ["baseline", "better", "", "wg0", "serves", "no answer"],
    ]);
  });

  it("defuses formulas, and begins no line with a text that is not ours", () => {
    const text = renderVerifyCsv(
      verificationOf(report, [result({ id: "::stop-commands::x", name: "=1+1", observed: "-1" })]),
    );
    expect(text.split("\r\n")[1]).toMatch(
      /^serve,::stop-commands::x,met,error,,'=1\+1,all listed hosts serve,'-1,/,
    );
  });

  it("keeps a long sentence whole", () => {
    const observed = "x".repeat(1_500);
    expect(tableOf(report, [result({ observed })])[0]?.["observed"]).toBe(observed);
  });
});
