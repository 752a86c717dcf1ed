/**
 * What V8 compiled of the program in an earlier run, kept in the user's cache folder: for every engine but the builder's,
 * whose cache lies beside the program. It is never an error: what can't be read, written or trusted is done without.
 */
import fs from "node:fs";
import path from "node:path";
import { VERSION } from "./version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A cache is good for the engine that made it only. */
export const ENGINE = `${process.versions.v8}-${process.platform}-${process.arch}`;

/** Commands that run long enough, or often enough, to be worth a file: each compiles parts of its own. */
const COMMANDS = new Set(
  "check sweep watch verify serve compare merge explain show demo completion help --version --help".split(
    " ",
  ),
);

/** Nobody else may have written it: it is code. */
const FOREIGN_WRITES = 0o022;

/**
 * Where the cache of a program lies, or may be put.
 *
 * @param within the file that holds it. Its size and time tell one build from another, its version one release
 * @returns null where there is no such folder, it is not wanted, or the command is none of ours
 */
export function ownCacheOf(
  { program, within }: { program: string; within: string },
  command: string,
  env: Environment,
): string | null {
  const folder = folderIn(env);
  // Node's own switch for the same thing.
  if (folder === null || env["NODE_DISABLE_COMPILE_CACHE"] || !COMMANDS.has(command)) return null;
  try {
    const { size, mtimeMs } = fs.statSync(within);
    const build = `${VERSION}-${size}-${Math.round(mtimeMs)}`;
    return path.join(folder, `${program}-${command}-${ENGINE}-${build}.cache`);
  } catch {
    return null;
  }
}

function folderIn(env: Environment): string | null {
  const given = env["XDG_CACHE_HOME"];
  if (given !== undefined && path.isAbsolute(given)) return path.join(given, "kmsprobe");
  if (process.platform === "win32") {
    const local = env["LOCALAPPDATA"];
    return local === undefined || !path.isAbsolute(local) ? null : path.join(local, "kmsprobe", "Cache");
  }
  const home = env["HOME"];
  if (home === undefined || !path.isAbsolute(home)) return null;
  return process.platform === "darwin"
    ? path.join(home, "Library", "Caches", "kmsprobe")
    : path.join(home, ".cache", "kmsprobe");
}

/** @returns null where there is none, or somebody else might have written it */
export function readOwnCache(file: string): Buffer | null {
  try {
    return isOurs(path.dirname(file)) && isOurs(file) ? fs.readFileSync(file) : null;
  } catch {
    return null;
  }
}

function isOurs(file: string): boolean {
  // Windows has no such owner, and keeps that folder for its user.
  if (process.getuid === undefined) return true;
  const { uid, mode } = fs.lstatSync(file);
  return uid === process.getuid() && (mode & FOREIGN_WRITES) === 0;
}

/** Writes it whole or not at all, and takes away what an older build of the same left. */
export function keepOwnCache(file: string, data: () => Buffer): void {
  const folder = path.dirname(file);
  const writing = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOurs(folder)) return;
    fs.writeFileSync(writing, data(), { mode: 0o600, flag: "wx" });
    fs.renameSync(writing, file);
    const lead = path.basename(file).replace(/[^-]*-[^-]*-[^-]*$/, "");
    for (const name of fs.readdirSync(folder))
      if (name.startsWith(lead) && name !== path.basename(file)) fs.rmSync(path.join(folder, name));
  } catch {
    discard(writing);
  }
}

function discard(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // There is no folder that it could be in.
  }
}
