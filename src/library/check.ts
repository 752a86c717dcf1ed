import type { Report } from "../model/report.ts";
import { checkAsAsked } from "../run/asked.ts";
import type { CheckCall } from "../run/asked.ts";
import type { FoundEndpoint } from "../run/early.ts";
import type { CheckOptions } from "../run/request.ts";
import type { Progress } from "../run/steps.ts";
import { inOptions } from "./in-options.ts";

export type { CheckOptions, FoundEndpoint, Progress };

/**
 * Checks KMS hosts as `kmsprobe check` does, and prints nothing.
 *
 * @param options.onEndpoint is called with a host as soon as nothing can change any more what is said of it; with several
 * sources that is at the end, and the report alone has it
 * @param options.signal aborting it ends the run soon; the report holds what is known by then
 * @throws UsageError where an option can't be understood or is not known, which it names; never because of the network
 */
export async function check(options: CheckCall = {}): Promise<Report> {
  return await inOptions(() => checkAsAsked(options));
}
