/** A host with several addresses that serves at some of them: it runs, and what fails is one address of it. */
import type { AttemptEvidence } from "../model/evidence.ts";
import type { Hint } from "./catalog/entry.ts";
import type { Values } from "./words.ts";

type Address = Pick<AttemptEvidence, "address" | "family">;

/**
 * What it tells of an address that fails.
 * @param serving the addresses at which the same host serves
 */
export function servesBeside(
  { family }: Address,
  serving: readonly Address[],
): { hints: readonly Hint[]; values: Values } {
  const same = serving.find((other) => other.family === family);
  const other = same ?? serving[0];
  if (other === undefined) return { hints: [], values: {} };
  return {
    hints: [same === undefined ? "serves-by-other-family" : "serves-beside"],
    values: {
      servingAddress: other.address,
      servingFamily: familyName(other.family),
      ownFamily: familyName(family),
      record: family === 4 ? "A" : "AAAA",
    },
  };
}

function familyName(family: 4 | 6): string {
  return family === 4 ? "IPv4" : "IPv6";
}
