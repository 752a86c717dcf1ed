/**
 * The lines of hosts while a sweep is put together. Those that serve are all kept; of the others a limited number,
 * as text, which takes a quarter of the room.
 */
import type { VerdictCode } from "../model/verdict.ts";
import { connects } from "./counts.ts";
import type { EndpointLine } from "./model.ts";
import { orderOf } from "./ranges.ts";
import { compare, joinEndpoints, sortedUnion } from "./union.ts";

/** One host's line; `order` sorts by address and port, and is the same for nobody else. */
export type Held = {
  order: string;
  address: string;
  port: number;
  code: VerdictCode;
  serves: boolean;
  /** Nobody would miss it first: it did not connect, and has no name. */
  minor: boolean;
  line: () => EndpointLine;
};

export type Hold = {
  add: (line: EndpointLine) => void;
  /** By address. */
  all: () => Held[];
  /** Whether some lines may have been left out. */
  readonly full: boolean;
};

/** Hosts that serve and are kept as they are: more of them than anybody runs. */
const MAX_WHOLE = 1_000;

/** @param limit of hosts that do not serve: kept are those that connect or have a name first, then the lowest */
export function createHold(limit: number): Hold {
  const serving = new Map<string, Held>();
  const others = new Map<string, Held>();
  const cut = (): void => {
    const ordered = [...others.values()].toSorted(byWorth);
    for (const { order } of ordered.slice(limit)) others.delete(order);
  };
  return {
    add(line) {
      const order = hostOrder(addressOf(line), line.endpoint.port);
      const before = serving.get(order) ?? others.get(order);
      const known = { ...line, names: sortedUnion(line.names) };
      const latest = before === undefined ? known : joinEndpoints(before.line(), known);
      const asText = !latest.verdict.serves || serving.size >= MAX_WHOLE;
      const joined = heldOf(order, latest, asText);
      if (joined.serves) others.delete(order);
      (joined.serves ? serving : others).set(order, joined);
      if (others.size > limit * 2) cut();
    },
    all() {
      cut();
      return [...serving.values(), ...others.values()].toSorted((a, b) => compare(a.order, b.order));
    },
    get full() {
      return others.size >= limit;
    },
  };
}

/** What is worth most comes first. */
export function byWorth(a: Held, b: Held): number {
  return Number(a.minor) - Number(b.minor) || compare(a.order, b.order);
}

/** Sorts by address, then by port. A name without an address stands for itself. */
export function hostOrder(address: string, port: number): string {
  return `${orderOf(address)} ${String(port).padStart(5, "0")}`;
}

export function addressOf({ attempts, endpoint }: Pick<EndpointLine, "attempts" | "endpoint">): string {
  return attempts[0]?.address ?? endpoint.host;
}

/** @param asText takes a quarter of the room, and some time */
function heldOf(order: string, line: EndpointLine, asText: boolean): Held {
  const { code, serves } = line.verdict;
  return {
    order,
    address: addressOf(line),
    port: line.endpoint.port,
    code,
    serves,
    minor: !connects(code) && line.names.length === 0 && line.attempts.length > 0,
    line: asText ? recallOf(JSON.stringify(line)) : () => line,
  };
}

/** A function of its own: it must hold on to the text only. */
function recallOf(text: string): () => EndpointLine {
  return () => JSON.parse(text);
}
