// A Debian package around a single executable: Debian 12's own Node.js is too old to depend on.
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { NOTICES } from "../notices.mjs";
import { NODE_VERSION } from "./executables.mjs";
import { runProgram } from "./programs.mjs";

/** By Debian's name of the architecture. */
export const DEBIAN = {
  amd64: { executable: "kmsprobe-linux-x64" },
  arm64: { executable: "kmsprobe-linux-arm64" },
};

/** Where each shell of Debian looks. */
const COMPLETIONS = {
  bash: "usr/share/bash-completion/completions/kmsprobe",
  zsh: "usr/share/zsh/vendor-completions/_kmsprobe",
  fish: "usr/share/fish/vendor_completions.d/kmsprobe.fish",
};

/** What lintian says of Node.js itself, which is built elsewhere. */
const OVERRIDES = [
  "# Node.js is built with a zlib of its own, and not position independent.",
  "kmsprobe: embedded-library *zlib* [usr/bin/kmsprobe]",
  "kmsprobe: hardening-no-pie [usr/bin/kmsprobe]",
].join("\n");

/** As Debian's own tools have it; a release says who stands for it. */
const MAINTAINER = `${process.env.DEBFULLNAME || "The kmsprobe authors"} <${process.env.DEBEMAIL || "maintainers@kmsprobe.example"}>`;

/**
 * @param architecture one of DEBIAN
 * @param release its `version`, and the `date` that its files have
 * @param made folders: `assets` holds what dist/ does, `executables` the executables, `work` is for passing things
 * @returns the file
 */
export async function makeDebianPackage(architecture, release, made, folder) {
  const root = path.join(made.work, `debian-${architecture}`);
  const put = async (file, content, mode = 0o644) => {
    const place = path.join(root, file);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, content);
    await chmod(place, mode);
  };
  const executable = path.join(root, "usr/bin/kmsprobe");
  await mkdir(path.dirname(executable), { recursive: true });
  await copyFile(path.join(made.executables, DEBIAN[architecture].executable), executable);
  await chmod(executable, 0o755);

  for (const page of await readdir("man/man1"))
    await put(`usr/share/man/man1/${page}.gz`, zipped(await readFile(`man/man1/${page}`)));
  for (const [shell, file] of Object.entries(COMPLETIONS)) {
    const program = path.join(made.assets, "kmsprobe.cjs");
    await put(file, await runProgram(process.execPath, [program, "completion", shell]));
  }
  const doc = "usr/share/doc/kmsprobe";
  await put(`${doc}/copyright`, await copyright());
  await put(`${doc}/changelog.gz`, zipped(changelog(release)));
  await put(`${doc}/CHANGELOG.md.gz`, zipped(await readFile("CHANGELOG.md")));
  await put(`${doc}/README.md`, await readFile("README.md"));
  // What its links lead to, and what a machine is set up from (docs/monitoring).
  for (const file of await filesBelow("docs"))
    await put(`${doc}/docs/${file}`, await readFile(`docs/${file}`));
  await put(`${doc}/${NOTICES}.gz`, zipped(await readFile(path.join(made.assets, NOTICES))));
  await put(`${doc}/nodejs-copyright.gz`, zipped(await readFile(made.nodeLicence)));
  await put("usr/share/lintian/overrides/kmsprobe", `${OVERRIDES}\n`);

  const kib = parseInt(await runProgram("du", ["-sk", "--apparent-size", root]), 10);
  await put("DEBIAN/control", control(architecture, release, kib));
  await put("DEBIAN/md5sums", await sums(root));
  await openFolders(root);
  const file = path.join(folder, `kmsprobe_${release.version}_${architecture}.deb`);
  // 4 MB larger than with -z6, in a fraction of the time.
  await runProgram("dpkg-deb", ["--root-owner-group", "-Zxz", "-z1", "--build", root, file], {
    env: { PATH: process.env.PATH, SOURCE_DATE_EPOCH: String(release.date.getTime() / 1000) },
  });
  await rm(root, { recursive: true });
  return file;
}

function zipped(content) {
  return gzipSync(content, { level: 9 });
}

function control(architecture, { version }, kib) {
  return [
    "Package: kmsprobe",
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${MAINTAINER}`,
    `Installed-Size: ${kib}`,
    // What Node's binary asks of its loader: GLIBC_2.28, GLIBCXX_3.4.21.
    "Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8)",
    "Section: net",
    "Priority: optional",
    "Description: network-side probe of KMS hosts",
    " It resolves the SRV records that KMS clients use, connects to every host they",
    " list, binds the KMS interface there, and says which hosts would serve a",
    " client, and of the others why not and what to do next. It sends no activation",
    " request.",
    " .",
    ` Node.js ${NODE_VERSION} is within; nothing else is needed.`,
    "",
  ].join("\n");
}

async function copyright() {
  const licence = (await readFile("LICENSE", "utf8")).trimEnd();
  return `${licence}

/usr/bin/kmsprobe holds code of other packages, whose notices are in
${NOTICES}.gz beside this file, and Node.js ${NODE_VERSION}, whose notices
are in nodejs-copyright.gz.
`;
}

function changelog({ version, date }) {
  const day = date.toUTCString().replace("GMT", "+0000");
  return `kmsprobe (${version}) stable; urgency=medium\n\n  * Release ${version}; CHANGELOG.md.gz says what is new.\n\n -- ${MAINTAINER}  ${day}\n`;
}

async function sums(root) {
  const files = (await filesBelow(root)).filter((file) => !file.startsWith("DEBIAN/"));
  return await runProgram("md5sum", files, { cwd: root });
}

async function filesBelow(root) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

/** Whatever the umask was. */
async function openFolders(root) {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) await chmod(path.join(entry.parentPath, entry.name), 0o755);
}
