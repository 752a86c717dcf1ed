/**
 * What is wrong, or odd, in the records themselves, whether or not a host answers today. Each rule is one function
 * in lint/; a clean zone meets none of them.
 */
import type { EndpointDiagnosis } from "../model/diagnosis.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Outlook } from "../model/outlook.ts";
import { missingAtResolver, udpTwin } from "./lint/places.ts";
import type { Lint } from "./lint/record-set.ts";
import type { Removals } from "./lint/removals.ts";
import { setLints } from "./lint/sets.ts";
import { sameAddress, targetLints } from "./lint/targets.ts";

/**
 * @param outlook what a client would experience: the cost of a dead record
 * @param removals what may be removed, as all looks of the run have it
 */
export function lintOf(
  evidence: Evidence,
  endpoints: readonly EndpointDiagnosis[],
  outlook: Outlook | null,
  removals: Removals,
): Lint[] {
  if (evidence.target.kind !== "domain") return [];
  return [
    ...missingAtResolver(evidence, endpoints),
    ...targetLints(evidence, endpoints, outlook, removals),
    ...sameAddress(evidence, endpoints),
    ...setLints(evidence, removals),
    ...udpTwin(evidence),
  ];
}
