// Builds dist/: the command line as one CommonJS file, which starts fastest, and the library as ES modules with types.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist", { recursive: true, force: true });

await build({
  entryPoints: ["src/main.ts"],
  outfile: "dist/kmsprobe.cjs",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
  keepNames: true,
  banner: { js: "#!/usr/bin/env node" },
  legalComments: "linked",
  logLevel: "warning",
});
chmodSync("dist/kmsprobe.cjs", 0o755);

const tsc = spawnSync(
  process.execPath,
  ["node_modules/typescript/bin/tsc", "-p", "scripts/tsconfig.library.json"],
  {
    stdio: "inherit",
  },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
// A declaration file is not emitted by itself: the library's types need it.
cpSync("src/protocol/dns-packet.d.ts", "dist/lib/protocol/dns-packet.d.ts");
