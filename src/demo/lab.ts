import type { SocketAddress } from "../model/dns.ts";
import type { VerdictCode } from "../model/verdict.ts";
import { startDnsServer } from "./dns-server.ts";
import { startEndpoints } from "./endpoints.ts";
import { LOOPBACK } from "./loopback.ts";
import type { Stop } from "./loopback.ts";
import { labZone } from "./zone.ts";

export type Lab = {
  /** Resolvers to ask, at least one. */
  resolvers: SocketAddress[];
  domain: string;
  /** On which all of the hosts listen that listen at all. */
  address: string;
  /** What each listed host is there to show, in the order of the zone. */
  hosts: { host: string; port: number; shows: string; expected: VerdictCode }[];
  /** Ends everything; calling it again waits for the same end. */
  stop: Stop;
};

/** Reserved for this (RFC 6761 6.2): no real domain is ever called that. */
const DOMAIN = "lab.test";

/**
 * Starts a domain with KMS hosts in every state, all of it on loopback: something to try kmsprobe on.
 *
 * Needs no privileges and nothing installed, and answers no activation request.
 * @returns rejects where something can't be started; what was already running is stopped first
 */
export async function startLab(): Promise<Lab> {
  const running: Stop[] = [];
  let stopped: Promise<unknown> | null = null;
  const stop: Stop = async () => {
    stopped ??= Promise.all(running.map((end) => end()));
    await stopped;
  };
  try {
    const hosts = await startEndpoints(DOMAIN, (end) => running.push(end));
    const dns = await startDnsServer(labZone(DOMAIN, hosts));
    running.push(dns.stop);
    return {
      resolvers: [{ address: LOOPBACK, port: dns.port }],
      domain: DOMAIN,
      address: LOOPBACK,
      hosts: hosts.map(({ host, port, shows, expected }) => {
        return { host, port, shows, expected };
      }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
