/** A peer that ends every connection at once has one verdict, whatever the kernel delivers first. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM_PYTHON } from "./servers/available.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { makeServerDir, startProcess } from "./servers/process.ts";
import { run } from "./support/kmsprobe.ts";

const ROUNDS = 200;
const SCRIPTS = {
  "closes-at-once": "rpc-closed",
  "resets-at-once": "tcp-reset",
} as const;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "kmsprobe-one-verdict-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

async function startHost(script: string): Promise<{ target: string; stop: () => Promise<void> }> {
  const address = loopbackAddress();
  const port = await freePort(address);
  const file = fileURLToPath(new URL("../e2e/peers/rpc-host.py", import.meta.url));
  const { stop } = await startProcess({
    command: SYSTEM_PYTHON,
    args: ["-I", file, address, String(port), script],
    dir: await makeServerDir("one-verdict"),
    ready: (said) => said.includes("ready"),
  });
  return { target: `${address}:${port}`, stop };
}

type Line = { kind?: string; from?: string | null; to?: string };

describe.each(Object.entries(SCRIPTS))("a host that %s", (script, code) => {
  test(`is ${code} in each of ${ROUNDS} rounds of watch`, { timeout: 120_000 }, async () => {
    const { target, stop } = await startHost(script);
    const log = join(dir, `${script}.ndjson`);
    const args = ["--plain", "--rounds", String(ROUNDS), "--interval", "100ms", "--log", log];
    await run(["watch", target, ...args]);
    await stop();
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    const verdicts = lines.map((line): Line => JSON.parse(line)).filter(({ kind }) => kind === "verdict");
    expect(verdicts.map(({ from, to }) => ({ from, to }))).toEqual([{ from: null, to: code }]);
    expect(lines.map((line) => JSON.parse(line)).find(({ type }) => type === "end")).toMatchObject({
      rounds: ROUNDS,
    });
  });

  test(
    `is ${code} in each of ten checks, which is what baselines and comparisons rest on`,
    { timeout: 120_000 },
    async () => {
      const { target, stop } = await startHost(script);
      const codes = new Set<string>();
      for (let round = 0; round < 10; round++) {
        const { stdout } = await run(["check", target, "--format", "json"]);
        codes.add(JSON.parse(stdout).diagnoses[0].endpoints[0].verdict.code);
      }
      await stop();
      expect([...codes]).toEqual([code]);
    },
  );
});
