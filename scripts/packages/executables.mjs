// Single executables: a Node.js from npm with kmsprobe injected (https://nodejs.org/api/single-executable-applications.html).
// What is injected holds no machine code, so that each is made on any machine; only its code cache is of one engine.
import { chmod, copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { runtime, RUNTIMES } from "../runtimes.mjs";
import { runProgram } from "./programs.mjs";

/** By file name. Stripped before it is injected, never after. Node.js for Windows comes without symbols. */
export const EXECUTABLES = {
  "kmsprobe-linux-x64": { node: "node22", strip: "strip" },
  "kmsprobe-linux-arm64": { node: "node22-arm64", strip: "aarch64-linux-gnu-strip" },
  "kmsprobe-win-x64.exe": { node: "node22-win", strip: null },
};

/** The one that packaging runs: it makes what is injected, and the code cache of its own engine. */
const MAKER = "node22";

/** Node's own mark of the place that says whether something was injected. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** The executable's first file; the others are assets. Of those, it does itself what these would. */
const MAIN = "executable.cjs";
const UNUSED = new Set(["kmsprobe.cjs", "verify.cjs", "parts.cjs", "tui.cjs", "library.cjs", "start.cjs"]);

/** kmsprobe as it will be injected, with and without a code cache. */
export async function makeBlobs(files, work) {
  const folder = path.join(work, "assets");
  await mkdir(folder);
  for (const [name, text] of files) await writeFile(path.join(folder, name), text);
  const node = await runtime(MAKER);
  const plain = await makeBlob(node, folder, path.join(work, "plain"));
  await runProgram(node, ["scripts/make-cache.cjs", folder], {
    timeout: 60_000,
    env: { PATH: process.env.PATH },
  });
  return { plain, cached: await makeBlob(node, folder, path.join(work, "cached")) };
}

async function makeBlob(node, folder, output) {
  const names = (await readdir(folder)).filter((name) => !UNUSED.has(name)).toSorted();
  await writeFile(`${output}.names`, names.join("\n"));
  const config = {
    main: path.join(folder, MAIN),
    output: `${output}.blob`,
    // Two lines on standard error at every start, otherwise.
    disableExperimentalSEAWarning: true,
    // The program is told nothing by NODE_OPTIONS that might be there for another one.
    execArgvExtension: "none",
    assets: {
      names: `${output}.names`,
      ...Object.fromEntries(names.map((name) => [name, path.join(folder, name)])),
    },
  };
  await writeFile(`${output}.json`, JSON.stringify(config));
  await runProgram(node, ["--experimental-sea-config", `${output}.json`]);
  return config.output;
}

/**
 * @param name one of EXECUTABLES
 * @param blobs as `makeBlobs` has them
 */
export async function makeExecutable(name, blobs, folder) {
  const { node, strip } = EXECUTABLES[name];
  const file = path.join(folder, name);
  await copyFile(await runtime(node), file);
  await chmod(file, 0o755);
  if (strip !== null) await runProgram(strip, [file]);
  const blob = node === MAKER ? blobs.cached : blobs.plain;
  const postject = [
    "node_modules/postject/dist/cli.js",
    file,
    "NODE_SEA_BLOB",
    blob,
    "--sentinel-fuse",
    FUSE,
  ];
  try {
    await runProgram(process.execPath, postject);
  } catch (error) {
    await rm(file);
    throw error;
  }
  return file;
}

/** The Node.js that they are made of. */
export const NODE_VERSION = RUNTIMES[MAKER].version;
