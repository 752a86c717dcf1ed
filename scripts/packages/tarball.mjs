// The npm package of a release.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { runProgram } from "./programs.mjs";

/**
 * As dist/ was built before, and without the scripts of a checkout: npm 11 warns of `prepare` at each install, as of one that
 * would like to run on the user's machine. It never would.
 *
 * @param work folder for what lies on the way
 * @param folder where the tarball goes
 */
export async function makeTarball(work, folder) {
  const manifest = JSON.parse(await readFile("package.json", "utf8"));
  const stage = path.join(work, "npm");
  await mkdir(stage);
  const included = manifest.files.filter((name) => !name.startsWith("!"));
  for (const name of included) await cp(name, path.join(stage, name), { recursive: true });
  const published = { ...manifest, scripts: undefined };
  await writeFile(path.join(stage, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
  await runProgram("npm", ["pack", stage, "--ignore-scripts", "--pack-destination", folder]);
}
