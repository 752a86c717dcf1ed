import type { AddressEvidence, AddressLookup, SocketAddress } from "../model/dns.ts";
import { isHostName, isUnicodeHostName, normalizeName } from "../protocol/name.ts";
import type { DnsRecord } from "../protocol/dns/records.ts";
import { addressesOf, HOSTS_PATH } from "../system/hosts-file.ts";
import type { HostsEntry } from "../system/hosts-file.ts";
import type { ProbeContext } from "./context.ts";
import { askFollowing, denialOf } from "./srv.ts";
import { ipFamily } from "../protocol/ip.ts";
import { embeddedIpv4 } from "../protocol/dns64.ts";
import { isNobodys, specialUse } from "../protocol/special-use.ts";
import type { SpecialUse } from "../protocol/special-use.ts";

/** Addresses of one host that are probed. */
const MAX_ADDRESSES = 16;

const FAMILIES = [
  { family: 4, type: "A" },
  { family: 6, type: "AAAA" },
] as const;

/** A literal needs no lookup: it is its own address. */
export function literalAddress(address: string): AddressEvidence {
  return {
    literal: true,
    validName: true,
    lookups: [],
    glue: [],
    addresses: [address],
    dropped: 0,
    special: [],
    nobody: null,
  };
}

/**
 * Asks every resolver that lists an SRV target for its A and AAAA records. Glue that came with the SRV answer is
 * probed as well, and kept beside the answers it should agree with.
 */
export async function probeTargetAddresses(
  target: string,
  resolvers: readonly SocketAddress[],
  glue: readonly string[],
  context: ProbeContext,
): Promise<AddressEvidence> {
  // An address in letters is no name: RFC 2782 wants one with address records.
  if (!(isHostName(target) || isUnicodeHostName(target)) || ipFamily(target) !== 0) {
    return {
      literal: false,
      validName: false,
      lookups: [],
      glue: [...glue],
      addresses: [],
      dropped: 0,
      special: [],
      nobody: null,
    };
  }
  const lookups = await lookUp(target, resolvers, context);
  return gather(lookups, glue);
}

/**
 * Finds the addresses of a host that the user named, as this machine would: its hosts file first, then DNS; a name
 * without a dot under each suffix in turn.
 */
export async function probeHostAddresses(
  host: string,
  resolvers: readonly SocketAddress[],
  local: { hosts: readonly HostsEntry[]; suffixes: readonly string[] },
  context: ProbeContext,
): Promise<AddressEvidence> {
  const known = addressesOf(local.hosts, host);
  if (known.length > 0)
    return gather(
      known.map((address) => fromHostsFile(host, address)),
      [],
    );
  const names = host.includes(".") ? [host] : local.suffixes.map((suffix) => `${host}.${suffix}`);
  const lookups: AddressLookup[] = [];
  for (const name of names.length > 0 ? names : [host]) {
    const found = await lookUp(name, resolvers, context);
    lookups.push(...found);
    if (found.some(({ answer }) => answer.outcome === "ok")) break;
  }
  return gather(lookups, []);
}

function fromHostsFile(name: string, address: string): AddressLookup {
  return {
    family: ipFamily(address) === 6 ? 6 : 4,
    asked: { by: "hosts-file", path: HOSTS_PATH },
    name,
    answer: { outcome: "ok", facts: { addresses: [address], ttlSeconds: 0, aliases: [] }, elapsedMs: 0 },
  };
}

function lookUp(
  name: string,
  resolvers: readonly SocketAddress[],
  context: ProbeContext,
): Promise<AddressLookup[]> {
  const questions = resolvers.flatMap((resolver) => FAMILIES.map((each) => ({ resolver, ...each })));
  return Promise.all(
    questions.map(async ({ resolver, family, type }): Promise<AddressLookup> => {
      const { asked, aliases } = await askFollowing(name, type, resolver, context);
      const { exchange, answer } = asked;
      const common = { family, asked: { by: "resolver", resolver, exchange }, name } as const;
      if (answer.outcome !== "ok") return { ...common, answer };
      const { response, elapsedMs } = answer;
      const owner = aliases.at(-1) ?? normalizeName(name);
      const records = response.answers.filter(
        (record): record is DnsRecord & { type: "A" | "AAAA" } =>
          record.type === type && record.owner === owner,
      );
      const denial = denialOf(response, records.length > 0, aliases);
      if (denial)
        return { ...common, answer: { outcome: "denied", denial: { ...denial, aliases }, elapsedMs } };
      const addresses = [...new Set(records.map((record) => record.address))];
      const ttlSeconds = Math.min(...records.map((record) => record.ttlSeconds));
      return { ...common, answer: { outcome: "ok", facts: { addresses, ttlSeconds, aliases }, elapsedMs } };
    }),
  );
}

function gather(lookups: AddressLookup[], glue: readonly string[]): AddressEvidence {
  const all = [...new Set([...lookups.flatMap(addressesIn), ...glue])];
  const meant = new Set(lookups.filter(meansThisMachine).flatMap(addressesIn));
  const special = all.flatMap((address): AddressEvidence["special"] => {
    const use = usedFor(address);
    return use === null || (use === "loopback" && meant.has(address)) ? [] : [{ address, use }];
  });
  // A connect there would reach this machine itself, or nobody.
  const nobodys = special.filter(({ use }) => isNobodys(use)).map(({ address }) => address);
  const addresses = all.filter((address) => !nobodys.includes(address));
  return {
    literal: false,
    validName: true,
    lookups,
    glue: [...glue],
    addresses: addresses.slice(0, MAX_ADDRESSES),
    dropped: Math.max(0, addresses.length - MAX_ADDRESSES),
    special,
    nobody: null,
  };
}

/** A NAT64 gateway would send the packets to what the address was made from: its own loopback, a group, nobody. */
function usedFor(address: string): SpecialUse | null {
  const made = embeddedIpv4(address, []);
  return specialUse(address) ?? (made === null ? null : specialUse(made.ipv4));
}

/** What DNS says, whether it is probed or not: for whoever compares, and knows by itself what may be touched. */
export function everyAddress({ addresses, special }: AddressEvidence): string[] {
  return [...new Set([...addresses, ...special.map(({ address }) => address)])];
}

function addressesIn({ answer }: AddressLookup): readonly string[] {
  return answer.outcome === "ok" ? answer.facts.addresses : [];
}

/**
 * Whether a loopback address means this machine: its hosts file says so, the name is `localhost`, or it was looked up
 * at a DNS server that runs on this machine at a port of its own (a laboratory, `-r 127.0.0.1:5300`). A stub at port 53
 * of loopback hands on what others say. Glue alone means nothing of the kind.
 */
function meansThisMachine({ asked, name }: AddressLookup): boolean {
  if (asked.by === "hosts-file" || /(^|\.)localhost$/.test(name)) return true;
  return specialUse(asked.resolver.address) === "loopback" && asked.resolver.port !== 53;
}
