/** What DNS lists: asked once, before a sweep, so that what it lists can be held against what answers. */
import type { SocketAddress } from "../model/dns.ts";
import { everyAddress, probeTargetAddresses } from "../probe/address.ts";
import type { ProbeContext } from "../probe/context.ts";
import { probeSrv } from "../probe/srv.ts";
import type { PublishedDomain } from "../sweep/model.ts";
import { judgeEndpoint } from "../verdict/endpoint.ts";
import { isBeyondDoubt } from "../verdict/lint/removals.ts";
import { MAX_ENDPOINTS, mergeListings } from "./listings.ts";
import { createPool } from "./pool.ts";

/**
 * Asks every resolver for the KMS hosts of every domain, and the resolvers that list a host for its addresses: as
 * `check` does. Hosts beyond 128 a domain are left out; their records are not. Never rejects because of the network:
 * what went wrong stands in `srv`, and a host without a usable answer has no addresses.
 *
 * @param concurrency questions under way at a time
 */
export async function lookUpPublished(
  domains: readonly string[],
  resolvers: readonly SocketAddress[],
  concurrency: number,
  context: ProbeContext,
): Promise<PublishedDomain[]> {
  const pool = createPool(concurrency);
  return await Promise.all(
    [...new Set(domains)].map(async (domain) => {
      const srv = await Promise.all(
        resolvers.map((resolver) => pool(() => probeSrv(domain, resolver, context))),
      );
      const hosts = await Promise.all(
        mergeListings(srv)
          .slice(0, MAX_ENDPOINTS)
          .map(({ endpoint, listedBy, glue }) =>
            pool(async () => {
              const askedAt = listedBy.map(({ resolver }) => resolver);
              const found = await probeTargetAddresses(endpoint.host, askedAt, glue, context);
              const evidence = { endpoint, listedBy, address: found, attempts: [] };
              const gone = isBeyondDoubt(judgeEndpoint(evidence, "").verdict);
              return { endpoint, addresses: everyAddress(found), gone };
            }),
          ),
      );
      return { domain, srv, hosts };
    }),
  );
}
