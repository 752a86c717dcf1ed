/** Whatever was seen, every expectation comes to a result that keeps its word. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entryOf, isVerdictCode } from "../../../src/verdict/catalog.ts";
import { compareWithBaseline } from "../../../src/verify/baseline/compare.ts";
import { baselineSchema } from "../../../src/verify/baseline/file.ts";
import { observe } from "../../../src/verify/baseline/observe.ts";
import { baselineOf } from "../../../src/verify/baseline/write.ts";
import { verificationSchema } from "../../../src/verify/model.ts";
import type { ClosedEvidence, Verification } from "../../../src/verify/model.ts";
import { anyEvidence } from "../verdict/arbitrary.ts";
import { resolvePointer } from "../verdict/pointer.ts";
import { policyOf } from "./policies.ts";
import { closedAt, verificationIn } from "./worlds.ts";
import { runs } from "../runs.ts";

const RUNS = runs(400);

/** Everything that can be expected, of the domain and hosts that arbitrary evidence speaks of. */
const POLICY = policyOf(`version: 1
domains: corp.example
hosts: [kms1.corp.example, 10.1.0.1, "[fd00::1]:1688"]
expect:
  - serve: {}
  - serve: { require: any, every-address: true }
  - closed: { hosts: [10.30.0.1, 10.30.0.2], ports: 445 }
  - closed: { hosts: 10.30.0.1, ports: 445, answer: refused }
  - latency: { median: 10ms, p95: 20ms, connect: 5ms }
  - listed: { must: kms1.corp.example, may: kms2.corp.example }
  - agree: { addresses: true }
  - clock: { within: 5m }
  - permitted: { allow: [10.1.0.0/16, kms1.corp.example] }
  - lint: { notes: true }
`);

const anyClosed: fc.Arbitrary<ClosedEvidence[]> = fc
  .record({
    first: fc.constantFrom("deadline", "connects", "connects everywhere", "ECONNREFUSED", "EHOSTUNREACH"),
    second: fc.constantFrom<Parameters<typeof closedAt>[0][string][]>(
      "deadline",
      "ECONNRESET",
      { errno: "EMFILE" },
      { noRoute: "ENETUNREACH" },
    ),
  })
  .map(({ first, second }) => closedAt({ "10.30.0.1:445": first, "10.30.0.2:445": second }));

const anyVerification: fc.Arbitrary<Verification> = fc
  .record({ targets: fc.array(anyEvidence, { maxLength: 3 }), closed: anyClosed })
  .map((world) => verificationIn(world, POLICY));

describe("the results of any evidence", { timeout: 120_000 }, () => {
  it("are what the schema allows", () => {
    fc.assert(
      fc.property(anyVerification, (verification) => {
        expect(verificationSchema.safeParse(verification).error).toBeUndefined();
      }),
      { seed: 2_782, numRuns: RUNS },
    );
  });

  it("point to something that is there", () => {
    fc.assert(
      fc.property(anyVerification, (verification) => {
        for (const { pointer } of verification.results.flatMap(({ details }) => details))
          if (pointer !== null) resolvePointer(verification, pointer);
      }),
      { seed: 2_783, numRuns: RUNS },
    );
  });

  it("have sentences without holes", () => {
    fc.assert(
      fc.property(anyVerification, ({ results }) => {
        const said = results.flatMap(({ expected, observed, details }) => [
          expected,
          observed,
          ...details.flatMap((each) => [each.observed, ...each.next.map(({ text }) => text)]),
        ]);
        expect(
          said.filter((text) => text === "" || /\bundefined\b|\bNaN\b|\bnull\b|\{\w+\}/.test(text)),
        ).toEqual([]);
      }),
      { seed: 2_784, numRuns: RUNS },
    );
  });

  it("never fail for what this machine or the user's stop left open, and nothing else", () => {
    fc.assert(
      fc.property(anyVerification, ({ results }) => {
        for (const { status, kind, details } of results) {
          if (status !== "failed" || kind === "latency") continue;
          const bad = details.filter(({ holds }) => !holds);
          const ours = bad.filter(({ code }) => code !== null && isVerdictCode(code) && entryOf(code).ours);
          expect(bad.length === 0 || ours.length < bad.length).toBe(true);
        }
      }),
      { seed: 2_785, numRuns: RUNS },
    );
  });

  it("never hold where a detail of a kind that takes all does not", () => {
    fc.assert(
      fc.property(anyVerification, ({ results }) => {
        const taking = results.filter(({ kind }) => kind !== "serve");
        for (const { status, details } of taking)
          if (status === "met") expect(details.filter(({ holds }) => !holds)).toEqual([]);
      }),
      { seed: 2_786, numRuns: RUNS },
    );
  });
});

describe("a baseline of any evidence", { timeout: 120_000 }, () => {
  it("is what its schema says, and beside itself shows no change", () => {
    fc.assert(
      fc.property(anyVerification, (verification) => {
        const baseline = baselineOf(verification);
        expect(baselineSchema.safeParse(baseline).error).toBeUndefined();
        const now = observe({ ...verification, names: new Map() });
        const { differences } = compareWithBaseline(baseline, now, { ratio: 0.5, floorMs: 5 });
        expect(differences).toEqual([]);
      }),
      { seed: 2_787, numRuns: RUNS },
    );
  });

  it("turned round shows the other direction", () => {
    fc.assert(
      fc.property(anyVerification, anyVerification, (first, second) => {
        const noise = { ratio: 0.5, floorMs: 5 };
        const directions = (before: Verification, after: Verification): Map<string, string> =>
          new Map(
            compareWithBaseline(baselineOf(before), observe({ ...after, names: new Map() }), noise)
              .differences.filter(({ what }) => what === "closed" || what === "latency")
              .map(({ what, key, direction }) => [`${what} ${key}`, direction]),
          );
        const forth = directions(first, second);
        const back = directions(second, first);
        const turned = new Map([
          ["worse", "better"],
          ["better", "worse"],
          ["changed", "changed"],
        ]);
        for (const [key, direction] of forth) expect(back.get(key)).toBe(turned.get(direction));
      }),
      { seed: 2_788, numRuns: RUNS },
    );
  });
});
