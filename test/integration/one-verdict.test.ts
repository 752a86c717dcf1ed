/** A peer that ends every connection at once has one verdict, whatever the kernel delivers first. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compare } from "../../src/compare/compare.ts";
import { readReport } from "../../src/compare/reading.ts";
import type { Labelled } from "../../src/compare/vantage.ts";
import { check } from "../../src/library.ts";
import type { Report } from "../../src/model/report.ts";
import { compareWithBaseline } from "../../src/verify/baseline/compare.ts";
import type { Baseline } from "../../src/verify/baseline/file.ts";
import { observe } from "../../src/verify/baseline/observe.ts";
import type { Observations } from "../../src/verify/baseline/observe.ts";
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

// Beside each other: each waits for a host of its own.
describe.concurrent.each(Object.entries(SCRIPTS))("a host that %s", (script, code) => {
  test(`is ${code} in each of ${ROUNDS} rounds of watch`, { timeout: 120_000 }, async () => {
    const { target, stop } = await startHost(script);
    const log = join(dir, `${script}.ndjson`);
    const args = ["--plain", "--rounds", String(ROUNDS), "--interval", "100ms", "--log", log];
    await run(["watch", target, ...args], { limitMs: 110_000 });
    await stop();
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    const verdicts = lines.map((line): Line => JSON.parse(line)).filter(({ kind }) => kind === "verdict");
    expect(verdicts.map(({ from, to }) => ({ from, to }))).toEqual([{ from: null, to: code }]);
    expect(lines.map((line) => JSON.parse(line)).find(({ type }) => type === "end")).toMatchObject({
      rounds: ROUNDS,
    });
  });

  test(`is ${code} in each of ${ROUNDS} checks, alike to baselines and comparisons`, async () => {
    const { target, stop } = await startHost(script);
    const looks: Look[] = [];
    for (let round = 0; round < ROUNDS; round++) looks.push(lookOf(await check({ hosts: [target] })));
    await stop();
    expect([...new Set(looks.map((look) => look.code))]).toEqual([code]);
    // It took the connection, whether or not that was seen before its end.
    expect([...new Set(looks.map((look) => look.tcp))]).toEqual(["ok"]);
    expect([...new Set(looks.map((look) => look.causes))]).toHaveLength(1);
    const [first] = looks;
    if (first === undefined) throw new Error("nothing was looked at");
    const told = looks.map(({ observed, named }) => ({
      baseline: compareWithBaseline(baselineOf(first), observed, { ratio: 0.5, floorMs: 5 }).differences,
      // How long it took is this machine's load, and no other verdict.
      compare: compare([first.named, named], [], "0").differences.filter(({ kind }) => kind !== "latency"),
    }));
    expect(told.filter(({ baseline, compare: differ }) => baseline.length + differ.length > 0)).toEqual([]);
  }, 120_000);
});

/** One look, as each of the two that compare looks has it. */
type Look = {
  code: string | undefined;
  tcp: string | undefined;
  causes: string | undefined;
  observed: Observations;
  named: Labelled;
};

let count = 0;

function lookOf(report: Report): Look {
  count += 1;
  const reading = readReport(JSON.stringify(report));
  if (!reading.ok) throw new Error(reading.fault);
  const attempt = report.diagnoses[0]?.endpoints[0]?.attempts[0];
  return {
    code: report.diagnoses[0]?.endpoints[0]?.verdict.code,
    tcp: attempt?.tcp.outcome,
    causes: attempt?.verdict.causes.join("\n"),
    observed: observe({ report, closed: [], names: new Map() }),
    named: { file: `${count}.json`, label: `look${count}`, report: reading.report },
  };
}

function baselineOf({ observed: { hosts } }: Look): Baseline {
  const rows = hosts.map(({ source, host, port, address, listed, serves, verdict, rpc }) => {
    return { source, host, port, address, listed, serves, verdict, rpc };
  });
  return {
    schemaVersion: "1.0",
    kind: "baseline",
    tool: { name: "kmsprobe", version: "0" },
    writtenAt: new Date(0).toISOString(),
    policy: { name: null, place: null },
    hosts: rows,
    listings: [],
    closed: [],
  };
}
