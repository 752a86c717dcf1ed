/** A policy held against the network: probed once, judged, and where there is a baseline, looked at again. */
import { monotonicClock } from "../transport/clock.ts";
import { pause } from "../transport/patience.ts";
import { VERSION } from "../version.ts";
import { compareWithBaseline } from "../verify/baseline/compare.ts";
import type { Baseline } from "../verify/baseline/file.ts";
import { observe } from "../verify/baseline/observe.ts";
import { countLook, LOOKS, settle, tallyOf, undecided } from "../verify/baseline/settle.ts";
import { evaluate } from "../verify/evaluate.ts";
import type { BaselineComparison, Verification } from "../verify/model.ts";
import { outcomeOf } from "../verify/outcome.ts";
import type { Policy } from "../verify/laid-policy.ts";
import type { Look } from "../verify/plan.ts";
import { narrowed } from "./look-again.ts";
import type { CheckSurroundings } from "./prober.ts";
import { completeVerify } from "./verify-request.ts";
import { runVerify } from "./verify.ts";
import type { Seen, VerifyRequest } from "./verify.ts";

/** A look again at what seems worse comes this much later: what passes by has passed by then. */
const AGAIN_AFTER_MS = 2_000;

/** `file` is the baseline's name, for the reader. */
export type Beside = { baseline: Baseline; file: string };

/** Never rejects because of the network. */
export async function verifyPolicy(
  policy: Policy,
  looks: readonly Look[],
  beside: Beside | null,
  { signal, onProgress }: Omit<CheckSurroundings, "clock">,
): Promise<Verification> {
  const clock = monotonicClock;
  const surroundings = { signal, onProgress, clock };
  const startedMs = clock.nowMs();
  const { request, missing, resolvers } = await completeVerify(policy, looks);
  const seen = await runVerify(request, surroundings);
  const results = evaluate(policy, { evidence: seen, missing, resolvers });
  const baseline =
    beside === null ? null : await lookAgain({ ...beside, policy }, request, seen, surroundings);
  const interrupted = signal.aborted;
  return {
    schemaVersion: "1.0",
    kind: "verification",
    tool: { name: "kmsprobe", version: VERSION },
    policy: { file: policy.file, name: policy.name, place: policy.place },
    startedAt: seen.report.startedAt,
    elapsedMs: clock.nowMs() - startedMs,
    interrupted,
    ...outcomeOf(results, baseline, interrupted),
    results,
    baseline,
    closed: seen.closed,
    report: seen.report,
  };
}

/** What seems worse is looked at again, until two looks are of one mind. */
async function lookAgain(
  { baseline, file, policy: { noise } }: Beside & { policy: Policy },
  request: VerifyRequest,
  seen: Seen,
  surroundings: CheckSurroundings,
): Promise<BaselineComparison> {
  const { signal } = surroundings;
  const tally = tallyOf(compareWithBaseline(baseline, observe(seen), noise));
  for (let look = 2; look <= LOOKS; look++) {
    const asked = undecided(tally);
    if (asked.length === 0) break;
    await pause(AGAIN_AFTER_MS, signal);
    if (signal.aborted) break;
    const again = await runVerify(narrowed(request, asked, seen.report), surroundings);
    // A look that was cut off has not seen that all is well.
    if (signal.aborted) break;
    const rows = observe(again);
    countLook(tally, asked, compareWithBaseline(baseline, rows, noise), rows);
  }
  return settle(tally, baseline, file);
}
