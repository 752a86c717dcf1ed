/** The hosts that DNS lists for a domain, and nothing connected to. */
import type { SocketAddress, SrvAnswer } from "../../model/dns.ts";
import { probeSrv } from "../../probe/srv.ts";
import type { Clock } from "../../transport/clock.ts";
import { contextOf } from "../context.ts";
import { mergeListings } from "../listings.ts";
import { completeRequest } from "../request.ts";
import type { CheckOptions } from "../request.ts";

export type ListedHost = {
  host: string;
  port: number;
  priority: number;
  weight: number;
  resolver: SocketAddress;
};

export type Listing = { hosts: ListedHost[]; answers: SrvAnswer[] };

/** Never rejects because of the network. */
export async function listHosts(
  options: CheckOptions & { domains: readonly [string] },
  surroundings: { signal: AbortSignal; clock: Clock },
): Promise<Listing> {
  const { resolvers, settings, sources } = await completeRequest(options, surroundings.signal);
  const context = contextOf(settings, sources[0] ?? null, surroundings);
  const [domain] = options.domains;
  const answers = await Promise.all(resolvers.map((resolver) => probeSrv(domain, resolver, context)));
  const hosts = mergeListings(answers).map(({ endpoint, listedBy }): ListedHost => {
    const [first] = listedBy;
    return {
      ...endpoint,
      priority: first?.priority ?? 0,
      weight: first?.weight ?? 0,
      resolver: first?.resolver ?? { address: "", port: 0 },
    };
  });
  return { hosts, answers };
}
