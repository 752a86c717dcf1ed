/** A root that holds the C libraries of an executable, and what a test puts there: no shell, no /etc, no /proc. */
import { chmod, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { startProgram } from "../integration/support/kmsprobe.ts";
import type { Finished } from "../integration/support/kmsprobe.ts";

export type EmptyRoot = {
  folder: string;
  /** Runs a program of that root, as nobody. */
  run: (program: string, ...args: string[]) => Promise<Finished>;
  remove: () => Promise<void>;
};

/** @param executable of this machine: what it needs is what the root has */
export async function makeEmptyRoot(executable: string): Promise<EmptyRoot> {
  const root = await makeBareRoot();
  const { stdout } = await startProgram("ldd", [executable]).finished;
  const libraries = Array.from(stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g), ([, file = ""]) => file);
  for (const library of libraries) {
    const place = path.join(root.folder, library);
    await mkdir(path.dirname(place), { recursive: true });
    await cp(library, place, { dereference: true });
  }
  return root;
}

/** Without libraries, too. */
export async function makeBareRoot(): Promise<EmptyRoot> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "kmsprobe-root-"));
  await chmod(folder, 0o755);
  return {
    folder,
    run: (program, ...args) => runIn(folder, program, ...args),
    remove: async () => await rm(folder, { recursive: true, force: true }),
  };
}

export function runIn(folder: string, program: string, ...args: string[]): Promise<Finished> {
  return startProgram("chroot", ["--userspec=65534:65534", folder, program, ...args]).finished;
}
