import { spawnSync } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROGRAM } from "./support/kmsprobe.ts";

/** What a short run does when it starts from a copy of dist/. */
describe("the program's code cache", () => {
  let folder = "";
  let cache = "";

  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-start-"));
    await fs.cp(path.dirname(PROGRAM), folder, { recursive: true });
    const found = (await fs.readdir(folder)).filter((name) => name.endsWith(".cache"));
    const engine = `${process.versions.v8}-${process.platform}-${process.arch}`;
    expect(found.toSorted()).toEqual([`program-${engine}.cache`, `verify-program-${engine}.cache`]);
    cache = path.join(folder, `program-${engine}.cache`);
  });

  afterAll(async () => {
    await fs.rm(folder, { recursive: true });
  });

  function help(): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(folder, "kmsprobe.cjs"), "check", "--help"],
      { encoding: "utf8" },
    );
    return { status, stdout, stderr };
  }

  test("makes no difference to what is said: with it, with a damaged one, with another program's, without", async () => {
    const whole = await fs.readFile(cache);
    const withIt = help();
    expect(withIt).toMatchObject({ status: 0, stderr: "" });
    expect(withIt.stdout).toContain("Usage: kmsprobe check");
    for (const damaged of [whole.subarray(0, 1000), Buffer.alloc(64, 7), Buffer.alloc(0)]) {
      await fs.writeFile(cache, damaged);
      expect(help()).toEqual(withIt);
    }
    await fs.writeFile(cache, whole);
    await fs.appendFile(path.join(folder, "program.cjs"), "\n");
    expect(help()).toEqual(withIt);
    await fs.rm(cache);
    expect(help()).toEqual(withIt);
  });

  test("of verify makes no difference, either", async () => {
    const verifying = path.join(folder, path.basename(cache).replace("program", "verify-program"));
    const policy = path.join(folder, "policy.yaml");
    await fs.writeFile(policy, "version: 1\nexpect:\n  - serve: { hosts: 127.0.0.1 }\n");
    const dryRun = (): string => {
      const args = [path.join(folder, "kmsprobe.cjs"), "verify", policy, "--dry-run"];
      return spawnSync(process.execPath, args, { encoding: "utf8" }).stdout;
    };
    const withIt = dryRun();
    expect(withIt).toContain("1 expectation, nothing was touched");
    await fs.writeFile(verifying, Buffer.alloc(64, 7));
    expect(dryRun()).toBe(withIt);
    await fs.rm(verifying);
    expect(dryRun()).toBe(withIt);
  });
});
