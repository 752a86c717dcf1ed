/**
 * Whether a found host should exist: published in DNS × answering in the sweep × permitted by the user, one row an
 * address and port. Pure, and the same whatever the order of what it is given.
 */
import ipaddr from "ipaddr.js";
import { hostPort } from "../verdict/words.ts";
import type { EndpointLine, PermittedEntry, PublishedDomain, Reconcile, ReconcileRow } from "./model.ts";
import { findingsOf } from "./reconcile/findings.ts";
import type { Facts } from "./reconcile/findings.ts";
import { permissionsOf } from "./reconcile/permitted.ts";
import { placesOf } from "./reconcile/places.ts";
import { listingOf } from "./reconcile/published.ts";
import { sweptOf } from "./reconcile/swept.ts";

/**
 * Joins the three. A row stands for every address that is published, accepts the KMS bind, or is permitted as itself
 * or by its name; a CIDR permits what answers and promises nothing.
 *
 * @param lines an address without one counts as not swept, so published and permitted ones need theirs, dead or alive
 * @param published null where DNS was not asked
 * @param permitted null where nobody said who may be a KMS host
 * @returns null where there is nothing to compare with
 */
export function reconcile(
  lines: readonly EndpointLine[],
  published: readonly PublishedDomain[] | null,
  permitted: readonly PermittedEntry[] | null,
): Reconcile | null {
  if (published === null && permitted === null) return null;
  const swept = sweptOf(lines);
  const listing = published === null ? null : listingOf(published);
  const permissions = permitted === null ? null : permissionsOf(permitted);
  const places = placesOf(swept, listing, permissions);
  const facts = places.map((place): Alone => {
    const seen = swept.at(place);
    const records = listing?.recordsOf(place) ?? [];
    const unlisted = listing?.complete === true ? false : null;
    return {
      place,
      answers: seen?.answers ?? "not-swept",
      code: seen?.code ?? null,
      published: records.length > 0 ? true : unlisted,
      permitted: permissions === null ? null : permissions.permits(place),
      records,
      asked: permissions?.unresolved.find(({ name }) => place.names.has(name))?.resolver ?? null,
    };
  });
  const others = othersOf(facts);
  const rows = facts
    .map((each) => rowOf({ ...each, others: others(each) }, listing?.domains ?? []))
    .toSorted(byPlace);
  return { domains: [...new Set(published?.map(({ domain }) => domain))].toSorted(), rows };
}

type Alone = Omit<Facts, "others">;

/** What holds of the other addresses that clients reach under one of a place's listed names. */
function othersOf(facts: readonly Alone[]): (one: Alone) => Facts["others"] {
  const serving = countByName(facts, serves);
  const permitted = countByName(facts, isPermitted);
  return (one) => {
    const names = listedNames(one);
    return {
      serve: names.some((name) => (serving.get(name) ?? 0) > Number(serves(one))),
      permitted: names.some((name) => (permitted.get(name) ?? 0) > Number(isPermitted(one))),
    };
  };
}

function serves({ answers }: Alone): boolean {
  return answers === "serves";
}

function isPermitted({ permitted }: Alone): boolean {
  return permitted === true;
}

function countByName(facts: readonly Alone[], holds: (each: Alone) => boolean): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of facts.filter(holds).flatMap(listedNames)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function listedNames({ records }: Pick<Facts, "records">): string[] {
  return [...new Set(records.map(({ endpoint }) => hostPort(endpoint.host, endpoint.port)))];
}

function rowOf(facts: Facts, domains: readonly PublishedDomain[]): ReconcileRow {
  const { place, published, answers, permitted, code } = facts;
  return {
    address: place.address,
    port: place.port,
    names: [...place.names].toSorted(),
    published,
    answers,
    permitted,
    code,
    findings: findingsOf(facts, domains),
  };
}

/** By address, as numbers; then by port; what has no address comes last, by name. */
function byPlace(a: ReconcileRow, b: ReconcileRow): number {
  const [left, right] = [sortKey(a), sortKey(b)];
  return left < right ? -1 : Number(left > right);
}

function sortKey({ address, port, names }: ReconcileRow): string {
  const bytes = address !== null && ipaddr.isValid(address) ? ipaddr.parse(address).toByteArray() : [];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  // IPv4, IPv6, what is no address, names without one.
  const rank = address === null ? 9 : bytes.length || 8;
  const family = rank === 16 ? 6 : rank;
  return [family, hex, address ?? "", String(port ?? 0).padStart(5, "0"), ...names].join(" ");
}
