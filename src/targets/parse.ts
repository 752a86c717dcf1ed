/** What the user writes, turned into values, or into one clear line about what is wrong with it. */
import { domainToASCII } from "node:url";
import ipaddr from "ipaddr.js";
import type { SocketAddress } from "../model/dns.ts";
import type { Endpoint } from "../model/evidence.ts";
import type { RequireAt, Requirement } from "../model/settings.ts";
import type { Network } from "../model/source.ts";
import { isEncodableName, isHostName, normalizeName } from "../protocol/name.ts";
import { hostSlip, resolverSlip } from "./slips.ts";
import { UsageError } from "./usage-error.ts";
import { ipFamily } from "../protocol/ip.ts";

export const KMS_PORT = 1688;
const DNS_PORT = 53;

/** `kms1.corp.example`, `kms1:1700`, `10.0.0.1:1688`, `fd00::1`, `[fd00::1]:1688`. */
export function parseHost(text: string, defaultPort = KMS_PORT): Endpoint {
  const slip = hostSlip(text.trim(), defaultPort);
  if (slip !== null) throw slipError(text, slip);
  const { name, port } = splitPort(text, "host");
  if (ipFamily(name) !== 0) {
    refuseWithoutZone(name, text);
    return { host: withLowerAddress(name), port: port ?? defaultPort };
  }
  if (/^[0-9.]+$/.test(name))
    throw new UsageError(`'${show(text)}' is not an IPv4 address: write four numbers, as in 10.0.0.1`);
  const host = toAscii(name);
  if (!isHostName(host)) {
    throw new UsageError(
      `'${show(text)}' is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT`,
    );
  }
  return { host, port: port ?? defaultPort };
}

/** @param slip may hold some of the text, of any length, and is cut and made fit for print */
export function slipError(text: string, slip: string): UsageError {
  const printable = slip.replace(/[^\x20-\x7e]/g, "?");
  const most = 200;
  return new UsageError(
    `'${show(text)}' ${printable.length > most ? `${printable.slice(0, most - 3)}...` : printable}`,
  );
}

/**
 * Hosts as they stand on a command line. After one of them a bare number is its port, as in `nc HOST PORT`, and is not
 * taken for it: it says what to write.
 */
export function parseHosts(texts: readonly string[], defaultPort = KMS_PORT): Endpoint[] {
  return texts.map((text, index) => {
    const before = texts[index - 1];
    if (before !== undefined && /^\d{1,5}$/.test(text.trim())) {
      const together = ipFamily(before) === 6 ? `[${before}]:${text}` : `${before}:${text}`;
      throw new UsageError(`'${show(text)}' is not a host: a port goes behind a colon: ${show(together)}`);
    }
    return parseHost(text, defaultPort);
  });
}

/** A resolver is an address: asking a name would need a resolver. `@` in front and `#PORT` are dig's and dnsmasq's. */
export function parseResolver(text: string): SocketAddress {
  const { name, port } = parseNamedResolver(text);
  if (ipFamily(name) === 0)
    throw new UsageError(
      `'${show(text)}' is a name, and looking it up would need a resolver: write its IP address, ADDR, ADDR:PORT or [IPV6]:PORT`,
    );
  return { address: name, port };
}

