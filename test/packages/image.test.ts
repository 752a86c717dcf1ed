/** The image for containers: what the specification asks of its files, and what runs in it. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { needs } from "../integration/servers/available.ts";
import { startProgram } from "../integration/support/kmsprobe.ts";
import { runIn } from "./empty-root.ts";
import { verdictsOf } from "./verdicts.ts";

const FOLDER = inject("packages");
const { skip } = needs("linux", "root", "tar");

const descriptorSchema = z.looseObject({ mediaType: z.string(), digest: z.string(), size: z.int() });
const indexSchema = z.looseObject({ manifests: z.array(descriptorSchema).length(1) });
const manifestSchema = z.looseObject({
  config: descriptorSchema,
  layers: z.array(descriptorSchema).length(1),
});
const configSchema = z.looseObject({
  architecture: z.literal("amd64"),
  os: z.literal("linux"),
  config: z.looseObject({ User: z.string(), Entrypoint: z.array(z.string()) }),
  rootfs: z.strictObject({ type: z.literal("layers"), diff_ids: z.array(z.string()).length(1) }),
});

describe.skipIf(skip)("the image", () => {
  let layout = "";
  let root = "";
  let config: z.infer<typeof configSchema>;

  beforeAll(async () => {
    layout = await mkdtemp(path.join(os.tmpdir(), "kmsprobe-image-"));
    const name = (await readdir(FOLDER)).find((file) => file.endsWith("-oci-amd64.tar")) ?? "";
    expect((await startProgram("tar", ["-xf", path.join(FOLDER, name), "-C", layout]).finished).code).toBe(0);
    expect(JSON.parse(await readFile(path.join(layout, "oci-layout"), "utf8"))).toEqual({
      imageLayoutVersion: "1.0.0",
    });
    const index = indexSchema.parse(JSON.parse(await readFile(path.join(layout, "index.json"), "utf8")));
    const manifest = manifestSchema.parse(JSON.parse((await blob(index.manifests[0])).toString()));
    config = configSchema.parse(JSON.parse((await blob(manifest.config)).toString()));
    const layer = gunzipSync(await blob(manifest.layers[0]));
    expect(config.rootfs.diff_ids).toEqual([digestOf(layer)]);
    const tar = path.join(layout, "layer.tar");
    await writeFile(tar, layer);
    root = path.join(layout, "root");
    await mkdir(root, { mode: 0o755 });
    expect((await startProgram("tar", ["-xpf", tar, "-C", root]).finished).code).toBe(0);
  }, 120_000);

  afterAll(async () => {
    await rm(layout, { recursive: true });
  });

  /** Read by its digest, which it has to have. */
  async function blob(descriptor: z.infer<typeof descriptorSchema> | undefined): Promise<Buffer> {
    const digest = descriptor?.digest ?? "";
    const content = await readFile(path.join(layout, "blobs", digest.replace(":", "/")));
    expect(digestOf(content)).toBe(digest);
    expect(content.length).toBe(descriptor?.size);
    return content;
  }

  test("holds the program, its libraries, and the notices of all of them", async () => {
    const all = await readdir(root, { recursive: true });
    expect(all).toEqual(expect.arrayContaining(["usr/bin/kmsprobe", "lib64/ld-linux-x86-64.so.2", "tmp"]));
    for (const name of ["kmsprobe", "libc6", "libgcc-s1", "libstdc++6"])
      expect(all).toContain(`usr/share/doc/${name}/copyright`);
    expect(all.filter((name) => /\/(?:sh|bash|busybox)$/.test(name))).toEqual([]);
  });

  test("runs the demo as its user, who is nobody", async () => {
    expect(config.config.User).toBe("65534:65534");
    const [program = ""] = config.config.Entrypoint;
    const { code, stdout, stderr } = await runIn(root, program, "demo", "--format", "json");
    expect(code, stderr).toBe(0);
    expect(verdictsOf(stdout).length).toBeGreaterThan(10);
  });
});

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
