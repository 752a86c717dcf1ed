/** Slips of the hand, and habits of neighbouring tools: what was typed where a host or a resolver belongs, and isn't one. */
import { ipFamily } from "../protocol/ip.ts";

/** @returns what it is and what to write, to follow the text itself; null where it is no slip that is known */
export function hostSlip(text: string, defaultPort: number): string | null {
  const [, digIp = ""] = /^@(.+)$/.exec(text) ?? [];
  const [, srvDomain = ""] = /^_vlmcs\._tcp\.(.+?)\.?$/i.exec(text) ?? [];
  const [, apart = "", port = ""] = /^(\S+)[\s,]+(\d{1,5})$/.exec(text) ?? [];
  if (text === "") return "names no host: is a variable of a script empty?";
  if (text === "-4" || text === "-6")
    return "is no option: every address of a host is probed; name one address, or a --source of that family";
  if (digIp !== "") return `is how dig names a resolver: -r ${digIp}`;
  if (srvDomain !== "") return `is the name of an SRV record: -d ${srvDomain}`;
  if (/^_vlmcs\._tcp\.?$/i.test(text)) return "is an SRV name without its domain: -d corp.example";
  if (/^\d{1,5}$/.test(text))
    return "is a number: a port goes behind a colon, as in kms1.corp.example:1688, and an address has four of them, as in 10.0.0.1";
  if (port !== "") return `is two things: a port goes behind a colon: ${withPort(apart, port)}`;
  return urlSlip(text) ?? rangeSlip(text) ?? forgottenBrackets(text, [defaultPort]);
}

/** @returns what it is and what to write, to follow the text itself; null where it is no slip that is known */
export function resolverSlip(text: string): string | null {
  if (text === "") return "names no resolver: is a variable of a script empty?";
  return urlSlip(text) ?? rangeSlip(text) ?? forgottenBrackets(text, [53]);
}

function urlSlip(text: string): string | null {
  const [, scheme = "", authority = ""] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i.exec(text) ?? [];
  const place = authority.replace(/^.*@/, "");
  if (scheme === "") return null;
  return `is a URL, and ${scheme}:// is not what is spoken: write ${place === "" ? "the host alone" : place}`;
}

const IPV4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
const RANGE = new RegExp(`^${IPV4}(?:/\\d{1,2}|-(?:${IPV4}|\\d{1,3}))$`);

function rangeSlip(text: string): string | null {
  const wildcard = wildcardSubnet(text);
  if (wildcard !== null) return `is many addresses, and one is looked at here: kmsprobe sweep ${wildcard}`;
  const [address = "", prefix = ""] = text.split("/");
  const isSubnet = ipFamily(address) === 6 && /^\d{1,3}$/.test(prefix);
  const [from = "", to = "", ...more] = text.split("-");
  const isRange = more.length === 0 && ipFamily(from) === 6 && ipFamily(to) === 6;
  if (!RANGE.test(text) && !isSubnet && !isRange) return null;
  return `is many addresses, and one is looked at here: kmsprobe sweep ${text}`;
}

/** `10.1.0.*`, as nmap takes it. @returns the subnet that is meant; null where it is none, or no such thing */
export function wildcardSubnet(text: string): string | null {
  const [, fixed = "", stars = ""] = /^(\d{1,3}(?:\.\d{1,3}){0,2})((?:\.\*){1,3})$/.exec(text) ?? [];
  const given = fixed.split(".").length;
  if (given + stars.length / 2 !== 4) return null;
  return `${fixed}${".0".repeat(4 - given)}/${given * 8}`;
}

/**
 * `::1:1688` is an address of its own, which nobody means. Four digits are a port more often than a group; written in
 * brackets it is taken as it stands.
 */
export function forgottenBrackets(text: string, ports: readonly number[]): string | null {
  const [, address = "", last = ""] = /^(.*[^:]):(\d{1,4})$/.exec(text) ?? [];
  if (ipFamily(text) !== 6 || ipFamily(address) !== 6) return null;
  if (!ports.includes(Number(last)) && !/^[1-9]\d{3}$/.test(last)) return null;
  return `is an IPv6 address as it stands: if ${last} is the port: [${address}]:${last}; if not: [${text}]`;
}

function withPort(host: string, port: string): string {
  return ipFamily(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
