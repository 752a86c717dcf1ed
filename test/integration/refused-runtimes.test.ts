import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNTIMES, runtime } from "../../scripts/runtimes.mjs";
import { PROGRAM, startProgram } from "./support/kmsprobe.ts";

/** From the registry, the first time. */
const FETCH_MS = 200_000;

const version = (key: keyof typeof RUNTIMES): string => RUNTIMES[key].version;

describe.skipIf(process.arch !== "x64" || process.platform !== "linux")(
  "a runtime that kmsprobe is not for",
  () => {
    test.each([
      { key: "node14", is: `v${version("node14")}` },
      { key: "node16", is: `v${version("node16")}` },
      { key: "node18", is: `v${version("node18")}` },
      { key: "bun", is: `Bun ${version("bun")}, on which verdicts would be wrong` },
      { key: "deno", is: `Deno ${version("deno")}, on which verdicts would be wrong` },
    ] as const)(
      "$key is told so in one line, with exit code 3, whatever it was to do",
      async ({ key, is }) => {
        const program = await runtime(key);
        const before = key === "deno" ? ["run", "--allow-all", "--quiet"] : [];
        for (const args of [["check", "127.0.0.1:9"], ["--version"]]) {
          expect(await startProgram(program, [...before, PROGRAM, ...args]).finished).toEqual({
            code: 3,
            stdout: "",
            stderr: `kmsprobe needs Node.js 20 or later; this is ${is}\n`,
          });
        }
      },
      FETCH_MS,
    );
  },
);

describe("a part of dist/", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-part-"));
    await fs.copyFile(PROGRAM, path.join(folder, "kmsprobe.cjs"));
  });

  afterAll(async () => {
    await fs.rm(folder, { recursive: true });
  });

  const parts = (...args: string[]) =>
    startProgram(process.execPath, [path.join(folder, "kmsprobe.cjs"), ...args]).finished;

  test("that is kmsprobe.cjs alone tells its version: no more is read for it", async () => {
    const { stdout } = await startProgram(process.execPath, [PROGRAM, "--version"]).finished;
    for (const flag of ["--version", "-V"])
      expect(await parts(flag)).toEqual({ code: 0, stdout, stderr: "" });
  });

  test("that is kmsprobe.cjs alone says what to copy", async () => {
    expect(await parts("--help")).toEqual({
      code: 3,
      stdout: "",
      stderr: `kmsprobe: program.cjs is not beside ${path.join(folder, "kmsprobe.cjs")}: copy the whole folder it comes from (dist/), not this file alone\n`,
    });
  });

  test("that lacks what a command needs says which file that is", async () => {
    await fs.copyFile(path.join(path.dirname(PROGRAM), "program.cjs"), path.join(folder, "program.cjs"));
    expect(await parts("--help")).toMatchObject({ code: 0 });
    expect(await parts("sweep", "127.0.0.1/32")).toEqual({
      code: 3,
      stdout: "",
      stderr:
        "kmsprobe: sweep.cjs is not where kmsprobe is: copy the whole folder it comes from (dist/), not some of its files\n",
    });
  });
});
