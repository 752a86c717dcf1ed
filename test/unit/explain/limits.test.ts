import { expect, it } from "vitest";
import { renderExplainMarkdown } from "../../../src/report/explain/markdown.ts";
import { renderExplainText } from "../../../src/report/explain/text.ts";
import { explain } from "../../../src/explain/explain.ts";

it("lines beyond what is read are counted, and none is left out in silence", { timeout: 60_000 }, () => {
  const text = `${"nothing of interest\n".repeat(200_000)}0xC004F074\n0xC004F038`;
  const explained = explain([{ name: "-", text, encoding: "utf-8" }], [], "0.0.0");
  const { inputs, codes } = explained;
  expect(inputs).toEqual([{ name: "-", encoding: "utf-8", lines: 200_000, left: 2 }]);
  expect(codes).toEqual([]);
  const words = "2 lines of standard input not read: more than any paste has";
  expect(renderExplainText(explained, { color: false, width: 80 })).toContain(words);
  expect(renderExplainMarkdown(explained)).toContain(words);
});

it("a text that ends in a line's end has no line more", { timeout: 60_000 }, () => {
  const text = "nothing of interest\n".repeat(200_000);
  expect(explain([{ name: "-", text, encoding: "utf-8" }], [], "0.0.0").inputs[0]?.left).toBe(0);
});

it("a record of port 0 names no port that a client could use", () => {
  const text = [
    "_vlmcs._tcp.corp.example SRV service location:",
    "          priority       = 0",
    "          weight         = 0",
    "          port           = 0",
    "          svr hostname   = kms1.corp.example",
    "",
  ].join("\n");
  const [piece] = explain([{ name: "-", text, encoding: "utf-8" }], [], "0.0.0").pieces;
  expect(piece?.facts.kmsHost).toBe("kms1.corp.example");
  expect(piece?.facts.kmsPort).toBeUndefined();
});
