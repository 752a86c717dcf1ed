/** Names that stand for addresses: of targets, of exclusions, of permitted hosts. */
import type { PermittedEntry } from "../../sweep/model.ts";
import type { AllowedEntry } from "../../targets/allowed.ts";
import { parseIp } from "../../targets/ip-value.ts";
import type { IpValue } from "../../targets/ip-value.ts";
import { neverSwept } from "../../targets/never-swept.ts";
import { firstPublic } from "../../targets/public.ts";
import type { Named } from "./model.ts";

/** Of what DNS said; a sinkhole's 0.0.0.0 would be this machine. */
export function valuesOf({ addresses }: Named["evidence"]): IpValue[] {
  return addresses
    .map(parseIp)
    .filter((ip) => ip !== null)
    .filter(({ family, value }) => neverSwept({ family, first: value, last: value }) === null);
}

/** The names of each address; several names may share one. */
export function byAddress(named: readonly Named[]): Map<string, Named> {
  const found = new Map<string, Named>();
  for (const { names, evidence } of named) {
    for (const address of evidence.addresses) {
      const before = found.get(address);
      const all = [...new Set([...(before?.names ?? []), ...names])];
      found.set(address, {
        names: all,
        evidence: { ...(before?.evidence ?? evidence), addresses: [address] },
      });
    }
  }
  return found;
}

/** An entry of `--allowed` with the addresses that it stands for; a name is looked up. */
export async function permit(
  { kind, text, port }: AllowedEntry,
  lookUp: (name: string) => Promise<Named>,
): Promise<PermittedEntry> {
  if (kind !== "name") return { text, port, addresses: [], resolver: null };
  const { evidence } = await lookUp(text);
  const [resolver = null] = evidence.lookups.flatMap(({ asked }) =>
    asked.by === "resolver" ? [asked.resolver] : [],
  );
  return { text, port, addresses: evidence.addresses, resolver };
}

/** The first of these addresses that is a public one. */
export function publicOf(named: readonly Named[]): string | null {
  for (const { evidence } of named) {
    for (const { family, value } of valuesOf(evidence)) {
      const found = firstPublic({ family, first: value, last: value });
      if (found !== null) return found;
    }
  }
  return null;
}
