/** Rules about the records of one name, taken together. */
import { KMS_PORT } from "../usual-port.ts";
import type { SrvRecord } from "../../model/dns.ts";
import type { Evidence } from "../../model/evidence.ts";
import { isUnfinished } from "../unfinished.ts";
import { hostPort, nameHosts } from "../words.ts";
import { fixOf, NO_FIX, ttlFix } from "./fix.ts";
import { distinctSets, groupsBy, recordSets } from "./record-set.ts";
import type { Lint, RecordSet } from "./record-set.ts";
import type { Removals } from "./removals.ts";

/**
 * A client keeps the host it found and asks again only when that fails, so a TTL under a minute buys nothing; and a
 * host publishes anew every 24 h, so one above a day outlives what it should show.
 */
const TTL_SECONDS = { least: 60, most: 86_400 };

/**
 * Two hosts are enough for most organisations, says Microsoft; a third is usual while one replaces another, or for a
 * second site. From the fourth on clients spread so far that some host may never count its 25.
 */
const MANY_HOSTS = 4;

/** @param removals which of many hosts may go */
export function setLints(evidence: Evidence, removals: Removals): Lint[] {
  return [
    ...distinctSets(evidence, "/srv").flatMap((set) => [
      ...duplicates(set),
      ...otherPorts(set),
      ...mixedWeights(set),
      ...manyHosts(set, removals),
    ]),
    ...ttl(recordSets(evidence, "/srv")),
  ];
}

function duplicates({ pointer, place, records }: RecordSet): Lint[] {
  return groupsBy(records, ({ target, port }) => hostPort(target, port)).flatMap((group): Lint[] => {
    const [kept, ...others] = group.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight);
    if (kept === undefined || others.length === 0) return [];
    const how = group.map(({ priority, weight }) => `priority ${priority} weight ${weight}`).join(", ");
    return [
      {
        code: "lint-duplicate-record",
        subject: `${pointer}/answer/facts/records/${records.indexOf(kept)}`,
        observed: `${hostPort(kept.target, kept.port)} is listed ${group.length} times: ${how}`,
        // Two records alike in everything are one record in DNS: to remove the one would remove both.
        fix: fixOf(place, { remove: others.filter((other) => !isSame(other, kept)) }),
      },
    ];
  });
}

function isSame(a: SrvRecord, b: SrvRecord): boolean {
  return a.priority === b.priority && a.weight === b.weight;
}

/** Without a line to type: whether the host listens on the usual port was not seen, and on this one it may serve. */
function otherPorts({ pointer, records }: RecordSet): Lint[] {
  // An unfinished record has a finding of its own, and its host's port is not to be changed.
  const others = records.filter((record) => record.port !== KMS_PORT && !isUnfinished(record));
  if (others.length === 0) return [];
  const hosts = [...new Set(others.map(({ target, port }) => hostPort(target, port)))];
  return [
    {
      code: "lint-other-port",
      subject: `${pointer}/answer/facts/records`,
      observed: `Listed with a port other than ${KMS_PORT}: ${nameHosts(hosts)}`,
      fix: NO_FIX,
    },
  ];
}

/** RFC 2782: weight 0 beside others means "hardly ever". Where all have 0, they share alike. */
function mixedWeights({ pointer, place, records }: RecordSet): Lint[] {
  return groupsBy(records, ({ priority }) => priority).flatMap((group): Lint[] => {
    const zeros = group.filter(({ weight }) => weight === 0);
    const weights = group.map(({ weight }) => weight).filter((weight) => weight > 0);
    const [first] = zeros;
    if (first === undefined || weights.length === 0) return [];
    const weight = Math.min(...weights);
    const hosts = nameHosts(zeros.map(({ target, port }) => hostPort(target, port)));
    return [
      {
        code: "lint-mixed-weights",
        subject: `${pointer}/answer/facts/records/${records.indexOf(first)}`,
        observed: `Priority ${first.priority} mixes weight 0 with others: ${hosts} would hardly ever be tried first`,
        fix: fixOf(place, { add: zeros.map((record) => ({ ...record, weight })), remove: zeros }),
      },
    ];
  });
}

/** Only those may go that serve nobody for certain; which of the others are wanted is not ours to say. */
function manyHosts({ pointer, place, records }: RecordSet, removals: Removals): Lint[] {
  const targets = [...new Set(records.map(({ target }) => target))];
  if (targets.length < MANY_HOSTS) return [];
  const remove = records.filter(({ target, port }) => removals.isSafe({ host: target, port }));
  return [
    {
      code: "lint-many-hosts",
      subject: `${pointer}/answer/facts/records`,
      observed: `${targets.length} hosts are listed`,
      fix: remove.length < records.length ? fixOf(place, { remove }) : NO_FIX,
    },
  ];
}

/** A short TTL out of a cache is what is left of a longer one: only the zone's own server knows. */
function ttl(sets: readonly RecordSet[]): Lint[] {
  for (const { pointer, place, name, records, authoritative } of sets) {
    if (records.some(isUnfinished)) continue;
    const index = records.findIndex(
      ({ ttlSeconds }) => ttlSeconds > TTL_SECONDS.most || (authoritative && ttlSeconds < TTL_SECONDS.least),
    );
    const found = records[index];
    if (found === undefined) continue;
    return [
      {
        code: "lint-ttl",
        subject: `${pointer}/answer/facts/records/${index}`,
        observed: `${name} may be kept for ${found.ttlSeconds} s (TTL)`,
        fix: ttlFix(place, records),
      },
    ];
  }
  return [];
}
