import { loopbackAddress, freePort } from "../servers/free-port.ts";
import { createResponder } from "../../../src/demo/responder.ts";
import { startDnsServer } from "../../../src/demo/dns-server.ts";
import { listen } from "../../../src/demo/loopback.ts";
import type { Service } from "../../../src/demo/loopback.ts";
import { labZone } from "../../../src/demo/zone.ts";
import type { ZoneHost } from "../../../src/demo/zone.ts";
import { KMS_INTERFACE } from "../../../src/protocol/dcerpc/syntax.ts";

/** A domain as the example policy describes one: two KMS hosts, two resolvers that agree, one address that is closed. */
export type Office = {
  domain: string;
  /** HOST:PORT. */
  kms: string[];
  addresses: string[];
  resolvers: string[];
  closed: string;
  /** What the policy's variables are here, as NAME=VALUE. */
  settings: string[];
  /** Ends one KMS host, or starts it again. */
  turn: (which: 0 | 1, way: "off" | "on") => Promise<void>;
  stop: () => Promise<void>;
};

/** On addresses of 127/8, so on Linux. Nothing else that runs there has them. */
export async function startOffice(): Promise<Office> {
  const domain = "corp.test";
  const hosts = await Promise.all(
    ["kms1", "kms2"].map(async (label): Promise<ZoneHost> => {
      const address = loopbackAddress();
      const port = await freePort(address);
      return {
        host: `${label}.${domain}`,
        port,
        priority: 0,
        weight: 0,
        addresses: [address],
        aliasOf: null,
      };
    }),
  );
  const running = await Promise.all(hosts.map(startHost));
  const servers = await Promise.all([0, 1].map(() => startDnsServer(labZone(domain, hosts))));
  const kms = hosts.map(({ host, port }) => `${host}:${port}`);
  const addresses = hosts.flatMap((host) => host.addresses);
  const resolvers = servers.map(({ port }) => `127.0.0.1:${port}`);
  const idle = loopbackAddress();
  const closed = `${idle}:${await freePort(idle)}`;
  return {
    domain,
    kms,
    addresses,
    resolvers,
    closed,
    settings: [
      `domain=${domain}`,
      `kms=[${kms.join(", ")}]`,
      `machines=[${addresses.join(", ")}]`,
      `resolvers=[${resolvers.join(", ")}]`,
      `permitted=[${addresses.join(", ")}]`,
      `retired=['${closed}']`,
    ],
    turn: async (which, way) => {
      const [host, service] = [hosts[which], running[which]];
      if (host === undefined || service === undefined) throw new Error(`no host ${which}`);
      if (way === "off") await service.stop();
      else running[which] = await startHost(host);
    },
    stop: async () => {
      await Promise.all([...running, ...servers].map(({ stop }) => stop()));
    },
  };
}

function startHost({ addresses: [address = ""], port }: ZoneHost): Promise<Service> {
  const manner = { serves: KMS_INTERFACE, prefersNdr64: true, closesOnSeveral: false };
  return listen(createResponder(manner), { address, port });
}

/** What a run can come to, with its exit code. */
export const CODES = { met: 0, warned: 0, failed: 1, mistaken: 2, error: 3 } as const;
export type Wanted = keyof typeof CODES;

/** A policy for the three places of the examples that comes to this. */
export function policyFor(wanted: Wanted, { kms, resolvers, closed }: Office): string {
  const expected: Record<Wanted, string[]> = {
    met: ["- { id: hosts, serve: {} }"],
    warned: ["- { id: hosts, serve: {} }", `- { id: gone, level: warning, serve: { hosts: '${closed}' } }`],
    failed: [
      "- { id: hosts, serve: {} }",
      `- { id: gone, name: '::error title=x::a name like a command', serve: { hosts: '${closed}' } }`,
    ],
    mistaken: ["- { id: hosts, sreve: {} }"],
    // Nobody has this interface.
    error: ["- { id: hosts, from: nobody0, serve: {} }"],
  };
  return [
    "version: 1",
    // Everything answers or refuses at once, on a machine that may be busy: nothing waits so long, and no latency counts.
    "settings: { timeout: 10s, retries: 0, rpc-timeout: 10s, dns-timeout: 10s }",
    "variables: { note: nothing, other: nothing }",
    `resolvers: [${resolvers.map((each) => `'${each}'`).join(", ")}]`,
    `hosts: [${kms.map((each) => `'${each}'`).join(", ")}]`,
    "places: { jump-host: {}, branch: {}, vpn: {} }",
    "expect:",
    ...expected[wanted].map((line) => `  ${line}`),
    "baseline: { latency-floor: 1m }",
    "",
  ].join("\n");
}
