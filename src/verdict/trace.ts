import type { FindingCode } from "../model/finding.ts";
import type { Trace, TraceWalk } from "../model/trace.ts";

/**
 * Says between which hops the packet may die. A walk shows who answers when a packet expires there; that a hop does not
 * answer may mean a filter at it, at the one before, or only that it never answers.
 */
export function readTrace({ port, control, fault }: Trace): { code: FindingCode; observed: string } {
  if (port === null) return { code: "trace-unavailable", observed: `no path: ${fault ?? "unknown"}` };
  if (port.reached) {
    const hops = port.hops.length;
    return {
      code: "trace-reached",
      observed: `an answer in the host's name came at hop ${hops}: open, refused, and a reset that a device forged look alike here`,
    };
  }
  const last = lastAnswer(port);
  const from = last === null ? "this machine" : `hop ${last.ttl} (${last.address})`;
  const next = control === null ? null : nextAnswer(control, last?.ttl ?? 0);
  if (next === null) {
    return {
      code: "trace-ends",
      observed: `the path to the port shows nobody after ${from}, and neither does the control`,
    };
  }
  return {
    code: "trace-ends",
    observed: `the packet may die between ${from} and hop ${next.ttl} (${next.address}), which the control still sees: at either, or at a silent one between`,
  };
}

function lastAnswer({ hops }: TraceWalk): { ttl: number; address: string } | null {
  for (const { ttl, address } of hops.toReversed()) if (address !== null) return { ttl, address };
  return null;
}

function nextAnswer({ hops }: TraceWalk, after: number): { ttl: number; address: string } | null {
  for (const { ttl, address } of hops) if (ttl > after && address !== null) return { ttl, address };
  return null;
}
