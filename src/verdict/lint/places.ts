/** Rules about where records stand, and where they do not. */
import type { EndpointDiagnosis } from "../../model/diagnosis.ts";
import type { SrvAnswer, SrvRecord } from "../../model/dns.ts";
import type { Evidence } from "../../model/evidence.ts";
import { hostPort, nameHosts } from "../words.ts";
import { fixOf, placeOf } from "./fix.ts";
import { distinctSets, recordSets } from "./record-set.ts";
import type { Lint } from "./record-set.ts";

/** The same service under _udp, where no client looks. */
export function udpTwin(evidence: Evidence): Lint[] {
  return distinctSets(evidence, "/udpTwin").map(({ pointer, name, place, records }) => {
    const hosts = nameHosts([...new Set(records.map(({ target, port }) => hostPort(target, port)))]);
    const observed = `${name} lists ${hosts} as well, and no client asks for it`;
    return {
      code: "lint-udp-twin",
      subject: `${pointer}/answer/facts/records`,
      observed,
      fix: fixOf(place, { remove: records }),
    };
  });
}

/** A host that one resolver lists and another doesn't. */
export function missingAtResolver(evidence: Evidence, endpoints: readonly EndpointDiagnosis[]): Lint[] {
  const wanted = worthListing(evidence, endpoints);
  // Of a resolver that denies, the zone it names may be one that should not have the records.
  const zone = recordSets(evidence, "/srv")[0]?.place?.zone ?? null;
  return evidence.srv.flatMap((answer, index): Lint[] => {
    const listed = listedThere(answer);
    if (listed === null) return [];
    const missing = wanted.filter((record) => !listed.some((other) => hostOf(other) === hostOf(record)));
    if (missing.length === 0) return [];
    const who = hostPort(answer.resolver.address, answer.resolver.port);
    return [
      {
        code: "lint-missing-at-resolver",
        subject: `/srv/${index}`,
        observed: `${who} doesn't list ${nameHosts(missing.map(hostOf))}, which another resolver does`,
        fix: fixOf(placeOf(answer.name, zone), { add: missing }),
      },
    ];
  });
}

/**
 * One record for each listed host that should be found everywhere: those that serve; all of them where none does,
 * since the way from here may be to blame. A dead host that is listed in one place only needs no second.
 */
export function worthListing(
  evidence: Pick<Evidence, "srv">,
  endpoints: readonly EndpointDiagnosis[],
): SrvRecord[] {
  const records = new Map<string, SrvRecord>();
  for (const record of recordSets(evidence, "/srv").flatMap((set) => set.records)) {
    if (!records.has(hostOf(record))) records.set(hostOf(record), record);
  }
  const serving = new Set(
    endpoints
      .filter(({ verdict }) => verdict.serves)
      .map(({ endpoint }) => hostPort(endpoint.host, endpoint.port)),
  );
  const all = [...records.values()];
  return serving.size > 0 ? all.filter((record) => serving.has(hostOf(record))) : all;
}

/** Null where the resolver didn't say: a failure is not a gap, and a decided "not offered" is meant. */
function listedThere({ answer }: SrvAnswer): readonly SrvRecord[] | null {
  if (answer.outcome === "ok") return answer.facts.records;
  return deniesName(answer) ? [] : null;
}

/** NXDOMAIN or NODATA. */
export function deniesName(answer: SrvAnswer["answer"]): boolean {
  if (answer.outcome !== "denied" || answer.denial.notOffered) return false;
  return answer.denial.nodata || answer.denial.rcode === "NXDOMAIN";
}

export function hostOf({ target, port }: SrvRecord): string {
  return hostPort(target, port);
}
