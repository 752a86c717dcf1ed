import type { Diagnosis } from "../model/diagnosis.ts";

/** `source` of a domain that the user named. */
export const COMMAND_LINE = "the command line";

/**
 * Whether the user asked for this target, or hosts were found in it. In a search list one suffix with hosts is
 * enough: clients go on to it.
 */
export function isAsked({ target, endpoints }: Pick<Diagnosis, "target" | "endpoints">): boolean {
  return target.kind !== "domain" || target.source === COMMAND_LINE || endpoints.length > 0;
}
