/** That the heap of an exporter, which lives for months, stays close to what is in use. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { needs } from "./servers/available.ts";
import { startExporter, until } from "./support/exporter.ts";
import { startProgram } from "./support/kmsprobe.ts";

/**
 * In the process that it is loaded into, at SIGUSR2: keeps 40 MB, and lets what lives for a while come and go, as looks do; then
 * writes the most and the least that the old generation held.
 */
const LOAD = `
const v8 = require("node:v8");
const { writeFileSync } = require("node:fs");
const inUse = () => v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === "old_space").space_used_size;
process.once("SIGUSR2", async () => {
  globalThis.kept = Array.from({ length: 400_000 }, (_, at) => ({ at, text: "x" + at }));
  const ring = new Array(100_000).fill(null);
  let [most, least] = [0, Infinity];
  for (let count = 0; count < 4_000_000; count += 1) {
    ring[count % ring.length] = { count, next: [count, count] };
    if (count % 20_000 !== 0) continue;
    // As between looks: what was collected is told to whoever observes it.
    await new Promise((resolve) => setImmediate(resolve));
    if (count < 1_500_000) continue;
    most = Math.max(most, inUse());
    least = Math.min(least, inUse());
  }
  writeFileSync(process.env.RESULT, JSON.stringify({ most, least }));
});
`;

const measured = z.object({ most: z.number(), least: z.number() });

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "kmsprobe-heap-"));
  await writeFile(join(dir, "load.cjs"), LOAD);
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** How much the old generation comes to before it is collected, as a multiple of what is left then. */
async function growth(pid: number, result: string): Promise<number> {
  process.kill(pid, "SIGUSR2");
  const read = async (): Promise<string> => await readFile(result, "utf8").catch(() => "");
  await until(async () => (await read()).endsWith("}"), 40_000);
  const { most, least } = measured.parse(JSON.parse(await read()));
  return most / least;
}

describe.skipIf(needs("linux").skip)("the heap", () => {
  test("of an exporter is collected when it has grown by a part of what is in use, and not by a multiple", async () => {
    const env = (result: string): Record<string, string> => ({
      NODE_OPTIONS: `--require ${join(dir, "load.cjs")}`,
      RESULT: result,
    });
    const [served, usual] = ["served.json", "usual.json"].map((name) => join(dir, name));
    if (served === undefined || usual === undefined) throw new Error("no files");
    const exporter = await startExporter(dir, null, [], { env: env(served) });
    try {
      // 1.9 on Node 20.20 (2026-11-29): what lives for a while counts as in use.
      expect(await growth(exporter.pid, served)).toBeLessThan(2.5);
    } finally {
      await exporter.stop();
    }
    // Without it the same comes to 4.8: else the test would say nothing.
    const script = 'console.log("ready"); setInterval(() => {}, 1_000)';
    const program = startProgram(process.execPath, ["-e", script], { env: env(usual) });
    try {
      await new Promise((resolve) => program.process.stdout.once("data", resolve));
      expect(await growth(program.process.pid ?? -1, usual)).toBeGreaterThan(3);
    } finally {
      program.process.kill("SIGKILL");
      await program.finished;
    }
  });
});
