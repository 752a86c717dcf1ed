import { describe, expect, it } from "vitest";
import { familyHead, labelPairs } from "../../../../src/report/serve/exposition.ts";
import { LOOK_METRICS, lookSeries } from "../../../../src/report/serve/metrics.ts";
import type { LookMetric } from "../../../../src/report/serve/metrics.ts";
import { domain, isServing, isSilent, listed, lists, record, says } from "../../verdict/builders.ts";
import { reportOf, scenes } from "../check/scenes.ts";

const LOOK = { place: "hq", target: "corp.example", module: "kms" };
const OF_LOOK = 'place="hq",target="corp.example",module="kms"';

function linesOf(name: LookMetric, report = scenes.mixed): string[] {
  return (lookSeries(report, LOOK).get(name) ?? "").split("\n").filter((line) => line !== "");
}

function labelsOf(name: string): readonly string[] {
  return Object.entries(LOOK_METRICS).find(([known]) => known === name)?.[1].labels ?? [];
}

describe("the series of a look", () => {
  it("have the labels of the look and those of the table, in order, and each stands once", () => {
    for (const report of Object.values(scenes)) {
      for (const [name, text] of lookSeries(report, LOOK)) {
        const lines = text.trimEnd().split("\n");
        const series = lines.map((line) => line.slice(0, line.lastIndexOf(" ")));
        expect(new Set(series).size).toBe(series.length);
        for (const each of series) {
          const labels = Array.from(each.matchAll(/(\w+)="/g), ([, label]) => label);
          expect(labels).toEqual([...Object.keys(LOOK), ...labelsOf(name)]);
        }
        for (const line of lines) expect(Number(line.slice(line.lastIndexOf(" ") + 1))).not.toBeNaN();
      }
    }
  });

  it("say what serves, and the verdict on each address", () => {
    const report = reportOf([
      domain(
        [says(lists([record("kms1.corp.example"), record("kms2.corp.example")]))],
        [listed(1, isServing), listed(2, isSilent)],
      ),
    ]);
    expect(linesOf("kms_probe_success", report)).toEqual([`kms_probe_success{${OF_LOOK}} 1`]);
    expect(linesOf("kms_source_hosts", report)).toEqual([
      `kms_source_hosts{${OF_LOOK},source="",state="listed"} 2`,
      `kms_source_hosts{${OF_LOOK},source="",state="serving"} 1`,
    ]);
    const host = (index: number): string =>
      `${OF_LOOK},source="",host="kms${index}.corp.example",port="1688",address="10.1.0.${index}"`;
    expect(linesOf("kms_host_serves", report)).toEqual([
      `kms_host_serves{${host(1)}} 1`,
      `kms_host_serves{${host(2)}} 0`,
    ]);
    expect(linesOf("kms_host_verdict", report)).toEqual([
      `kms_host_verdict{${host(1)},verdict="rpc-serves",certainty="certain"} 1`,
      `kms_host_verdict{${host(2)},verdict="tcp-no-answer",certainty="ambiguous"} 1`,
    ]);
    expect(linesOf("kms_host_tcp_connect_seconds", report)).toHaveLength(1);
  });

  it("of a look that was cut short say so, and nothing of what was not come to", () => {
    expect(linesOf("kms_probe_complete", scenes.interrupted)).toEqual([`kms_probe_complete{${OF_LOOK}} 0`]);
    const cut = linesOf("kms_host_verdict", scenes.interrupted).filter((line) =>
      line.includes("run-cut-short"),
    );
    const judged = linesOf("kms_host_serves", scenes.interrupted);
    expect(cut.length).toBeGreaterThan(0);
    for (const line of cut) {
      const [, host = "?"] = /host="([^"]+)"/.exec(line) ?? [];
      expect(judged.filter((each) => each.includes(`host="${host}"`))).toEqual([]);
    }
  });

  it("are bounded, whatever DNS lists, and say how many are missing", () => {
    const hosts = Array.from({ length: 600 }, (_, index) => listed(index + 1, isServing));
    const records = hosts.map(({ endpoint: { host } }) => record(host));
    const many = reportOf([domain([says(lists(records))], hosts)]);
    expect(linesOf("kms_host_serves", many)).toHaveLength(512);
    expect(linesOf("kms_probe_series_dropped", many)).toEqual([`kms_probe_series_dropped{${OF_LOOK}} 88`]);
  });
});

describe("the text format", () => {
  it("keeps names from the network inside their quotes", () => {
    expect(labelPairs({ a: 'x"} 1\nevil{b="\\', c: "\u0000\u202e\ud800" })).toBe(
      String.raw`a="x\"} 1\\u{a}evil{b=\"\\",c="\\u{0}\\u{202e}\\u{d800}"`,
    );
    expect(labelPairs({})).toBe("");
    expect(Buffer.byteLength(labelPairs({ a: "ü".repeat(10_000) }))).toBeLessThan(300);
    expect(labelPairs({ a: "x".repeat(256), b: "~ !#$[]^_" })).toBe(`a="${"x".repeat(256)}",b="~ !#$[]^_"`);
  });

  it("keeps a help text in its line", () => {
    expect(familyHead("m", "a \\ b\nc", "gauge")).toBe("# HELP m a \\\\ b\\nc\n# TYPE m gauge\n");
  });
});
