// Builds dist/: the command line as one CommonJS file, which starts fastest, with what few runs need in files beside it;
// and the library as ES modules with types.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { bundled, libraryModule } from "./bundles.mjs";
import { NOTICES, noticesOf, packagesIn } from "./notices.mjs";

/** Built aside and then moved, so that a run meanwhile finds the old files or the new ones. */
const BUILDING = ".dist-building";
const BEFORE = ".dist-before";

rmSync(BUILDING, { recursive: true, force: true });
mkdirSync(BUILDING);
const { files, metafiles, legalComments } = await bundled();
for (const [name, text] of files) writeFileSync(`${BUILDING}/${name}`, text);
chmodSync(`${BUILDING}/kmsprobe.cjs`, 0o755);
writeFileSync(`${BUILDING}/${NOTICES}`, noticesOf(packagesIn(metafiles), legalComments));

mkdirSync(`${BUILDING}/lib`);
writeFileSync(`${BUILDING}/lib/library.js`, await libraryModule());
const tsc = spawnSync(
  process.execPath,
  ["node_modules/typescript/bin/tsc", "-p", "scripts/tsconfig.library.json", "--outDir", `${BUILDING}/lib`],
  { stdio: "inherit" },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
// tsc does not emit a declaration file that stands by itself: the library's types need it.
cpSync("src/protocol/dns-packet.d.ts", `${BUILDING}/lib/protocol/dns-packet.d.ts`);
keepReached(`${BUILDING}/lib`, "library.d.ts");

const cache = spawnSync(process.execPath, ["scripts/make-cache.cjs", BUILDING], { timeout: 60_000 });
if (cache.status !== 0) console.warn("kmsprobe: built without a code cache; it starts a little slower");
// Only the cache's maker, and who makes executables, needs them.
for (const name of ["start.cjs", "executable.cjs"]) rmSync(`${BUILDING}/${name}`);

function tabbed(text) {
  return text.replaceAll(/^(?: {4})+/gm, (blanks) => "\t".repeat(blanks.length / 4));
}

/** tsc declares every file that the library is made of; its types speak of a third of them. */
function keepReached(folder, entry) {
  const reached = new Set([entry]);
  for (const file of reached) {
    const text = readFileSync(path.join(folder, file), "utf8");
    for (const [, other] of text.matchAll(/(?:from |import\()"(\.[^"]+)\.[jt]s"/g))
      reached.add(path.join(path.dirname(file), `${other}.d.ts`));
  }
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".d.ts")) continue;
    const place = path.join(folder, file);
    // Four blanks a level are a tenth of what they weigh.
    if (reached.has(file)) writeFileSync(place, tabbed(readFileSync(place, "utf8")));
    else rmSync(place);
  }
  const folders = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const each of folders.filter((found) => found.isDirectory()).toReversed()) {
    const place = path.join(each.parentPath, each.name);
    if (readdirSync(place).length === 0) rmSync(place, { recursive: true });
  }
}

rmSync(BEFORE, { recursive: true, force: true });
if (existsSync("dist")) renameSync("dist", BEFORE);
renameSync(BUILDING, "dist");
rmSync(BEFORE, { recursive: true, force: true });
