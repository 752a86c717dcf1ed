import type { Report } from "../model/report.ts";
import { runCheck } from "../run/check.ts";
import type { FoundEndpoint } from "../run/early.ts";
import { requireOptions } from "../run/options.ts";
import { completeRequest } from "../run/request.ts";
import type { CheckOptions } from "../run/request.ts";
import type { Progress } from "../run/steps.ts";
import { monotonicClock } from "../transport/clock.ts";

export type { CheckOptions, FoundEndpoint, Progress };

/**
 * Checks KMS hosts as `kmsprobe check` does, and prints nothing.
 *
 * @param options.onEndpoint is called with a host as soon as nothing can change any more what is said of it; with several
 * sources that is at the end, and the report alone has it
 * @param options.signal aborting it ends the run soon; the report holds what is known by then
 * @throws UsageError where an option can't be understood or is not known, which it names; never because of the network
 */
export async function check(
  options: CheckOptions & {
    signal?: AbortSignal;
    onProgress?: (progress: Progress) => void;
    onEndpoint?: (found: FoundEndpoint) => void;
  } = {},
): Promise<Report> {
  requireOptions(options);
  const { signal = new AbortController().signal, onProgress = () => {}, onEndpoint, ...asked } = options;
  const surroundings = { signal, clock: monotonicClock, onProgress, onEndpoint };
  return await runCheck(await completeRequest(asked, signal), surroundings);
}
