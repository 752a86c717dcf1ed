import { type Host, Network } from "./topology.ts";
import { startWireGuard, type Tunnel } from "./tunnels.ts";

/** The local addresses of the probe, one a way, and the interface each is on. */
export const HQ = "10.71.1.10";
export const BRANCH = "10.71.3.10";
export const VPN = "10.71.8.10";
export const WAYS = { hq: "to-hq", branch: "to-branch", vpn: "wg0" } as const;

export const KMS1 = "10.71.2.11";
export const KMS2 = "10.71.2.12";
/** Where the machine is up and nobody listens, and an address that nobody has (and that the last router still knows). */
export const STOPPED = "10.71.2.13";
export const OFF = "10.71.2.14";
/** A resolver that knows the zone, and one that does not. */
export const GOOD_DNS = "10.71.4.10";
export const OTHER_DNS = "10.71.4.11";

export type ThreeWays = {
  network: Network;
  probe: Host;
  hq: Host;
  branch: Host;
  gateway: Host;
  core: Host;
  kms: Host;
  dns: Host;
  /** Brings the tunnel up, with the way through it. */
  connect: () => Promise<Tunnel>;
};

/**
 * A machine with a foot in the head office, one in a branch, and a tunnel; each source address leaves by its own way.
 *
 *     probe  10.71.1.10 ───── hq ──────┐
 *            10.71.3.10 ───── branch ──┼── core ──┬── 10.71.2.11, .12, .13  kms
 *            10.71.9.10 ───── gateway ─┘          └── 10.71.4.10, .11       dns
 *            wg0: 10.71.8.10 ═══ 10.71.8.1
 */
export function buildThreeWays(): ThreeWays {
  const network = new Network();
  const probe = network.host("probe");
  const [hq, branch, gateway, core] = [
    network.router("hq"),
    network.router("branch"),
    network.router("gateway"),
    network.router("core"),
  ];
  const [kms, dns] = [network.host("kms"), network.host("dns")];
  for (const [router, near, far] of [
    [hq, 1, 21],
    [branch, 3, 23],
    [gateway, 9, 28],
  ] as const) {
    network.cable(
      { host: probe, addresses: [`10.71.${near}.10/24`] },
      { host: router, addresses: [`10.71.${near}.1/24`] },
    );
    network.cable(
      { host: router, addresses: [`10.71.${far}.2/24`] },
      { host: core, addresses: [`10.71.${far}.1/24`] },
    );
    router.ip(`route add default via 10.71.${far}.1`);
  }
  core.ip(
    "route add 10.71.1.0/24 via 10.71.21.2",
    "route add 10.71.3.0/24 via 10.71.23.2",
    "route add 10.71.8.0/24 via 10.71.28.2",
    "route add 10.71.9.0/24 via 10.71.28.2",
  );
  network.cable(
    { host: kms, addresses: [`${KMS1}/24`, `${KMS2}/24`, `${STOPPED}/24`] },
    { host: core, addresses: ["10.71.2.1/24"] },
  );
  kms.ip("route add default via 10.71.2.1");
  // Silence, however long one waits: no "host unreachable" after the three seconds of an unanswered ARP query.
  core.ip(`neigh replace ${OFF} lladdr 02:00:00:00:00:fe dev to-kms nud permanent`);
  network.cable(
    { host: dns, addresses: [10, 11, 12, 13].map((last) => `10.71.4.${last}/24`) },
    { host: core, addresses: ["10.71.4.1/24"] },
  );
  dns.ip("route add default via 10.71.4.1");
  // What comes by a way of the probe goes back by it.
  probe.sysctl({ "net.ipv4.conf.all.rp_filter": 0, "net.ipv4.conf.default.rp_filter": 0 });
  probe.ip(
    "route add default via 10.71.1.1",
    `rule add from ${HQ} table 101`,
    "route add default via 10.71.1.1 table 101",
    `rule add from ${BRANCH} table 103`,
    "route add default via 10.71.3.1 table 103",
    `rule add from ${VPN} table 108`,
  );
  const connect = async (): Promise<Tunnel> => {
    const ends = { laptop: probe, gateway, gatewayAddress: "10.71.9.1" };
    const tunnel = await startWireGuard(ends, { routes: [], allowed: ["10.71.2.0/24", "10.71.4.0/24"] });
    probe.ip("route replace default dev wg0 table 108");
    return tunnel;
  };
  return { network, probe, hq, branch, gateway, core, kms, dns, connect };
}
