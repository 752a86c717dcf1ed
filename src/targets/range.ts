/** The targets of a sweep as people write them. */
import { parseCidr } from "./cidr.ts";
import type { Interval } from "./cidr.ts";
import { ipText, parseIp } from "./ip-value.ts";
import { neverSwept } from "./never-swept.ts";
import { parseHost, show } from "./parse.ts";
import { wildcardSubnet } from "./slips.ts";
import { UsageError } from "./usage-error.ts";

export type IntervalTarget = Interval & { kind: "interval"; port: number | null };
export type NameTarget = { kind: "name"; name: string; port: number | null };
export type Target = IntervalTarget | NameTarget;

/** Longer than any name, address or range. */
const MAX_LENGTH = 512;

const RANGE_EXAMPLE = "10.0.0.1-10.0.3.254 or 10.0.0.1-254";

/**
 * `10.0.0.0/24`, `10.1.0.5-10.1.3.20`, `10.1.0.5-20`, `fd00::/120`, `fd00::1-fd00::ff`, an address or a host; each with
 * `:PORT` behind it, where IPv6 is in brackets: `[fd00::/120]:1688`.
 * @param defaultPort for those without one
 * @throws UsageError also for what is never swept, such as multicast
 */
export function parseTarget(text: string, defaultPort: number | null = null): Target {
  const target = parseExclusion(text, defaultPort);
  const never = target.kind === "interval" ? neverSwept(target) : null;
  if (never !== null) throw new UsageError(`'${show(text)}' holds ${never}: it is never swept, leave it out`);
  return target;
}

/** The same for what is left out, which may be anything. */
export function parseExclusion(text: string, defaultPort: number | null = null): Target {
  const ip = parseIp(text);
  if (ip !== null)
    return { kind: "interval", family: ip.family, first: ip.value, last: ip.value, port: defaultPort };
  if (text.length > MAX_LENGTH)
    throw new UsageError(`'${show(text)}' is too long for a target: write one a line`);
  const { body, portText } = cutPort(text);
  const wildcard = wildcardSubnet(body);
  if (wildcard !== null) throw new UsageError(`'${show(text)}' is a subnet: write ${wildcard}`);
  const interval = body.includes("/") ? subnet(body, text) : isRange(body) ? range(body, text) : null;
  if (interval === null) return host(text, defaultPort);
  return { kind: "interval", ...interval, port: portText === null ? defaultPort : portOf(portText, text) };
}

/** A colon belongs to a port where it is the only one, or behind brackets. */
function cutPort(text: string): { body: string; portText: string | null } {
  const [, body, portText = null] =
    /^\[([^\]]*:[^\]]*)\](?::(.*))?$/.exec(text) ?? /^([^:[\]]*):([^:]*)$/.exec(text) ?? [];
  return body === undefined ? { body: text, portText: null } : { body, portText };
}

/** `kms-1` is a name, as is `10-0-0-1.corp.example`; no name is all digits and dots. */
function isRange(body: string): boolean {
  return body.includes("-") && (body.includes(":") || /^[\d.-]*\.[\d.-]*$/.test(body));
}

function subnet(body: string, text: string): Interval {
  const interval = parseCidr(body);
  if (interval !== null) return interval;
  const [address = "", prefix = ""] = body.split("/");
  const ip = parseIp(address);
  if (ip === null) {
    throw new UsageError(
      `'${show(text)}' is not a subnet: write ADDRESS/PREFIX, as in 10.0.0.0/24 or fd00::/120`,
    );
  }
  if (prefix.includes(":"))
    throw new UsageError(`'${show(text)}' is not a subnet: with a port it is written [fd00::/120]:1688`);
  const [most, example] = ip.family === 4 ? [32, "10.0.0.0/24"] : [128, "fd00::/120"];
  throw new UsageError(
    `'${show(text)}' has no prefix from 0 to ${most} after its slash: write one as in ${example}`,
  );
}

function range(body: string, text: string): Interval {
  const [from = "", to = "", ...others] = body.split("-");
  const start = parseIp(from);
  const isShort = start?.family === 4 && /^\d{1,3}$/.test(to);
  const end = parseIp(isShort ? from.replace(/\d+$/, to) : to);
  if (start === null || end === null || others.length > 0)
    throw new UsageError(`'${show(text)}' is not a range: write FIRST-LAST, as in ${RANGE_EXAMPLE}`);
  if (start.family !== end.family) {
    throw new UsageError(
      `'${show(text)}' has an IPv4 and an IPv6 end: write two addresses of the same family, as in ${RANGE_EXAMPLE}`,
    );
  }
  if (start.value > end.value) {
    const turned = `${ipText(end.family, end.value)}-${ipText(start.family, start.value)}`;
    throw new UsageError(`'${show(text)}' ends before it begins: write ${turned}`);
  }
  return { family: start.family, first: start.value, last: end.value };
}

function host(text: string, defaultPort: number | null): Target {
  const { host: name, port: written } = parseHost(text, 0);
  const port = written === 0 ? defaultPort : written;
  if (name.includes("%")) {
    throw new UsageError(
      `'${show(text)}' is on one interface only, which a sweep can't tell apart: ask it with kmsprobe check`,
    );
  }
  const ip = parseIp(name);
  if (ip === null) return { kind: "name", name, port };
  return { kind: "interval", family: ip.family, first: ip.value, last: ip.value, port };
}

function portOf(portText: string, text: string): number {
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65535)
    throw new UsageError(`'${show(text)}' has no port from 1 to 65535 after its colon`);
  return port;
}
