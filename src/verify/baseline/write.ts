import type { Verification } from "../model.ts";
import type { Baseline } from "./file.ts";
import { observe } from "./observe.ts";
import type { Seen } from "./observe.ts";

/**
 * What was seen, as a baseline for later runs, in an order that makes readable diffs. What our own machine left open is
 * not in it.
 */
export function baselineOf({ tool, policy, report, closed }: Verification): Baseline {
  const seen = observe({ report, closed, names: new Map() });
  return {
    schemaVersion: "1.0",
    kind: "baseline",
    tool,
    writtenAt: report.startedAt,
    policy: { name: policy.name, place: policy.place },
    hosts: seen.hosts.filter(isKnown).map(({ source, host, port, address, listed, serves, verdict, rpc }) => {
      return { source, host, port, address, listed, serves, verdict, rpc };
    }),
    listings: seen.listings.filter(isKnown).map(({ source, domain, resolver, answers, said, hosts }) => {
      return { source, domain, resolver, answers, said, hosts };
    }),
    closed: seen.closed.map(({ source, host, port, address, answer }) => {
      return { source, host, port, address, answer };
    }),
  };
}

function isKnown({ open }: Pick<Seen<unknown>, "open">): boolean {
  return !open;
}
