import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startAnswerer } from "../integration/servers/answerer.ts";
import { needsNetwork } from "./office.ts";
import { Peers } from "./peers.ts";
import { QUICK, sweep, totalsOf } from "./sweeps.ts";
import { type Host, Network } from "./topology.ts";

/** The device that accepts for all of 127.41.7.0/24, by address translation: it closes on the first bytes. */
const DEVICE = "127.41.99.1";
const INSIDE = "127.41.7.77";
const ORDINARY = ["127.41.8.10", "127.41.8.20"];

describe.skipIf(needsNetwork().skip)("a device that accepts for a whole subnet", () => {
  let network: Network;
  let host: Host;
  const peers = new Peers();

  beforeAll(async () => {
    network = new Network();
    host = network.host("sweeper");
    const { namespace } = host;
    await peers.add(startAnswerer({ addresses: { serves: [INSIDE, ...ORDINARY] }, namespace }));
    await peers.add(startAnswerer({ addresses: { closes: [DEVICE] }, port: 1999, namespace }));
  });

  afterEach(() => acceptAll([]));

  afterAll(async () => {
    await peers.stop();
    network.remove();
  });

  /** Connections of our own are translated on their way out. */
  function acceptAll(rules: readonly string[]): void {
    const chain = `chain out { type nat hook output priority -100\n${rules.join("\n")}\n}`;
    host.run(["nft", "-f", "-"], `table ip box\ndelete table ip box\ntable ip box {\n${chain}\n}\n`);
  }

  const args = ["127.41.7.0/24", "127.41.8.0/24", ...QUICK];

  test("is one middlebox, and no host", async () => {
    acceptAll([`ip daddr 127.41.7.0/24 tcp dport 1688 dnat to ${DEVICE}:1999`]);
    const { lines, endpoints, serving, end } = await sweep(host, args);
    const boxes = lines.flatMap((line) => (line.type === "middlebox" ? [line] : []));
    expect(boxes).toHaveLength(1);
    const planned = end.subnets.find(({ subnet }) => subnet === "127.41.7.0/24")?.planned;
    expect(boxes[0]).toMatchObject({ subnet: "127.41.7.0/24", port: 1688, accepted: planned, silent: 0 });
    expect(boxes[0]?.counts).toEqual({ "rpc-closed": planned });
    expect(serving).toEqual(ORDINARY);
    expect(endpoints.filter(({ endpoint }) => endpoint.host.startsWith("127.41.7."))).toEqual([]);
  });

  test("hides no host that serves behind it", async () => {
    acceptAll([`ip daddr != ${INSIDE} ip daddr 127.41.7.0/24 tcp dport 1688 dnat to ${DEVICE}:1999`]);
    const { lines, serving, end } = await sweep(host, args);
    expect(serving).toEqual([INSIDE, ...ORDINARY]);
    const boxes = lines.flatMap((line) => (line.type === "middlebox" ? [line] : []));
    expect(boxes.map(({ subnet }) => subnet)).toEqual(["127.41.7.0/24"]);
    expect(boxes[0]?.addresses.join()).not.toContain(INSIDE);
    expect(totalsOf(end)["rpc-serves"]).toBe(3);
  });

  test("is no middlebox where one address refuses: then it is that many services", async () => {
    acceptAll([
      "ip daddr 127.41.7.200 tcp dport 1688 accept",
      `ip daddr 127.41.7.0/24 tcp dport 1688 dnat to ${DEVICE}:1999`,
    ]);
    const { lines, endpoints, end } = await sweep(host, args);
    expect(lines.filter(({ type }) => type === "middlebox")).toEqual([]);
    const planned = end.subnets.find(({ subnet }) => subnet === "127.41.7.0/24")?.planned ?? 0;
    const closed = endpoints.filter(({ verdict }) => verdict.code === "rpc-closed");
    expect(closed).toHaveLength(planned - 1);
  });
});
