import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { expectationKinds } from "../../../src/verify/model.ts";
import { planOf } from "../../../src/verify/plan.ts";
import { policyOf } from "./policies.ts";

const README = fs.readFileSync(path.join(import.meta.dirname, "../../../docs/verify.md"), "utf8");

describe("the policy of docs/verify.md", () => {
  const [, text = ""] = /```yaml\n(version: 1\n[^]*?)```/.exec(README) ?? [];

  it.each(["jump", "vpn"])("is read at the place %s, and can be planned", (place) => {
    const policy = policyOf(text, { place });
    expect(policy.domains).toEqual(["corp.example"]);
    expect(planOf(policy).length).toBeGreaterThan(0);
  });

  it("shows every kind of expectation", () => {
    const { expectations } = policyOf(text, { place: "vpn" });
    expect([...new Set(expectations.map(({ demand }) => demand.kind))].toSorted()).toEqual(
      expectationKinds.toSorted(),
    );
  });
});
