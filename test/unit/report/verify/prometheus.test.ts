import { register } from "prom-client";
import { describe, expect, it } from "vitest";
import { renderVerifyPrometheus } from "../../../../src/report/verify/prometheus.ts";
import { domain, isServing, listed, lists, record, says } from "../../verdict/builders.ts";
import { reportOf, scenes } from "../check/scenes.ts";
import { result, verificationOf, verifyScenes } from "./scenes.ts";

const report = scenes["all-serving"];
const RUN = 'policy="KMS after the change",place="jump"';

async function linesOf(name: string, ...args: Parameters<typeof verificationOf>): Promise<string[]> {
  const text = await renderVerifyPrometheus(verificationOf(...args));
  return text.split("\n").filter((line) => new RegExp(`^${name}[ {]`).test(line));
}

// A parser of Prometheus' own looks at the whole in test/integration/verify-prometheus.test.ts.
describe("the metrics of a verification", () => {
  it("leave prom-client's own registry alone", async () => {
    await renderVerifyPrometheus(verifyScenes.everything);
    await renderVerifyPrometheus(verifyScenes.everything);
    expect(await register.metrics()).toBe("\n");
  });

  it.each([
    ["it is met", [result()], {}, 1],
    ["one warns", [result({ status: "failed", level: "warning" })], {}, 1],
    ["one fails", [result({ status: "failed" })], {}, 0],
    ["one could not be checked", [result({ status: "error" })], {}, 0],
    ["it was interrupted", [result()], { interrupted: true }, 0],
  ])("say of a run where %s %#", async (_, results, over, value) => {
    expect(await linesOf("kms_verify_success", report, results, over)).toEqual([
      `kms_verify_success{${RUN}} ${value}`,
    ]);
  });

  it("have no series for what is for other places, and none where nothing was asked", async () => {
    const results = [result({ id: "a", status: "skipped" }), result({ id: "b", status: "error" })];
    expect(await linesOf("kms_verify_expectation_success", report, results)).toEqual([
      `kms_verify_expectation_success{${RUN},id="b",kind="serve",source=""} 0`,
    ]);
    expect(await linesOf("kms_srv_records", scenes.interrupted, [])).toEqual([]);
    expect(await linesOf("kms_baseline_changes", report, [])).toEqual([]);
  });

  it("are bounded in number, and say how many were left out", async () => {
    const hosts = Array.from({ length: 900 }, (_, index) => listed(index + 1, isServing));
    const records = hosts.map(({ endpoint: { host } }) => record(host));
    const many = reportOf([domain([says(lists(records))], hosts)]);
    expect(await linesOf("kms_probe_stage_success", many, [])).toHaveLength(2_000);
    expect(await linesOf("kms_verify_series_dropped", many, [])).toEqual([
      `kms_verify_series_dropped{${RUN}} 700`,
    ]);
  });
});
