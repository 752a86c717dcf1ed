// Everything that a release has, into a folder: single executables, Debian packages, an image for containers, the npm package,
// their bill of materials, and their sums.
// node scripts/package.mjs [FOLDER]     (packages/, where none is named)
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { bundled } from "./bundles.mjs";
import { NOTICES, noticesOf, packagesIn } from "./notices.mjs";
import { billOf } from "./packages/bill.mjs";
import { DEBIAN, makeDebianPackage } from "./packages/debian.mjs";
import { EXECUTABLES, makeBlobs, makeExecutable } from "./packages/executables.mjs";
import { makeImage, sha256 } from "./packages/image.mjs";
import { runProgram } from "./packages/programs.mjs";
import { makeTarball } from "./packages/tarball.mjs";
import { runtime } from "./runtimes.mjs";

if (process.platform !== "linux" || process.arch !== "x64") {
  console.error("packages are made on Linux, x64: the program runs once on the way, for its code cache");
  process.exit(2);
}

const folder = path.resolve(process.argv[2] ?? "packages");
const { version, description } = JSON.parse(await readFile("package.json", "utf8"));
const release = { version, description, date: await dateOfRelease() };
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const work = await mkdtemp(path.join(tmpdir(), "kmsprobe-packaging-"));
try {
  const { files, metafiles, legalComments } = await bundled();
  const packages = packagesIn(metafiles);
  const blobs = await makeBlobs(files, work);
  const made = {
    work,
    assets: path.join(work, "assets"),
    executables: folder,
    nodeLicence: path.join(path.dirname(await runtime("node22")), "../LICENSE"),
  };
  await writeFile(path.join(made.assets, NOTICES), noticesOf(packages, legalComments));
  await Promise.all(Object.keys(EXECUTABLES).map((name) => makeExecutable(name, blobs, folder)));
  await Promise.all([
    ...Object.keys(DEBIAN).map((architecture) => makeDebianPackage(architecture, release, made, folder)),
    makeImage(release, made, folder),
    makeTarball(work, folder),
  ]);
  const bill = await billOf(release, packages, path.join(folder, "kmsprobe-linux-x64"));
  await writeFile(path.join(folder, `kmsprobe-${version}.cdx.json`), bill);
  // Whoever has one file has to keep these with it: the Debian packages, the image and the npm package have their own.
  await cp(path.join(made.assets, NOTICES), path.join(folder, NOTICES));
  await cp(made.nodeLicence, path.join(folder, "NODEJS-LICENSE.txt"));
  await writeSums();
} finally {
  await rm(work, { recursive: true, force: true });
}

/** As `SOURCE_DATE_EPOCH` says, else the last commit's: made again, the files are the same. Without either, now. */
async function dateOfRelease() {
  const given = process.env.SOURCE_DATE_EPOCH ?? (await lastCommit());
  return new Date((/^\d+$/.test(given) ? Number(given) : Math.floor(Date.now() / 1000)) * 1000);
}

/** Seconds; empty where there is no repository, as in an unpacked archive. */
async function lastCommit() {
  try {
    return (await runProgram("git", ["log", "-1", "--format=%ct"])).trim();
  } catch {
    return "";
  }
}

/** As `sha256sum --check` reads them. */
async function writeSums() {
  const names = (await readdir(folder)).toSorted();
  const lines = [];
  for (const name of names) lines.push(`${await sha256(path.join(folder, name))}  ${name}\n`);
  await writeFile(path.join(folder, "SHA256SUMS"), lines.join(""));
  for (const line of lines) process.stdout.write(line);
}
