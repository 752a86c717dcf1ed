/** The eight usual causes by what the text claims of them: what carries one goes before what only fits. */
import type { Cause } from "../model/causes.ts";
import type { CauseName, Claim } from "./found.ts";
import type { ExplainedCode } from "./model.ts";
import { settles } from "./settles.ts";

export type Claimed = { readonly claim: Claim; readonly piece: number | null; readonly line: number };

const NAMES = [
  "connectivity",
  "kms-host",
  "client-configuration",
  "activation-threshold",
  "clock",
  "dns",
  "host-key",
  "vpn",
] as const satisfies readonly CauseName[];

/** Stronger first. What was seen to be sound goes before what only fits some code. */
const ORDER = ["confirmed", "possible", "ruled-out", "fits"] as const;

/** How much stands behind what the text says of a cause. `fits`: some code only; `none`: nothing. */
export type Weighed = { readonly weight: Claim["state"] | "none"; readonly cause: Cause };

/** @param codes those of the explanation, into which pointers lead where no piece has the fact */
export function causesOfClaims(claims: readonly Claimed[], codes: readonly ExplainedCode[]): Cause[] {
  return NAMES.map((cause) => causeOfClaims(cause, claims, codes).cause);
}

/** The weightiest claim about one cause, in the words for it; open where no claim is about it. */
export function causeOfClaims(
  cause: CauseName,
  claims: readonly Claimed[],
  codes: readonly ExplainedCode[],
): Weighed {
  const about = claims.filter(({ claim }) => claim.cause === cause);
  for (const weight of ORDER) {
    const found = about.find(({ claim }) => claim.state === weight);
    if (found !== undefined) return { weight, cause: told(cause, found, codes) };
  }
  return {
    weight: "none",
    cause: {
      cause,
      state: "not-visible-from-here",
      evidence: "Nothing in the text tells",
      pointer: null,
      step: settles(cause),
    },
  };
}

function told(cause: CauseName, { claim, piece, line }: Claimed, codes: readonly ExplainedCode[]): Cause {
  const state = claim.state === "fits" ? "possible" : claim.state;
  const where = piece === null ? "" : ` (from line ${line})`;
  return {
    cause,
    state,
    evidence: claim.evidence.replace(/[. ]+$/, "") + where,
    pointer: pointerOf(claim, piece, codes),
    step: state === "ruled-out" ? null : settles(cause),
  };
}

function pointerOf(
  { fact, evidence }: Claim,
  piece: number | null,
  codes: readonly ExplainedCode[],
): string | null {
  if (piece !== null) return fact === null ? `/pieces/${piece}` : `/pieces/${piece}/facts/${fact}`;
  const at = codes.findIndex(({ code }) => evidence.startsWith(code));
  return at === -1 ? null : `/codes/${at}`;
}
