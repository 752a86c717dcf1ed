import { describe, expect, it } from "vitest";
import type { Report } from "../../../src/model.ts";
import { firstPolicy } from "../../../src/verify/first-policy.ts";
import type { Asked } from "../../../src/verify/first-policy.ts";
import { reportOf, scenes } from "../report/check/scenes.ts";
import { endpoint, isServing, isSilent, list, listed, unconnected, zone } from "../verdict/builders.ts";
import { policyOf } from "./policies.ts";
import { verificationIn } from "./worlds.ts";

const NOTHING: Asked = { domains: [], resolvers: [], sources: [] };

/** What the first policy of a report says of that same report. */
function verified({ diagnoses }: Report, asked = NOTHING): ReturnType<typeof verificationIn> {
  const report = reportOf(diagnoses);
  const resolvers = report.diagnoses.flatMap(({ srv }) => srv.map(({ resolver }) => resolver));
  return verificationIn({ targets: report.diagnoses, resolvers }, policyOf(firstPolicy(report, asked)));
}

describe("a first policy", () => {
  it("holds for what it was made of", () => {
    const { outcome, results } = verified(reportOf([zone([listed(1, isServing), listed(2, isSilent)])]));
    expect(results.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      "serve met",
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
      "# yaml-language-server: $schema=node_modules/kmsprobe/schema/policy-v1.json
      # A first policy, from what jump1 saw on 2026-01-02T03:04:05.678Z: it holds now. Change what is to be otherwise,
      # and add what must stay closed:
      #   - closed: { hosts: 10.30.0.0/24, ports: [1688, 445] }

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
        # DNS lists these and no others; a host that doesn't serve is best taken out
        - listed:
            domains: corp.example
            must:
              - kms1.corp.example:1688
            may:
              - kms2.corp.example:1688
        # who may be a KMS host: every host that was met; take out whoever should be none
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
