/**
 * Command lines that put a record set right. Names come from the network: only what can be a host's name, or an
 * address, ever stands in one, so that a line can be pasted into a shell whatever a zone says.
 */
import type { SrvRecord } from "../../model/dns.ts";
import type { Fix } from "../../model/finding.ts";
import { isHostName, normalizeName } from "../../protocol/name.ts";

/** Where records stand: a zone, and their name as seen from there; "@" for that of the zone itself. */
export type Place = { zone: string; node: string };

type Record = Pick<SrvRecord, "priority" | "weight" | "port" | "target">;
export type Changes = { add?: readonly Record[]; remove?: readonly Record[] };

/** The TTL that records of KMS hosts usually have. */
const USUAL_TTL_SECONDS = 3600;

export const NO_FIX: Fix = { windows: null, bind: null };

/**
 * The place of a full name such as `_vlmcs._tcp.corp.example`; null where a command line can't hold it.
 * @param zone that it stands in, by what DNS says; where it doesn't say, the domain is taken to be one, as it is in
 * Active Directory
 */
export function placeOf(name: string, zone: string | null = null): Place | null {
  const full = normalizeName(name);
  for (const node of ["_vlmcs._tcp", "_vlmcs._udp"]) {
    const domain = full.slice(node.length + 1);
    if (!full.startsWith(`${node}.`) || !isHostName(domain)) continue;
    if (zone === null || !isHostName(zone)) return { zone: domain, node };
    if (full === zone) return { zone, node: "@" };
    return full.endsWith(`.${zone}`)
      ? { zone, node: full.slice(0, -zone.length - 1) }
      : { zone: domain, node };
  }
  return null;
}

function fullName({ zone, node }: Place): string {
  return node === "@" ? `${zone}.` : `${node}.${zone}.`;
}

/**
 * What adds and removes these records. `nsupdate -l` speaks to the name server of the same machine; in a zone that is
 * kept by hand, the quoted lines say which record comes and which goes.
 */
export function fixOf(place: Place | null, { add = [], remove = [] }: Changes): Fix {
  const safe = [...add, ...remove].every(({ target }) => isFit(target));
  if (place === null || !safe || add.length + remove.length === 0) return NO_FIX;
  const { zone, node } = place;
  // What comes stands first: in between, no client must find the name without a host.
  const windows = [
    ...add.map((record) => `dnscmd /RecordAdd ${zone} ${node} ${USUAL_TTL_SECONDS} SRV ${rdata(record)}`),
    ...remove.map((record) => `dnscmd /RecordDelete ${zone} ${node} SRV ${rdata(record)} /f`),
  ];
  const updates = [
    ...add.map((record) => `update add ${fullName(place)} ${USUAL_TTL_SECONDS} SRV ${rdata(record)}`),
    ...remove.map((record) => `update delete ${fullName(place)} SRV ${rdata(record)}`),
  ];
  return { windows: windows.join("; "), bind: nsupdate(updates) };
}

/** What gives the record set of one name the usual TTL. The records stay as they are. */
export function ttlFix(place: Place | null, records: readonly Record[]): Fix {
  if (place === null || records.length === 0 || !records.every(({ target }) => isFit(target))) return NO_FIX;
  const { zone, node } = place;
  const hours = USUAL_TTL_SECONDS / 3600;
  // Set-DnsServerResourceRecord wants the old object and a copy with the change.
  const change = `$new = [ciminstance]::new($_); $new.TimeToLive = [timespan]::FromHours(${hours})`;
  const set = `Set-DnsServerResourceRecord -ZoneName ${zone} -OldInputObject $_ -NewInputObject $new`;
  return {
    windows: `Get-DnsServerResourceRecord -ZoneName ${zone} -Name ${node} -RRType Srv | % { ${change}; ${set} }`,
    // A record added again with another TTL takes the old one's place (RFC 2136 3.4.2.2).
    bind: nsupdate(
      records.map((record) => `update add ${fullName(place)} ${USUAL_TTL_SECONDS} SRV ${rdata(record)}`),
    ),
  };
}

function nsupdate(lines: readonly string[]): string {
  return `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} send | nsupdate -l`;
}

function rdata({ priority, weight, port, target }: Record): string {
  return `${priority} ${weight} ${port} ${normalizeName(target)}.`;
}

/** A host's name, or an IPv6 address that somebody entered as one. */
function isFit(target: string): boolean {
  return isHostName(target) || /^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}$/i.test(target);
}
