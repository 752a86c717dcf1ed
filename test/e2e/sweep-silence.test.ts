import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startAnswerer } from "../integration/servers/answerer.ts";
import { needsNetwork } from "./office.ts";
import { Peers } from "./peers.ts";
import { sweep, type Swept, totalsOf } from "./sweeps.ts";
import { type Host, Network } from "./topology.ts";

const LINK = "10.91.0";
const ROUTED = "10.92.0";
const SERVING = [3, 17, 64, 111, 180, 251];
const REFUSING = [9, 90, 150, 222];
const on = (net: string, lasts: readonly number[]): string[] => lasts.map((last) => `${net}.${last}`);

/**
 * Two subnets that are mostly silent: one on the sweeper's own link, where queries for nobody go unanswered, and one
 * behind a router, which drops what is for nobody.
 *
 *     sweeper ───────────── far, which has all the addresses that there are
 *     10.91.0.1     10.91.0.3, .9, .17 ...; 10.92.0.3, .9, .17 ...
 */
describe.skipIf(needsNetwork().skip)("a sweep of a mostly silent /24, with default settings,", () => {
  let network: Network;
  let sweeper: Host;
  let far: Host;
  const peers = new Peers();

  beforeAll(async () => {
    network = new Network();
    sweeper = network.host("sweeper");
    far = network.router("far");
    const there = [...SERVING, ...REFUSING];
    network.cable(
      { host: sweeper, addresses: [`${LINK}.1/24`] },
      { host: far, addresses: [...on(LINK, there), `${LINK}.254`].map((each) => `${each}/24`) },
    );
    sweeper.ip(`route add ${ROUTED}.0/24 via ${LINK}.254`);
    far.ip(
      ...on(ROUTED, there).map((address) => `address add ${address}/32 dev lo`),
      `route add blackhole ${ROUTED}.0/24`,
    );
    const serves = [...on(LINK, SERVING), ...on(ROUTED, SERVING)];
    await peers.add(startAnswerer({ addresses: { serves }, namespace: far.namespace }));
  });

  afterEach(() => network.permitAll());

  afterAll(async () => {
    await peers.stop();
    network.remove();
  });

  /** The most connects that any one address saw. @returns what the sweep found as well */
  async function counting(args: readonly string[]): Promise<Swept & { connects: number; most: number }> {
    sweeper.run(
      ["nft", "-f", "-"],
      `table inet counting {
  set seen { type ipv4_addr . inet_service; size 65535; flags dynamic; }
  chain out { type filter hook output priority 10
    tcp dport 1688 tcp flags & (syn|ack) == syn add @seen { ip daddr . tcp sport }
  }
}`,
    );
    const swept = await sweep(sweeper, args);
    const said = sweeper.run(["nft", "-j", "list", "set", "inet", "counting", "seen"]);
    sweeper.run(["nft", "delete", "table", "inet", "counting"]);
    const { nftables }: { nftables: { set?: { elem?: { concat: [string, number] }[] } }[] } =
      JSON.parse(said);
    const seen = nftables.flatMap(({ set }) => set?.elem ?? []).map(({ concat: [address] }) => address);
    const silent = seen.filter((address) => !SERVING.includes(Number(address.split(".").at(-1))));
    const each = silent.map((address) => silent.filter((other) => other === address).length);
    return { ...swept, connects: seen.length, most: Math.max(...each) };
  }

  test("tells it by six short connects where a round trip is known", async () => {
    const { serving, end, connects, most } = await counting([`${ROUTED}.0/24`, "--count", "0"]);
    expect(serving).toEqual(on(ROUTED, SERVING));
    expect(totalsOf(end)).toEqual({ "rpc-serves": 6, "tcp-refused": 4, "tcp-no-answer": 246 });
    expect([most, connects]).toEqual([6, expect.any(Number)]);
    expect(connects).toBeGreaterThan(246 * 6);
    // Two connects of which the second lasts for four SYNs take 8.4 s at the least.
    expect(end.elapsedMs).toBeLessThan(6_000);
  });

  test("tells it on the link by queries that nobody answers, one connect each", async () => {
    const { serving, end, most } = await counting([`${LINK}.0/24`, "--count", "0"]);
    expect(serving).toEqual(on(LINK, SERVING));
    expect(totalsOf(end)).toMatchObject({ "rpc-serves": 6, "tcp-neighbour-silent": 243 });
    expect(most).toBeLessThanOrEqual(2);
    expect(end.elapsedMs).toBeLessThan(6_000);
  });

  test("is exact ten times of ten with one packet in ten lost, each way", async () => {
    far.firewall({
      input: [`ip daddr ${ROUTED}.0/24 numgen random mod 10 == 0 drop`],
      output: [`ip saddr ${ROUTED}.0/24 numgen random mod 10 == 0 drop`],
    });
    for (let run = 0; run < 10; run++) {
      const { serving, end } = await sweep(sweeper, [`${ROUTED}.0/24`, "--count", "0"]);
      expect(serving).toEqual(on(ROUTED, SERVING));
      expect(totalsOf(end)).toEqual({ "rpc-serves": 6, "tcp-refused": 4, "tcp-no-answer": 246 });
    }
  }, 180_000);

  test("is exact with fewer descriptors than connects, with --all a line for each", async () => {
    const wrapper = ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh"];
    const { serving, end, endpoints } = await sweep(sweeper, [`${ROUTED}.0/24`, "--count", "0", "--all"], {
      wrapper,
    });
    expect(serving).toEqual(on(ROUTED, SERVING));
    expect(totalsOf(end)).toEqual({ "rpc-serves": 6, "tcp-refused": 4, "tcp-no-answer": 246 });
    const silences = endpoints.flatMap(({ attempts: [attempt] }) =>
      attempt?.tcp.outcome === "no-answer" && attempt.tcp.cause === "deadline" ? [attempt.tcp] : [],
    );
    expect(silences).toHaveLength(246);
    for (const { tries, elapsedMs } of silences) {
      expect(tries).toBe(6);
      expect(elapsedMs).toBeGreaterThanOrEqual(299);
    }
  });

  test("takes its time where nothing is known, and a host that answers late is found", async () => {
    const [host = ""] = on(ROUTED, SERVING);
    far.firewall({ input: [`ip daddr ${host} tcp dport 1688 drop`] });
    setTimeout(() => network.permitAll(), 3_000);
    const { serving } = await sweep(sweeper, [host, "--count", "0"]);
    expect(serving).toEqual([host]);
  });

  test("finds a late host among others with a --timeout that is longer", async () => {
    const [host = ""] = on(ROUTED, SERVING);
    far.firewall({ input: [`ip daddr ${host} tcp dport 1688 drop`] });
    setTimeout(() => network.permitAll(), 2_500);
    const { serving } = await sweep(sweeper, [`${ROUTED}.0/24`, "--count", "0", "--timeout", "8s"]);
    expect(serving).toEqual(on(ROUTED, SERVING));
  });
});
