import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundled } from "../../scripts/bundles.mjs";
import { PROGRAM, startProgram } from "./support/kmsprobe.ts";
import type { Finished } from "./support/kmsprobe.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const INSTALL_MS = 120_000;

/** What starts by itself: it asks no other file for anything. */
const ALONE = new Set(
  "kmsprobe.cjs parts.cjs verify.cjs start.cjs executable.cjs sweep-worker.cjs tui-view.mjs".split(" "),
);
/** Bytes of one module that nobody misses: a name in place of a module of Node's. */
const SMALL = 1000;

/** The tarball that a release has, and what installing it brings. */
describe("the npm package", () => {
  let folder = "";
  let tarball = "";

  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-package-"));
    // The files as they were built: no script of the package runs.
    const packed = await npm(ROOT, "pack", "--ignore-scripts", "--pack-destination", folder);
    expect(packed.code, packed.stderr).toBe(0);
    tarball = path.join(folder, packed.stdout.trim());
    await fs.writeFile(path.join(folder, "package.json"), '{ "private": true }\n');
    const installed = await npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", tarball);
    expect(installed.code, installed.stderr).toBe(0);
  }, INSTALL_MS);

  afterAll(async () => {
    await fs.rm(folder, { recursive: true });
  });

  test("is at most 1.2 MB to load, and 20 MB on disk with all that it needs", async () => {
    expect((await fs.stat(tarball)).size).toBeLessThanOrEqual(1_200_000);
    const du = await startProgram("du", ["-sk", path.join(folder, "node_modules")]).finished;
    const kib = parseInt(du.stdout, 10);
    expect(kib).toBeGreaterThan(1000);
    expect(kib * 1024).toBeLessThanOrEqual(20_000_000);
  });

  test("holds each module once, but for what starts by itself, and what verify has in common with the library", async () => {
    const { metafiles } = await bundled();
    const holders = new Map<string, string[]>();
    for (const [file, { inputs }] of metafiles.flatMap(({ outputs }) => Object.entries(outputs))) {
      const name = path.basename(file);
      if (ALONE.has(name)) continue;
      for (const [input, { bytesInOutput }] of Object.entries(inputs))
        if (bytesInOutput > SMALL) holders.set(input, [...(holders.get(input) ?? []), name]);
    }
    expect(holders.size).toBeGreaterThan(400);
    const twice = [...holders].filter(
      ([, names]) =>
        names.length > (names.includes("verify-program.cjs") && !names.includes("program.cjs") ? 2 : 1),
    );
    expect(twice).toEqual([]);
  });

  test("has the notices, and nothing that only the builder's engine can use", async () => {
    const files = await fs.readdir(path.join(folder, "node_modules/kmsprobe/dist"));
    expect(files).toContain("THIRD-PARTY-NOTICES.txt");
    expect(files.filter((file) => file.endsWith(".cache"))).toEqual([]);
    expect((await fs.readdir(path.dirname(PROGRAM))).filter((file) => file.endsWith(".cache"))).not.toEqual(
      [],
    );
  });

  test("brings a program that needs nothing else", async () => {
    const bin = path.join(folder, "node_modules/.bin/kmsprobe");
    expect(await startProgram(bin, ["--version"]).finished).toMatchObject({ code: 0, stderr: "" });
    const checked = await startProgram(bin, ["check", "127.0.0.1:1", "--format", "json"]).finished;
    expect(checked.code).toBe(1);
    expect(JSON.parse(checked.stdout)).toMatchObject({ verdict: { code: "tcp-refused" } });
  });

  test("is a library, to import and to require", async () => {
    const use = `check({ hosts: ["127.0.0.1:1"] }).then(({ verdict }) => console.log(verdict.code))`;
    const imported = await script("esm.mjs", `import { check } from "kmsprobe";\n${use};\n`);
    expect(imported).toEqual({ code: 0, stdout: "tcp-refused\n", stderr: "" });
    const required = await script("cjs.cjs", `import("kmsprobe").then(({ check }) => ${use});\n`);
    expect(required).toEqual({ code: 0, stdout: "tcp-refused\n", stderr: "" });
  });

  async function script(name: string, text: string): Promise<Finished> {
    await fs.writeFile(path.join(folder, name), text);
    return await startProgram(process.execPath, [name], { cwd: folder }).finished;
  }
});

describe("the documentation", () => {
  test("runs no package of a registry by a name that anybody may take there", async () => {
    const files = [
      "README.md",
      ...(await fs.readdir(path.join(ROOT, "docs"), { recursive: true })).map((file) => `docs/${file}`),
    ];
    const commands =
      /\b(?:npx|npm exec|pnpm dlx|yarn dlx|bunx)\s+(?:-\S+\s+)*kmsprobe\b|npm (?:i|install)\s+(?:-\S+\s+)*kmsprobe\b/;
    for (const file of files) {
      if (!/\.(?:md|ya?ml|sh)$|Jenkinsfile/.test(file)) continue;
      const lines = (await fs.readFile(path.join(ROOT, file), "utf8")).split("\n");
      expect(lines.filter((line) => commands.test(line) && !line.includes("do not run"))).toEqual([]);
    }
  });
});

async function npm(cwd: string, ...args: string[]): Promise<Finished> {
  // The user's own registry and cache.
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return await startProgram("npm", args, { cwd, env }, INSTALL_MS).finished;
}