/** The same, or the name of one, which is still to be looked up. */
export function parseNamedResolver(text: string): { name: string; port: number } {
  const plain = text.trim().replace(/^@/, "");
  const slip = resolverSlip(plain);
  if (slip !== null) throw slipError(text, slip);
  const [, beforeHash = "", hashPort = ""] = /^([^#]+)#(\d+)$/.exec(plain) ?? [];
  const { name, port } =
    hashPort === ""
      ? splitPort(plain, "resolver")
      : {
          name: beforeHash,
          port: portOf(hashPort, `'${show(text)}' has no port from 1 to 65535 after its #`),
        };
  if (ipFamily(name) === 0) {
    const ascii = toAscii(name);
    if (!isHostName(ascii) || /^[0-9.]+$/.test(name))
      throw new UsageError(
        `'${show(text)}' is not a resolver: write its IP address, ADDR, ADDR:PORT or [IPV6]:PORT`,
      );
    return { name: ascii, port: port ?? DNS_PORT };
  }
  refuseWithoutZone(name, text);
  return { name: withLowerAddress(name), port: port ?? DNS_PORT };
}

/** Where a link-local address is depends on the link: without one Node 22 and later ask the first that there is. */
function refuseWithoutZone(address: string, text: string): void {
  if (!isLinkLocal(address)) return;
  const zone = zoneOf(address);
  if (zone === "")
    throw new UsageError(
      `'${show(text)}' is on every link of this machine: write the interface behind it, as in ${address}%eth0`,
    );
}

/** fe80::/10 (RFC 4291 2.5.6). */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

/** What stands behind the per cent sign of an address; empty where there is none. */
export function zoneOf(address: string): string {
  return /%(.*)$/.exec(address)?.[1] ?? "";
}

/** An interface's name keeps its capitals. */
function withLowerAddress(address: string): string {
  return address.replace(/^[^%]*/, (plain) => plain.toLowerCase());
}

/** A DNS suffix. The whole name of the SRV record is taken, too: people paste it. */
export function parseDomain(text: string): string {
  const domain = toAscii(text.trim().replace(/^_vlmcs\._tcp\./i, ""));
  const bare = /^_vlmcs(?:\._(?:tcp|udp))?\.?$/i.test(text.trim());
  if (bare)
    throw new UsageError(`'${show(text)}' is an SRV name without its domain: write one such as corp.example`);
  if (urlLike(text))
    throw new UsageError(`'${show(text)}' is a URL: write the DNS domain alone, such as corp.example`);
  if (domain === "." || !isEncodableName(`_vlmcs._tcp.${domain}`) || !/^[a-z0-9._-]+$/.test(domain)) {
    throw new UsageError(`'${show(text)}' is not a DNS domain: write one such as corp.example`);
  }
  return domain;
}

function urlLike(text: string): boolean {
  return /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `5s`, `1.5m`; a bare number is seconds. @returns milliseconds */
export function parseDuration(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const ms = Number(match?.[1]) * (UNITS[match?.[2] ?? "s"] ?? Number.NaN);
  if (!(ms > 0 && ms <= 86_400_000)) {
    throw new UsageError(
      `${flag} '${show(text)}' is not a time: write one such as 500ms, 5s or 1m (up to 24h)`,
    );
  }
  return ms;
}

/**
 * @param flag named in the error
 * @throws UsageError for anything but a number in decimal digits from `min` to `max`
 */
export function parseCount(text: string, flag: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`${flag} '${show(text)}' is not a number from ${min} to ${max}`);
  }
  return value;
}

/** `2`, `all`, `any`: at each source; with `@any` behind it, at one of them. */
export function parseRequirementAt(
  text: string,
  flag = "--require",
): { require: Requirement; requireAt: RequireAt } {
  const [amount = "", where, ...rest] = text.split("@");
  if (rest.length > 0 || (where !== undefined && where !== "any" && where !== "each"))
    throw new UsageError(
      `${flag} '${show(text)}': behind the @ stands each (at every source, the default) or any (at one of them)`,
    );
  return { require: parseRequirement(amount, flag), requireAt: where ?? "each" };
}

/** @throws UsageError for anything but any, all or a number of hosts from 1 */
export function parseRequirement(text: string, flag = "--require"): Requirement {
  if (text === "any" || text === "all") return text;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`${flag} '${show(text)}' is none of any, all or a number of hosts from 1`);
}

/** `hq=10.20.0.0/16`: a name for a subnet. */
export function parseNetwork(text: string): Network {
  const [, name = "", cidr = ""] = /^([^=]{1,40})=(.+)$/.exec(text.trim()) ?? [];
  if (name === "" || !ipaddr.isValidCIDR(cidr)) {
    throw new UsageError(`--network '${show(text)}' is not NAME=SUBNET, as in hq=10.20.0.0/16`);
  }
  return { name, cidr };
}

function splitPort(text: string, what: string): { name: string; port: number | null } {
  const trimmed = text.trim();
  if (ipFamily(trimmed) === 6) return { name: trimmed, port: null };
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(trimmed);
  const plain = /^([^:[\]]+)(?::(.*))?$/.exec(trimmed);
  const [, name, portText] = bracketed ?? plain ?? [];
  if (name === undefined || (bracketed && ipFamily(name) !== 6)) {
    throw new UsageError(
      `'${show(text)}' is not a ${what}: an IPv6 address with a port is written [fd00::1]:1688`,
    );
  }
  if (portText === undefined) return { name, port: null };
  return { name, port: portOf(portText, `'${show(text)}' has no port from 1 to 65535 after its colon`) };
}

function portOf(text: string, complaint: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw new UsageError(complaint);
  return port;
}

/** IDNs go into DNS in their ASCII form. Empty where there is none. */
function toAscii(name: string): string {
  // domainToASCII refuses underscores in some positions that DNS allows: ASCII needs no translation.
  const ascii = /^[\x21-\x7e]+$/.test(name) ? name : domainToASCII(name);
  return normalizeName(ascii);
}

/** What the user typed, fit for one line of a terminal. */
export function show(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, "?");
  return printable.length > 80 ? `${printable.slice(0, 77)}...` : printable;
}
