/** What a client loses on a host before it goes on to the next. */
import type { EndpointDiagnosis } from "../model/diagnosis.ts";
import { entryOf } from "./catalog.ts";

/** Sooner than this, a client learns at once. */
const LATE_MS = 1_000;

/**
 * Its whole timeout on a host that stays silent; elsewhere what it took here to learn that the host can't be reached, or
 * that the connection ends: a client learns it no sooner. 0 where that came at once.
 */
export function timeLostOn(
  { attempts }: Pick<EndpointDiagnosis, "attempts">,
  clientTimeoutMs: number,
): number {
  if (attempts.some(({ verdict }) => entryOf(verdict.code).clientWaits)) return clientTimeoutMs;
  const took = attempts.map(({ tcp, rpc }) => {
    const answer = tcp.outcome === "no-answer" ? tcp : rpc?.bind.answer;
    return answer?.outcome === "no-answer" ? answer.elapsedMs : 0;
  });
  const most = Math.max(0, ...took);
  return most < LATE_MS ? 0 : most;
}
