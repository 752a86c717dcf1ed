/** What codes say of the causes, as claims. */
import { codeEntry } from "./codes.ts";
import type { CauseName, Claim } from "./found.ts";
import type { Facts } from "./model.ts";

/** Said of a code; what the host itself refused shows that it was reached. */
export function codeClaims(codes: readonly string[], fact: keyof Facts = "errorCodes"): Claim[] {
  return [...new Set(codes)].flatMap((code): Claim[] => {
    const entry = codeEntry(code);
    if (entry === undefined) return [];
    const { proves, fits, says, leads, reached } = entry;
    const evidence = `${code}: ${says}`;
    return [
      ...(proves === null ? [] : [claim(proves, "confirmed", evidence, fact)]),
      ...fits.map((cause) => claim(cause, cause === leads ? "possible" : "fits", evidence, fact)),
      ...(reached ? [claim("connectivity", "ruled-out", evidence, fact)] : []),
    ];
  });
}

export function claim(
  cause: CauseName,
  state: Claim["state"],
  evidence: string,
  fact: keyof Facts | null = null,
): Claim {
  return { cause, state, evidence, fact };
}
