import { describe, expect, it } from "vitest";
import { policyUri } from "../../../../src/report/verify/uri.ts";

describe("the URI of a policy file", () => {
  it.each([
    ["policy.yaml", null, "policy.yaml"],
    ["./ci/policy.yaml", null, "ci/policy.yaml"],
    ["../policy.yaml", null, "../policy.yaml"],
    ["a//b.yaml", null, "a/b.yaml"],
    ["/repo/ci/policy.yaml", "/repo", "ci/policy.yaml"],
    ["/repo/ci/policy.yaml", "/repo/", "ci/policy.yaml"],
    ["/repository/policy.yaml", "/repo", "file:///repository/policy.yaml"],
    ["/etc/kms policy.yaml", null, "file:///etc/kms%20policy.yaml"],
    ["//evil.example/x", null, "file:///evil.example/x"],
    ["javascript:alert(1)", null, "javascript%3Aalert(1)"],
    ["http://x/y", null, "http%3A/x/y"],
    ["größe?#%.yaml", null, "gr%C3%B6%C3%9Fe%3F%23%25.yaml"],
    ["back\\slash.yaml", null, "back%5Cslash.yaml"],
    ["\ud800\n", null, "%EF%BF%BD%0A"],
    ["-", null, "-"],
  ])("%j from %j is %j", (file, base, uri) => {
    expect(policyUri(file, { base, windows: false })).toBe(uri);
  });

  it.each([
    ["ci\\policy.yaml", null, "ci/policy.yaml"],
    [".\\policy.yaml", null, "policy.yaml"],
    ["D:\\a\\repo\\ci\\policy.yaml", "D:\\a\\repo", "ci/policy.yaml"],
    ["C:\\x y\\p.yaml", "D:\\a\\repo", "file:///C:/x%20y/p.yaml"],
    ["\\\\server\\share\\p.yaml", null, "file://server/share/p.yaml"],
  ])("on Windows %j from %j is %j", (file, base, uri) => {
    expect(policyUri(file, { base, windows: true })).toBe(uri);
  });
});
