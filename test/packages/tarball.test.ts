/** The npm package where there is no registry: unpacked by tar beside a Node.js, in a root that has nothing else. */
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { runtime } from "../../scripts/runtimes.mjs";
import { startTcpPeer, type TcpPeer } from "../integration/scripted/peers.ts";
import { needs } from "../integration/servers/available.ts";
import { run, startProgram } from "../integration/support/kmsprobe.ts";
import { placeOf, SERVING } from "../integration/support/serving.ts";
import { makeEmptyRoot, type EmptyRoot } from "./empty-root.ts";
import { verdictsOf } from "./verdicts.ts";

const FOLDER = inject("packages");
const PROGRAM = "/package/dist/kmsprobe.cjs";
const { skip } = needs("linux", "root", "tar");

describe.skipIf(skip)("the npm package, unpacked", () => {
  let root: EmptyRoot;
  let serving: TcpPeer;

  beforeAll(async () => {
    serving = await startTcpPeer(SERVING);
    const node = await runtime("node22");
    root = await makeEmptyRoot(node);
    await mkdir(path.join(root.folder, "bin"), { recursive: true });
    await copyFile(node, path.join(root.folder, "bin/node"));
    const name = (await readdir(FOLDER)).find((file) => file.endsWith(".tgz")) ?? "";
    const unpacked = ["-xzf", path.join(FOLDER, name), "-C", root.folder, "--no-same-owner"];
    expect((await startProgram("tar", unpacked).finished).code).toBe(0);
  });

  afterAll(async () => {
    await root?.remove();
    await serving.stop();
  });

  test("has no scripts of a checkout, of which npm would warn at each install", async () => {
    const manifest: unknown = JSON.parse(
      await readFile(path.join(root.folder, "package/package.json"), "utf8"),
    );
    expect(manifest).toMatchObject({ name: "kmsprobe", bin: { kmsprobe: "dist/kmsprobe.cjs" } });
    expect(manifest).not.toHaveProperty("scripts");
  });

  test("runs the demo and a check", async () => {
    const demo = await root.run("/bin/node", PROGRAM, "demo", "--format", "json");
    expect(demo.stdout, demo.stderr).not.toBe("");
    const usual = await run(["demo", "--format", "json"]);
    expect(verdictsOf(demo.stdout)).toEqual(verdictsOf(usual.stdout));
    const check = await root.run("/bin/node", PROGRAM, "check", placeOf(serving), "--format", "json");
    expect(check).toMatchObject({ code: 0, stderr: "" });
    expect(verdictsOf(check.stdout)).toEqual([expect.stringContaining("rpc-serves certain")]);
  });
});
