import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ndjsonLines, endpointLine } from "../../../src/report/check/json.ts";
import { reportOf } from "../../../src/run/check.ts";
import { tellEarly } from "../../../src/run/early.ts";
import type { FoundEndpoint } from "../../../src/run/early.ts";
import { DEFAULT_SETTINGS } from "../../../src/run/settings.ts";
import type { Evidence } from "../../../src/model/evidence.ts";
import { anyEvidence } from "../verdict/arbitrary.ts";
import { resolvePointer } from "../verdict/pointer.ts";
import { runs } from "../runs.ts";

const RUN = { startedAt: "2026-11-28T12:00:00.000Z", elapsedMs: 1, interrupted: false };
const REQUEST = { settings: DEFAULT_SETTINGS, sources: [], networks: [], configuration: null };

function told(evidence: readonly Evidence[], sources = 1): FoundEndpoint[] {
  const found: FoundEndpoint[] = [];
  const early = tellEarly((each) => found.push(each), sources);
  evidence.forEach(({ target, source, configuration, endpoints }, diagnosis) => {
    const onHost = early({ target, source, configuration, diagnosis });
    endpoints.forEach((host, index) => onHost(host, index));
  });
  return found;
}

/** As one source sees several targets. */
const seenFromOne = fc
  .array(anyEvidence, { minLength: 1, maxLength: 4 })
  .map((all) => all.map((each): Evidence => ({ ...each, source: null })));

describe("a host that is told of before the report", () => {
  it("stands in the report as it was told, whatever else the run saw", () => {
    let count = 0;
    fc.assert(
      fc.property(seenFromOne, (evidence) => {
        const report = reportOf(evidence, REQUEST, RUN);
        const found = told(evidence);
        count += found.length;
        for (const { pointer, endpoint } of found) expect(resolvePointer(report, pointer)).toEqual(endpoint);
        const lines = [
          ...found.map(endpointLine),
          ...ndjsonLines(report, new Set(found.map(({ pointer }) => pointer))),
        ];
        expect(lines.toSorted()).toEqual([...ndjsonLines(report)].toSorted());
      }),
      { seed: 20_261, numRuns: runs(200) },
    );
    expect(count).toBeGreaterThan(20);
  });

  it("waits for the end where other sources may change what is said of it", () => {
    fc.assert(
      fc.property(seenFromOne, (evidence) => {
        expect(told(evidence, 2)).toEqual([]);
      }),
      { seed: 20_262, numRuns: 20 },
    );
  });
});
