import { expect, it } from "vitest";
import { explain } from "../../../src/explain/explain.ts";

it("lines beyond what is read are counted, and none is left out in silence", () => {
  const text = `${"nothing of interest\n".repeat(200_000)}0xC004F074\n0xC004F038`;
  const { inputs, codes } = explain([{ name: "-", text, encoding: "utf-8" }], [], "0.0.0");
  expect(inputs).toEqual([{ name: "-", encoding: "utf-8", lines: 200_000, left: 2 }]);
  expect(codes).toEqual([]);
});

it("a text that ends in a line's end has no line more", () => {
  const text = "nothing of interest\n".repeat(200_000);
  expect(explain([{ name: "-", text, encoding: "utf-8" }], [], "0.0.0").inputs[0]?.left).toBe(0);
});
