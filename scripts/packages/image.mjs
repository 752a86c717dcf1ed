// An image for containers, from nothing: the executable and the C libraries that it needs, as an OCI image layout in an archive
// (https://github.com/opencontainers/image-spec). Made with tar and JSON alone: no daemon, no network.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { NOTICES } from "../notices.mjs";
import { runProgram } from "./programs.mjs";

/** "nobody", by number: there is no /etc/passwd. */
const USER = "65534:65534";

/**
 * @param release its `version` and `description`, and the `date` that its files have
 * @param made as makeDebianPackage has it
 * @returns the file
 */
export async function makeImage(release, made, folder) {
  const work = path.join(made.work, "image");
  const layout = path.join(work, "layout");
  const blobs = path.join(layout, "blobs/sha256");
  await mkdir(blobs, { recursive: true });
  const root = await makeRoot(made, work);
  const layer = path.join(work, "layer.tar");
  await tar(root, layer, release.date);
  await pipeline(createReadStream(layer), createGzip({ level: 6 }), createWriteStream(`${layer}.gz`));
  const diff = `sha256:${await sha256(layer)}`;

  const addFile = async (file, mediaType) => {
    const [digest, { size }] = [await sha256(file), await stat(file)];
    await rename(file, path.join(blobs, digest));
    return { mediaType, digest: `sha256:${digest}`, size };
  };
  const addJson = async (value, mediaType) => {
    const file = path.join(work, "blob.json");
    await writeFile(file, JSON.stringify(value));
    return await addFile(file, mediaType);
  };
  const created = release.date.toISOString();
  const labels = {
    "org.opencontainers.image.title": "kmsprobe",
    "org.opencontainers.image.description": release.description,
    "org.opencontainers.image.version": release.version,
    "org.opencontainers.image.licenses": "MIT",
    "org.opencontainers.image.created": created,
  };
  const config = await addJson(
    {
      created,
      architecture: "amd64",
      os: "linux",
      config: { User: USER, Entrypoint: ["/usr/bin/kmsprobe"], WorkingDir: "/", Labels: labels },
      rootfs: { type: "layers", diff_ids: [diff] },
      history: [{ created, created_by: "kmsprobe scripts/packages/image.mjs" }],
    },
    "application/vnd.oci.image.config.v1+json",
  );
  const manifest = await addJson(
    {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config,
      layers: [await addFile(`${layer}.gz`, "application/vnd.oci.image.layer.v1.tar+gzip")],
      annotations: labels,
    },
    "application/vnd.oci.image.manifest.v1+json",
  );
  await writeFile(path.join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const named = { "org.opencontainers.image.ref.name": `kmsprobe:${release.version}` };
  await writeFile(
    path.join(layout, "index.json"),
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [{ ...manifest, platform: { architecture: "amd64", os: "linux" }, annotations: named }],
    }),
  );
  const file = path.join(folder, `kmsprobe-${release.version}-oci-amd64.tar`);
  await tar(layout, file, release.date);
  await rm(work, { recursive: true });
  return file;
}

async function makeRoot(made, work) {
  const root = path.join(work, "root");
  const put = async (from, to, mode) => {
    const place = path.join(root, to);
    await mkdir(path.dirname(place), { recursive: true });
    await copyFile(from, place);
    await chmod(place, mode);
  };
  const executable = path.join(made.executables, "kmsprobe-linux-x64");
  await put(executable, "usr/bin/kmsprobe", 0o755);
  for (const library of await librariesOf(executable)) {
    await put(library, library, 0o755);
    const notice = `usr/share/doc/${(await packageOf(library)).name}/copyright`;
    await put(`/${notice}`, notice, 0o644);
  }
  await put(path.join(made.assets, NOTICES), `usr/share/doc/kmsprobe/${NOTICES}`, 0o644);
  await put(made.nodeLicence, "usr/share/doc/kmsprobe/nodejs-copyright", 0o644);
  await put("LICENSE", "usr/share/doc/kmsprobe/copyright", 0o644);
  await mkdir(path.join(root, "tmp"));
  await chmod(path.join(root, "tmp"), 0o1777);
  return root;
}

/** The files that the loader takes for it, itself among them. */
export async function librariesOf(executable) {
  const told = await runProgram("ldd", [executable]);
  return [...told.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file]) => file);
}

/** The Debian package that a library is of, by name and version. */
export async function packageOf(library) {
  // /lib is a link to /usr/lib, and the database has the name that the package has.
  const owner = await runProgram("dpkg-query", ["--search", `*/${path.basename(library)}`]);
  const names = owner.split("\n").map((line) => line.split(":")[0] ?? "");
  const name = names.find((each) => /^lib[\w+.-]+$/.test(each) && !each.endsWith("-cross"));
  if (name === undefined) throw new Error(`${library} is of no Debian package`);
  return { name, version: await runProgram("dpkg-query", ["--show", "--showformat=${Version}", name]) };
}

async function tar(folder, file, date) {
  const seconds = date.getTime() / 1000;
  const same = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", `--mtime=@${seconds}`];
  await runProgram("tar", [...same, "--format=ustar", "-cf", file, "-C", folder, "."]);
}

export async function sha256(file) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}
