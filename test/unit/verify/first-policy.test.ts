import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Evidence } from "../../../src/model/evidence.ts";
import type { Report } from "../../../src/model/report.ts";
import { firstPolicy } from "../../../src/verify/first-policy.ts";
import type { Asked } from "../../../src/verify/first-policy.ts";
import { reportOf, scenes } from "../report/check/scenes.ts";
import {
  endpoint,
  isRefused,
  isServing,
  isSilent,
  list,
  listed,
  unconnected,
  zone,
} from "../verdict/builders.ts";
import { policyOf } from "./policies.ts";
import { verificationIn } from "./worlds.ts";
import { runs } from "../runs.ts";

const NOTHING: Asked = { domains: [], resolvers: [], sources: [] };

/** What the first policy of a report says of that same report. */
function verified({ diagnoses }: Report, asked = NOTHING): ReturnType<typeof verificationIn> {
  const report = reportOf(diagnoses);
  const resolvers = report.diagnoses.flatMap(({ srv }) => srv.map(({ resolver }) => resolver));
  return verificationIn({ targets: report.diagnoses, resolvers }, policyOf(firstPolicy(report, asked)));
}

/** The hosts of one domain as one source sees them. */
function seen(source: string, ...makes: (typeof isServing)[]): Evidence {
  return { ...zone(makes.map((make, index) => listed(index + 1, make))), source };
}

describe("a first policy", () => {
  it("holds for what it was made of", () => {
    const { outcome, results } = verified(reportOf([zone([listed(1, isServing), listed(2, isSilent)])]));
    expect(results.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      "serve met",
      "latency met",
      "listed met",
      "permitted met",
      "lint met",
    ]);
    expect(outcome).toBe("met");
  });

  it("bounds latency where every host serves", () => {
    const text = firstPolicy(reportOf([zone([listed(1, isServing)])]), NOTHING);
    expect(text).toContain("# the slowest round trip now is 1.5 ms");
    expect(policyOf(text).expectations.map(({ demand }) => demand)).toContainEqual(
      expect.objectContaining({ kind: "latency", p95: 20, samples: 20 }),
    );
  });

  it("says each thing that it expects, and why", () => {
    expect(
      firstPolicy(reportOf([zone([listed(1, isServing), listed(2, isSilent)])]), {
        domains: ["corp.example"],
        resolvers: ["10.0.0.53"],
        sources: ["eth0"],
      }),
    ).toMatchInlineSnapshot(`
      "# A first policy, from what jump1 saw on 2026-01-02T03:04:05.678Z: it holds now. Change what is to be otherwise,
      # and add what must stay closed:
      #   - closed: { hosts: 10.30.0.0/24, ports: [1688, 445] }
      # Editors complete it by the schema that kmsprobe verify --schema prints.

      version: 1
      domains:
        - corp.example
      resolvers:
        - 10.0.0.53
      from:
        - eth0
      expect:
        # 1 of 2 serves now
        - serve:
            domains: corp.example
            require: any
        # the slowest round trip now is 1.5 ms
        - latency:
            p95: 20ms
            samples: 20
        # DNS lists these and no others; those under may need not be listed
        - listed:
            domains: corp.example
            must:
              - kms1.corp.example:1688
            may:
              - kms2.corp.example:1688
        # who may be a KMS host: every host that is listed or was named, 10.1.0.2 too, which does not serve now; take out whoever should be none
        - permitted:
            allow:
              - 10.1.0.1
              - 10.1.0.2
        # what the records can be blamed for now; put it right, then take it out here
        - lint:
            domains:
              - corp.example
            allow:
              - lint-not-answering
      "
    `);
  });

  it("of hosts that were named expects those", () => {
    const hosts = ["10.1.0.1", "fd00::1"].map((host) =>
      endpoint([isServing({ address: host, family: host.includes(":") ? 6 : 4 })], {
        endpoint: { host, port: 1688 },
      }),
    );
    const text = firstPolicy(reportOf([list(hosts)]), NOTHING);
    expect(policyOf(text)).toMatchObject({
      domains: [],
      hosts: [
        { host: "10.1.0.1", port: 1688 },
        { host: "fd00::1", port: 1688 },
      ],
    });
  });

  it("of several sources holds at each of them", () => {
    const report = reportOf([
      seen("hq0", isServing, isServing, isRefused),
      seen("branch0", isServing, isServing, isRefused),
      seen("wg0", isServing, isSilent, isRefused),
      seen("vpn0", isSilent, isSilent, isSilent),
    ]);
    const asked = { ...NOTHING, domains: ["corp.example"], sources: ["hq0", "branch0", "wg0", "vpn0"] };
    const { outcome, results } = verified(report, asked);
    const serve = results.filter(({ kind }) => kind === "serve");
    expect(serve.map(({ source, expected, status, level }) => [source, expected, status, level])).toEqual([
      ["hq0", "at least 2 hosts of corp.example serve", "met", "error"],
      ["branch0", "at least 2 hosts of corp.example serve", "met", "error"],
      ["wg0", "at least one of the hosts of corp.example serves", "met", "error"],
      ["vpn0", "at least one of the hosts of corp.example serves", "failed", "warning"],
    ]);
    expect(results.filter(({ status, level }) => status !== "met" && level === "error")).toEqual([]);
    expect(outcome).toBe("warned");
    const text = firstPolicy(report, asked);
    expect(text).toContain("# 2 of 3 serve now, seen from hq0 and branch0");
    expect(text).toContain("# 0 of 3 serve now: this warns until one does, seen from vpn0");
  });

  it("of any sources passes when it is run at once", () => {
    const makes = fc.array(fc.constantFrom(isServing, isServing, isSilent, isRefused), {
      minLength: 1,
      maxLength: 4,
    });
    const source = fc.record({ makes, label: fc.constantFrom("hq0", "vpn0", "wg0"), hides: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.uniqueArray(source, { selector: ({ label }) => label, minLength: 2, maxLength: 3 }),
        (sources) => {
          const report = reportOf(
            sources.map(({ makes: each, label, hides }): Evidence => {
              // Not every source is told of every host.
              const hosts = each.map((make, index) => listed(index + 1, make));
              const known = hosts.filter((_, index) => index !== hides || hosts.length === 1);
              return { ...zone(known), source: label };
            }),
          );
          const asked = { ...NOTHING, sources: sources.map(({ label }) => label) };
          const { results } = verified(report, asked);
          const failing = results.filter(({ status, level }) => status !== "met" && level === "error");
          expect(failing.map(({ id, source: from, observed }) => `${id} ${from}: ${observed}`)).toEqual([]);
        },
      ),
      { seed: 1688, numRuns: runs(200) },
    );
  });

  it("of hosts of which none serves fails until one does, and says so", () => {
    const report = reportOf([zone([listed(1, (over) => unconnected("deadline", 4_000, over))])]);
    expect(firstPolicy(report, NOTHING)).toContain("# 0 of 1 serve now: this fails until one does");
    expect(verified(report).outcome).toBe("failed");
  });

  it.each(["all-serving", "mixed", "resolvers-disagree", "interrupted"] as const)(
    "can be read for %s",
    (scene) => {
      const { results } = verified(scenes[scene]);
      expect(
        results.filter(({ status }) => status === "failed").map(({ kind, level }) => `${kind} ${level}`),
      ).toEqual(scene === "resolvers-disagree" || scene === "mixed" ? ["agree warning"] : []);
    },
  );
});
