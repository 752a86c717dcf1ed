import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type VerdictCode, verdictCodes } from "../../src/model/verdict.ts";
import { covers } from "./covers.ts";

/** Codes that no condition on a network produces, and why. */
const WITHOUT_CONDITION: Readonly<Partial<Record<VerdictCode, string>>> = {};

const conditions = Object.entries(covers);
const produced = new Set<VerdictCode>(conditions.flatMap(([, codes]) => [...codes]));

describe("every verdict code has a condition on the network that produces it", () => {
  test.each(verdictCodes)("%s", (code) => {
    const reason = WITHOUT_CONDITION[code];
    if (reason === undefined) expect(produced).toContain(code);
    else expect(produced).not.toContain(code);
  });
});

/** The names in the sources, as `condition("...")` or as `name: "..."` and `"..."]` of a list of them. */
const sources = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".test.ts") && file !== "completeness.test.ts")
  .map((file) => readFileSync(new URL(file, import.meta.url), "utf8"))
  .join("\n");

describe("every condition that is promised has its test", () => {
  test.each(conditions.map(([name]) => name))("%s", (name) => {
    expect(sources).toContain(JSON.stringify(name));
  });
});
