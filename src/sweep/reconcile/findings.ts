/** From what holds of a place to what is wrong with it, in words and steps. */
import type { SocketAddress } from "../../model/dns.ts";
import type { Step, VerdictCode } from "../../model/verdict.ts";
import { ipFamily } from "../../protocol/ip.ts";
import { isHostName, normalizeName } from "../../protocol/name.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { zoneNamed } from "../../verdict/denial.ts";
import { fixOf, placeOf } from "../../verdict/lint/fix.ts";
import { isBeyondDoubt } from "../../verdict/lint/removals.ts";
import { recordsFor } from "../../verdict/lint/record-set.ts";
import { fill, hostPort, nameHosts } from "../../verdict/words.ts";
import type { Values } from "../../verdict/words.ts";
import type { PublishedDomain, ReconcileCode, ReconcileRow } from "../model.ts";
import { reconcileCatalog } from "./catalog.ts";
import type { ReconcileHint, ReconcileStep } from "./catalog.ts";
import type { Place } from "./place.ts";
import type { PublishedRecord } from "./published.ts";

/** What holds of one place. `others` are the other addresses of the names it is listed under. */
export type Facts = Pick<ReconcileRow, "published" | "answers" | "permitted"> & {
  place: Place;
  code: VerdictCode | null;
  records: readonly PublishedRecord[];
  /** Who was asked for the addresses of a permitted name that has none. */
  asked: SocketAddress | null;
  others: { serve: boolean; permitted: boolean };
};

/**
 * When each finding holds. What is not known (null) gives none. A place that is neither published, nor serves, nor
 * permitted has no row, so every combination is told here.
 */
const HOLDS: Readonly<Record<ReconcileCode, (facts: Facts) => boolean>> = {
  "published-dead": (facts) => facts.published === true && isDead(facts),
  "published-not-swept": (facts) => facts.published === true && isUnseen(facts),
  "unpublished-answering": ({ published, answers, permitted }) =>
    published === false && answers === "serves" && permitted !== true,
  "not-permitted-answering": ({ answers, permitted }) => permitted === false && answers === "serves",
  "not-permitted-published": ({ published, permitted }) => permitted === false && published === true,
  // What is published, too, has its finding above.
  "permitted-dead": (facts) => facts.permitted === true && facts.published !== true && isDead(facts),
  "permitted-unpublished": ({ published, answers, permitted }) =>
    published === false && answers === "serves" && permitted === true,
  "permitted-not-swept": (facts) => facts.permitted === true && facts.published !== true && isUnseen(facts),
};

/** A name without an address can't be reached by anybody; that needs no sweep. */
function isDead({ place, answers }: Facts): boolean {
  return answers === "does-not-serve" || (answers === "not-swept" && place.address === null);
}

function isUnseen({ place, answers }: Facts): boolean {
  return answers === "not-swept" && place.address !== null;
}

/** @param domains all that were asked, for what may be added to them */
export function findingsOf(facts: Facts, domains: readonly PublishedDomain[]): ReconcileRow["findings"] {
  const codes = Object.keys(HOLDS).filter((code): code is ReconcileCode => Object.hasOwn(HOLDS, code));
  const values = { ...valuesOf(facts), resolver: resolverFor(facts, domains) };
  const hints = hintsOf(facts);
  return codes
    .filter((code) => HOLDS[code](facts))
    .map((code) => {
      const { severity, observed, observedUnresolved, next } = reconcileCatalog[code];
      const said = facts.place.address === null ? observedUnresolved : observed;
      const steps = next.filter((step) => fits(step, hints));
      return {
        code,
        severity,
        observed: fill(said, values),
        next: steps.flatMap((step) => stepsOf(step, facts, domains, values)),
      };
    });
}

/** Advice that takes a record away rests on nothing less. */
function isGone({ place, code, records, answers }: Facts): boolean {
  if (place.address === null) return records.length > 0 && records.every(({ gone }) => gone);
  return (
    code !== null && isBeyondDoubt({ code, certainty: entryOf(code).certainty, serves: answers === "serves" })
  );
}

function hintsOf(facts: Facts): ReconcileHint[] {
  const { place, published, permitted, answers, others } = facts;
  const hints: [ReconcileHint, boolean][] = [
    ["no-address", place.address === null],
    ["published", published === true],
    ["not-permitted", permitted === false],
    ["serves", answers === "serves"],
    ["gone", isGone(facts)],
    ["other-address-serves", others.serve],
    ["other-address-permitted", others.permitted],
  ];
  return hints.filter(([, holds]) => holds).map(([hint]) => hint);
}

function fits({ only, unless }: ReconcileStep, hints: readonly ReconcileHint[]): boolean {
  const seen = (list: readonly ReconcileHint[] | undefined): boolean =>
    list?.some((hint) => hints.includes(hint)) ?? false;
  return (only === undefined || seen(only)) && !seen(unless);
}

