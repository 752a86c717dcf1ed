/**
 * The first file of a single executable (Node's SEA), in place of kmsprobe.ts: what lies in dist/ otherwise is an asset of
 * the executable here. The program asks three things of its folder, and gets them: to load a file, whether one is there, and a
 * thread of one. The threads start with this file again.
 */
import fs from "node:fs";
import Module, { createRequire } from "node:module";
import path from "node:path";
import sea from "node:sea";
import { Script } from "node:vm";
import threads from "node:worker_threads";
import type { WorkerOptions } from "node:worker_threads";
import { cacheName, compileParts, runExported, runModule } from "./start.ts";
import type { Program } from "./start.ts";

/** Without /proc it is as it was called, by a name alone perhaps. */
const EXECUTABLE = path.resolve(process.execPath);

/** No such folder can exist: a name for what the executable holds, in paths and stacks. */
const FOLDER = path.join(EXECUTABLE, "dist");

/** The names of all assets, a line each. */
const NAMES = new Set(sea.getAsset("names", "utf8").split("\n"));
/** This file, bundled. */
const SELF = "executable.cjs";

const fromNode = createRequire(EXECUTABLE);
const loaded = new Map<string, { exports: unknown }>();

/** What the bundles call `require`. */
function load(name: string): unknown {
  if (name === "node:fs" || name === "fs") return FS;
  if (name === "node:worker_threads" || name === "worker_threads") return THREADS;
  if (!name.startsWith("./")) return fromNode(name);
  const file = name.slice("./".length);
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  // Before it runs: two files may want each other.
  loaded.set(file, module);
  fill(module, file);
  return module.exports;
}

function fill(module: { exports: unknown }, name: string): void {
  if (name === "parts.cjs") return startProgram("program", module);
  if (name === "verify.cjs") return startProgram("verify-program", module);
  if (name === "tui.cjs") {
    module.exports = { startView };
    return;
  }
  const file = path.join(FOLDER, name);
  const text = sea.getAsset(name, "utf8");
  const source = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  runModule(new Script(source, { filename: file }), file, load, module);
}

function startProgram(program: Program, module: { exports: unknown }): void {
  const file = path.join(FOLDER, `${program}.cjs`);
  const kept = cacheName(program);
  const beside = NAMES.has(kept) ? Buffer.from(sea.getAsset(kept)) : null;
  const source = sea.getAsset(`${program}.cjs`, "utf8");
  const script = compileParts({ file, source, beside, within: EXECUTABLE }, process.env);
  runModule(script, file, load, module);
}

/** As `tui.cjs` does. The view is an ES module with a top-level await, which only `import()` of a URL can load. */
async function startView(props: unknown): Promise<unknown> {
  const text = sea.getAsset("tui-view.mjs", "utf8");
  const view: { startView: (props: unknown) => unknown } = await importUrl(
    `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`,
  );
  return view.startView(props);
}

/** In a script of the executable's own, `import()` knows Node's own modules only; in a CommonJS module it is the usual one. */
function importUrl(url: string): Promise<{ startView: (props: unknown) => unknown }> {
  const module = new Module(path.join(FOLDER, "import.cjs"));
  if (!("_compile" in module) || typeof module._compile !== "function")
    throw new TypeError("this Node.js compiles no modules");
  module._compile("module.exports = (url) => import(url);", module.id);
  return module.exports(url);
}

/** The asset that a path means; null where it means a file. */
function assetOf(file: unknown): string | null {
  if (typeof file !== "string" || path.dirname(file) !== FOLDER) return null;
  return NAMES.has(path.basename(file)) ? path.basename(file) : null;
}

const FS = {
  ...fs,
  existsSync: (file: fs.PathLike) => assetOf(file) !== null || fs.existsSync(file),
};

class Thread extends threads.Worker {
  constructor(file: string | URL, options: WorkerOptions = {}) {
    const asset = assetOf(file);
    if (asset === null) super(file, options);
    else super(sea.getAsset(SELF, "utf8"), { ...options, eval: true, argv: [asset] });
  }
}

const THREADS = { ...threads, Worker: Thread };

// The program is what the other files ask for its parts.
if (threads.isMainThread) runExported(load("./parts.cjs"));
else load(`./${process.argv.at(-1) ?? ""}`);
