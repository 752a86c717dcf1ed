/** A zone as data, for name servers that take zone files and for dnsmasq, which takes lines of its own. */
import { withSoa } from "../servers/zone-text.ts";

/** Names are full, without the last dot. */
export type ZoneEntry = { name: string } & (
  | { srv: { priority: number; weight: number; port: number; target: string } }
  | { address: string }
  | { alias: string }
  | { text: string }
);

/** The TTL of every record. */
export const TTL_SECONDS = 1234;

/** RFC 1035 5, with SOA and NS. */
export function zoneFile(entries: readonly ZoneEntry[]): string {
  return withSoa(entries.map((entry) => `${entry.name}. ${TTL_SECONDS} IN ${recordData(entry)}\n`).join(""));
}

function recordData(entry: ZoneEntry): string {
  if ("srv" in entry) {
    const { priority, weight, port, target } = entry.srv;
    return `SRV ${priority} ${weight} ${port} ${target === "." ? "." : `${target}.`}`;
  }
  if ("address" in entry) return `${entry.address.includes(":") ? "AAAA" : "A"} ${entry.address}`;
  return "alias" in entry ? `CNAME ${entry.alias}.` : `TXT "${entry.text}"`;
}

/** Lines for dnsmasq, which then answers NXDOMAIN for the rest of the zone, and REFUSED outside of it. */
export function dnsmasqLines(zone: string, entries: readonly ZoneEntry[]): string[] {
  const lines = entries.map((entry) => {
    const { name } = entry;
    if ("srv" in entry) {
      const { priority, weight, port, target } = entry.srv;
      return target === "."
        ? `srv-host=${name},`
        : `srv-host=${name},${target},${port},${priority},${weight}`;
    }
    if ("address" in entry) return `host-record=${name},${entry.address}`;
    return "alias" in entry ? `cname=${name},${entry.alias}` : `txt-record=${name},${entry.text}`;
  });
  return [`local=/${zone}/`, `local-ttl=${TTL_SECONDS}`, ...lines];
}
