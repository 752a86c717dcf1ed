/**
 * What one look of a run proves for every other: an address that served, refused or answered at all to one source is
 * not off; a name that one resolver knows is published. Each clue carries the pointer to what was seen.
 */
import type { SocketAddress } from "../model/dns.ts";
import type { AttemptEvidence, Endpoint, EndpointEvidence, Evidence } from "../model/evidence.ts";
import { judgeAttempt } from "./attempt.ts";
import { keyOf } from "./believed.ts";
import type { Hint } from "./catalog/entry.ts";
import { subnetOf } from "./subnet.ts";
import { hostPort } from "./words.ts";
import type { Sighted } from "./words.ts";

export type Elsewhere = {
  from: (source: string | null) => ElsewhereFrom;
  /** What others say of the same suffix. */
  listing: (domain: string, asked: { source: string | null; resolver: SocketAddress }) => readonly Sighted[];
};

/** As one source is told of the others. */
export type ElsewhereFrom = {
  address: (attempt: Pick<AttemptEvidence, "address" | "via">, port: number) => readonly Sighted[];
  /** Of a host that has no address here. */
  name: (endpoint: Endpoint) => readonly Sighted[];
};

/** Whether nothing that the same source sees elsewhere changes what is said of it: who shares a tunnel does. */
export function standsAlone({ attempts }: EndpointEvidence): boolean {
  return attempts.every(({ via }) => via?.link !== "tunnel");
}

export const NOBODY_ELSE: Elsewhere = {
  from: () => ({ address: () => [], name: () => [] }),
  listing: () => [],
};

type Sighting = { source: string | null; because: string };
type Seen = Map<string, Sighting[]>;

/** What one look shows about another: where a host serves, listens or is listed as seen from another source or resolver. */
export function elsewhereIn(evidence: readonly Evidence[]): Elsewhere {
  if (isOnlyLook(evidence)) return NOBODY_ELSE;
  const serving: Seen = new Map();
  const listening: Seen = new Map();
  const alive: Seen = new Map();
  const named: Seen = new Map();
  /** By source, tunnel and subnet: what went through it, and was answered. */
  const carried = new Map<string, Sighting & { address: string }>();
  const listed = new Map<string, (Sighting & { resolver: string })[]>();
  /** Resolvers that said anything at all. */
  const answering: Seen = new Map();
  evidence.forEach(({ source, target, srv, endpoints }, at) => {
    const root = `/diagnoses/${at}`;
    srv.forEach(({ answer, resolver }, index) => {
      if (["ok", "denied"].includes(answer.outcome))
        add(answering, keyOf(resolver), { source, because: `${root}/srv/${index}` });
      if (target.kind !== "domain" || answer.outcome !== "ok" || answer.facts.records.length === 0) return;
      const sighting = { source, because: `${root}/srv/${index}`, resolver: keyOf(resolver) };
      listed.set(target.domain, [...(listed.get(target.domain) ?? []), sighting]);
    });
    endpoints.forEach((host, index) => {
      const pointer = `${root}/endpoints/${index}`;
      if (host.address.addresses.length > 0)
        add(named, host.endpoint.host, { source, because: `${pointer}/address` });
      for (const { what, attempt, because } of sightingsAt(host, pointer)) {
        const { address } = attempt;
        const key = hostPort(address, host.endpoint.port);
        const tunnel = tunnelKey(source, attempt);
        if (tunnel !== null && !carried.has(tunnel)) carried.set(tunnel, { source, because, address });
        if (what === "serves") add(serving, key, { source, because });
        if (what !== "answers") add(listening, key, { source, because });
        add(alive, address, { source, because });
      }
    });
  });
  const hint = (name: Hint, seen: Seen, key: string, source: string | null): Sighted[] => {
    const other = seen.get(key)?.find((each) => each.source !== source);
    return other === undefined ? [] : [{ hint: name, because: other.because }];
  };
  return {
    from: (source) => ({
      address: (attempt, port) => {
        const { address } = attempt;
        const key = hostPort(address, port);
        const tunnel = carried.get(tunnelKey(source, attempt) ?? "");
        const through = tunnel !== undefined && tunnel.address !== address ? [tunnel.because] : [];
        return [
          ...through.map((because) => ({ hint: "tunnel-carries" as const, because })),
          ...hint("serves-elsewhere", serving, key, source),
          ...hint("listens-elsewhere", listening, key, source),
          ...hint("answers-elsewhere", alive, address, source),
        ];
      },
      name: ({ host }) => hint("named-elsewhere", named, host, source),
    }),
    listing: (domain, asked) => {
      const resolver = keyOf(asked.resolver);
      const other = listed
        .get(domain)
        ?.find((each) => each.source !== asked.source || each.resolver !== resolver);
      return [
        ...(other === undefined ? [] : [{ hint: "listed-elsewhere" as const, because: other.because }]),
        ...hint("resolver-answers-elsewhere", answering, resolver, asked.source),
      ];
    },
  };
}

/** One target from one source, at one resolver at most, and no tunnel: there is nothing that it could be compared with. */
function isOnlyLook([one, ...others]: readonly Evidence[]): boolean {
  if (one === undefined || others.length > 0) return false;
  return one.srv.length <= 1 && one.endpoints.every(standsAlone);
}

type AddressSighting = {
  what: "serves" | "listens" | "answers";
  attempt: AttemptEvidence;
  because: string;
};

/** A device that answers for every port says nothing of the host behind it. */
function sightingsAt({ endpoint, attempts }: EndpointEvidence, at: string): AddressSighting[] {
  return attempts.flatMap((attempt, index): AddressSighting[] => {
    const { tcp, controlPort } = attempt;
    const pointer = `${at}/attempts/${index}`;
    const { serves, because } = judgeAttempt(attempt, endpoint, pointer);
    if (serves) return [{ what: "serves", attempt, because }];
    if (controlPort?.answer === "connected") return [];
    if (tcp.outcome === "ok") return [{ what: "listens", attempt, because: `${pointer}/tcp` }];
    const refused = tcp.outcome === "no-answer" && ["ECONNREFUSED", "ECONNRESET"].includes(tcp.cause);
    return refused ? [{ what: "answers", attempt, because: `${pointer}/tcp` }] : [];
  });
}

/** Null for what does not go through a tunnel. */
function tunnelKey(
  source: string | null,
  { address, via }: Pick<AttemptEvidence, "address" | "via">,
): string | null {
  if (via?.link !== "tunnel") return null;
  return `${source ?? ""} ${via.interface ?? ""} ${subnetOf(address, []).cidr}`;
}

function add(seen: Seen, key: string, sighting: Sighting): void {
  const known = seen.get(key);
  if (known === undefined) seen.set(key, [sighting]);
  else known.push(sighting);
}
