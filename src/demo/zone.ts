/** The lab's zone as data, and what a name server makes of it (RFC 1034 4.3.2). */
import { normalizeName } from "../protocol/name.ts";
import type { DnsRecord } from "../protocol/dns/records.ts";

/** Names are in lower case and without the final dot, as in every `DnsRecord`. */
export type Zone = { origin: string; records: readonly DnsRecord[] };

export type ZoneAnswer = {
  rcode: "NOERROR" | "NXDOMAIN" | "REFUSED";
  answers: DnsRecord[];
  /** No record of the type at the end of the chain, or no such name. */
  negative: boolean;
  /** Addresses of the targets in the answer, one group a target: a group is sent whole or not at all. */
  glue: DnsRecord[][];
};

/** What the zone needs to know of a host: no address makes its SRV record dangle, `aliasOf` makes it a CNAME. */
export type ZoneHost = {
  host: string;
  port: number;
  priority: number;
  weight: number;
  addresses: readonly string[];
  aliasOf: string | null;
};

/** What a KMS host publishes. */
const TTL_SECONDS = 3600;

/** The zone that lists these hosts as KMS hosts, in this order. */
export function labZone(origin: string, hosts: readonly ZoneHost[]): Zone {
  const ttlSeconds = TTL_SECONDS;
  const listed = hosts.map(({ host, port, priority, weight }): DnsRecord => {
    return { owner: `_vlmcs._tcp.${origin}`, ttlSeconds, type: "SRV", priority, weight, port, target: host };
  });
  const named = hosts.flatMap(({ host, addresses, aliasOf }): DnsRecord[] => [
    ...(aliasOf === null ? [] : [{ owner: host, ttlSeconds, type: "CNAME", target: aliasOf } as const]),
    ...addresses.map((address): DnsRecord => {
      const type = address.includes(":") ? "AAAA" : "A";
      return { owner: aliasOf ?? host, ttlSeconds, type, address };
    }),
  ]);
  return { origin, records: [...listed, ...named] };
}

/**
 * Looks a name up, going along its aliases as far as the zone knows them.
 *
 * NODATA is NOERROR without a record of the type, and holds for names that exist only because something is below
 * them (RFC 8020); the rcode is that of the last name of a chain (RFC 6604).
 * @param type null for one that the zone has no records of
 */
export function lookUp(zone: Zone, name: string, type: string | null): ZoneAnswer {
  let owner = normalizeName(name);
  if (!isWithin(zone.origin, owner)) return { rcode: "REFUSED", answers: [], negative: false, glue: [] };
  const answers: DnsRecord[] = [];
  for (;;) {
    const here = zone.records.filter((record) => record.owner === owner);
    answers.push(...here.filter((record) => record.type === type));
    const alias = type === "CNAME" ? undefined : here.find((record) => record.type === "CNAME");
    // A chain that meets itself ends here.
    if (alias === undefined || answers.includes(alias)) break;
    answers.push(alias);
    owner = alias.target;
  }
  const exists =
    !isWithin(zone.origin, owner) || zone.records.some((record) => isWithin(owner, record.owner));
  const targets = answers.flatMap((record) => (record.type === "SRV" ? [record.target] : []));
  const glue = targets.map((target) =>
    zone.records.filter(
      (record) => record.owner === target && (record.type === "A" || record.type === "AAAA"),
    ),
  );
  return {
    rcode: exists ? "NOERROR" : "NXDOMAIN",
    answers,
    negative: !answers.some((record) => record.type === type),
    glue: glue.filter((group) => group.length > 0),
  };
}

/** Whether `name` is `ancestor` or below it. */
function isWithin(ancestor: string, name: string): boolean {
  return name === ancestor || name.endsWith(`.${ancestor}`);
}
