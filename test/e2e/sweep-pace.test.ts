import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startAnswerer } from "../integration/servers/answerer.ts";
import { programPath } from "../integration/servers/available.ts";
import { makeServerDir, removeServerDir, startProcess } from "../integration/servers/process.ts";
import { needsNetwork } from "./office.ts";
import { Peers } from "./peers.ts";
import { QUICK, readLines, spread, startSweep, sweep, totalsOf } from "./sweeps.ts";
import { type Host, Network } from "./topology.ts";

const BLOCK = "127.42.0.0/23";
const SERVING = spread("127.42", 2, 20, 3);
/** Of a subnet apart: nothing ever comes back from there. */
const NOWHERE = "127.43.0.0/22";

describe.skipIf(needsNetwork("dumpcap", "tshark").skip)("a sweep keeps to its pace and its time", () => {
  let network: Network;
  let host: Host;
  const peers = new Peers();

  beforeAll(async () => {
    network = new Network();
    host = network.host("sweeper");
    await peers.add(startAnswerer({ addresses: { serves: SERVING }, namespace: host.namespace }));
  });

  afterEach(() => network.permitAll());

  afterAll(async () => {
    await peers.stop();
    network.remove();
  });

  /** Seconds at which a SYN went out to the block, by packet capture. */
  async function synsDuring(work: () => Promise<unknown>): Promise<number[]> {
    const [dir, kept] = [await makeServerDir("dumpcap"), await makeServerDir("capture")];
    onTestFinished(() => removeServerDir(kept));
    const file = join(kept, "syns.pcap");
    const filter = "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn and dst port 1688";
    const capture = await startProcess({
      command: programPath("dumpcap"),
      args: ["-q", "-i", "lo", "-f", filter, "-w", file],
      dir,
      namespace: host.namespace,
      ready: (said) => said.includes("File:"),
    });
    try {
      await sleep(300);
      await work();
      await sleep(300);
    } finally {
      await capture.stop();
    }
    const fields = ["-T", "fields", "-e", "frame.time_relative"];
    return host
      .run(["tshark", "-r", file, ...fields])
      .split("\n")
      .filter(Boolean)
      .map(Number);
  }

  test.each([1, 2])("no second sees more SYNs than --rate permits, with %i threads", async (workers) => {
    const rate = 250;
    const quick = QUICK.slice(2);
    const args = [BLOCK, ...quick, "--count", "0", "--rate", String(rate), "--workers", String(workers)];
    let planned = 0;
    const times = await synsDuring(async () => {
      const { serving, end } = await sweep(host, args);
      expect(serving).toHaveLength(SERVING.length);
      planned = end.planned;
    });
    expect(times.length).toBeGreaterThanOrEqual(planned);
    const busiest = Math.max(
      ...times.map((from) => times.filter((time) => time >= from && time < from + 1).length),
    );
    expect(busiest).toBeLessThanOrEqual(rate * 1.1 + 10);
    // And it does use what it is given.
    const inTheMiddle = times.filter((time) => time >= 0.5 && time < 1.5).length;
    expect(inTheMiddle).toBeGreaterThan(rate * 0.8);
  });

  test("--max-time ends it with what is known, and says that it is not all", async () => {
    host.firewall({ input: [`ip daddr ${NOWHERE} drop`] });
    const startedAt = performance.now();
    const args = [
      NOWHERE,
      BLOCK,
      "--rate",
      "300",
      "--timeout",
      "1s",
      "--retries",
      "0",
      "--max-time",
      "1500ms",
    ];
    const { code, end, endpoints } = await sweep(host, args);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(code).toBe(3);
    // Nobody interrupted it: it had its time.
    expect(end.interrupted).toBe(false);
    expect(end.covered).toBeGreaterThan(0);
    expect(end.covered).toBeLessThan(end.planned);
    const counted = Object.values(totalsOf(end)).reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(end.covered);
    // An address that was cut short is not looked at, and never told as silent.
    expect(endpoints.every(({ verdict }) => verdict.code === "rpc-serves")).toBe(true);
  });

  test("Ctrl-C ends it with an end line that says how far it came", async () => {
    host.firewall({ input: [`ip daddr ${NOWHERE} drop`] });
    const args = ["--format", "ndjson", "-q", NOWHERE, BLOCK, "--rate", "300", "--timeout", "500ms"];
    const { process, finished } = startSweep(host, [...args, "--retries", "0"]);
    await sleep(1_500);
    process.kill("SIGINT");
    const { code, stdout, stderr } = await finished;
    expect(code).toBe(130);
    const { end } = readLines(stdout, stderr);
    expect(end.interrupted).toBe(true);
    expect(end.covered).toBeGreaterThan(50);
    expect(end.covered).toBeLessThan(end.planned);
    const counted = Object.values(totalsOf(end)).reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(end.covered);
    expect(end.subnets.reduce((sum, { covered }) => sum + covered, 0)).toBe(end.covered);
  });

  test("patience follows the round trips of the subnet, and a number is kept to", async () => {
    // One address in sixteen says nothing; the others refuse within microseconds.
    host.firewall({ input: ["ip daddr & 0.0.0.15 == 7 tcp dport 1688 drop"] });
    const silences = async (timeout: string): Promise<number[]> => {
      const args = ["127.42.1.0/24", "--rate", "400", "--retries", "0", "--timeout", timeout, "--all"];
      const { endpoints } = await sweep(host, [...args, "--count", "0"]);
      return endpoints.flatMap(({ verdict, attempts: [attempt] }) =>
        verdict.code === "tcp-no-answer" && attempt?.tcp.outcome === "no-answer"
          ? [attempt.tcp.elapsedMs]
          : [],
      );
    };
    const auto = await silences("auto");
    const fixed = await silences("2500ms");
    expect(auto).toHaveLength(16);
    expect(fixed).toHaveLength(16);
    // Long enough for a second SYN, which Linux sends after 1 s; shorter than for a subnet of which nothing is known.
    for (const ms of auto.toSorted((one, other) => one - other).slice(0, 12)) {
      expect(ms).toBeGreaterThan(1_000);
      expect(ms).toBeLessThan(1_700);
    }
    for (const ms of fixed) expect(ms).toBeGreaterThanOrEqual(2_499);
    for (const ms of fixed) expect(ms).toBeLessThan(3_000);
  });
});
