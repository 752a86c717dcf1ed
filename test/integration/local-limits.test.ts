/** A machine that runs out of descriptors says so of itself, and of no host. */
import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { type Lab, startLab } from "../../src/demo/lab.ts";
import { needs } from "./servers/available.ts";
import { loopbackAddress } from "./servers/free-port.ts";
import { run, runCheck } from "./support/kmsprobe.ts";
import { startSilentPeer } from "./support/peers.ts";

const { skip } = needs("linux", "sh");

/** Each holds a connection until its timeout, so that fifty at a time need fifty descriptors. */
const HOSTS = 50;
/** They are looked at one after the other where descriptors are few, and none of them ever answers. */
const SILENT = ["--rpc-timeout", "100ms", "-q"];

/** One module of ours, to run by itself with few descriptors. */
const INTERFACES = fileURLToPath(new URL("../../src/system/interfaces.ts", import.meta.url));
/** It, bundled: Node 20 reads no TypeScript. */
let interfaces = "";

const ALL_AT_ONCE = ["--concurrency", "64"];

let lab: Lab;
let folder = "";
/** The fewest descriptors that the program starts with. */
let fewest = 0;

beforeAll(async () => {
  if (skip) return;
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-limits-"));
  interfaces = path.join(folder, "interfaces.mjs");
  await build({
    entryPoints: [INTERFACES],
    outfile: interfaces,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  lab = await startLab();
  for (fewest = 12; (await run(["--help"], { wrapper: limitedTo(fewest) })).code !== 0; fewest += 1) {
    if (fewest > 100) throw new Error("it does not start with 100 descriptors");
  }
});

afterAll(async () => {
  if (skip) return;
  await lab.stop();
  await fs.rm(folder, { recursive: true });
});

/** Runs a program with so many descriptors; without a core file, which a Node that can't start leaves. */
function limitedTo(descriptors: number): string[] {
  return ["sh", "-c", 'ulimit -c 0; ulimit -n "$1"; shift; exec "$@"', "sh", String(descriptors)];
}

/** Silent hosts, and those of them that were sent something. */
async function silentHosts({
  onTestFinished,
}: TestContext): Promise<{ hosts: string[]; heard: Set<string> }> {
  const address = loopbackAddress();
  const peers = await Promise.all(Array.from({ length: HOSTS }, () => startSilentPeer(address)));
  onTestFinished(async () => void (await Promise.all(peers.map((peer) => peer.stop()))));
  const heard = new Set<string>();
  for (const peer of peers) void peer.heard.then(() => heard.add(`${address}:${peer.port}`));
  return { hosts: peers.map(({ port }) => `${address}:${port}`), heard };
}

// Beside each other: each waits for hosts of its own, and the limit is that of its own process.
describe.skipIf(skip).concurrent("with too few descriptors for fifty hosts at a time", () => {
  test.for([
    [0, 64],
    [1, 64],
    [3, 64],
    [10, 64],
    // Fewer at a time: the next take what those that end let go.
    [4, 8],
    [7, 8],
    [3, 16],
  ])(
    "%i more than it starts with, %i hosts at a time: a host that was not sent to is not blamed",
    async ([more = 0, concurrency], context) => {
      const { hosts, heard } = await silentHosts(context);
      const { report, code, stderr } = await runCheck(
        [...hosts, ...SILENT, "--concurrency", String(concurrency)],
        {
          wrapper: limitedTo(fewest + more),
        },
      );
      expect(stderr).toBe("");
      const endpoints = report.diagnoses[0]?.endpoints ?? [];
      expect(endpoints).toHaveLength(HOSTS);
      for (const { endpoint, verdict, attempts } of endpoints) {
        const reached = heard.has(`${endpoint.host}:${endpoint.port}`);
        expect(verdict.code).toBe(reached ? "rpc-no-answer" : "tcp-local-resources");
        if (!reached) expect(attempts[0]?.tcp).toEqual({ outcome: "not-sent", errno: "EMFILE" });
      }
      // Never more at a time than there are descriptors for: with a few of them nobody is left out.
      if (Number(concurrency) > HOSTS && more >= 3) expect(heard.size).toBe(HOSTS);
      // Any of those that were not sent to may serve.
      expect(code).toBe(heard.size < HOSTS ? 3 : 1);
    },
  );

  test("one host serves: exit code 0, whatever could not be tried", async (context) => {
    const { hosts } = await silentHosts(context);
    const kms = lab.hosts.find(({ expected }) => expected === "rpc-serves");
    const { report, code } = await runCheck(
      [`127.0.0.1:${kms?.port}`, ...hosts, "--rpc-timeout", "300ms", "-q", ...ALL_AT_ONCE],
      {
        wrapper: limitedTo(fewest + 10),
      },
    );
    expect(report.diagnoses[0]?.endpoints[0]?.verdict.code).toBe("rpc-serves");
    expect(report.requirement).toEqual({
      require: "any",
      at: "each",
      serving: 1,
      listed: HOSTS + 1,
      met: true,
      bySource: [{ source: null, serving: 1, listed: HOSTS + 1, met: true }],
    });
    expect(code).toBe(0);
  });

  test("no descriptor for a question: the resolver is not blamed, and the exit code is 3", async () => {
    const [resolver] = lab.resolvers;
    const { report, code } = await runCheck(
      ["-d", lab.domain, "-r", `${resolver?.address}:${resolver?.port}`],
      { wrapper: limitedTo(fewest) },
    );
    expect(report.diagnoses[0]?.srv[0]?.answer).toEqual({ outcome: "not-sent", errno: "EMFILE" });
    expect(report.verdict).toMatchObject({ code: "srv-local-failure", severity: "inconclusive" });
    expect(code).toBe(3);
  });

  test("enough of them: fifty hosts are tried", async (context) => {
    const { hosts, heard } = await silentHosts(context);
    const { report } = await runCheck([...hosts, ...SILENT, ...ALL_AT_ONCE], { wrapper: limitedTo(256) });
    expect(new Set(report.diagnoses[0]?.endpoints.map(({ verdict }) => verdict.code))).toEqual(
      new Set(["rpc-no-answer"]),
    );
    expect(heard.size).toBe(HOSTS);
  });

  test("none at all: which interface has an address is not known then, and nothing breaks", async () => {
    const script = `
      import fs from "node:fs";
      import { interfaceOf } from ${JSON.stringify(pathToFileURL(interfaces).href)};
      const taken = [];
      try {
        for (;;) taken.push(fs.openSync("/dev/null"));
      } catch {}
      const during = interfaceOf("127.0.0.1");
      for (const descriptor of taken) fs.closeSync(descriptor);
      console.log(during, interfaceOf("127.0.0.1"));
    `;
    const [sh = "", ...limits] = limitedTo(64);
    const node = [process.execPath, "--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(sh, [...limits, ...node]);
    expect(stdout).toBe("null lo\n");
  });
});
