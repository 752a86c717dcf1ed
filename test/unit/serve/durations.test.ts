import * as fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { expect, it } from "vitest";
import { createDurations } from "../../../src/serve/durations.ts";
import type { Durations } from "../../../src/serve/durations.ts";
import { runs } from "../runs.ts";

const BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3, 7, 15, 21];
const NAME = "kms_rpc_duration_seconds";
const target = fc.constantFrom("corp.example", 'a "b"', "c\\d");
const seconds = fc.oneof(fc.constantFrom(0, ...BUCKETS), fc.double({ min: 0, max: 60, noNaN: true }));

function textOf({ write, copy }: Durations): string {
  const bytes = Buffer.alloc(write());
  expect(copy(bytes, 0)).toBe(bytes.length);
  return bytes.toString();
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .toSorted();
}

it("durations are the histogram that prom-client makes of them, asked in between or not", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(target, seconds, fc.boolean()), { minLength: 1 }), async (seen) => {
      const register = new Registry();
      const labelNames = ["place", "target", "module"];
      const theirs = new Histogram({
        name: NAME,
        help: "h",
        labelNames,
        buckets: BUCKETS,
        registers: [register],
      });
      const ours = createDurations(NAME, "h");
      for (const [name, took, asked] of seen) {
        const labels = { place: "hq", target: name, module: "kms" };
        theirs.observe(labels, took);
        ours.observe(labels, took);
        if (asked) ours.write();
      }
      expect(lines(textOf(ours))).toEqual(lines(await register.metrics()));
    }),
    { seed: 20_291, numRuns: runs(100) },
  );
});

it("durations of a target that is gone are gone, and without any there is nothing", () => {
  const ours = createDurations(NAME, "h");
  const labels = { place: "hq", target: "corp.example", module: "kms" };
  expect(textOf(ours)).toBe("");
  ours.observe(labels, 1);
  ours.observe({ ...labels, target: "other.example" }, 1);
  ours.remove(labels);
  expect(textOf(ours)).not.toContain("corp.example");
  expect(textOf(ours)).toContain(`${NAME}_count{place="hq",target="other.example",module="kms"} 1`);
  ours.remove({ ...labels, target: "other.example" });
  expect(textOf(ours)).toBe("");
});
