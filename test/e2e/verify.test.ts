/** What `verify` says of a network whose firewalls, routes and tunnels change under it. */
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { capture } from "../integration/servers/tshark.ts";
import { run } from "../integration/support/kmsprobe.ts";
import {
  commandsOf,
  failingOf,
  policyOf,
  resultOf,
  runVerify,
  statusesOf,
  type Verified,
} from "../integration/support/verify.ts";
import { buildBranch, BRANCH_KMS, type Branch } from "./branch.ts";
import { buildOffice, CLIENT, GUEST, KMS, needsNetwork, type Office, startSynProxy } from "./office.ts";
import { forThisTest, Peers, startKms, startLsarpc, startRpcScript } from "./peers.ts";
import { buildRemote, GATEWAY, INSIDE_KMS, type Remote } from "./remote.ts";
import type { Host } from "./topology.ts";
import { LAPTOP_INSIDE, startWireGuard, type Tunnel } from "./tunnels.ts";

const TO_KMS = `ip daddr ${KMS} tcp dport 1688`;

function verifyFrom(host: Host, policy: string, args: readonly string[] = []): Promise<Verified> {
  return runVerify(policy, args, { wrapper: host.wrapper });
}

describe.skipIf(needsNetwork().skip)("a policy, and a firewall that changes", () => {
  let office: Office;
  const peers = new Peers();

  beforeAll(async () => {
    office = buildOffice();
    // One more address that refuses, beside the router's own.
    office.kms.ip("address add 10.71.2.11/24 dev to-router");
    await peers.add(startRpcScript(office.kms, KMS, 1688, "serves"));
    await peers.add(startRpcScript(office.kms, KMS, 1700, "silent"));
  });

  afterEach(() => office.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  const SERVES = policyOf(`hosts: ${KMS}`, "expect:", "  - serve: {}");
  const CLOSED = policyOf("expect:", `  - closed: { hosts: ${KMS}, ports: 1700 }`);

  /** The exit code, and what the one result of a run says. */
  async function looked(policy: string): Promise<{ code: number | null; status: string; codes: unknown[] }> {
    const verified = await verifyFrom(office.client, policy);
    const [result] = verified.verification.results;
    return {
      code: verified.code,
      status: result?.status ?? "",
      codes: result?.details.map(({ code }) => code) ?? [],
    };
  }

  test.each([
    ["drop", "tcp-no-answer"],
    ["reject with tcp reset", "tcp-refused"],
    ["reject with icmp admin-prohibited", "tcp-host-unreachable"],
  ])("a rule that says %s turns it from 0 to 1, and its end to 0 again", async (manner, code) => {
    const fine = { code: 0, status: "met", codes: ["rpc-serves"] };
    expect(await looked(SERVES)).toEqual(fine);
    office.router.firewall({ forward: [`${TO_KMS} ${manner}`] });
    const verified = await verifyFrom(office.client, SERVES);
    expect(verified).toMatchObject({ code: 1, stderr: "" });
    expect(verified.verification).toMatchObject({ outcome: "failed", counts: { met: 0, failed: 1 } });
    const result = resultOf(verified, "serve-1");
    const [detail] = failingOf(result);
    expect(detail).toMatchObject({ about: `${KMS}:1688`, code, certainty: "ambiguous" });
    expect(detail?.causes.join("\n")).toMatch(/firewall|filtered/);
    const rule = `permit tcp from ${CLIENT} to ${KMS} port 1688`;
    expect(commandsOf(result.details)).toContain(rule);
    const text = await run(["verify", "-"], { input: SERVES, wrapper: office.client.wrapper });
    expect(text.code).toBe(1);
    expect(text.stdout).toContain(rule);
    expect(text.stdout.replace(/\s+/g, " ")).toContain(`[${code}, ambiguous]`);
    expect(text.stdout).toMatch(/^✗ 0 of 1 expectation.*, 1 fails$/m);
    office.router.firewall({});
    expect(await looked(SERVES)).toEqual(fine);
  });

  test("a port that is to be closed: opened it is 1, with the rule that would close it; closed again 0", async () => {
    office.router.firewall({ forward: ["tcp dport 1700 drop"] });
    expect(await looked(CLOSED)).toEqual({ code: 0, status: "met", codes: ["tcp-no-answer"] });
    office.router.firewall({});
    const opened = await verifyFrom(office.client, CLOSED);
    expect(opened.code).toBe(1);
    const result = resultOf(opened, "closed-1");
    expect(result).toMatchObject({ status: "failed", observed: `${KMS}:1700 accepts connections` });
    expect(failingOf(result)).toMatchObject([{ about: `${KMS}:1700`, certainty: "certain", code: null }]);
    const rule = `deny tcp from ${CLIENT} to ${KMS} port 1700`;
    expect(commandsOf(result.details)).toContain(rule);
    const text = await run(["verify", "-"], { input: CLOSED, wrapper: office.client.wrapper });
    expect(text).toMatchObject({ code: 1, stderr: "" });
    expect(text.stdout).toContain(rule);
    office.router.firewall({ forward: ["tcp dport 1700 reject with tcp reset"] });
    expect(await looked(CLOSED)).toEqual({ code: 0, status: "met", codes: ["tcp-refused"] });
  });

  test.each([
    ["no-answer", "drop", "reject with tcp reset", "drop tcp from"],
    ["refused", "reject with tcp reset", "drop", "reject tcp from"],
  ])("closed by %s: the other way of closing it fails", async (answer, right, wrong, rule) => {
    const policy = policyOf("expect:", `  - closed: { hosts: '${KMS}:1700', answer: ${answer} }`);
    office.router.firewall({ forward: [`tcp dport 1700 ${right}`] });
    expect(await looked(policy)).toMatchObject({ code: 0, status: "met" });
    office.router.firewall({ forward: [`tcp dport 1700 ${wrong}`] });
    const verified = await verifyFrom(office.client, policy);
    expect(verified.code).toBe(1);
    const result = resultOf(verified, "closed-1");
    expect(result.status).toBe("failed");
    expect(commandsOf(failingOf(result))).toEqual([`${rule} ${CLIENT} to ${KMS} port 1700`]);
  });

  test("a warning is told and ends with 0", async () => {
    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    const policy = policyOf(`hosts: ${KMS}`, "expect:", "  - serve: {}", "    level: warning");
    const verified = await verifyFrom(office.client, policy);
    expect(verified.code).toBe(0);
    expect(verified.verification).toMatchObject({ outcome: "warned", counts: { warned: 1, failed: 0 } });
  });

  test("a firewall that permits one port and drops the others: both halves of the policy hold", async () => {
    office.router.firewall({ forward: [`ip daddr ${KMS} tcp dport != 1688 drop`] });
    const policy = policyOf(
      `hosts: ${KMS}`,
      "expect:",
      "  - serve: {}",
      `  - closed: { hosts: ${KMS}, ports: [135, 445, 1700] }`,
    );
    const verified = await verifyFrom(office.client, policy);
    expect(statusesOf(verified)).toEqual({ "serve-1": "met", "closed-1": "met" });
    expect(verified.code).toBe(0);
    expect(resultOf(verified, "closed-1").observed).toBe("of 3 3 do not answer");
  });

  test("a device that answers for every port: what connects may be it, and not the host", async () => {
    const match = `ip daddr ${KMS} meta l4proto tcp`;
    startSynProxy(office, match);
    office.kms.firewall({ input: [`${match} drop`] });
    const verified = await verifyFrom(office.client, CLOSED);
    expect(verified.code).toBe(1);
    const [detail] = failingOf(resultOf(verified, "closed-1"));
    expect(detail?.certainty).toBe("ambiguous");
    expect(detail?.observed).toMatch(/accepts connections\. So does port \d+, where nobody listens\.$/);
    expect(detail?.causes[0]).toContain("a device on the path answers for every port");
  });

  test.skipIf(needsNetwork("impacket", "samba-dcerpcd").skip)(
    "real RPC servers: one with the KMS interface serves, one without doesn't",
    async () => {
      await forThisTest(startKms(office.kms, "10.71.2.11"));
      await forThisTest(startLsarpc(office.kms, "10.71.2.11", 1689));
      const policy = policyOf(
        "expect:",
        "  - { id: kms, serve: { hosts: 10.71.2.11 } }",
        "  - { id: other, serve: { hosts: '10.71.2.11:1689' } }",
      );
      const verified = await verifyFrom(office.client, policy);
      expect(statusesOf(verified)).toEqual({ kms: "met", other: "failed" });
      expect(failingOf(resultOf(verified, "other"))).toMatchObject([{ code: "rpc-interface-unknown" }]);
      // A device that lets the handshake pass and drops what follows.
      office.router.firewall({
        forward: ["ip daddr 10.71.2.11 tcp dport 1688 tcp flags & (psh|syn|rst) == psh drop"],
      });
      const dropped = await verifyFrom(office.client, policy);
      expect(failingOf(resultOf(dropped, "kms"))).toMatchObject([{ code: "rpc-no-answer" }]);
    },
  );

  // -------------------------------------------------------------------------------------------- a subnet

  const SUBNET = policyOf("expect:", "  - closed: { hosts: 10.71.2.0/28 }");

  test("a /28 that is to be closed: one host connects, two refuse, the others are silent", async () => {
    const verified = await verifyFrom(office.client, SUBNET);
    expect(verified.code).toBe(1);
    const result = resultOf(verified, "closed-1");
    expect(result).toMatchObject({
      status: "failed",
      observed: "of 16 1 connects, 13 do not answer, 2 refuse",
    });
    expect(failingOf(result).map(({ about }) => about)).toEqual([`${KMS}:1688`]);
    expect(result.details).toHaveLength(16);
    expect(verified.verification.closed).toHaveLength(16);
  });

  test("the same /28 without the open host is closed", async () => {
    office.kms.firewall({ input: [`${TO_KMS} reject with tcp reset`] });
    const verified = await verifyFrom(office.client, SUBNET);
    expect(verified.code).toBe(0);
    expect(resultOf(verified, "closed-1").observed).toBe("of 16 13 do not answer, 3 refuse");
  });

  test("with patience, addresses that the last router calls nobody's are silent, too", async () => {
    const policy = policyOf(
      "settings: { timeout: 4s, retries: 0 }",
      "expect:",
      "  - closed: { hosts: [10.71.2.98, 10.71.1.99], answer: no-answer }",
    );
    const verified = await verifyFrom(office.client, policy);
    const result = resultOf(verified, "closed-1");
    expect(result.details.map(({ code }) => code)).toEqual(["tcp-neighbour-silent", "tcp-neighbour-silent"]);
    expect(verified.code).toBe(0);
  });

  test.each([
    ["blackhole", "blackhole 10.71.2.0/28"],
    ["unreachable", "unreachable 10.71.2.0/28"],
    ["prohibit", "prohibit 10.71.2.0/28"],
    ["throw", "throw 10.71.2.0/28"],
  ])(
    "a place whose route there is %s knows nothing of a firewall: not checked, and not closed",
    async (kind, route) => {
      office.guest.ip(`route add ${route}`);
      onTestFinished(() => office.guest.ip(`route del ${route}`));
      const restore = kind === "throw" ? withoutDefaultRoute() : () => {};
      try {
        const verified = await verifyFrom(office.guest, SUBNET);
        expect(verified.code).toBe(3);
        const result = resultOf(verified, "closed-1");
        expect(result).toMatchObject({ status: "error", observed: "of 16 16 could not be tried" });
        for (const { observed, holds } of result.details) {
          expect(holds).toBe(false);
          expect(observed).toContain("Nothing left this machine, so nothing is known of a firewall.");
        }
        const text = await run(["verify", "-"], { input: SUBNET, wrapper: office.guest.wrapper });
        expect(text.code).toBe(3);
        expect(text.stdout).toContain("could not be checked");
        expect(text.stdout).not.toMatch(/stays closed[^\n]*: of 16/);
      } finally {
        restore();
      }
    },
  );

  function withoutDefaultRoute(): () => void {
    office.guest.ip("route del default via 10.71.3.1");
    return () => office.guest.ip("route add default via 10.71.3.1");
  }

  test("half of what is to be closed has no route here: not checked; and it fails once the rest is open", async () => {
    office.guest.ip("route add blackhole 10.71.4.0/24");
    onTestFinished(() => office.guest.ip("route del blackhole 10.71.4.0/24"));
    const policy = policyOf("expect:", `  - closed: { hosts: ['${KMS}:1700', '10.71.4.10:1700'] }`);
    office.router.firewall({ forward: ["tcp dport 1700 drop"] });
    const dropped = await verifyFrom(office.guest, policy);
    expect(dropped.code).toBe(3);
    expect(resultOf(dropped, "closed-1").observed).toBe("of 2 1 does not answer, 1 could not be tried");
    office.router.firewall({});
    const open = await verifyFrom(office.guest, policy);
    expect(open.code).toBe(1);
    expect(commandsOf(failingOf(resultOf(open, "closed-1")))).toContain(
      `deny tcp from ${GUEST} to ${KMS} port 1700`,
    );
  });

  test("a source without an address of that family: not checked, and neither served nor closed", async () => {
    const policy = policyOf(
      "networks: { v6 only: 'fd71:1::/64' }",
      "from: v6 only",
      "expect:",
      `  - serve: { hosts: ${KMS} }`,
      `  - closed: { hosts: '${KMS}:1700' }`,
      `  - permitted: { hosts: ${KMS}, allow: 192.0.2.1 }`,
      `  - latency: { hosts: ${KMS}, median: 1s }`,
    );
    const verified = await verifyFrom(office.client, policy);
    expect(new Set(Object.values(statusesOf(verified)))).toEqual(new Set(["error"]));
    expect(verified.code).toBe(3);
    const [detail] = failingOf(resultOf(verified, "serve-1"));
    expect(detail?.code).toBe("tcp-no-local-address");
  });

  // ------------------------------------------------------------------------------------- two interfaces

  test("two interfaces: the policy of a firewall by source shows as two results", async () => {
    const dual = office.client;
    office.network.cable(
      { host: dual, addresses: ["10.71.7.10/24"] },
      { host: office.kms, addresses: ["10.71.7.1/24"] },
    );
    const policy = policyOf(
      "networks: { lan: 10.71.1.0/24, rack: 10.71.7.0/24 }",
      `hosts: ${KMS}`,
      "from: [lan, rack]",
      "expect:",
      "  - serve: {}",
    );
    // Each source goes its own way.
    dual.ip(`rule add from 10.71.7.10 lookup 107`, `route add default via 10.71.7.1 table 107`);
    const both = await verifyFrom(dual, policy);
    expect(statusesOf(both)).toEqual({ "serve-1 from lan": "met", "serve-1 from rack": "met" });
    expect(both.code).toBe(0);
    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    const one = await verifyFrom(dual, policy);
    expect(statusesOf(one)).toEqual({ "serve-1 from lan": "failed", "serve-1 from rack": "met" });
    expect(one.code).toBe(1);
    expect(commandsOf(failingOf(resultOf(one, "serve-1", "lan")))).toContain(
      `permit tcp from ${CLIENT} to ${KMS} port 1688`,
    );
  });

  // ----------------------------------------------------------------------------------- what leaves here

  test.skipIf(needsNetwork("dumpcap", "tshark").skip)(
    "no activation request leaves, and not one byte goes to what is to be closed",
    async () => {
      // 1688 is open and is to be closed for one half of the policy; 1700 connects and is silent; 1699 refuses.
      const recording = await capture({
        namespace: office.client.namespace,
        device: "to-router",
        filter: "ip",
        transport: "tcp",
        ports: [1688, 1700, 1699],
      });
      const policy = policyOf(
        `hosts: ${KMS}`,
        "expect:",
        "  - serve: {}",
        "  - latency: { p95: 2s, samples: 10 }",
        `  - permitted: { allow: ${KMS} }`,
        `  - closed: { hosts: [${KMS}, 10.71.2.11], ports: [1699, 1700] }`,
        "  - closed: { hosts: 10.71.2.0/28, ports: 1701 }",
      );
      const verified = await verifyFrom(office.client, policy);
      const frames = await recording.stop();
      expect(verified.code).toBe(1);
      expect(resultOf(verified, "closed-1").observed).toBe("of 4 1 connects, 3 refuse");

      const pdus = frames.flatMap((frame) => frame.pdus);
      expect(pdus.length).toBeGreaterThan(10);
      expect(new Set(pdus.map(({ pktType }) => pktType))).toEqual(new Set([11, 12, 14, 15]));
      expect(pdus.filter(({ opnum }) => opnum !== null)).toEqual([]);
      // Bytes of ours go to the one port that is to serve, and to no other.
      const spokenTo = frames.filter(({ payloadBytes }) => payloadBytes > 0).map(({ dstPort }) => dstPort);
      expect(new Set(spokenTo.filter((port) => port < 10_000))).toEqual(new Set([1688]));
      const tried = new Set(frames.map(({ dstPort }) => dstPort));
      for (const port of [1699, 1700, 1701]) expect(tried).toContain(port);
      // All that left this machine's interface was TCP (and what the neighbours need).
      expect(frames.filter(({ protocols }) => protocols.includes("udp"))).toEqual([]);
    },
  );
});

// -----------------------------------------------------------------------------------------------------------------

const { skip: noTunnels } = needsNetwork("tun", "wireguard-go", "wg");

describe.skipIf(noTunnels)("a policy, and a tunnel beside the line", () => {
  let remote: Remote;
  const peers = new Peers();

  beforeAll(async () => {
    remote = buildRemote();
    await peers.add(startRpcScript(remote.kms, INSIDE_KMS, 1688, "serves"));
    // The same host can be reached by the carrier, too: what differs is the source.
    remote.carrier.ip("route add 10.71.6.0/24 via 10.71.92.10");
    remote.laptop.ip(`rule add from ${LAPTOP_INSIDE} lookup 108`);
  });

  afterEach(() => remote.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    remote.network.remove();
  });

  const BOTH = policyOf(
    "networks: { lan: 10.71.91.0/24, vpn: 10.71.8.0/24 }",
    `hosts: ${INSIDE_KMS}`,
    "from: [lan, vpn]",
    "expect:",
    "  - serve: {}",
  );

  /** For this test: what has its address goes through it. */
  async function tunnelUp(): Promise<Tunnel> {
    const ends = { laptop: remote.laptop, gateway: remote.gateway, gatewayAddress: GATEWAY };
    const tunnel = await forThisTest(startWireGuard(ends, { routes: [] }));
    remote.laptop.ip("route add default dev wg0 table 108");
    return tunnel;
  }

  test("before the tunnel is up: what goes through it is not checked, and the host is not blamed", async () => {
    const verified = await verifyFrom(remote.laptop, BOTH);
    expect(verified.code).toBe(3);
    expect(statusesOf(verified)).toEqual({ "serve-1 from lan": "met", "serve-1 from vpn": "error" });
    const result = resultOf(verified, "serve-1", "vpn");
    expect(result.observed).toBe(
      "this machine has no address in vpn (10.71.8.0/24): see whether the VPN is up",
    );
    expect(result.details).toEqual([]);
    // Nothing was tried in its place.
    expect(verified.verification.report.sources.map(({ label }) => label)).toEqual(["lan"]);
    const byName = policyOf(`hosts: ${INSIDE_KMS}`, "expect: [{ serve: {}, from: wg0 }]");
    const named = await verifyFrom(remote.laptop, byName);
    expect(named.code).toBe(3);
    expect(resultOf(named, "serve-1").observed).toContain(
      "this machine has no interface or address wg0, and the policy no network of that name (it has lo, to-carrier)",
    );
  });

  test("with the tunnel up both hold; a filter in the tunnel fails that one, and says which rule", async () => {
    await tunnelUp();
    const both = await verifyFrom(remote.laptop, BOTH);
    expect(statusesOf(both)).toEqual({ "serve-1 from lan": "met", "serve-1 from vpn": "met" });
    expect(both.code).toBe(0);
    const ways = both.verification.report.diagnoses.map(({ endpoints }) => endpoints[0]?.attempts[0]?.via);
    expect(ways).toEqual([
      { address: "10.71.91.10", interface: "to-carrier", link: "ethernet", owner: null },
      { address: LAPTOP_INSIDE, interface: "wg0", link: "tunnel", owner: null },
    ]);
    remote.gateway.firewall({ forward: ["iifname wg0 tcp dport 1688 drop"] });
    const filtered = await verifyFrom(remote.laptop, BOTH);
    expect(filtered.code).toBe(1);
    expect(statusesOf(filtered)).toEqual({ "serve-1 from lan": "met", "serve-1 from vpn": "failed" });
    const [detail] = failingOf(resultOf(filtered, "serve-1", "vpn"));
    expect(detail?.code).toBe("tcp-no-answer");
    expect(detail?.causes.join("\n")).toContain("tunnel");
    expect(detail?.next.map(({ command }) => command)).toContain(
      `permit tcp from ${LAPTOP_INSIDE} to ${INSIDE_KMS} port 1688`,
    );
  });

  test("split rules: closed by the line, served through the tunnel", async () => {
    await tunnelUp();
    remote.gateway.firewall({ forward: ["iifname != wg0 ip daddr 10.71.6.0/24 tcp dport 1688 drop"] });
    const policy = policyOf(
      "networks: { lan: 10.71.91.0/24, vpn: 10.71.8.0/24 }",
      "expect:",
      `  - { serve: { hosts: ${INSIDE_KMS} }, from: vpn }`,
      `  - { closed: { hosts: ${INSIDE_KMS} }, from: lan }`,
    );
    const verified = await verifyFrom(remote.laptop, policy);
    expect(statusesOf(verified)).toEqual({ "serve-1 from vpn": "met", "closed-1 from lan": "met" });
    expect(verified.code).toBe(0);
    remote.gateway.firewall({});
    const open = await verifyFrom(remote.laptop, policy);
    expect(statusesOf(open)).toEqual({ "serve-1 from vpn": "met", "closed-1 from lan": "failed" });
    expect(commandsOf(failingOf(resultOf(open, "closed-1", "lan")))).toContain(
      `deny tcp from 10.71.91.10 to ${INSIDE_KMS} port 1688`,
    );
  });

  const PLACES = policyOf(
    "variables: { kms: 10.71.6.99 }",
    "networks: { lan: 10.71.91.0/24, vpn: 10.71.8.0/24 }",
    "hosts: '${kms}'",
    "from: lan",
    "expect:",
    "  - { id: serves, serve: {} }",
    "  - { id: home-only, places: home, closed: { hosts: '${kms}:1700' } }",
    "places:",
    "  office: {}",
    "  home:",
    "    from: vpn",
    `    variables: { kms: ${INSIDE_KMS} }`,
    "    expect:",
    "      - { id: fast, latency: { median: 2s, samples: 5 } }",
    "  abroad:",
    "    without: serves",
    "    expect:",
    "      - { id: shut, closed: { hosts: '${kms}' } }",
  );

  test("a place lays its part over the policy, --set goes over both", async () => {
    await tunnelUp();
    const home = await verifyFrom(remote.laptop, PLACES, ["--place", "home"]);
    expect(statusesOf(home)).toEqual({
      "serves from vpn": "met",
      "home-only from vpn": "met",
      "fast from vpn": "met",
    });
    expect(home.verification.policy).toMatchObject({ file: "standard input", place: "home" });
    const office = await verifyFrom(remote.laptop, PLACES, ["--place", "office"]);
    expect(statusesOf(office)).toEqual({ "serves from lan": "failed", "home-only": "skipped" });
    expect(office.code).toBe(1);
    const set = await verifyFrom(remote.laptop, PLACES, ["--place", "office", "--set", `kms=${INSIDE_KMS}`]);
    expect(statusesOf(set)).toEqual({ "serves from lan": "met", "home-only": "skipped" });
    expect(set.code).toBe(0);
    const abroad = await verifyFrom(remote.laptop, PLACES, ["--place", "abroad"]);
    expect(statusesOf(abroad)).toEqual({ "home-only": "skipped", "shut from lan": "met" });
    const none = await run(["verify", "-"], { input: PLACES, wrapper: remote.laptop.wrapper });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("name one with --place office, home, abroad");
  });

  test("the gateway is dead: the tunnel is named among what fits", async () => {
    const tunnel = await tunnelUp();
    await tunnel.gateway.stop();
    const verified = await verifyFrom(remote.laptop, BOTH);
    expect(statusesOf(verified)).toEqual({ "serve-1 from lan": "met", "serve-1 from vpn": "failed" });
    const [detail] = failingOf(resultOf(verified, "serve-1", "vpn"));
    expect(detail).toMatchObject({ code: "tcp-no-answer", certainty: "ambiguous" });
    expect(detail?.causes.join("\n")).toContain("the tunnel is up here and leads nowhere");
  });

  test.each(["down", "gone"])("the tunnel's interface is %s: not checked, exit code 3", async (how) => {
    const tunnel = await tunnelUp();
    if (how === "down") remote.laptop.ip("link set wg0 down");
    else await tunnel.laptop.stop();
    const verified = await verifyFrom(remote.laptop, BOTH);
    expect(verified.code).toBe(3);
    expect(statusesOf(verified)).toEqual({ "serve-1 from lan": "met", "serve-1 from vpn": "error" });
    expect(verified.verification.outcome).toBe("error");
    expect(failingOf(resultOf(verified, "serve-1", "vpn"))).toEqual([]);
  });
});

