import { describe, expect, it } from "vitest";
import type { Report } from "../../../../src/model/report.ts";
import { lookSeries } from "../../../../src/report/serve/metrics.ts";
import { reportOf } from "../../../../src/run/check.ts";
import type { CheckRequest } from "../../../../src/run/check.ts";
import { lookOf } from "../../../../src/run/serve/look.ts";
import { scenes } from "../../report/check/scenes.ts";

const LABELS = { place: "hq", target: "t", module: "kms" };

function requestOf({ sources, networks, settings }: Report): CheckRequest {
  const nothing = { domains: [], noSuffix: null, hosts: null, resolvers: [], suffixes: [] };
  return { ...nothing, configuration: null, sources, networks, settings, concurrency: "auto" };
}

/** All diagnoses of a run together, and each as the only one: an exporter has one target a look. */
const runs = Object.entries(scenes).flatMap(([name, scene]) => [
  { name, scene, evidence: scene.diagnoses },
  ...scene.diagnoses.map((each, index) => ({ name: `${name}, ${index} alone`, scene, evidence: [each] })),
]);

describe("the figures of a look", () => {
  it.each(runs)("are those of the report of the same evidence: $name", ({ scene, evidence }) => {
    const request = requestOf(scene);
    const { startedAt, elapsedMs, interrupted } = scene;
    const run = { startedAt, elapsedMs, interrupted };
    const look = lookOf({ evidence, run }, request);
    const report = reportOf(evidence, request, run);
    expect(look.requirement).toEqual(report.requirement);
    expect(
      look.diagnoses.map(({ verdict, outlook, endpoints }) => ({ verdict, outlook, endpoints })),
    ).toEqual(report.diagnoses.map(({ verdict, outlook, endpoints }) => ({ verdict, outlook, endpoints })));
    expect([...lookSeries(look, LABELS)]).toEqual([...lookSeries(report, LABELS)]);
  });

  it("come with the report, which is made once", async () => {
    const scene = scenes["two-sources"];
    const { startedAt, elapsedMs, interrupted, diagnoses } = scene;
    const look = lookOf(
      { evidence: diagnoses, run: { startedAt, elapsedMs, interrupted } },
      requestOf(scene),
    );
    const report = await look.report();
    expect(report.verdict).toEqual(scene.verdict);
    expect(await look.report()).toBe(report);
  });
});
