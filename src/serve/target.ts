/** What can be asked for: a domain, whose hosts DNS lists, or one host. */
import { ipFamily } from "../protocol/ip.ts";
import { parseDomain, parseHost } from "../targets/parse.ts";

export type LookTarget =
  | { kind: "domain"; text: string; domain: string }
  | { kind: "host"; text: string; host: string; port: number };

/**
 * A name alone is a domain; a host is written with its port, or by its address.
 * @throws UsageError
 */
export function parseLookTarget(text: string): LookTarget {
  const trimmed = text.trim();
  if (ipFamily(trimmed) === 0 && !/[:[\]]/.test(trimmed)) {
    const domain = parseDomain(trimmed);
    return { kind: "domain", text: domain, domain };
  }
  const { host, port } = parseHost(trimmed);
  return { kind: "host", text: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`, host, port };
}
