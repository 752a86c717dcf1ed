import { describe, expect, it } from "vitest";
import { renderVerifyMarkdown } from "../../../../src/report/verify/markdown.ts";
import { renderVerifyHtml } from "../../../../src/report/page/page.tsx";
import { renderVerifyText } from "../../../../src/report/verify/text.ts";
import { createTold } from "../../../../src/report/verify/told.ts";
import { reportOf } from "../check/scenes.ts";
import { detail, result, verificationOf } from "./scenes.ts";

const silent = detail();
const first = result({ status: "failed", details: [silent] });
const second = result({
  id: "clock-1",
  kind: "clock",
  name: "clocks agree",
  status: "failed",
  details: [silent],
});

describe("what was told", () => {
  it("is named by the expectation under which it stands, and by its source", () => {
    const told = createTold();
    const vpn = { ...first, source: "vpn0" };
    expect(told.before(vpn, [silent])).toBeNull();
    expect(told.before(second, [silent])).toBe("serve-1, from vpn0");
    expect(told.before(second, [{ ...silent, about: "kms3.corp.example:1688" }])).toBeNull();
  });

  it("is told again where only some of it was told, and of what needs no advice there is nothing to tell", () => {
    const told = createTold();
    const other = { ...silent, about: "kms3.corp.example:1688" };
    expect(told.before(first, [silent])).toBeNull();
    expect(told.before(second, [silent, other])).toBeNull();
    const plain = { ...silent, causes: [], next: [] };
    expect([told.before(first, [plain]), told.before(second, [plain])]).toEqual([null, null]);
  });

  it("stands once in the text, in Markdown and on the page", () => {
    const verification = verificationOf(reportOf([]), [first, second]);
    const text = renderVerifyText(verification, { color: false, verbose: false, width: 100 });
    expect(text.match(/filtered on the path, without/g)).toHaveLength(1);
    expect(text.match(/permit /g)).toHaveLength(1);
    expect(text).toContain("as under serve-1");
    const markdown = renderVerifyMarkdown(verification);
    expect(markdown.match(/filtered on the path, without/g)).toHaveLength(1);
    expect(markdown).toContain("As under serve-1.");
    const page = renderVerifyHtml(verification);
    expect(page.match(/filtered on the path, without/g)).toHaveLength(1);
    expect(page).toContain("As under serve-1.");
  });
});
