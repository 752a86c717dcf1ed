/** The executable for Linux on ARM, in an emulator of its processor (qemu-user) and a root with its C libraries alone. */
import { copyFile, cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startTcpPeer, type TcpPeer } from "../integration/scripted/peers.ts";
import { needs, programPath } from "../integration/servers/available.ts";
import type { Finished } from "../integration/support/kmsprobe.ts";
import { placeOf, SERVING } from "../integration/support/serving.ts";
import { makeBareRoot } from "./empty-root.ts";
import type { EmptyRoot } from "./empty-root.ts";
import { verdictsOf } from "./verdicts.ts";

const NAME = "kmsprobe-linux-arm64";
/** Debian's libc6-arm64-cross and its companions. */
const LIBRARIES = "/usr/aarch64-linux-gnu/lib";
const { skip } = needs("linux", "root", "qemu-aarch64-static");
/** It takes some twenty times as long as a processor of its own. */
const SLOW_MS = 300_000;

describe.skipIf(skip)("the executable for Linux on ARM", () => {
  let root: EmptyRoot;
  let serving: TcpPeer;

  beforeAll(async () => {
    serving = await startTcpPeer(SERVING);
    root = await makeBareRoot();
    await mkdir(path.join(root.folder, "lib"));
    await cp(LIBRARIES, path.join(root.folder, "lib"), { recursive: true, dereference: true });
    await copyFile(programPath("qemu-aarch64-static"), path.join(root.folder, "qemu"));
    await copyFile(path.join(inject("packages"), NAME), path.join(root.folder, NAME));
  }, SLOW_MS);

  afterAll(async () => {
    await serving.stop();
    await root.remove();
  });

  const emulate = (...args: string[]): Promise<Finished> => root.run("/qemu", `/${NAME}`, ...args);

  test(
    "checks a host that serves, and one that refuses",
    async () => {
      const served = await emulate("check", placeOf(serving), "--format", "json", "--quiet");
      expect(served).toMatchObject({ code: 0, stderr: "" });
      expect(verdictsOf(served.stdout)).toEqual([expect.stringContaining("rpc-serves certain")]);
      const refused = await emulate("check", "127.0.0.1:1", "--format", "json", "--quiet");
      expect(refused.code).toBe(1);
      expect(verdictsOf(refused.stdout)).toEqual([expect.stringContaining("tcp-refused")]);
    },
    SLOW_MS,
  );

  test(
    "runs the demo",
    async () => {
      const { code, stdout, stderr } = await emulate("demo", "--format", "json");
      expect(code, stderr).toBe(0);
      expect(verdictsOf(stdout).length).toBeGreaterThan(10);
    },
    SLOW_MS,
  );
});
