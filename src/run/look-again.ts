import type { Report } from "../model/report.ts";
import { endpointKey } from "../verify/policy.ts";
import type { Difference } from "../verify/baseline/compare.ts";
import type { VerifyRequest } from "./verify.ts";

/** The part of a request that these differences rest on, to look at it once more. */
export function narrowed(
  request: VerifyRequest,
  differences: readonly Difference[],
  { diagnoses }: Report,
): VerifyRequest {
  const looks = request.looks.map((look) => {
    const label = look.source?.label ?? null;
    const here = differences.filter(({ source }) => source === label);
    const hostsOf = (closed: boolean): Set<string> =>
      new Set(
        here.flatMap(({ again }) =>
          again.host === null || again.closed !== closed ? [] : [endpointKey(again.host)],
        ),
      );
    const [hosts, closed] = [hostsOf(false), hostsOf(true)];
    const domains = new Set(here.flatMap(({ again }) => again.domain ?? []));
    for (const { source, target, endpoints } of diagnoses) {
      const has = endpoints.some(({ endpoint }) => hosts.has(endpointKey(endpoint)));
      if (source === label && target.kind === "domain" && has) domains.add(target.domain);
    }
    return {
      ...look,
      domains: look.domains.filter(({ domain }) => domains.has(domain)),
      hosts: look.hosts.filter(({ endpoint }) => hosts.has(endpointKey(endpoint))),
      closed: look.closed.filter((endpoint) => closed.has(endpointKey(endpoint))),
      names: [],
    };
  });
  return { ...request, looks };
}
