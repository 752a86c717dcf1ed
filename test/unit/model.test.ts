import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { findingCodes } from "../../src/model/finding.ts";
import { reportSchema } from "../../src/model/report.ts";
import { layerSchema, verdictCodes } from "../../src/model/verdict.ts";
import { entryOf } from "../../src/verdict/catalog.ts";
import { VERSION } from "../../src/version.ts";

const ROOT = path.join(import.meta.dirname, "../..");

function readJson(file: string): unknown {
  return JSON.parse(fs.readFileSync(path.join(ROOT, file), "utf8"));
}

describe("the version", () => {
  it("is that of package.json", () => {
    expect(readJson("package.json")).toMatchObject({ name: "kmsprobe", version: VERSION });
  });
});

describe("the published schema", () => {
  const published = readJson("schema/report-v1.json");

  it("is what the model says: `npm run schema` writes it", () => {
    const fresh: unknown = z.toJSONSchema(reportSchema, { target: "draft-2020-12", io: "output" });
    expect(published).toEqual(JSON.parse(JSON.stringify(fresh)));
  });

  it("allows no property that it does not name", () => {
    const open = objectsOf(published).filter((each) => each["additionalProperties"] !== false);
    expect(open).toEqual([]);
  });

  it("requires every property that it names, but for three that are left out where nobody asked for what they tell", () => {
    const asked = ["defaults", "family", "leftOut"];
    const lax = objectsOf(published).filter(({ properties, required }) => {
      const names = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
      return (
        !Array.isArray(required) || names.some((name) => !required.includes(name) && !asked.includes(name))
      );
    });
    expect(lax).toEqual([]);
  });
});

/** Every object type that a schema describes, at any depth. */
function objectsOf(schema: unknown): Record<string, unknown>[] {
  if (typeof schema !== "object" || schema === null) return [];
  const inner = Object.values(schema).flatMap(objectsOf);
  return "type" in schema && schema.type === "object" ? [{ ...schema }, ...inner] : inner;
}

describe("verdict and finding codes", () => {
  it("are unique", () => {
    expect(new Set(verdictCodes).size).toBe(verdictCodes.length);
    expect(new Set(findingCodes).size).toBe(findingCodes.length);
  });

  it.each([...verdictCodes, ...findingCodes])("%s is in kebab-case", (code) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
  });

  it.each(findingCodes)("%s has in front a layer, or what was asked for beside the layers", (code) => {
    const fronts: string[] = [...layerSchema.options, "ladder", "trace", "clock", "lint"];
    expect(fronts).toContain(code.slice(0, code.indexOf("-")));
  });

  it.each(verdictCodes)("%s has in front the layer that the catalogue gives it", (code) => {
    expect(code.slice(0, code.indexOf("-"))).toBe(entryOf(code).layer);
  });
});
