import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished } from "vitest";
import { zoneFile } from "../integration/support/zone.ts";
import { attemptAt, causesOf, condition } from "./conditions.ts";
import { needsNetwork } from "./office.ts";
import { forThisTest, Peers, startDns, startRpcScript } from "./peers.ts";
import { startOpenConnect } from "./ocserv.ts";
import { buildRemote, GATEWAY, INSIDE_DNS, INSIDE_KMS, OUTSIDE_DNS, type Remote } from "./remote.ts";
import { startStrongSwan } from "./strongswan.ts";
import { LAPTOP_INSIDE, startOpenVpn, startWireGuard, type Tunnel, type TunnelEnds } from "./tunnels.ts";

const TO_KMS = `ip daddr ${INSIDE_KMS} tcp dport 1688`;
const DOMAIN = ["-d", "corp.test"];
const INSIDE = zoneFile([
  { name: "_vlmcs._tcp.corp.test", srv: { priority: 0, weight: 0, port: 1688, target: "kms.corp.test" } },
  { name: "kms.corp.test", address: INSIDE_KMS },
]);

const DAEMONS = ["ocserv", "ocpasswd", "openconnect", "charon-systemd", "swanctl"];
const { skip } = needsNetwork("tun", "named", "wireguard-go", "wg", "openvpn", "openssl", ...DAEMONS);

