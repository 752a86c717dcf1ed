import type { Verification } from "../model.ts";
import type { Baseline } from "./file.ts";
import { observe } from "./observe.ts";

/**
 * What was seen, as a baseline for later runs, in an order that makes readable diffs. An answer that this machine could
 * not ask for is not in it.
 */
export function baselineOf({ tool, policy, report, closed }: Verification): Baseline {
  const seen = observe({ report, closed, names: new Map() });
  return {
    schemaVersion: "1.0",
    kind: "baseline",
    tool,
    writtenAt: report.startedAt,
    policy: { name: policy.name, place: policy.place },
    hosts: seen.hosts.map(({ source, host, port, address, listed, serves, verdict, rpc }) => {
      return { source, host, port, address, listed, serves, verdict, rpc };
    }),
    listings: seen.listings
      .filter(({ open }) => !open)
      .map(({ source, domain, resolver, answers, said, hosts }) => {
        return { source, domain, resolver, answers, said, hosts };
      }),
    closed: seen.closed.map(({ source, host, port, address, answer }) => {
      return { source, host, port, address, answer };
    }),
  };
}
