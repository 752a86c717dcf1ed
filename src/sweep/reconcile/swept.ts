import type { VerdictCode } from "../../model/verdict.ts";
import type { EndpointLine, ReconcileRow } from "../model.ts";
import { append } from "./multimap.ts";
import { addressKey, canonical, nameOf, namesAt } from "./place.ts";
import type { Place } from "./place.ts";
import { ipFamily } from "../../protocol/ip.ts";

/** What the sweep says of one place. */
export type SweptPlace = Place & { answers: ReconcileRow["answers"]; code: VerdictCode };

type SweptDraft = SweptPlace & { names: Set<string> };

export type Swept = {
  /** One for each address and port, and for each name that was swept and had no address. */
  places: readonly SweptPlace[];
  at: (place: Place) => SweptPlace | null;
  /** What was swept under a name. @param port null for any */
  named: (name: string, port: number | null) => SweptPlace[];
  portsAt: (address: string) => number[];
};

/**
 * Verdicts under which a host took the KMS bind, though a client would not be served, or that is not certain: whoever
 * looks for hosts that should not be there wants these, too.
 */
const BINDS: ReadonlySet<VerdictCode> = new Set(["rpc-accepts-anything", "rpc-plain-bind-only"]);

export function sweptOf(lines: readonly EndpointLine[]): Swept {
  const found = new Map<string, SweptDraft>();
  for (const line of lines) {
    const names = new Set(
      [line.endpoint.host, ...line.names].filter((name) => ipFamily(name) === 0).map(nameOf),
    );
    const { port } = line.endpoint;
    for (const { address, verdict } of line.attempts) {
      const place = { address: canonical(address), port, names, ...said(verdict) };
      keep(found, addressKey(place.address, port), place);
    }
    if (line.attempts.length > 0) continue;
    for (const name of names) {
      const place = { address: null, port, names: new Set([name]), ...said(line.verdict) };
      keep(found, nameKey(name, port), place);
    }
  }
  const places = [...found.values()];
  const ports = new Map<string, number[]>();
  const byName = new Map<string, SweptPlace[]>();
  for (const place of places) {
    if (place.address !== null && place.port !== null) append(ports, place.address, place.port);
    for (const name of namesAt(place)) append(byName, name, place);
  }
  return {
    places,
    at({ address, port, names }) {
      if (address !== null) return found.get(addressKey(address, port)) ?? null;
      const [name] = names;
      return (name !== undefined && found.get(nameKey(name, port))) || null;
    },
    named(name, port) {
      return (byName.get(name) ?? []).filter((place) => port === null || place.port === port);
    },
    portsAt: (address) => ports.get(address) ?? [],
  };
}

function nameKey(name: string, port: number | null): string {
  return `name ${name} ${port ?? "any"}`;
}

function said({ code, serves, severity }: EndpointLine["verdict"]): Pick<SweptPlace, "answers" | "code"> {
  if (serves || BINDS.has(code)) return { answers: "serves", code };
  // Cut short, or this machine's own trouble: that says nothing of the host.
  return { answers: severity === "inconclusive" ? "not-swept" : "does-not-serve", code };
}

const RANK = { serves: 0, "does-not-serve": 1, "not-swept": 2 } as const;

/** Of several lines for one place, as shards and names may bring them, the best; all of their names. */
function keep(found: Map<string, SweptDraft>, key: string, place: SweptPlace): void {
  const known = found.get(key);
  if (known === undefined) {
    found.set(key, { ...place, names: new Set(place.names) });
    return;
  }
  for (const name of place.names) known.names.add(name);
  const rank =
    RANK[place.answers] - RANK[known.answers] ||
    (place.code < known.code ? -1 : Number(place.code > known.code));
  if (rank < 0) found.set(key, { ...place, names: known.names });
}
