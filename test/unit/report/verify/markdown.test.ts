import { describe, expect, it } from "vitest";
import { renderVerifyMarkdown } from "../../../../src/report/verify/markdown.ts";
import { scenes } from "../check/scenes.ts";
import { detail, result, verificationOf, verifyScenes } from "./scenes.ts";

const report = scenes["all-serving"];

// What a reader of GitHub's dialect makes of it: test/integration/verify-markdown.test.ts.
describe("the job summary", () => {
  it.each([
    ["all-met", "# ✓ KMS after the change (policy.yaml at jump)"],
    ["everything", "# ✗ KMS after the change (policy.yaml at jump)"],
    ["interrupted", "# ? KMS after the change (policy.yaml at jump)"],
  ] as const)("of %s begins with how it is", (name, head) => {
    expect(renderVerifyMarkdown(verifyScenes[name]).split("\n")[0]).toBe(head);
  });

  it("shows a step once, with all that it is for, and its command as code", () => {
    const step = { where: "firewall", text: "Ask", command: "permit `x` ``" } as const;
    const details = ["a", "b", "c"].map((about) => detail({ about, next: [step] }));
    const text = renderVerifyMarkdown(verificationOf(report, [result({ status: "failed", details })]));
    expect(text.match(/^- firewall: .*$/gm)).toEqual([
      "- firewall: Ask, for a and 2 more: ``` permit `x` `` ```",
    ]);
  });

  it("stays below a MiB, and says what was left out; what does not hold comes first", () => {
    const many = Array.from({ length: 20_000 }, (_, index) =>
      result({
        id: `x${index}`,
        name: `${"é|".repeat(50)}${index}`,
        status: index < 5_000 ? "failed" : "met",
      }),
    );
    const text = renderVerifyMarkdown(verificationOf(report, many));
    const bytes = Buffer.byteLength(text);
    expect(bytes).toBeLessThan(1 << 20);
    expect(bytes).toBeGreaterThan(900_000);
    const shown = text.match(/^\| ✗ fails /gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(2_000);
    const left = Array.from(text.matchAll(/^(\d+) more left out: see the whole report\.$/gm), ([, count]) =>
      Number(count),
    );
    expect(left.length).toBeGreaterThan(0);
    expect(text.endsWith("\n\nkmsprobe 0.0.0, 2026-01-02T03:04:05.678Z\n")).toBe(true);
    expect(text).toContain("\n</details>\n");
  });
});