// -----------------------------------------------------------------------------------------------------------------

function bounded(bounds: string): string {
  return policyOf(`hosts: ${BRANCH_KMS}`, "expect:", `  - latency: { ${bounds} }`);
}

describe.skipIf(needsNetwork("tun").skip)("a policy, and a way that takes time", () => {
  let branch: Branch;
  const peers = new Peers();

  beforeAll(async () => {
    branch = await buildBranch();
    await peers.add(startRpcScript(branch.kms, BRANCH_KMS, 1688, "serves"));
    await branch.wire.set({ delayMs: 15 });
  });

  afterAll(async () => {
    await peers.stop();
    await branch.stop();
  });

  test("bounds above the delay are met, and the number of samples is in the evidence", async () => {
    const verified = await verifyFrom(
      branch.client,
      bounded("median: 200ms, p95: 400ms, connect: 400ms, samples: 25"),
    );
    expect(verified.code).toBe(0);
    const result = resultOf(verified, "latency-1");
    expect(result.observed).toMatch(/^at worst RPC median \d+(\.\d+)? ms, p95 \d+(\.\d+)? ms over 25$/);
    expect(result.details[0]?.observed).toMatch(/; of 25 round trips\.$/);
    expect(result.expected).toContain("of 25");
    expect(result.details[0]?.pointer).toBe("/report/diagnoses/0/endpoints/0/attempts/0/rpc/latency");
    const [attempt] = verified.verification.report.diagnoses[0]?.endpoints[0]?.attempts ?? [];
    const samples = attempt?.rpc?.latency.samplesMs ?? [];
    expect(samples).toHaveLength(25);
    // 15 ms each way, and what a forwarder in user space adds.
    for (const ms of samples) expect(ms).toBeGreaterThanOrEqual(29.5);
    const sorted = samples.toSorted((a, b) => a - b);
    const said = /RPC median (\d+(?:\.\d+)?) ms/.exec(result.observed)?.[1];
    expect(Math.abs(Number(said) - (sorted[12] ?? 0))).toBeLessThan(1);
  });

  test.each([
    ["median: 10ms", /RPC median \d+(\.\d+)? ms \(over 10(\.0)? ms\)/],
    ["p95: 20ms, samples: 40", /RPC p95 \d+(\.\d+)? ms \(over 20(\.0)? ms\).*; of 40 round trips\.$/],
    ["connect: 12ms", /TCP connect \d+(\.\d+)? ms \(over 12(\.0)? ms\)/],
  ])("a bound below it is not: %s", async (bounds, words) => {
    const verified = await verifyFrom(branch.client, bounded(bounds));
    expect(verified.code).toBe(1);
    const [detail] = failingOf(resultOf(verified, "latency-1"));
    expect(detail?.observed).toMatch(words);
    expect(commandsOf([detail ?? { next: [] }])).toContain(`kmsprobe watch ${BRANCH_KMS}:1688`);
  });

  test("of a host that doesn't serve there is no time: its bounds can't be checked", async () => {
    branch.near.firewall({ forward: ["tcp dport 1688 drop"] });
    onTestFinished(() => branch.near.firewall({}));
    const verified = await verifyFrom(branch.client, bounded("median: 10s"));
    expect(verified.code).toBe(3);
    const result = resultOf(verified, "latency-1");
    expect(failingOf(result)).toEqual([]);
    expect(result.details).toMatchObject([{ code: "tcp-no-answer", causes: [] }]);
    expect(result.observed).toMatch(/^no time: \S+ ?.*: no answer$/);
  });
});
