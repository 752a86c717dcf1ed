// Builds dist/: the command line as one CommonJS file, which starts fastest, with what few runs need in files beside it;
// and the library as ES modules with types.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

/** Loaded by the command or format that needs them: V8 compiles what is in the main file at every start. */
const BESIDE = {
  lab: "src/demo/lab.ts",
  csv: "src/report/check/csv.ts",
  compare: "src/cli/compare/reports.ts",
  merge: "src/cli/merge/reports.ts",
  explain: "src/cli/explain/words.ts",
  watch: "src/cli/watch/session.ts",
  spinner: "src/cli/spinner.ts",
  "verify-init": "src/cli/verify/init.ts",
  "verify-junit": "src/report/verify/junit.ts",
  "verify-html": "src/report/page/page.tsx",
  "verify-csv": "src/report/verify/csv.ts",
  "verify-prometheus": "src/report/verify/prometheus.ts",
  plugin: "src/cli/plugin.ts",
  sweep: "src/cli/sweep/session.ts",
  "sweep-renderers": "src/cli/sweep/renderers.ts",
  // started as a thread, by its name
  "sweep-worker": "src/run/sweep/worker.ts",
};

/** What `verify` runs: large enough to be worth a code cache of its own. */
const VERIFY = "src/cli/verify/session.ts";

/** The live view of `watch`, and the one file that loads it. */
const TUI = "src/tui/load.ts";
const TUI_VIEW = "src/tui/view.ts";

/** Where the program imports one of these at run time, the bundle takes the file beside it. */
const besidePlugin = {
  name: "beside",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, (args) => {
      if (args.kind !== "dynamic-import") return undefined;
      const source = path.relative(".", path.resolve(args.resolveDir, args.path));
      const entry = Object.entries(BESIDE).find(([, file]) => file === source);
      if (entry) return { path: `./${entry[0]}.cjs`, external: true };
      if (source === VERIFY) return { path: "./verify.cjs", external: true };
      if (source === TUI) return { path: "./tui.cjs", external: true };
      return source === TUI_VIEW ? { path: "./tui-view.mjs", external: true } : undefined;
    });
  },
};

/** ink imports React's devtools, which nobody installs, for its own developers. */
const withoutDevtools = {
  name: "without-devtools",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^react-devtools-core$/ }, ({ path: name }) => ({
      path: name,
      namespace: "nothing",
    }));
    onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: "export default {};" }));
  },
};

/**
 * ink 6.8 remembers every text that it ever measured or wrapped (vadimdemedes/ink#986, fixed in a version that needs a
 * newer Node): 6 MB a minute here. Nothing is remembered now; a screen of text is measured anew.
 */
const inkWithoutMemory = {
  name: "ink-without-memory",
  setup({ onLoad }) {
    const forget = {
      "measure-text.js": "cache.set(text, dimensions);",
      "wrap-text.js": "cache[cacheKey] = wrappedText;",
    };
    for (const [file, remembering] of Object.entries(forget)) {
      onLoad(
        { filter: new RegExp(`[/\\\\]ink[/\\\\]build[/\\\\]${file.replace(".", "\\.")}$`) },
        async (args) => {
          const source = await readFile(args.path, "utf8");
          if (!source.includes(remembering))
            throw new Error(`${file} of ink has changed: does it still remember all?`);
          return { contents: source.replace(remembering, "") };
        },
      );
    }
  },
};

/** Built aside and then moved, so that a run meanwhile finds the old files or the new ones. */
const BUILDING = ".dist-building";
const BEFORE = ".dist-before";

const common = {
  outdir: BUILDING,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // A native import() would start the ES module loader, which costs more than what it loads.
  supported: { "dynamic-import": false },
  minify: true,
  legalComments: "linked",
  logLevel: "warning",
};

rmSync(BUILDING, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: { program: "src/main.ts", "verify-program": VERIFY },
  banner: { js: "(function (exports, require, module, __filename, __dirname) {" },
  footer: { js: "})" },
  plugins: [besidePlugin],
});
await build({
  ...common,
  outdir: undefined,
  outfile: `${BUILDING}/verify.cjs`,
  stdin: {
    contents: `import { compile, start } from "./src/start.ts";
      module.exports = start(__dirname, compile(__dirname, "verify-program"), "verify-program");`,
    resolveDir: ".",
  },
});
await build({
  ...common,
  entryPoints: { kmsprobe: "src/kmsprobe.ts" },
  banner: { js: "#!/usr/bin/env node" },
});
await build({ ...common, entryPoints: { start: "src/start.ts" } });
// React's development build is slower, and larger.
const define = { "process.env.NODE_ENV": '"production"' };
await build({ ...common, entryPoints: BESIDE, define, plugins: [besidePlugin] });
// ink comes as ES modules with a top-level await: a small file that the program requires imports them, natively.
await build({
  ...common,
  entryPoints: { tui: TUI },
  supported: {},
  plugins: [besidePlugin],
});
await build({
  ...common,
  entryPoints: { "tui-view": TUI_VIEW },
  outExtension: { ".js": ".mjs" },
  format: "esm",
  supported: {},
  // React's development build measures every frame, and keeps what it measured.
  define,
  plugins: [withoutDevtools, inkWithoutMemory],
  banner: {
    js: 'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);',
  },
});
chmodSync(`${BUILDING}/kmsprobe.cjs`, 0o755);

const tsc = spawnSync(
  process.execPath,
  ["node_modules/typescript/bin/tsc", "-p", "scripts/tsconfig.library.json", "--outDir", `${BUILDING}/lib`],
  { stdio: "inherit" },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
// tsc does not emit a declaration file that stands by itself: the library's types need it.
cpSync("src/protocol/dns-packet.d.ts", `${BUILDING}/lib/protocol/dns-packet.d.ts`);

const cache = spawnSync(process.execPath, ["scripts/make-cache.cjs", BUILDING], { timeout: 60_000 });
if (cache.status !== 0) console.warn("kmsprobe: built without a code cache; it starts a little slower");
// Only the cache's maker needed it.
rmSync(`${BUILDING}/start.cjs`);

rmSync(BEFORE, { recursive: true, force: true });
if (existsSync("dist")) renameSync("dist", BEFORE);
renameSync(BUILDING, "dist");
rmSync(BEFORE, { recursive: true, force: true });