function isPlainAddress(address: string): boolean {
  return /^[0-9a-f.:]+$/.test(address) && ipFamily(address) !== 0;
}

/** Names and addresses may come from the network: a command line gets them only where they can be nothing else. */
function valuesOf({ place, records, code }: Facts): Values {
  const { address, port } = place;
  const names = [...place.names].toSorted();
  const listed = [...new Set(records.map(({ endpoint }) => endpoint.host))].toSorted();
  const domains = [...new Set(records.map(({ domain }) => domain.domain))].toSorted();
  const fit = [...listed, ...names].find(isHostName);
  const plain = address !== null && isPlainAddress(address);
  const shown = address ?? names[0] ?? "";
  return {
    host: port === null ? shown : hostPort(shown, port),
    address: plain ? address : "<address>",
    names: nameHosts([listed, names, [shown]].find(({ length }) => length > 0) ?? []),
    name: fit === undefined ? "<kms host>" : normalizeName(fit),
    port: String(port ?? 1688),
    domains: nameHosts(domains),
    title: code === null ? "not known why" : entryOf(code).title,
  };
}

/** Whom a question by hand goes to, in the words of dig: who lists the name or, of a name that nobody lists, who was asked. */
function resolverFor({ records, asked }: Facts, domains: readonly PublishedDomain[]): string {
  const whom = [
    ...records.flatMap(({ domain }) => listing(domain)),
    ...(asked === null ? [] : [asked]),
    ...domains.flatMap(listing),
    ...domains.flatMap(({ srv }) => srv.map(({ resolver }) => resolver)),
  ];
  const one = whom.find(({ address }) => isPlainAddress(address));
  return one === undefined ? "" : `@${one.address} -p ${one.port} `;
}

/** The resolvers that list hosts of a domain. */
function listing({ srv }: PublishedDomain): SocketAddress[] {
  return srv.flatMap(({ answer, resolver }) => (answer.outcome === "ok" ? [resolver] : []));
}

function stepsOf(
  step: ReconcileStep,
  facts: Facts,
  domains: readonly PublishedDomain[],
  values: Values,
): Step[] {
  if (!("change" in step)) {
    const command = step.command === undefined ? null : fill(step.command, commandValues(values));
    return [{ where: step.where, text: step.text, command }];
  }
  return inOrder(
    step.change === "remove" ? removals(facts, step.text) : additions(facts, domains, step.text),
  );
}

/** Each once, and in the same order whatever that of the domains: merged shards may have asked for the same ones. */
function inOrder(groups: readonly Step[][]): Step[] {
  const byKey = new Map(groups.map((steps) => [JSON.stringify(steps), steps]));
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))).flatMap(([, steps]) => steps);
}

/** `{host}` is free text in a sentence, and must be an address or nothing in a command. */
function commandValues(values: Values): Values {
  const { address = "", port = "" } = values;
  return { ...values, host: address === "<address>" ? "<address>" : hostPort(address, Number(port)) };
}

function removals({ records }: Facts, text: string): Step[][] {
  return records.map(({ domain, endpoint }) => {
    const found = recordsFor(domain, endpoint);
    const remove = found.records.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight);
    return changes(`${text} (${endpoint.host} in ${domain.domain})`, fixOf(found.place, { remove }));
  });
}

/** With priority and weight of a host that is listed already, so that the two share the clients. */
function additions({ place }: Facts, domains: readonly PublishedDomain[], text: string): Step[][] {
  const target = [...place.names].toSorted().find((name) => isHostName(name) && name.includes("."));
  const { port } = place;
  if (target === undefined || port === null || domains.length === 0)
    return [[{ where: "dns", text: `${text}: an SRV record wants its host's name`, command: null }]];
  return domains.map(({ domain, srv }) => {
    const listed = srv.flatMap(({ answer }) => (answer.outcome === "ok" ? answer.facts.records : []));
    const [{ priority, weight } = { priority: 0, weight: 0 }] = listed.toSorted(
      (a, b) => a.priority - b.priority || b.weight - a.weight,
    );
    const add = [{ priority, weight, port, target }];
    // Where somebody lists hosts, what others deny may be another zone's.
    const zone = listed.length === 0 ? (srv.map(zoneNamed).find((each) => each !== null) ?? null) : null;
    return changes(
      `${text} (${target} in ${domain})`,
      fixOf(placeOf(`_vlmcs._tcp.${domain}`, zone), { add }),
    );
  });
}

/** One step for each kind of DNS server; a bare one where a name is unfit for a command line. */
function changes(text: string, { windows, bind }: { windows: string | null; bind: string | null }): Step[] {
  if (windows === null && bind === null) return [{ where: "dns", text, command: null }];
  const lines: [string, string | null][] = [
    ["on a Windows DNS server", windows],
    ["on BIND", bind],
  ];
  return lines.flatMap(([where, command]) =>
    command === null ? [] : [{ where: "dns", text: `${text}, ${where}`, command }],
  );
}
