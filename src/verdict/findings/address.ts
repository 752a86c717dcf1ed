/** What is worth saying of a host's addresses, and of who gives them. */
import type { EndpointDiagnosis } from "../../model/diagnosis.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Finding } from "../../model/finding.ts";
import { isUnicodeHostName } from "../../protocol/name.ts";
import { isNobodys } from "../../protocol/special-use.ts";
import { deniersOf, isStripped } from "../denial.ts";
import { isByWildcard, madeFrom } from "../given.ts";
import { renamed } from "../lint/targets.ts";
import { hostPort } from "../words.ts";
import { finding } from "./catalog.ts";

const STRIPPED =
  "The resolver takes private addresses out of answers (DNS rebind protection), and who asks for the host finds none: ask for an exception for the zone (dnsmasq rebind-domain-ok, unbound private-domain), and delete nothing";

/** @param at the pointer to this endpoint */
export function addressFindings(evidence: Evidence, diagnosis: EndpointDiagnosis, at: string): Finding[] {
  const { host } = diagnosis.endpoint;
  const { lookups, glue, dropped } = diagnosis.address;
  const found: Finding[] = [];
  const answered = lookups.flatMap(({ answer, family, asked }) =>
    answer.outcome === "ok" ? [{ ...answer.facts, family, asked }] : [],
  );
  const alias = answered.find(({ aliases }) => aliases.length > 0);
  if (alias && diagnosis.listedBy.length > 0) {
    const observed = `${host} is an alias of ${alias.aliases.join(", then ")}`;
    const fix = renamed(evidence, diagnosis, alias.aliases.at(-1) ?? null);
    found.push(finding("srv-alias-target", `${at}/address`, observed, fix));
  }
  const direct = new Set(answered.flatMap(({ addresses }) => addresses));
  const stale = glue.filter((address) => !direct.has(address));
  if (answered.length > 0 && stale.length > 0) {
    const observed = `${host}: ${stale.join(", ")} came with the SRV answer; asked for the host, no resolver says so`;
    found.push(finding("address-glue-differs", `${at}/address`, observed));
  }
  const denied = glue.filter((address) => deniersOf(diagnosis.address, familyOf(address)).length > 0);
  if (answered.length === 0 && denied.length > 0) {
    const observed = `${host}: ${denied.join(", ")} came with the SRV answer; asked for the host, the resolver says that there is no such record`;
    const plain = finding("address-glue-differs", `${at}/address`, observed);
    found.push(isStripped(diagnosis.address) ? { ...plain, next: STRIPPED } : plain);
  }
  for (const { address, use } of diagnosis.address.special) {
    found.push(
      finding(
        "address-special",
        `${at}/address`,
        `${host}: DNS gives ${address} (${use}${isNobodys(use) ? ", not probed" : ""})`,
      ),
    );
  }
  for (const family of [4, 6] as const) {
    const sets = answered
      .filter((answer) => answer.family === family && answer.asked.by === "resolver")
      .map(({ addresses }) => addresses.toSorted().join(", "));
    const deniers = deniersOf(diagnosis.address, family);
    if (sets.length > 0 && deniers.length > 0) {
      sets.push(`none (says ${deniers.map((who) => hostPort(who.address, who.port)).join(", ")})`);
    }
    if (new Set(sets).size > 1) {
      const observed = `${host}: the resolvers give different addresses: ${[...new Set(sets)].join("; ")}`;
      found.push(finding("address-resolvers-disagree", `${at}/address`, observed));
    }
  }
  found.push(...givenFindings(diagnosis, `${at}/address`));
  if (dropped > 0)
    found.push(
      finding("address-dropped", `${at}/address`, `${host}: ${dropped} more addresses were not probed`),
    );
  return found;
}

/** Addresses that no record of the host's own holds, and a name that not everybody can ask for. */
function givenFindings({ endpoint: { host }, address, attempts }: EndpointDiagnosis, at: string): Finding[] {
  const found: Finding[] = [];
  const failing = attempts.filter(({ verdict }) => !verdict.serves);
  const wild = failing.filter((attempt) => isByWildcard(address, attempt.address));
  if (wild.length > 0 && address.nobody !== null) {
    const who = hostPort(address.nobody.resolver.address, address.nobody.resolver.port);
    const given = wild.map((attempt) => attempt.address).join(", ");
    const observed = `${host}: ${who} gives ${given} for ${address.nobody.name} as well, which nobody has`;
    found.push(finding("address-by-wildcard", at, observed));
  }
  for (const attempt of address.literal ? [] : failing) {
    const made = madeFrom(address, attempt.address);
    if (made === null) continue;
    const how = made.wellKnown
      ? `was made by DNS64 from ${made.ipv4}`
      : `has ${made.ipv4} in it, as DNS64 makes them`;
    found.push(finding("address-synthesised", at, `${host}: ${attempt.address} ${how}`));
  }
  if (address.validName && isUnicodeHostName(host)) {
    const observed = `${host} has letters outside ASCII: it was asked for as it stands`;
    found.push(finding("address-unicode-name", at, observed));
  }
  return found;
}

function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}
