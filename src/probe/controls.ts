/**
 * Questions beside the question, for where a client finds no host: they tell who denied, and whether the record stands
 * where no client looks. One datagram each, all of an answer's at a time, and never to a public resolver.
 */
import type { SrvAnswer, SrvControl } from "../model/dns.ts";
import { isEncodableName } from "../protocol/name.ts";
import { isPublic } from "../protocol/special-use.ts";
import { askBeside } from "./beside.ts";
import type { ProbeContext } from "./context.ts";
import { nobodysLabel } from "./nobody.ts";

/** Whether something is to be learnt beside an answer: of a denial, and of silence from a port that lives over TCP. */
export function isWorthControls({ answer, exchange }: Pick<SrvAnswer, "answer" | "exchange">): boolean {
  return answer.outcome === "denied" || (answer.outcome === "no-answer" && exchange.overTcp === "connected");
}

type Wanted = Pick<SrvControl, "purpose" | "name" | "type">;

/**
 * @param domain whose SRV records were asked for
 * @param siblings other suffixes of this machine, which were not asked for
 */
export async function askControls(
  said: SrvAnswer,
  { domain, siblings }: { domain: string; siblings: readonly string[] },
  context: ProbeContext,
): Promise<SrvControl[]> {
  if (isPublic(said.resolver.address)) return [];
  const own = wantedFor(said, domain, nobodysLabel(context));
  const beside = own.some(({ purpose }) => purpose === "bare") ? siblingsOf(domain, siblings) : [];
  const wanted = [...own, ...beside].filter(({ name }) => name === "." || isEncodableName(name));
  return await Promise.all(
    wanted.map(async (each) => ({
      ...each,
      ...(await askBeside(each, said.resolver, context, said.exchange.edns)),
    })),
  );
}

/** Tells whether a resolver fares so with every name. */
const ROOT: Wanted = { purpose: "root", name: ".", type: "SOA" };

function wantedFor({ answer, exchange, name }: SrvAnswer, domain: string, nobody: string): Wanted[] {
  if (!isWorthControls({ answer, exchange })) return [];
  if (answer.outcome !== "denied") return [ROOT];
  const { rcode, nodata, notOffered, chain, aliases } = answer.denial;
  if (notOffered || chain !== null) return [];
  if (rcode === "REFUSED" || rcode === "SERVFAIL") return [ROOT];
  // Whom it refers to was not asked: there is nothing to hold against it.
  if (typeof exchange.said?.referral === "string") return [];
  if (!nodata && rcode !== "NXDOMAIN") return [];
  const soa = exchange.said?.soa ?? null;
  const beside = { purpose: "nobody", name: `${nobody}.${domain}`, type: "A" } as const;
  // An alias is the zone's word, or its wildcard's; what it leads to is not looked for elsewhere.
  if (aliases.length > 0) return nodata ? [beside] : [];
  if (soa === ".") return [];
  const who: Wanted[] =
    soa === null
      ? [
          { purpose: "zone", name: domain, type: "SOA" },
          { purpose: "address", name: domain, type: "A" },
          { purpose: "same-name", name, type: "A" },
          { purpose: "other-service", name: `_ldap._tcp.${domain}`, type: "SRV" },
          beside,
        ]
      : nodata
        ? [beside]
        : // A host's name in place of a suffix has an address, and no zone of its own.
          domain.endsWith(`.${soa}`)
          ? [{ purpose: "address", name: domain, type: "A" }]
          : [];
  return [...who, ...elsewhere(domain)];
}

/** Suffixes of this machine that are asked beside the one that was named. */
const MAX_SIBLINGS = 4;

function siblingsOf(domain: string, siblings: readonly string[]): Wanted[] {
  const parent = domain.split(".").slice(1).join(".");
  return siblings
    .filter((each) => each !== domain && each !== parent)
    .slice(0, MAX_SIBLINGS)
    .map((each) => ({ purpose: "sibling", name: `_vlmcs._tcp.${each}`, type: "SRV" }));
}

/** Where people publish it by mistake. */
function elsewhere(domain: string): Wanted[] {
  const parent = domain.split(".").slice(1).join(".");
  return [
    { purpose: "bare", name: "_vlmcs._tcp", type: "SRV" },
    { purpose: "udp", name: `_vlmcs._udp.${domain}`, type: "SRV" },
    { purpose: "doubled", name: `_vlmcs._tcp.${domain}.${domain}`, type: "SRV" },
    { purpose: "misspelt", name: `_vmlcs._tcp.${domain}`, type: "SRV" },
    // A top-level domain is nobody's to publish in.
    ...(parent.includes(".")
      ? [{ purpose: "parent", name: `_vlmcs._tcp.${parent}`, type: "SRV" } as const]
      : []),
  ];
}
