// The notices of everything that is bundled: what each licence asks to be kept with a copy.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Beside the bundles in dist/. */
export const NOTICES = "THIRD-PARTY-NOTICES.txt";

/** Licences of packages that ship without their text, as their repositories have it: `NAME.txt`. */
const KEPT = path.join(import.meta.dirname, "licences");

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/**
 * The packages whose code is in the bundles, by name and version.
 *
 * @param metafiles esbuild's, of every bundle
 */
export function packagesIn(metafiles) {
  const found = new Map();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        // looked at, and left out: nothing of it uses its code
        if (bytesInOutput === 0) continue;
        const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
        if (folder !== undefined && !found.has(folder)) found.set(folder, packageAt(folder));
      }
    }
  }
  const packages = new Map([...found.values()].map((each) => [`${each.name}@${each.version}`, each]));
  return [...packages.values()].toSorted((a, b) =>
    `${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1,
  );
}

function packageAt(folder) {
  const { name, version, license, repository, homepage } = JSON.parse(
    readFileSync(path.join(folder, "package.json"), "utf8"),
  );
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  const kept = path.join(KEPT, `${name.replace("/", "+")}.txt`);
  const texts = files.map((file) => readFileSync(path.join(folder, file), "utf8"));
  if (texts.length === 0 && existsSync(kept)) texts.push(readFileSync(kept, "utf8"));
  if (texts.length === 0 || typeof license !== "string")
    throw new Error(`${name} ${version} ships no licence: put its text into ${path.relative(".", kept)}`);
  return {
    name,
    version,
    licence: license,
    from: (typeof repository === "string" ? repository : repository?.url) ?? homepage ?? "",
    text: texts.map(tidy).join("\n\n"),
  };
}

/**
 * @param packages as `packagesIn` has them
 * @param legalComments what stands in their sources, as esbuild gathers it
 */
export function noticesOf(packages, legalComments) {
  const sections = packages.map(
    ({ name, version, licence, from, text }) =>
      `${RULE}\n${name} ${version} (${licence})\n${from === "" ? "" : `${from}\n`}\n${text}\n`,
  );
  const comments = legalComments.map(tidy).filter((text) => text !== "");
  return [
    `kmsprobe is under the MIT licence (LICENSE). Its files hold code of these ${packages.length} packages, each under its own:\n\n` +
      packages.map(({ name, version, licence }) => `  ${name} ${version} (${licence})\n`).join(""),
    ...sections,
    ...(comments.length === 0
      ? []
      : [`${RULE}\nLegal comments in their sources\n\n${comments.join("\n\n")}\n`]),
  ].join("\n");
}

const RULE = "-".repeat(80);

function tidy(text) {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(/[ \t]+$/gm, "")
    .trim();
}
