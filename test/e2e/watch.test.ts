/** Watching two ways to the same hosts, of which one is closed, or limited. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { makeServerDir, removeServerDir } from "../integration/servers/process.ts";
import { run, start } from "../integration/support/kmsprobe.ts";
import { needsNetwork } from "./office.ts";
import { Peers, startRpcScript } from "./peers.ts";
import { buildThreeWays, KMS1, KMS2, type ThreeWays } from "./three-ways.ts";

const { skip } = needsNetwork();

const SOURCES = ["--source", "to-hq", "--source", "to-branch"];
const FROM_BRANCH = "ip saddr 10.71.3.0/24";

type Summary = {
  subject: { address: string; source: string };
  rounds: number;
  served: number;
  everyMs: number | null;
  limit: unknown;
};

async function linesOf(log: string): Promise<{ at: string; hosts: Summary[] }[]> {
  const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

async function summaryOf(log: string): Promise<Summary[]> {
  return (await linesOf(log)).at(-1)?.hosts ?? [];
}

/** A network of the test's own, with both hosts in it. */
async function build({ onTestFinished }: TestContext): Promise<ThreeWays> {
  const ways = buildThreeWays();
  const peers = new Peers();
  onTestFinished(async () => {
    await peers.stop();
    ways.network.remove();
  });
  for (const address of [KMS1, KMS2]) await peers.add(startRpcScript(ways.kms, address, 1688, "serves"));
  return ways;
}

// Beside each other: they wait, each in a network of its own.
describe.skipIf(skip).concurrent("watching from two sources", { timeout: 120_000 }, () => {
  let dir: string;

  beforeAll(async () => (dir = await makeServerDir("watch")));

  afterAll(() => removeServerDir(dir));

  test("a way that is closed slows nobody: the hosts that serve are looked at every second", async (context) => {
    const ways = await build(context);
    ways.core.firewall({ forward: [`${FROM_BRANCH} tcp dport 1688 drop`] });
    const log = join(dir, "closed.ndjson");
    const asked = ["watch", KMS1, KMS2, ...SOURCES, "--interval", "1s", "--for", "20s", "--log", log];
    const { code, stdout } = await run([...asked, "--plain"], { wrapper: ways.probe.wrapper });
    // At once, where the silent ones take four seconds: half a second on an idle machine, and a test may share a busy one.
    const [started, first] = await linesOf(log);
    expect(Date.parse(first?.at ?? "") - Date.parse(started?.at ?? "")).toBeLessThan(3_000);
    expect(stdout.split("\n")[0]).toMatch(/^\S+Z ✓ 10\.71\.2\.1[12]:1688 from to-hq {2}serves$/);
    const hosts = await summaryOf(log);
    const from = (source: string): Summary[] => hosts.filter(({ subject }) => subject.source === source);
    for (const { rounds, served, everyMs } of from("to-hq")) {
      expect(rounds).toBeGreaterThanOrEqual(19);
      expect(served).toBe(rounds);
      expect(everyMs).toBeLessThan(1_300);
    }
    for (const { served, everyMs } of from("to-branch")) {
      expect(served).toBe(0);
      expect(everyMs).toBeGreaterThanOrEqual(3_900);
    }
    expect(stdout).toMatch(/From to-hq: 2 of 2 hosts serve at the end; 100 % of \d+ rounds served\n/);
    expect(stdout).toMatch(/From to-branch: 0 of 2 hosts serve at the end; 0 % of \d+ rounds served\n/);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "From to-branch nothing reaches 10.71.2.0/24 (2 hosts, no answer); from to-hq both serve. Blocked between to-branch and the hosts, or at the hosts by source address: ask for 10.71.3.0/24 → 10.71.2.0/24 tcp/1688.",
    );
    // A client in the branch has no host.
    expect(code).toBe(1);
  });

  test("a limit on new connections of one source is named, with the watch's own pace, and nobody else's", async (context) => {
    const ways = await build(context);
    ways.core.firewall({
      forward: [`${FROM_BRANCH} tcp dport 1688 ct state new limit rate over 10/minute burst 5 packets drop`],
    });
    const log = join(dir, "limited.ndjson");
    const asked = ["watch", KMS1, ...SOURCES, "--interval", "1s", "--for", "28s", "--log", log, "--plain"];
    const { code, stdout } = await run(asked, { wrapper: ways.probe.wrapper });
    const said = stdout.split("\n").filter((line) => line.includes("by turns"));
    expect(said[0]).toMatch(
      /Z · 10\.71\.2\.11:1688 from to-branch {2}connects pass and meet silence by turns: \d+ passed, silence for \d.* Possible cause: a limit on new connections \(of a firewall or an IPS\)\. This watch itself makes \d\d a minute to the address/,
    );
    const hosts = await summaryOf(log);
    expect(hosts.map(({ subject, limit }) => [subject.source, limit === null])).toEqual([
      ["to-hq", true],
      ["to-branch", false],
    ]);
    expect([0, 1]).toContain(code);
  });

  // Alone: a network that is built beside it would delay the signal.
  test.sequential("stopped in its first second, it tells what is known by then", async (context) => {
    const ways = await build(context);
    ways.core.firewall({ forward: [`${FROM_BRANCH} tcp dport 1688 drop`] });
    const { process: child, finished } = start(["watch", KMS1, ...SOURCES, "--plain"], {
      wrapper: ways.probe.wrapper,
    });
    child.stdout.once("data", () => child.kill("SIGINT"));
    const { code, stdout } = await finished;
    expect(stdout).toMatch(/✓ 10\.71\.2\.11:1688 from to-hq +1 +– +100 % .* serves\n/);
    expect(stdout).toMatch(/\? 10\.71\.2\.11:1688 from to-branch +0 +– +– .* not finished\n/);
    // Whether a client in the branch would be served is not known yet.
    expect(code).toBe(3);
  });
});
