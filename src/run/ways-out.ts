/** By which interface packets to the hosts that serve leave: asked once all are probed, so that nobody's time has it. */
import type { AttemptEvidence, Evidence } from "../model/evidence.ts";
import type { Via } from "../model/source.ts";
import { viasTowards } from "../system/route.ts";

/** Attempts that came to nothing have been asked already, where they failed. */
export async function withWaysOut(evidence: readonly Evidence[]): Promise<Evidence[]> {
  const attempts = evidence.flatMap(({ endpoints }) => endpoints.flatMap((each) => each.attempts));
  const served = attempts.flatMap((attempt) => {
    const { via, rpc, address } = attempt;
    return via !== null && rpc?.bind.answer.outcome === "ok" ? [{ attempt, via, to: address }] : [];
  });
  const vias = await viasTowards(served);
  const known = new Map<AttemptEvidence, Via>();
  served.forEach(({ attempt }, index) => {
    const via = vias[index];
    if (via !== undefined) known.set(attempt, via);
  });
  return evidence.map((each) => ({
    ...each,
    endpoints: each.endpoints.map((endpoint) => ({
      ...endpoint,
      attempts: endpoint.attempts.map((attempt) => ({ ...attempt, via: known.get(attempt) ?? attempt.via })),
    })),
  }));
}