describe.skipIf(skip)("a host behind a VPN", () => {
  let remote: Remote;
  let ends: TunnelEnds;
  const peers = new Peers();

  beforeAll(async () => {
    remote = buildRemote();
    ends = { laptop: remote.laptop, gateway: remote.gateway, gatewayAddress: GATEWAY };
    await peers.add(startRpcScript(remote.kms, INSIDE_KMS, 1688, "serves"));
    await peers.add(startDns(remote.dns, { address: INSIDE_DNS, zones: { "corp.test": INSIDE } }));
    await peers.add(startDns(remote.outside, { address: OUTSIDE_DNS, zones: { "corp.test": "" } }));
  });

  afterEach(() => remote.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    remote.network.remove();
  });

  function wireGuard(options: Parameters<typeof startWireGuard>[1] = {}): Promise<Tunnel> {
    return forThisTest(startWireGuard(ends, options));
  }

  // ------------------------------------------------------------------------------------------ WireGuard

  condition("through WireGuard the host serves", async (check) => {
    await wireGuard();
    const checked = await check(remote.laptop, [INSIDE_KMS]);
    expect(checked.code).toBe(0);
    expect(attemptAt(checked).via).toMatchObject({
      address: LAPTOP_INSIDE,
      interface: "wg0",
      link: "tunnel",
    });
  });

  condition("WireGuard, and its peer is dead", async (check) => {
    const tunnel = await wireGuard();
    await tunnel.gateway.stop();
    const { verdict, via } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(via).toMatchObject({ address: LAPTOP_INSIDE, interface: "wg0", link: "tunnel" });
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("tunnel");
    // Whose rule it may be is asked with the address that the firewall would see.
    expect(verdict.next.map(({ command }) => command)).toContain(
      `permit tcp from ${LAPTOP_INSIDE} to ${INSIDE_KMS} port 1688`,
    );
  });

  condition("WireGuard, and the route into the network is missing", async (check) => {
    await wireGuard({ routes: [] });
    const { verdict, via } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    // It went out by the carrier's line.
    expect(via).toMatchObject({ address: "10.71.91.10", interface: "to-carrier" });
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("a router on the path has no route there");
    expect(causesOf(verdict)).toContain("VPN");
    expect(verdict.next.map(({ text }) => text).join("\n")).toContain(
      "see whether a route into that network was pushed",
    );
  });

  condition("WireGuard, and its peer's keys do not cover the network", async (check) => {
    await wireGuard({ allowed: [] });
    const { verdict, via } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(via?.interface).toBe("wg0");
    expect(causesOf(verdict)).toContain("tunnel");
  });

  condition("WireGuard, and the carrier drops it", async (check) => {
    remote.carrier.firewall({ forward: ["udp dport 51820 drop"] });
    await wireGuard();
    const { verdict } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(causesOf(verdict)).toContain("tunnel");
  });

  condition("WireGuard, and a firewall behind it drops", async (check) => {
    remote.gateway.firewall({ forward: [`${TO_KMS} drop`] });
    await wireGuard();
    const { verdict } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("filtered on the path");
  });

  condition("WireGuard, and a firewall behind it rejects", async (check) => {
    remote.gateway.firewall({ forward: [`${TO_KMS} reject with icmp admin-prohibited`] });
    await wireGuard();
    const { verdict } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("administratively prohibited");
  });

  condition("WireGuard, and the host knows no way back", async (check) => {
    remote.kms.ip("route del default");
    onTestFinished(() => remote.kms.ip("route add default via 10.71.6.1"));
    await wireGuard();
    const { verdict } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(causesOf(verdict)).toContain("VPN without a return route");
  });

  condition("a resolver that can be reached only through WireGuard", async (check) => {
    const without = await check(remote.laptop, [...DOMAIN, "-r", INSIDE_DNS]);
    expect(without.report.verdict.code).toBe("srv-no-answer");
    expect(causesOf(without.report.verdict)).toContain("only from inside the VPN");
    await wireGuard();
    const checked = await check(remote.laptop, [...DOMAIN, "-r", INSIDE_DNS]);
    expect(checked.code).toBe(0);
    expect(attemptAt(checked).via?.interface).toBe("wg0");
  });

  condition("a resolver outside of the tunnel doesn't know what one inside knows", async (check) => {
    await wireGuard();
    const outside = await check(remote.laptop, [...DOMAIN, "-r", OUTSIDE_DNS]);
    expect(outside.report.verdict.code).toBe("srv-nxdomain");
    expect(causesOf(outside.report.verdict)).toContain("split DNS asked from outside the VPN");
    const inside = await check(remote.laptop, [...DOMAIN, "-r", INSIDE_DNS, "-r", OUTSIDE_DNS]);
    expect([inside.report.verdict.code, inside.code]).toEqual(["srv-resolvers-disagree", 0]);
    expect(causesOf(inside.report.verdict)).toContain("split DNS");
    // A client that asks outside first is told that there is none, and asks nobody else.
    const both = await check(remote.laptop, [...DOMAIN, "-r", OUTSIDE_DNS, "-r", INSIDE_DNS]);
    expect([both.report.verdict.code, both.code]).toEqual(["srv-nxdomain", 1]);
    expect(both.report.verdict.observed).toMatch(/first finds no host; at \S+ it would find 1\.$/);
  });

  // -------------------------------------------------------------------------------------------- OpenVPN

  condition("through OpenVPN the host serves", async (check) => {
    await forThisTest(startOpenVpn(ends));
    const checked = await check(remote.laptop, [INSIDE_KMS]);
    expect(checked.code).toBe(0);
    expect(attemptAt(checked).via).toMatchObject({
      address: LAPTOP_INSIDE,
      interface: "tun0",
      link: "tunnel",
    });
  });

  condition("OpenVPN, and its server is dead", async (check) => {
    const tunnel = await forThisTest(startOpenVpn(ends));
    await tunnel.gateway.stop();
    const { verdict, via } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(via?.interface).toBe("tun0");
    expect(causesOf(verdict)).toContain("tunnel");
  });

  condition("OpenVPN, and its client has ended", async (check) => {
    const tunnel = await forThisTest(startOpenVpn(ends));
    await tunnel.laptop.stop();
    const { verdict, via } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(via?.interface).toBe("to-carrier");
    expect(causesOf(verdict)).toContain("a router on the path has no route there");
  });

  // -------------------------------------------------------------------------- openconnect, strongSwan

  const cutTheGateway = (): void => {
    remote.gateway.ip("link set to-carrier down");
    onTestFinished(() => remote.gateway.ip("link set to-carrier up", "route add default via 10.71.92.1"));
  };

  condition("openconnect, and its gateway is gone", async (check) => {
    await forThisTest(startOpenConnect(ends));
    expect((await check(remote.laptop, [INSIDE_KMS])).code).toBe(0);
    cutTheGateway();
    const { verdict, via } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(via).toMatchObject({ interface: "oc0", link: "tunnel" });
    expect(verdict.certainty).toBe("ambiguous");
    expect(verdict.causes[0]).toMatch(/^the tunnel is up here and leads nowhere/);
  });

  condition("strongSwan between two sites, and the other is gone", async (check) => {
    // The laptop's own network, whose address is on its only interface: the tunnel's has none.
    remote.laptop.ip("addr add 10.71.98.10/24 dev to-carrier");
    onTestFinished(() => remote.laptop.ip("addr del 10.71.98.10/24 dev to-carrier"));
    await forThisTest(
      startStrongSwan(
        { host: remote.laptop, outside: "10.71.91.10", network: "10.71.98.0/24" },
        { host: remote.gateway, outside: GATEWAY, network: "10.71.6.0/24" },
      ),
    );
    const leaving = {
      address: "10.71.98.10",
      interface: "ipsec0",
      link: "tunnel",
      owner: "to-carrier",
    };
    const served = await check(remote.laptop, [INSIDE_KMS]);
    expect(served.code).toBe(0);
    expect(attemptAt(served).via).toEqual(leaving);
    cutTheGateway();
    const { verdict, via } = attemptAt(await check(remote.laptop, [INSIDE_KMS]));
    expect(via).toEqual(leaving);
    expect(verdict.certainty).toBe("ambiguous");
    expect(verdict.causes[0]).toMatch(/^the tunnel is up here and leads nowhere/);
  });
});
