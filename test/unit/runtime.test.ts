import { describe, expect, it } from "vitest";
import { refusalOf } from "../../src/runtime.ts";

describe("the runtimes that verdicts hold on", () => {
  it.each(["20.0.0", "20.20.2", "22.23.3", "26.12.1", "100.0.0"])("Node.js %s is one", (node) => {
    expect(refusalOf({ node, v8: "11.3" })).toBeNull();
  });

  it.each(["0.12.18", "8.17.0", "14.21.3", "18.20.4", "19.9.0"])("Node.js %s is too old", (node) => {
    expect(refusalOf({ node })).toBe(`kmsprobe needs Node.js 20 or later; this is v${node}`);
  });

  it("what says that it is a new Node.js, and is another, is refused by its own name", () => {
    expect(refusalOf({ node: "26.3.0", bun: "1.4.5" })).toBe(
      "kmsprobe needs Node.js 20 or later; this is Bun 1.4.5, on which verdicts would be wrong",
    );
    expect(refusalOf({ node: "26.3.0", deno: "2.9.6" })).toBe(
      "kmsprobe needs Node.js 20 or later; this is Deno 2.9.6, on which verdicts would be wrong",
    );
    expect(refusalOf({})).toBe("kmsprobe needs Node.js 20 or later; this is something else");
  });
});
