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

  function helpWith(env: Readonly<Record<string, string>>): { stdout: string; stderr: string } {
    const args = [path.join(folder, "kmsprobe.cjs"), "check", "--help"];
    const options = { encoding: "utf8", env: { PATH: process.env["PATH"], ...env } } as const;
    const { stdout, stderr } = spawnSync(process.execPath, args, options);
    return { stdout, stderr };
  }

  describe("in the user's own folder, where the build left none for this engine,", () => {
    let home = "";
    let kept = "";

    beforeAll(async () => {
      for (const name of await fs.readdir(folder))
        if (name.endsWith(".cache")) await fs.rm(path.join(folder, name));
      home = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-home-"));
      kept = path.join(home, "kmsprobe");
    });

    afterAll(async () => {
      await fs.rm(home, { recursive: true });
    });

    const look = (): { stdout: string; stderr: string } => helpWith({ XDG_CACHE_HOME: home });

    async function files(): Promise<{ name: string; mode: number; mtimeMs: number }[]> {
      const names = await fs.readdir(kept).catch(() => []);
      return Promise.all(
        names.map(async (name) => {
          const { mode, mtimeMs } = await fs.stat(path.join(kept, name));
          return { name, mode: mode & 0o777, mtimeMs };
        }),
      );
    }

    test("is left by a first run, for its owner only, and used by the second", async () => {
      const first = look();
      expect(first.stderr).toBe("");
      const [made, ...others] = await files();
      expect(others).toEqual([]);
      expect(made?.name).toMatch(/^program-check-.*\.cache$/);
      expect(made?.mode).toBe(0o600);
      expect(look()).toEqual(first);
      // A run that has no use for it leaves its own instead.
      expect(await files()).toEqual([made]);
    });

    test("is made anew where it is damaged, or others may have written it", async () => {
      const said = look();
      const [made] = await files();
      const file = path.join(kept, made?.name ?? "");
      const whole = await fs.readFile(file);
      await fs.writeFile(file, whole.subarray(0, 1_000));
      expect(look()).toEqual(said);
      expect((await fs.stat(file)).size).toBeGreaterThan(1_000);
      await fs.chmod(file, 0o666);
      expect(look()).toEqual(said);
      expect((await files()).map(({ mode }) => mode)).toEqual([0o600]);
      await fs.chmod(kept, 0o777);
      await fs.rm(file);
      expect(look()).toEqual(said);
      expect(await files()).toEqual([]);
      await fs.chmod(kept, 0o700);
    });

    test("of another build is neither used nor left to lie", async () => {
      const said = look();
      const before = await files();
      const program = path.join(folder, "program.cjs");
      const source = await fs.readFile(program, "utf8");
      await fs.writeFile(program, `${source}\n`);
      expect(look()).toEqual(said);
      const after = await files();
      expect(after).toHaveLength(1);
      expect(after[0]?.name).not.toBe(before[0]?.name);
      await fs.writeFile(program, source);
    });

    test("is done without where there is no such folder, it can't be one, or nobody wants it", async () => {
      await fs.rm(kept, { recursive: true, force: true });
      const said = look();
      await fs.rm(kept, { recursive: true });
      expect(helpWith({})).toEqual(said);
      expect(helpWith({ XDG_CACHE_HOME: "relative" })).toEqual(said);
      expect(helpWith({ XDG_CACHE_HOME: home, NODE_DISABLE_COMPILE_CACHE: "1" })).toEqual(said);
      expect(await files()).toEqual([]);
      await fs.writeFile(kept, "in the way");
      expect(look()).toEqual(said);
      expect(await fs.readFile(kept, "utf8")).toBe("in the way");
      await fs.rm(kept);
    });
  });
});
