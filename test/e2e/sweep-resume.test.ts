import { copyFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { SweepReport } from "../../src/sweep/model.ts";
import { Random } from "../fuzz/random.ts";
import { makeServerDir, removeServerDir } from "../integration/servers/process.ts";
import { needsNetwork } from "./office.ts";
import { Peers } from "./peers.ts";
import { buildBlock, byNumber, gistOf, spread, startSweep, sweep, sweepReport } from "./sweeps.ts";
import type { Host, Network } from "./topology.ts";

/** 8,192 addresses: what is done is remembered by batches of a thousand. */
const BLOCK = "127.45.0.0/19";
const SERVING = spread("127.45", 31, 80, 5).toSorted(byNumber);
const DROPPED = spread("127.45", 31, 160, 3).filter((each) => !SERVING.includes(each));
/** The last /24 is one device. */
const DEVICE = { address: "127.45.99.1", subnet: "127.45.31.0/24" };

/** Of the moments: another one is as good. */
const SEED = Number(process.env["KMSPROBE_SEED"] ?? "1");

const SETTINGS = ["--timeout", "300ms", "--retries", "0", "--count", "1", "--rpc-timeout", "500ms"];

async function tempDir(): Promise<string> {
  const dir = await makeServerDir("sweep-state");
  onTestFinished(() => removeServerDir(dir));
  return dir;
}

describe.skipIf(needsNetwork().skip)("a sweep that is killed and goes on", () => {
  let network: Network;
  let host: Host;
  /** What one run comes to. */
  let whole: SweepReport;
  const peers = new Peers();

  beforeAll(async () => {
    ({ network, host } = await buildBlock({ serving: SERVING, dropped: DROPPED, device: DEVICE }, peers));
    whole = await sweepReport(host, [BLOCK, ...SETTINGS, "--rate", "0"]);
    expect(whole.hosts.filter(({ verdict }) => verdict.serves)).toHaveLength(SERVING.length);
    expect(whole.middleboxes).toHaveLength(1);
  });

  afterAll(async () => {
    await peers.stop();
    network.remove();
  });

  /** Starts with a state file, and kills it with SIGKILL so long after it has written that it runs. */
  async function killedAfter(ms: number, state: string, rate: string): Promise<string> {
    const args = ["--format", "ndjson", "-q", BLOCK, ...SETTINGS, "--rate", rate, "--state", state];
    const sizeOf = (): number => statSync(state, { throwIfNoEntry: false })?.size ?? 0;
    const before = sizeOf();
    const { process, finished } = startSweep(host, args);
    while (sizeOf() === before) await sleep(5);
    await sleep(ms);
    process.kill("SIGKILL");
    const { stdout, code } = await finished;
    expect(code).toBeNull();
    return stdout;
  }

  test("at three random moments, comes to what one run comes to", async () => {
    const random = new Random(SEED);
    const state = join(await tempDir(), "sweep.state");
    for (let kill = 0; kill < 3; kill += 1) await killedAfter(200 + random.below(400), state, "4000");
    const copy = `${state}.copy`;
    copyFileSync(state, copy);

    const resumed = await sweep(host, [BLOCK, ...SETTINGS, "--rate", "0", "--state", state]);
    expect(resumed.code).toBe(0);
    expect(resumed.serving).toEqual(SERVING);
    const hosts = resumed.endpoints.map(({ endpoint }) => endpoint.host);
    expect(new Set(hosts).size).toBe(hosts.length);
    const measured = resumed.lines.flatMap((line) => (line.type === "measured" ? [line.address] : []));
    expect(measured.toSorted(byNumber)).toEqual(SERVING);
    expect(resumed.end.covered).toBe(resumed.end.planned);
    expect(resumed.end.interrupted).toBe(false);
    expect(resumed.end.runs).toBeGreaterThan(1);

    const report = await sweepReport(host, [BLOCK, ...SETTINGS, "--rate", "0", "--state", copy]);
    expect(gistOf(report)).toEqual(gistOf(whole));
  });

  test("connects to nothing again that was looked at before", async () => {
    const state = join(await tempDir(), "sweep.state");
    const args = [
      BLOCK,
      ...SETTINGS,
      "--count",
      "0",
      // The device is waited for half a second beside its binds: meanwhile 750 further addresses are begun.
      "--rate",
      "1500",
      "--max-time",
      "4s",
      "--state",
      state,
    ];
    const first = await sweep(host, args);
    expect(first.code).toBe(3);
    expect(first.end.covered).toBeGreaterThan(2_048);
    expect(first.end.covered).toBeLessThan(first.end.planned);
    host.run(
      ["nft", "-f", "-"],
      "table ip count { chain in { type filter hook output priority -200\n" +
        "tcp flags syn / syn,ack tcp dport 1688 counter\n}\n}\n",
    );
    onTestFinished(() => void host.run(["nft", "delete", "table", "ip", "count"]));
    const rest = await sweep(host, [BLOCK, ...SETTINGS, "--count", "0", "--rate", "0", "--state", state]);
    expect(rest.end.covered).toBe(rest.end.planned);
    const [, syns] = /packets (\d+)/.exec(host.run(["nft", "list", "table", "ip", "count"])) ?? [];
    // Batches that were under way are done again, and what answers is connected to more than once.
    const left = rest.end.planned - first.end.covered;
    const further = 2 * 1_024 + 4 * (SERVING.length + 256);
    expect(Number(syns)).toBeGreaterThanOrEqual(left);
    expect(Number(syns)).toBeLessThanOrEqual(left + further);
  });

  test("with a state file of another sweep is a usage error, and nothing is touched", async () => {
    const state = join(await tempDir(), "sweep.state");
    await sweep(host, ["127.45.0.0/28", ...SETTINGS, "--state", state]);
    const { finished } = startSweep(host, ["127.45.0.0/27", "-q", ...SETTINGS, "--state", state]);
    const { code, stdout, stderr } = await finished;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(state);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("a state file cut anywhere, as a full disk leaves it, is no loss but of its last batch", async () => {
    const dir = await tempDir();
    const state = join(dir, "sweep.state");
    await killedAfter(900, state, "4000");
    const { size } = statSync(state);
    const random = new Random(SEED);
    // Nothing, half a header, and somewhere.
    for (const length of [0, 40, random.below(size), size - 1]) {
      const copy = join(dir, `cut-${length}`);
      copyFileSync(state, copy);
      truncateSync(copy, length);
      const { serving, end } = await sweep(host, [BLOCK, ...SETTINGS, "--rate", "0", "--state", copy]);
      expect(serving).toEqual(SERVING);
      expect(end.covered).toBe(end.planned);
      rmSync(copy);
    }
  });
});
