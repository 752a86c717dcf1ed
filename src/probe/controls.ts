/**
 * Questions beside the question, for where a client finds no host: they tell who denied, and whether the record stands
 * where no client looks. One datagram each, all of an answer's at a time, and never to a public resolver.
 */
import type { SrvAnswer, SrvControl } from "../model/dns.ts";
import { isEncodableName, normalizeName } from "../protocol/name.ts";
import type { QueryType } from "../protocol/dns.ts";
import { isPublic } from "../protocol/special-use.ts";
import type { ProbeContext } from "./context.ts";
import { ask } from "./question.ts";

/** A resolver on this network answers in a few milliseconds; whoever takes longer is not waited for. */
const PATIENCE_MS = 250;

/** Records of one answer that are kept. */
const MAX_FOUND = 8;

type Wanted = Pick<SrvControl, "purpose" | "name" | "type">;

/** @param domain whose SRV records were asked for */
export async function askControls(
  said: SrvAnswer,
  domain: string,
  context: ProbeContext,
): Promise<SrvControl[]> {
  if (isPublic(said.resolver.address)) return [];
  const impatient = {
    ...context,
    settings: { ...context.settings, dnsTimeoutMs: Math.min(PATIENCE_MS, context.settings.dnsTimeoutMs) },
  };
  const wanted = wantedFor(said, domain, nobodysLabel(context)).filter(
    ({ name }) => name === "." || isEncodableName(name),
  );
  return await Promise.all(wanted.map((each) => askOne(each, said, impatient)));
}

/** A label that nobody has. */
export function nobodysLabel({ randomU16 }: ProbeContext): string {
  const digits = [randomU16(), randomU16()].map((value) => value.toString(16).padStart(4, "0"));
  return `kmsprobe-${digits.join("")}`;
}

function wantedFor({ answer, exchange, name }: SrvAnswer, domain: string, nobody: string): Wanted[] {
  if (answer.outcome !== "denied") return [];
  const { rcode, nodata, notOffered, chain, aliases } = answer.denial;
  if (notOffered || chain !== null) return [];
  if (rcode === "REFUSED" || rcode === "SERVFAIL") return [{ purpose: "root", name: ".", type: "SOA" }];
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
        : [];
  return [...who, ...elsewhere(domain)];
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

async function askOne(wanted: Wanted, { resolver }: SrvAnswer, context: ProbeContext): Promise<SrvControl> {
  const { name, type } = wanted;
  const { exchange, answer } = await ask(resolver, { name, type }, context, ONCE);
  const soa = exchange.said?.soa ?? null;
  if (answer.outcome !== "ok") return { ...wanted, rcode: null, soa: null, found: [] };
  const { response } = answer;
  return { ...wanted, rcode: response.rcode, soa, found: foundIn(response, type).slice(0, MAX_FOUND) };
}

/** No second datagram for what only helps to understand the first. */
const ONCE = [1];

type Response = Extract<Awaited<ReturnType<typeof ask>>["answer"], { outcome: "ok" }>["response"];

/** Addresses, `PORT HOST` of SRV records, the owner of an SOA record. */
function foundIn(response: Response, type: QueryType): string[] {
  if (response.rcode !== "NOERROR") return [];
  if (type === "SOA") return response.zone === null ? [] : [response.zone];
  return response.answers.flatMap((record) => {
    if (record.type === "SRV" && type === "SRV" && record.target !== ".")
      return [`${normalizeName(record.target)}:${record.port}`];
    return record.type === "A" && type === "A" ? [record.address] : [];
  });
}
