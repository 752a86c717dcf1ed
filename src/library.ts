/** kmsprobe as a library: the report that `kmsprobe check` prints, as a value. */
import type { Report } from "./model.ts";
import { runCheck } from "./run/check.ts";
import type { Progress } from "./run/prober.ts";
import { completeRequest } from "./run/request.ts";
import type { CheckOptions } from "./run/request.ts";
import { monotonicClock } from "./transport/clock.ts";

export type { CheckOptions, Progress };
export type * from "./model.ts";
export { UsageError } from "./targets/usage-error.ts";

/**
 * Checks KMS hosts as `kmsprobe check` does, and prints nothing.
 *
 * @param options.signal aborting it ends the run soon; the report holds what is known by then
 * @throws UsageError where the options can't be understood; never because of the network
 */
export async function check(
  options: CheckOptions & { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
): Promise<Report> {
  const { signal = new AbortController().signal, onProgress = () => {}, ...asked } = options;
  return await runCheck(await completeRequest(asked, signal), { signal, clock: monotonicClock, onProgress });
}
