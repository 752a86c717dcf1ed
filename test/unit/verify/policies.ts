/** Policies as text, read as the command line reads them. */
import { UsageError } from "../../../src/targets/usage-error.ts";
import type { Policy } from "../../../src/verify/laid-policy.ts";
import { readPolicy } from "../../../src/verify/read.ts";
import type { Variables } from "../../../src/verify/variables.ts";

export type Reading = { place?: string; set?: Variables };

export function policyOf(text: string, { place, set = new Map() }: Reading = {}): Policy {
  return readPolicy(text, { file: "policy.yaml", place: place ?? null, set });
}

/** A policy of these expectations, one a line as YAML flow, for corp.example. */
export function expecting(...lines: readonly string[]): Policy {
  const expect = lines.map((line) => `  - ${line}\n`).join("");
  return policyOf(`version: 1\ndomains: corp.example\nexpect:\n${expect}`);
}

/** What is wrong with a policy, one mistake a line. Throws where nothing is. */
export function mistakesIn(text: string, reading: Reading = {}): string[] {
  try {
    policyOf(text, reading);
  } catch (error) {
    if (error instanceof UsageError) return error.message.split("\n");
    throw error;
  }
  throw new Error("nothing is wrong with it");
}
