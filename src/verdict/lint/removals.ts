/**
 * Whether anything may be removed: advice that takes a record or a host away rests on certain evidence from every look
 * of the run, and is never given for a host that serves somebody.
 */
import type { EndpointDiagnosis } from "../../model/diagnosis.ts";
import type { Endpoint } from "../../model/evidence.ts";
import type { Verdict } from "../../model/verdict.ts";
import { tellsOf } from "../causes/tells.ts";
import { hostPort } from "../words.ts";

export type Removals = {
  /** Some source of the run is served by it. */
  serves: (endpoint: Endpoint) => boolean;
  /** Every look says for certain that no client can be served by this host and port. */
  isSafe: (endpoint: Endpoint) => boolean;
};

/** @param looks of all targets of the run */
export function removalsIn(looks: readonly EndpointDiagnosis[]): Removals {
  const looked = new Set<string>();
  const serving = new Set<string>();
  const doubtful = new Set<string>();
  for (const { endpoint, attempts, verdict } of looks) {
    const key = keyOf(endpoint);
    looked.add(key);
    if (verdict.serves) serving.add(key);
    if (![verdict, ...attempts.map((attempt) => attempt.verdict)].every(isBeyondDoubt)) doubtful.add(key);
  }
  return {
    serves: (endpoint) => serving.has(keyOf(endpoint)),
    isSafe: (endpoint) => {
      const key = keyOf(endpoint);
      return looked.has(key) && !serving.has(key) && !doubtful.has(key);
    },
  };
}

/** Certain, and of the host or of its name: what is certain of a route says nothing of who stands at its end. */
export function isBeyondDoubt({
  certainty,
  serves,
  code,
}: Pick<Verdict, "certainty" | "serves" | "code">): boolean {
  const { host, dns } = tellsOf(code);
  return certainty === "certain" && !serves && (host === "fault" || dns === "fault");
}

function keyOf({ host, port }: Endpoint): string {
  return hostPort(host, port);
}
