/** kmsprobe on Node.js for Windows, under Wine: a prefix of its own, set to Windows 10, and files in place of pipes. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { runtime } from "../../scripts/runtimes.mjs";
import { PROGRAM } from "../integration/support/kmsprobe.ts";
import type { Finished } from "../integration/support/kmsprobe.ts";

const LOADERS = ["/usr/lib/wine/wine64", "/usr/bin/wine64", "/usr/lib/wine/wine"];
const LOADER = LOADERS.find((file) => existsSync(file));
const SERVER = ["/usr/lib/wine/wineserver64", "/usr/lib/wine/wineserver", "/usr/bin/wineserver"].find(
  (file) => existsSync(file),
);

/** Nothing takes longer; the first start of a prefix does. */
const LIMIT_MS = 60_000;
const BOOT_MS = 180_000;

/** Why there is no Windows here; null where there is. */
export const WITHOUT_WINE =
  LOADER === undefined || SERVER === undefined
    ? "no Wine on this machine; run scripts/install-test-servers.sh as root"
    : null;

export type Windows = {
  /** A folder that is its current directory. */
  folder: string;
  kmsprobe: (...args: string[]) => Promise<Finished>;
  /** Any program of Windows: `reg`. */
  run: (...command: string[]) => Promise<Finished>;
  stop: () => Promise<void>;
};

export async function startWindows(): Promise<Windows> {
  const root = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-wine-"));
  const folder = path.join(root, "work");
  await fs.mkdir(folder);
  const node = await runtime("node22-win");
  const env = {
    PATH: process.env["PATH"],
    HOME: root,
    WINEPREFIX: path.join(root, "prefix"),
    WINEDEBUG: "-all",
    WINEDLLOVERRIDES: "mscoree,mshtml=",
  };
  let runs = 0;

  /** Node for Windows can't use a Unix pipe as its output. */
  async function run(command: string[], limitMs: number): Promise<Finished> {
    runs += 1;
    const files = ["out", "err"].map((name) => path.join(root, `${runs}.${name}`));
    const [out, err] = await Promise.all(files.map((file) => fs.open(file, "w")));
    if (LOADER === undefined || out === undefined || err === undefined) throw new Error("no Wine");
    const child = spawn(LOADER, command, {
      cwd: folder,
      env,
      stdio: ["ignore", out.fd, err.fd],
      timeout: limitMs,
      killSignal: "SIGKILL",
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    await Promise.all([out.close(), err.close()]);
    const [stdout = "", stderr = ""] = await Promise.all(files.map((file) => fs.readFile(file, "utf8")));
    return { code, stdout, stderr };
  }

  await run(["wineboot", "-i"], BOOT_MS);
  await run(["winecfg", "-v", "win10"], LIMIT_MS);
  return {
    folder,
    kmsprobe: (...args) => run([node, windowsPath(PROGRAM), ...args], LIMIT_MS),
    run: (...command) => run(command, LIMIT_MS),
    async stop() {
      const server = spawn(SERVER ?? "", ["-k"], { env, stdio: "ignore" });
      await new Promise((resolve) => server.on("close", resolve));
      await fs.rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Wine's drive Z: is the root of this machine. */
export function windowsPath(file: string): string {
  return `Z:${file.replaceAll("/", "\\")}`;
}
