import { afterAll, beforeAll, describe, expect, onTestFinished } from "vitest";
import {
  pasta,
  proxychains,
  startDante,
  startRedsocks,
  startSlirp,
  startSshuttle,
  startStream,
  startStunnel,
  startTinc,
} from "./between.ts";
import { attemptAt, causesOf, condition, diagnosisOf } from "./conditions.ts";
import { buildOffice, KMS, needsNetwork, NOBODY_THERE, type Office } from "./office.ts";
import { forThisTest, Peers, startRpcScript } from "./peers.ts";

const SERVERS = "10.71.2.0/24";
const ROUTER = "10.71.1.1";
/** Nobody listens there. */
const REFUSED = `${KMS}:1699`;
const UNTIL_ARP_FAILS = ["--rpc-timeout", "4s"];

const { skip } = needsNetwork(
  ...(
    "sshuttle sshd ssh-keygen redsocks danted proxychains4 slirp4netns pasta " +
    "iptables unshare setpriv nginx stunnel4 tincd tun"
  ).split(" "),
);

describe.skipIf(skip)("what stands between a client and a host", () => {
  let office: Office;
  const peers = new Peers();

  beforeAll(async () => {
    office = buildOffice();
    await peers.add(startRpcScript(office.kms, KMS, 1688, "serves"));
  });

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  // -------------------------------------------------------------------------- forwarders on this very machine

  const sshuttle = () =>
    forThisTest(startSshuttle(office.client, office.router, { address: ROUTER, network: SERVERS }));

  condition("through sshuttle the host serves", async (check) => {
    await sshuttle();
    expect(diagnosisOf(await check(office.client, [KMS])).findings).toEqual([]);
  });

  condition("sshuttle, and the host refuses", async (check) => {
    await sshuttle();
    const checked = await check(office.client, [REFUSED]);
    const { verdict, controlPort, takenHere } = attemptAt(checked);
    expect({ controlPort, takenHere }).toEqual({
      controlPort: { port: 47_113, answer: "connected" },
      takenHere: expect.any(Number),
    });
    expect(verdict.certainty).toBe("ambiguous");
    expect(verdict.causes[0]).toMatch(/^a program on this machine takes the connection/);
    expect(verdict.next[0]?.command).toBe(`ss -Hltnp sport = :${takenHere}`);
    expect(diagnosisOf(checked).findings.map(({ code }) => code)).toContain("tcp-taken-here");
  });

  condition(
    "sshuttle, and nobody has the address",
    async (check) => {
      await sshuttle();
      const { verdict } = attemptAt(await check(office.client, [NOBODY_THERE, ...UNTIL_ARP_FAILS]));
      expect(verdict.causes[0]).toMatch(/^a program on this machine takes the connection/);
    },
    60_000,
  );

  const dante = () => forThisTest(startDante(office.router, { inside: ROUTER, outside: "10.71.2.1" }));

  condition("redsocks to a SOCKS proxy, and the host refuses", async (check) => {
    await dante();
    await forThisTest(startRedsocks(office.client, { proxy: ROUTER, network: SERVERS }));
    const { verdict, takenHere } = attemptAt(await check(office.client, [REFUSED]));
    expect(takenHere).toBe(12_345);
    expect(verdict.causes[0]).toMatch(/^a program on this machine takes the connection/);
  });

  condition("proxychains to a SOCKS proxy, and the host serves", async (check) => {
    await dante();
    const { wrapper } = await proxychains(ROUTER);
    await check(office.client, [KMS], { wrapper });
  });

  condition("proxychains to a SOCKS proxy, and the host is filtered", async (check) => {
    await dante();
    office.kms.firewall({ input: ["tcp dport 1688 drop"] });
    onTestFinished(() => office.network.permitAll());
    const { wrapper } = await proxychains(ROUTER);
    const { verdict } = attemptAt(await check(office.client, [KMS], { wrapper }));
    expect(verdict.certainty).toBe("ambiguous");
    expect(verdict.observed).toContain("libproxychains");
    expect(causesOf(verdict)).not.toContain("the host is there");
  });

  // ---------------------------------------------------------------------------------- forwarders on the way

  condition("nginx in front of a host that refuses", async (check) => {
    await forThisTest(startStream(office.router, `${ROUTER}:1700`, REFUSED));
    const { verdict, rpc } = attemptAt(await check(office.client, [`${ROUTER}:1700`]));
    // It resets on a bind that it has not read, and closes when left alone.
    expect(rpc?.unprompted?.end).toBe("closed");
    expect(verdict.causes[0]).toBe("a load balancer or forwarder whose backend is dead");
  });

  condition("stunnel in front of a host that refuses", async (check) => {
    await forThisTest(startStunnel(office.router, `${ROUTER}:1701`, REFUSED));
    const { verdict } = attemptAt(await check(office.client, [`${ROUTER}:1701`]));
    expect(verdict.causes[0]).toBe("a SYN proxy or load balancer answered for a server that refuses");
  });

  condition("stunnel in front of a host that serves, and speaks no TLS", async (check) => {
    await forThisTest(startStunnel(office.router, `${ROUTER}:1702`, `${KMS}:1688`));
    const { verdict } = attemptAt(await check(office.client, [`${ROUTER}:1702`]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("or a forwarder wraps it in TLS, and the service waits");
  });

  // --------------------------------------------------------------------------------- containers' networks

  const slirp = async () => {
    const inside = office.network.host(`box${++boxes}`);
    await forThisTest(startSlirp(office.client, inside));
    return inside;
  };
  let boxes = 0;

  condition("slirp4netns, and the host serves", async (check) => {
    const { via } = attemptAt(await check(await slirp(), [KMS]));
    expect(via).toEqual({ address: "10.0.2.100", interface: "tap0", link: "user-mode", owner: null });
  });

  condition("slirp4netns, and the host refuses", async (check) => {
    await check(await slirp(), [REFUSED]);
  });

  condition(
    "slirp4netns, and nobody has the address",
    async (check) => {
      const { verdict } = attemptAt(await check(await slirp(), [NOBODY_THERE, "--timeout", "5s"]));
      expect(verdict.causes[0]).toMatch(/^the container's network is made up by a program/);
      expect(verdict.next[0]?.command).toContain("--network host");
    },
    60_000,
  );

  condition("slirp4netns, and its gateway is asked", async (check) => {
    const checked = await check(await slirp(), ["10.0.2.2"]);
    expect(attemptAt(checked).verdict.causes[0]).toContain("stands for the loopback of the machine outside");
    expect(diagnosisOf(checked).findings.map(({ code }) => code)).toEqual(["tcp-user-mode-gateway"]);
  });

  condition("pasta, and a service of the machine outside answers at the gateway's address", async (check) => {
    await forThisTest(startRpcScript(office.client, "127.0.0.1", 1688, "serves"));
    const checked = await check(office.client, [ROUTER], { wrapper: await pasta() });
    expect(diagnosisOf(checked).findings.map(({ code }) => code)).toEqual(["tcp-user-mode-gateway"]);
  });

  condition("pasta, and the host serves", async (check) => {
    const { via } = attemptAt(await check(office.client, [KMS], { wrapper: await pasta() }));
    expect(via?.link).toBe("user-mode");
  });

  condition("pasta, and the host refuses", async (check) => {
    const { verdict } = attemptAt(await check(office.client, [REFUSED], { wrapper: await pasta() }));
    expect(verdict.causes[0]).toMatch(/^the container's network is made up by a program/);
    expect(causesOf(verdict)).not.toContain("the tunnel is up here");
  });

  // ---------------------------------------------------------------------- tunnels that die in other ways

  const FAR = "10.71.77.10";

  condition("a TUN whose program is gone", async (check) => {
    office.client.ip("tuntap add tun9 mode tun", "addr add 10.71.78.1/24 dev tun9", "link set tun9 up");
    office.client.ip("route add 10.71.77.0/24 dev tun9");
    onTestFinished(() => office.client.ip("link del tun9"));
    const { verdict, via } = attemptAt(await check(office.client, [FAR]));
    expect(via).toEqual({ address: "10.71.78.1", interface: "tun9", link: "tunnel", owner: null });
    expect(verdict.causes[0]).toMatch(/^tun9 has no carrier/);
    expect(verdict.next[0]?.command).toBe("ip -d link show dev tun9");
  });

  condition("a route of a site-to-site VPN, from another interface's address", async (check) => {
    office.client.ip("tuntap add ipsec0 mode tun", "link set ipsec0 up", "rule add pref 220 table 220");
    office.client.ip("route add 10.71.77.0/24 dev ipsec0 table 220 src 10.71.1.10");
    onTestFinished(() => office.client.ip("link del ipsec0", "rule del pref 220"));
    const { verdict, via } = attemptAt(await check(office.client, [FAR]));
    expect(via).toEqual({ address: "10.71.1.10", interface: "ipsec0", link: "tunnel", owner: "to-router" });
    expect(verdict.causes[0]).toMatch(/^ipsec0 has no carrier/);
  });

  condition(
    "VXLAN, and its other end is gone",
    async (check) => {
      office.client.ip(
        "link add vx9 type vxlan id 9 dstport 4789 remote 10.71.2.98 local 10.71.1.10",
        "addr add 10.71.77.1/24 dev vx9",
        "link set vx9 up",
      );
      onTestFinished(() => office.client.ip("link del vx9"));
      const { verdict, via } = attemptAt(await check(office.client, [FAR, "--timeout", "5s"]));
      expect(via).toMatchObject({ interface: "vx9", link: "tunnel" });
      expect(verdict.certainty).toBe("ambiguous");
      expect(verdict.causes[0]).toMatch(/^the tunnel is up here and its other end is gone/);
    },
    60_000,
  );

  condition("tinc, and its peer is gone", async (check) => {
    await forThisTest(startTinc(office.client, { address: "10.71.78.2", network: "10.71.77.0/24" }));
    const { verdict, via } = attemptAt(await check(office.client, [FAR]));
    expect(via).toMatchObject({ interface: "tinc0", link: "tunnel" });
    expect(verdict.causes[0]).toMatch(/^the tunnel's own daemon on this machine/);
  });

  condition("an IPsec policy without an association", async (check) => {
    const policy = "src 10.71.1.10/32 dst 10.71.2.10/32 dir out";
    const ends = "tmpl src 10.71.1.10 dst 10.71.1.1 proto esp mode tunnel";
    office.client.ip(`xfrm policy add ${policy} ${ends}`);
    onTestFinished(() => office.client.ip(`xfrm policy del ${policy}`));
    const { verdict, here } = attemptAt(await check(office.client, [KMS]));
    expect(here?.ipsecWithoutState).toBe(true);
    expect(verdict.causes[0]).toMatch(/^an IPsec policy of this machine takes the packets/);
    expect(verdict.next[0]?.command).toContain("ip xfrm policy");
  });

  condition("a loopback source for a host elsewhere", async (check) => {
    const { verdict, here } = attemptAt(await check(office.client, [KMS, "--source", "lo"]));
    expect(here?.refusedSource).toBe("127.0.0.1");
    expect(verdict.certainty).toBe("certain");
    expect(causesOf(verdict)).not.toContain("blackhole");
  });
});
