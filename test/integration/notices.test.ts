import fs from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bundled } from "../../scripts/bundles.mjs";
import { NOTICES, packagesIn } from "../../scripts/notices.mjs";
import { PROGRAM } from "./support/kmsprobe.ts";

const DIST = path.dirname(PROGRAM);

describe("the notices in dist/", () => {
  let notices = "";
  let inside: { name: string; version: string }[] = [];

  beforeAll(async () => {
    notices = await fs.readFile(path.join(DIST, NOTICES), "utf8");
    const { files, metafiles } = await bundled();
    inside = packagesIn(metafiles);

    // What was counted is what lies in dist/.
    for (const [name, text] of files) {
      if (!["start.cjs", "executable.cjs"].includes(name))
        expect(await fs.readFile(path.join(DIST, name), "utf8"), name).toBe(text);
    }
  });

  test("name every package whose code is in a bundle, and no other", () => {
    const listed = Array.from(
      notices.matchAll(/^ {2}(\S+) (\S+) \(.+\)$/gm),
      ([, name, version]) => `${name} ${version}`,
    );
    expect(listed.length).toBeGreaterThan(50);
    expect(listed).toEqual(inside.map(({ name, version }) => `${name} ${version}`));
  });

  test("have the text of each licence, with whose copyright it is", () => {
    const sections = notices.split(/^-{80}\n/m).slice(1);
    for (const { name, version } of inside) {
      const section = sections.find((text) => text.startsWith(`${name} ${version} (`)) ?? "";
      expect(section, name).toMatch(/copyright/i);
      expect(section, name).toMatch(/permission|apache license/i);
      expect(section.length, name).toBeGreaterThan(600);
    }
  });

  test("are the only file of their kind: nothing else in dist/ asks to be read for a licence", async () => {
    expect((await fs.readdir(DIST)).filter((file) => /legal|licen[cs]e/i.test(file))).toEqual([]);
  });
});
