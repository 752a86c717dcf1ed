// Builds dist/: the command line as one CommonJS file, which starts fastest, with what few runs need in files beside it;
// and the library as ES modules with types.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, rmSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

/** Loaded by the command or format that needs them: V8 compiles what is in the main file at every start. */
const BESIDE = { lab: "src/demo/lab.ts", csv: "src/report/csv.ts", spinner: "node_modules/ora/index.js" };

/** Where the program imports one of these at run time, the bundle requires the file beside it. */
const besidePlugin = {
  name: "beside",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, (args) => {
      if (args.kind !== "dynamic-import") return undefined;
      const source = path.relative(".", path.resolve(args.resolveDir, args.path));
      const entry = Object.entries(BESIDE).find(([, file]) => file === source);
      return entry ? { path: `./${entry[0]}.cjs`, external: true } : undefined;
    });
  },
};

const common = {
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // A native import() would start the ES module loader, which costs more than what it loads.
  supported: { "dynamic-import": false },
  minify: true,
  keepNames: true,
  legalComments: "linked",
  logLevel: "warning",
};

rmSync("dist", { recursive: true, force: true });
await build({
  ...common,
  entryPoints: { kmsprobe: "src/main.ts" },
  banner: { js: "#!/usr/bin/env node" },
  plugins: [besidePlugin],
});
await build({ ...common, entryPoints: BESIDE });
chmodSync("dist/kmsprobe.cjs", 0o755);

const tsc = spawnSync(
  process.execPath,
  ["node_modules/typescript/bin/tsc", "-p", "scripts/tsconfig.library.json"],
  {
    stdio: "inherit",
  },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
// tsc does not emit a declaration file that stands by itself: the library's types need it.
cpSync("src/protocol/dns-packet.d.ts", "dist/lib/protocol/dns-packet.d.ts");
