/** A check as its caller writes it: held against what there is, completed from this machine, and run. */
import type { Report } from "../model/report.ts";
import { monotonicClock } from "../transport/clock.ts";
import { runCheck } from "./check.ts";
import type { FoundEndpoint } from "./early.ts";
import { requireOptions } from "./options.ts";
import { completeRequest } from "./request.ts";
import type { CheckOptions } from "./request.ts";
import type { Progress } from "./steps.ts";

export type CheckCall = CheckOptions & {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onEndpoint?: (found: FoundEndpoint) => void;
};

/**
 * @param options.signal aborting it ends the run soon; the report holds what is known by then
 * @throws UsageError where an option can't be understood or is not known; never because of the network
 */
export async function checkAsAsked(options: CheckCall): Promise<Report> {
  requireOptions(options);
  const { signal = new AbortController().signal, onProgress = () => {}, onEndpoint, ...asked } = options;
  const surroundings = { signal, clock: monotonicClock, onProgress, onEndpoint };
  return await runCheck(await completeRequest(asked, signal), surroundings);
}
