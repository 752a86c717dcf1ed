import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startAnswerer } from "../integration/servers/answerer.ts";
import { needsNetwork } from "./office.ts";
import { Peers } from "./peers.ts";
import { byNumber, nftSet, QUICK, spread, startSweep, sweep, totalsOf } from "./sweeps.ts";
import { type Host, Network } from "./topology.ts";

/**
 * One host and all of its loopback: 127.40.0.0/22, of which 40 addresses answer, 20 accept and say nothing, and the
 * kernel refuses the rest.
 */
const BLOCK = "127.40.0.0/22";
const SERVING = spread("127.40", 4, 40, 5).toSorted(byNumber);
const SILENT = spread("127.40", 4, 20, 11);
const DROPPED = spread("127.40", 4, 150, 2).filter(
  (each) => !SERVING.includes(each) && !SILENT.includes(each),
);

describe.skipIf(needsNetwork().skip)("a sweep finds exactly what is there", () => {
  let network: Network;
  let host: Host;
  const peers = new Peers();

  beforeAll(async () => {
    network = new Network();
    host = network.host("sweeper");
    await peers.add(
      startAnswerer({ addresses: { serves: SERVING, silent: SILENT }, namespace: host.namespace }),
    );
  });

  afterEach(() => network.permitAll());

  afterAll(async () => {
    await peers.stop();
    network.remove();
  });

  /** On loopback every packet comes in once, whichever way it goes. */
  function dropSome(): void {
    host.firewall({ input: [`ip daddr ${nftSet(DROPPED)} tcp dport 1688 drop`] });
  }

  test("who serves, who is silent, who refuses and who is not there, in a /22", async () => {
    dropSome();
    const { code, serving, end, endpoints } = await sweep(host, [BLOCK, ...QUICK]);
    expect(serving).toEqual(SERVING);
    expect(endpoints).toHaveLength(SERVING.length + SILENT.length);
    expect(end.covered).toBe(end.planned);
    expect(totalsOf(end)).toEqual({
      "rpc-serves": SERVING.length,
      "rpc-no-answer": SILENT.length,
      "tcp-no-answer": DROPPED.length,
      "tcp-refused": end.planned - SERVING.length - SILENT.length - DROPPED.length,
    });
    expect([1016, 1022, 1024]).toContain(end.planned);
    // By subnet, too: each /24 has the counts of its own addresses.
    for (const { subnet, counts, planned, covered } of end.subnets) {
      const prefix = subnet.slice(0, subnet.lastIndexOf(".") + 1);
      const inIt = (all: readonly string[]): number => all.filter((each) => each.startsWith(prefix)).length;
      expect(counts["rpc-serves"]).toBe(inIt(SERVING));
      expect(counts["tcp-no-answer"]).toBe(inIt(DROPPED));
      expect(covered).toBe(planned);
    }
    expect(code).toBe(0);
  });

  test("what is behind a path that loses one packet in ten, each way", async () => {
    const lossy = nftSet(SERVING.filter((_, index) => index % 5 === 0));
    host.firewall({
      input: [
        `ip daddr ${lossy} numgen random mod 10 == 0 drop`,
        `ip saddr ${lossy} numgen random mod 10 == 0 drop`,
      ],
    });
    const { serving, end } = await sweep(host, [BLOCK, "--rate", "0", "--rpc-timeout", "2s"]);
    expect(serving).toEqual(SERVING);
    expect(totalsOf(end)["tcp-no-answer"]).toBeUndefined();
  });

  test("with 256 descriptors, of which the silent addresses alone would take more", async () => {
    const limit = ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh"];
    const more = ["--port", "1688,1689", "--concurrency", "4096"];
    host.firewall({
      input: [
        `ip daddr ${nftSet(DROPPED)} tcp dport 1688 drop`,
        "ip daddr 127.40.0.0/22 tcp dport 1689 drop",
      ],
    });
    const { serving, end } = await sweep(host, [BLOCK, ...QUICK, ...more], { wrapper: limit });
    expect(serving).toEqual(SERVING);
    expect(totalsOf(end)["tcp-no-answer"]).toBe(end.planned / 2 + DROPPED.length);
    expect(totalsOf(end)["tcp-local-resources"]).toBeUndefined();
  });

  test("with 200 local ports", async () => {
    dropSome();
    host.sysctl({ "net.ipv4.ip_local_port_range": "40000 40199" });
    onTestFinished(() => host.sysctl({ "net.ipv4.ip_local_port_range": "32768 60999" }));
    const { serving, end } = await sweep(host, [BLOCK, ...QUICK]);
    expect(serving).toEqual(SERVING);
    expect(totalsOf(end)["tcp-no-answer"]).toBe(DROPPED.length);
    expect(totalsOf(end)["tcp-local-resources"]).toBeUndefined();
  });

  test("in one thread as in two, and with another seed", async () => {
    dropSome();
    const one = await sweep(host, [BLOCK, ...QUICK, "--workers", "1"]);
    const two = await sweep(host, [BLOCK, ...QUICK, "--workers", "2", "--seed", "77"]);
    expect(one.serving).toEqual(SERVING);
    expect(two.serving).toEqual(SERVING);
    expect(totalsOf(two.end)).toEqual(totalsOf(one.end));
  });

  test("a line for every address with --all", async () => {
    dropSome();
    const { endpoints, end } = await sweep(host, ["127.40.1.0/24", ...QUICK, "--all"]);
    const hosts = endpoints.map(({ endpoint }) => endpoint.host);
    expect(new Set(hosts).size).toBe(hosts.length);
    expect(hosts).toHaveLength(end.planned);
    const silent = endpoints.filter(({ verdict }) => verdict.code === "tcp-no-answer");
    expect(silent.map(({ endpoint }) => endpoint.host).toSorted(byNumber)).toEqual(
      DROPPED.filter((each) => each.startsWith("127.40.1.")).toSorted(byNumber),
    );
  });

  test("and leaves out what is excluded: not one packet goes there", async () => {
    host.firewall({ input: ["ip daddr 127.40.2.0/24 tcp dport 1688 counter"] });
    const { serving } = await sweep(host, [BLOCK, ...QUICK, "--exclude", "127.40.2.0/24"]);
    expect(serving).toEqual(SERVING.filter((each) => !each.startsWith("127.40.2.")));
    const rules = host.run(["nft", "list", "chain", "inet", "kmsprobe", "kp_input"]);
    expect(rules).toContain("counter packets 0 bytes 0");
  });

  test("and public addresses only where that is said", async () => {
    // In a namespace without a way out.
    host.firewall({ output: ["ip daddr 8.8.8.0/30 counter"] });
    const { finished } = startSweep(host, [BLOCK, "8.8.8.0/30", ...QUICK]);
    const { code, stdout, stderr } = await finished;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("--allow-public");
    const rules = host.run(["nft", "list", "chain", "inet", "kmsprobe", "kp_output"]);
    expect(rules).toContain("counter packets 0 bytes 0");
  });
});
