/** What a text names that a check can look at: hosts, suffixes and resolvers, and nothing that has no part in KMS. */
import type { Explanation, Facts, Piece } from "../model.ts";
import { hostName, ipAddress } from "../values.ts";

/** Each as a user would write it on the command line. */
export type TextTargets = {
  readonly hosts: readonly string[];
  readonly domains: readonly string[];
  readonly resolvers: readonly string[];
};

/** Whoever wrote the text chooses whom this machine talks to: a few, and no more. */
const MOST = { hosts: 16, domains: 8, resolvers: 4 } as const;
const KMS_PORT = 1688;

/** Hosts, suffixes and resolvers that a text names, a few of each: what a check looks at beside the rest. */
export function textTargets({ pieces }: Pick<Explanation, "pieces">): TextTargets {
  const hosts = pieces.flatMap(hostsIn);
  const domains = pieces.flatMap(({ facts }) => suffixesIn(facts));
  const resolvers = pieces.flatMap(({ facts }) => [...(facts.dnsServers ?? []), facts.dnsServer ?? ""]);
  return {
    hosts: few(hosts, MOST.hosts),
    // Where no suffix is named, that of a host's own name is the likeliest.
    domains: few(domains.length > 0 ? domains : pieces.flatMap(parentsIn), MOST.domains),
    resolvers: few(
      resolvers.filter((each) => isSomebodys(each)),
      MOST.resolvers,
    ),
  };
}

/** The port of a test of some other service is none of ours. */
function hostsIn({ kind, facts }: Piece): string[] {
  const tested = kind === "test-netconnection" || kind === "telnet";
  const listed = (facts.srv ?? []).filter(({ port }) => port > 0);
  const port = facts.kmsPort ?? (tested ? 0 : KMS_PORT);
  const host = facts.kmsHost;
  const named = host === undefined || port === 0 || (tested && port !== KMS_PORT) ? [] : [{ host, port }];
  return [...named, ...listed.map(({ target, port: at }) => ({ host: target, port: at }))]
    .filter((each) => isSomebodys(each.host, false))
    .map((each) => (each.host.includes(":") ? `[${each.host}]:${each.port}` : `${each.host}:${each.port}`));
}

function suffixesIn(facts: Facts): string[] {
  const asked = /^_vlmcs\._tcp\.(.+)$/i.exec(facts.question ?? "")?.[1] ?? "";
  return [
    facts.lookupDomain ?? "",
    facts.primarySuffix ?? "",
    ...(facts.suffixes ?? []),
    ...(facts.connectionSuffixes ?? []),
    facts.zone ?? "",
    asked,
  ].filter((suffix) => suffix.includes("."));
}

function parentsIn({ facts }: Piece): string[] {
  return [facts.kmsHost ?? "", facts.clientName ?? ""]
    .filter((name) => /\.\D/.test(name) && !name.includes(":"))
    .map((name) => name.slice(name.indexOf(".") + 1))
    .filter((domain) => domain.includes("."));
}

/** An address of the machine that the text comes from, or of its own link, is another one here. */
function isSomebodys(host: string, literal = true): boolean {
  if (/^(?:localhost|127\.|0\.|169\.254\.|::1?$|fe[89ab]|fec0)/i.test(host) || host.includes("%"))
    return false;
  return literal
    ? /^(?:\d{1,3}\.){3}\d{1,3}$|:/.test(host)
    : hostName(host) !== null || ipAddress(host) !== null;
}

function few(values: readonly string[], most: number): string[] {
  const unlike = new Map(values.map((each) => [each.toLowerCase(), each]));
  return [...unlike.values()].slice(0, most);
}
