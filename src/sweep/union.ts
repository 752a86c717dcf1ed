/** Lines that tell of one and the same thing, made one: whatever their order, and however often. */
import type { Verdict } from "../model/verdict.ts";
import { bestOf } from "../verdict/endpoint.ts";
import type {
  EndLine,
  EndpointLine,
  MeasuredLine,
  PermittedEntry,
  PublishedDomain,
  Slowdown,
} from "./model.ts";
import { orderOf } from "./ranges.ts";

/** One address looked at twice: what serves wins, then what got furthest. All names are kept. */
export function joinEndpoints(a: EndpointLine, b: EndpointLine): EndpointLine {
  const names = sortedUnion(a.names, b.names);
  const [one, other] = [
    { ...a, names },
    { ...b, names },
  ];
  return (betterVerdict(a.verdict, b.verdict) ?? smaller(one, other) === one) ? one : other;
}

/** Null where neither is better. */
function betterVerdict(a: Verdict, b: Verdict): boolean | null {
  const [first, second] = [bestOf([a, b]), bestOf([b, a])];
  return first === second ? first === a : null;
}

/** The one with more figures. */
export function joinMeasured(a: MeasuredLine, b: MeasuredLine): MeasuredLine {
  const more = figures(a) - figures(b);
  return more === 0 ? smaller(a, b) : more > 0 ? a : b;
}

function figures({ quiet }: MeasuredLine): number {
  return quiet.bindMs.length + quiet.tcpMs.length;
}

/** Runs of one shard: the one that covers most, rather one that came to its end. */
export function joinEnds(a: EndLine, b: EndLine): EndLine {
  if (a.covered !== b.covered) return a.covered > b.covered ? a : b;
  if (a.interrupted !== b.interrupted) return a.interrupted ? b : a;
  return smaller(a, b);
}

/** Of several threads or shards: times are added, and the lowest concurrency counts. */
export function addSlowdowns(all: readonly Slowdown[]): Slowdown[] {
  const causes = new Map<string, Slowdown>();
  for (const { cause, times, concurrency } of all) {
    const known = causes.get(cause);
    causes.set(cause, {
      cause,
      times: (known?.times ?? 0) + times,
      concurrency: Math.min(known?.concurrency ?? Infinity, concurrency),
    });
  }
  return [...causes.values()].toSorted((a, b) => compare(a.cause, b.cause));
}

/** Every shard asks DNS for itself: their answers, each once. Null where none asked. */
export function unitePublished(all: readonly (PublishedDomain[] | null)[]): PublishedDomain[] | null {
  if (all.every((each) => each === null)) return null;
  const domains = new Map<string, PublishedDomain>();
  for (const each of all.flatMap((list) => list ?? [])) {
    const known = domains.get(each.domain) ?? { domain: each.domain, srv: [], hosts: [] };
    domains.set(each.domain, {
      domain: each.domain,
      srv: unite(
        [...known.srv, ...each.srv],
        ({ resolver, name }) => JSON.stringify([resolver.address, resolver.port, name]),
        // A resolver that answered one shard and not another is known by its answer.
        (a, b) =>
          (a.answer.outcome === "ok") === (b.answer.outcome === "ok")
            ? smaller(a, b)
            : a.answer.outcome === "ok"
              ? a
              : b,
      ),
      hosts: unite(
        [...known.hosts, ...each.hosts],
        ({ endpoint }) => JSON.stringify([endpoint.host, endpoint.port]),
        (a, b) => ({
          endpoint: a.endpoint,
          addresses: uniteAddresses(a.addresses, b.addresses),
          gone: a.gone && b.gone,
        }),
      ),
    });
  }
  return [...domains.values()].toSorted((a, b) => compare(a.domain, b.domain));
}

/** Null where no run was told who is permitted. */
export function unitePermitted(all: readonly (PermittedEntry[] | null)[]): PermittedEntry[] | null {
  if (all.every((each) => each === null)) return null;
  return unite(
    all.flatMap((each) => each ?? []),
    ({ text, port }) => JSON.stringify([text, port]),
    (a, b) => ({
      ...a,
      addresses: uniteAddresses(a.addresses, b.addresses),
      resolver: firstOf(a.resolver, b.resolver),
    }),
  );
}

/** The same whichever shard comes first. */
function firstOf(a: PermittedEntry["resolver"], b: PermittedEntry["resolver"]): PermittedEntry["resolver"] {
  if (a === null || b === null) return a ?? b;
  return compare(JSON.stringify(a), JSON.stringify(b)) <= 0 ? a : b;
}

/** In the order of their keys. */
function unite<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  join: (a: Item, b: Item) => Item,
): Item[] {
  const known = new Map<string, Item>();
  for (const item of items) {
    const key = keyOf(item);
    const before = known.get(key);
    known.set(key, before === undefined ? item : join(before, item));
  }
  return Array.from(known)
    .toSorted(([a], [b]) => compare(a, b))
    .map(([, item]) => item);
}

function uniteAddresses(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].toSorted((one, other) => compare(orderOf(one), orderOf(other)));
}

export function sortedUnion(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].toSorted();
}

/** Any of two that are as good as each other, but always the same one. */
function smaller<Item>(a: Item, b: Item): Item {
  return JSON.stringify(a) <= JSON.stringify(b) ? a : b;
}

/** By code units: the same order on every machine, whatever its locale. */
export function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
