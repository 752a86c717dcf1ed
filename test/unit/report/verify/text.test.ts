import path from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderVerifyText } from "../../../../src/report/verify/text.ts";
import { scenes } from "../check/scenes.ts";
import { anyVerification } from "./arbitrary.ts";
import { detail, result, verificationOf, verifyScenes } from "./scenes.ts";

const FOLDER = path.join(import.meta.dirname, "../../../fixtures/golden");
const PLAIN = { color: false, verbose: false, width: 100 };

const { hostile: _, ...readable } = verifyScenes;

/** `vitest run ... -u` writes them anew: read the difference before you commit it. */
describe.each(Object.entries(readable))("the verification of %s as text", (name, verification) => {
  it.each([
    ["text", PLAIN],
    ["text-verbose", { ...PLAIN, verbose: true }],
    ["text-narrow", { ...PLAIN, width: 60 }],
  ] as const)("is the golden one: %s", async (output, options) => {
    const file = path.join(FOLDER, `verify-${name}`, `${output}.golden`);
    await expect(renderVerifyText(verification, options)).toMatchFileSnapshot(file);
  });
});

const holding = (count: number): ReturnType<typeof result>[] =>
  Array.from({ length: count }, (__, index) => result({ id: `a${index}`, name: `holds ${index}` }));

describe("the text of a verification", () => {
  const report = scenes["all-serving"];

  it("has a line for each expectation that holds, and a count for many", () => {
    expect(renderVerifyText(verificationOf(report, holding(40)), PLAIN).match(/^✓ holds \d+/gm)).toHaveLength(
      40,
    );
    const many = renderVerifyText(verificationOf(report, holding(41)), PLAIN);
    expect(many).toContain("✓ 41 expectations hold (-v shows them)");
    expect(many.match(/^✓ holds \d+/gm)).toBeNull();
    const whole = renderVerifyText(verificationOf(report, holding(41)), { ...PLAIN, verbose: true });
    expect(whole.match(/^✓ holds \d+/gm)).toHaveLength(41);
  });

  it("shows a rule for a firewall, wherever it stands among the steps", () => {
    const steps = ["netstat -ano", "sc.exe query sppsvc", "slmgr.vbs /dlv"].map((command) => {
      return { where: "kms-host" as const, text: "See", command };
    });
    const rule = {
      where: "firewall" as const,
      text: "Ask for this rule",
      command: "permit tcp from a to b port 1688",
    };
    const failing = result({ status: "failed", details: [detail({ next: [...steps, rule] })] });
    const text = renderVerifyText(verificationOf(report, [failing]), PLAIN);
    expect(text).toContain("permit tcp from a to b port 1688");
    expect(text).not.toContain("slmgr.vbs /dlv");
  });

  it("tells the same picture at several addresses once", () => {
    const details = [1, 2, 3].map((n) => detail({ about: `kms${n}.corp.example:1688` }));
    const text = renderVerifyText(verificationOf(report, [result({ status: "failed", details })]), PLAIN);
    expect(text.match(/did not answer/g)).toHaveLength(1);
    expect(text.replace(/\s+/g, " ")).toContain("Likewise: kms2.corp.example:1688, kms3.corp.example:1688.");
  });

  it("does not say twice what an expectation is called by", () => {
    const unnamed = result({ status: "failed", name: "all serve", expected: "all serve" });
    expect(renderVerifyText(verificationOf(report, [unnamed]), PLAIN)).not.toContain("expected");
  });

  it("of anything has line ends and printable characters only, and bounded lines but for commands", () => {
    fc.assert(
      fc.property(anyVerification, fc.boolean(), (verification, verbose) => {
        const text = renderVerifyText(verification, { ...PLAIN, verbose });
        const unfit = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
        expect(text.split("\n").filter((line) => unfit.test(line))).toEqual([]);
        expect(text.endsWith("\n") && !text.endsWith("\n\n")).toBe(true);
      }),
      { seed: 4_190, numRuns: 100 },
    );
  }, 60_000);
});
