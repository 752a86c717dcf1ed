/** A name that nobody has: who answers for it answers for every name. */
import type { AddressEvidence } from "../model/dns.ts";
import { isEncodableName } from "../protocol/name.ts";
import { isPublic } from "../protocol/special-use.ts";
import { askBeside } from "./beside.ts";
import type { ProbeContext } from "./context.ts";

/** A label that nobody has. */
export function nobodysLabel({ randomU16 }: ProbeContext): string {
  const digits = [randomU16(), randomU16()].map((value) => value.toString(16).padStart(4, "0"));
  return `kmsprobe-${digits.join("")}`;
}

/**
 * Asks for an address of such a name beside a host's, at the first resolver that gave an address: the same one is a
 * wildcard's. One datagram, and none to a public resolver.
 * @returns null where nobody was asked
 */
export async function askForNobody(
  host: string,
  { lookups }: Pick<AddressEvidence, "lookups">,
  context: ProbeContext,
): Promise<AddressEvidence["nobody"]> {
  const name = [nobodysLabel(context), ...host.split(".").slice(1)].join(".");
  for (const { asked, answer, family } of lookups) {
    if (answer.outcome !== "ok" || asked.by !== "resolver" || isPublic(asked.resolver.address)) continue;
    if (!isEncodableName(name)) return null;
    const question = { name, type: family === 4 ? ("A" as const) : ("AAAA" as const) };
    const { rcode, found } = await askBeside(question, asked.resolver, context);
    return { name, resolver: asked.resolver, rcode, found };
  }
  return null;
}
