/** What scripts/package.mjs makes, once for all files of this project; or a folder of it that KMSPROBE_PACKAGES names. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";

const ROOT = path.join(import.meta.dirname, "../..");

declare module "vitest" {
  interface ProvidedContext {
    packages: string;
  }
}

export default async function makePackages(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["KMSPROBE_PACKAGES"];
  if (given !== undefined) {
    project.provide("packages", path.resolve(given));
    return async () => {};
  }
  const folder = await mkdtemp(path.join(tmpdir(), "kmsprobe-packages-"));
  const making = spawn(process.execPath, ["scripts/package.mjs", folder], { cwd: ROOT, stdio: "inherit" });
  const code = await new Promise((resolve) => making.on("close", resolve));
  if (code !== 0) throw new Error(`scripts/package.mjs ended with ${String(code)}`);
  project.provide("packages", folder);
  return async () => await rm(folder, { recursive: true, force: true });
}
