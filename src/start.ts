/**
 * What `kmsprobe` runs first: compiles the program with the code cache that the build left beside it, or that an earlier
 * run left in the user's cache folder, which takes a third off the time of a short run. Without one, or with one that V8
 * doesn't take, it compiles as usual, and leaves one at its end.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { Script } from "node:vm";
import { ENGINE, keepOwnCache, ownCacheOf, readOwnCache } from "./code-cache.ts";

/** What is started this way, each `NAME.cjs`: one function with the parameters of a CommonJS module. */
export type Program = "program" | "verify-program";

/** Of a program: where it is said to be, and what it is made of. */
export type Parts = {
  file: string;
  source: string;
  /** The cache that the build left, if it left one for this engine. */
  beside: Buffer | null;
  /** The file whose size and time tell one build from another: the same, or the executable that holds it. */
  within: string;
};

/** Beside the program. */
export function cacheName(program: Program): string {
  return `${program}-${ENGINE}.cache`;
}

/** @param env says where the user's cache folder is; without one none is used */
export function compile(
  folder: string,
  program: Program,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Script {
  const file = fileOf(folder, program);
  const source = readFileSync(file, "utf8");
  return compileParts(
    { file, source, beside: read(path.join(folder, cacheName(program))), within: file },
    env,
  );
}

/** The program ready to run: with the build's cache, else with the user's own, else compiled here. */
export function compileParts(
  { file, source, beside, within }: Parts,
  env: Readonly<Record<string, string | undefined>>,
): Script {
  const built = scriptOf(file, source, beside);
  if (built !== null) return built;
  const own = ownCacheOf({ program: path.basename(file, ".cjs"), within }, process.argv[2] ?? "", env);
  const known = own === null ? null : scriptOf(file, source, readOwnCache(own));
  if (known !== null) return known;
  const script = new Script(source, { filename: file });
  // By then it holds what the run needed, and not only what every run needs.
  if (own !== null) process.once("exit", () => keepOwnCache(own, () => script.createCachedData()));
  return script;
}

/** Null where V8 doesn't take the cache, or there is none. */
function scriptOf(filename: string, source: string, cachedData: Buffer | null): Script | null {
  if (cachedData === null) return null;
  const script = new Script(source, { filename, cachedData });
  return script.cachedDataRejected === true ? null : script;
}

/**
 * @param require of a module in that folder
 * @returns what it exports
 */
export function start(folder: string, script: Script, program: Program, require: NodeJS.Require): unknown {
  const file = fileOf(folder, program);
  const module = { exports: {} };
  runModule(script, file, require, module);
  return module.exports;
}

/** Runs what `program` exports. It is loaded without being run where somebody else's program uses the library. */
export function runExported(program: unknown): void {
  if (
    typeof program !== "object" ||
    program === null ||
    !("run" in program) ||
    typeof program.run !== "function"
  )
    throw new TypeError("program.cjs is not what the build makes");
  program.run();
}

/** Runs a script that is one function with the parameters of a CommonJS module, which is filled with what it exports. */
export function runModule(
  script: Script,
  file: string,
  require: (name: string) => unknown,
  module: { exports: unknown },
): void {
  const run: unknown = script.runInThisContext();
  if (typeof run !== "function") throw new TypeError(`${file} is not what the build makes`);
  run(module.exports, require, module, file, path.dirname(file));
}

function fileOf(folder: string, program: Program): string {
  return path.join(folder, `${program}.cjs`);
}

function read(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}
