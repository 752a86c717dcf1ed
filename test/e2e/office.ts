import { onTestFinished } from "vitest";
import { needs } from "../integration/servers/available.ts";
import { type Host, Network } from "./topology.ts";

export const CLIENT = "10.71.1.10";
export const GUEST = "10.71.3.10";
export const KMS = "10.71.2.10";
export const KMS6 = "fd71:2::10";
export const DNS = "10.71.4.10";
export const DNS6 = "fd71:4::10";
/** Addresses of a subnet that nobody has. */
export const NOBODY_HERE = "10.71.1.99";
export const NOBODY_THERE = "10.71.2.99";

export type Office = { network: Network; client: Host; guest: Host; router: Host; kms: Host; dns: Host };

/** What every test of this folder needs. */
export function needsNetwork(...more: readonly string[]): { skip: boolean; reason: string } {
  return needs("root", "ip", "nft", "ss", "sysctl", ...more);
}

/**
 * An office with two client subnets, a server subnet and one for DNS, all on one router.
 *
 *     client  10.71.1.10 ───┐                ┌─── 10.71.2.10  kms
 *             fd71:1::10    │                │    fd71:2::10
 *                           ├──── router ────┤
 *     guest   10.71.3.10 ───┘   (.1 and ::1) └─── 10.71.4.10  dns
 *             fd71:3::10                          fd71:4::10
 */
export function buildOffice(): Office {
  const network = new Network();
  const router = network.router("router");
  const [client, guest, kms, dns] = [
    network.host("client"),
    network.host("guest"),
    network.host("kms"),
    network.host("dns"),
  ];
  [client, kms, guest, dns].forEach((host, index) => {
    const subnet = index + 1;
    network.cable(
      { host, addresses: [`10.71.${subnet}.10/24`, `fd71:${subnet}::10/64`] },
      { host: router, addresses: [`10.71.${subnet}.1/24`, `fd71:${subnet}::1/64`] },
    );
    host.ip(`route add default via 10.71.${subnet}.1`, `route add default via fd71:${subnet}::1`);
  });
  return { network, client, guest, router, kms, dns };
}

/** A device on the router that makes the handshake with the client first, the one with the server afterwards. */
export function startSynProxy({ router }: Office, match: string): void {
  router.sysctl({ "net.netfilter.nf_conntrack_tcp_loose": 0, "net.ipv4.tcp_syncookies": 2 });
  onTestFinished(() =>
    router.sysctl({ "net.netfilter.nf_conntrack_tcp_loose": 1, "net.ipv4.tcp_syncookies": 1 }),
  );
  router.firewall({
    raw: [`${match} tcp flags & (syn|ack) == syn notrack`],
    forward: [
      `${match} ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm`,
      "ct state invalid drop",
    ],
  });
}
