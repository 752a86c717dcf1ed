import { type Host, Network } from "./topology.ts";

export const INSIDE_KMS = "10.71.6.10";
export const INSIDE_DNS = "10.71.5.10";
export const OUTSIDE_DNS = "10.71.94.10";
export const GATEWAY = "10.71.92.10";

export type Remote = {
  network: Network;
  laptop: Host;
  carrier: Host;
  gateway: Host;
  kms: Host;
  dns: Host;
  outside: Host;
};

/**
 * Work from home. The carrier knows no way into the company: only a tunnel from the laptop to the gateway does.
 *
 *     laptop ──────────── carrier ──────────── gateway ───┬─── 10.71.6.10  kms
 *     10.71.91.10     (.91.1) │ (.92.1)     10.71.92.10   └─── 10.71.5.10  dns
 *        ║                    │                    ║
 *        ║                    └── 10.71.94.10      ║
 *        ║                        outside (DNS)    ║
 *        ╚══════════ wg0 or tun0: 10.71.8.0/24 ════╝
 *        10.71.8.10                        10.71.8.1
 */
export function buildRemote(): Remote {
  const network = new Network();
  const [laptop, carrier, gateway] = [
    network.host("laptop"),
    network.router("carrier"),
    network.router("gateway"),
  ];
  const [kms, dns, outside] = [network.host("kms"), network.host("dns"), network.host("outside")];
  const join = (host: Host, router: Host, subnet: number): void => {
    network.cable(
      { host, addresses: [`10.71.${subnet}.10/24`] },
      { host: router, addresses: [`10.71.${subnet}.1/24`] },
    );
    host.ip(`route add default via 10.71.${subnet}.1`);
  };
  join(laptop, carrier, 91);
  join(gateway, carrier, 92);
  join(outside, carrier, 94);
  join(kms, gateway, 6);
  join(dns, gateway, 5);
  return { network, laptop, carrier, gateway, kms, dns, outside };
}
