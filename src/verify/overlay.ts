/** The policy that holds at one place: what the file says for everywhere, with the place's part laid over it. */
import type { Endpoint } from "../model/evidence.ts";
import type { ExpectationKind, Position } from "./model.ts";
import type { Demand, Expectation, Policy } from "./laid-policy.ts";
import { nameOfExpectation } from "./names.ts";
import type { WrittenExpectation, WrittenPlace, WrittenPolicy } from "./policy.ts";
import { suggestion } from "./nearest.ts";
import type { Path } from "./positions.ts";
import type { Mistake } from "./variables.ts";

type Laid = { ok: true; policy: Policy } | { ok: false; mistakes: Mistake[] };

const DEFAULT_NOISE = { ratio: 0.5, floorMs: 5 };

/** @param positionOf where the value at a path stands in the file */
export function layOver(
  written: WrittenPolicy,
  chosen: { file: string; place: string | null },
  positionOf: (path: Path) => Position,
): Laid {
  const places = written.places ?? {};
  const place = placeOf(places, chosen.place);
  if ("message" in place) return { ok: false, mistakes: [place] };
  const { part, path } = place;
  const base = {
    domains: part.domains ?? written.domains ?? [],
    hosts: part.hosts ?? written.hosts ?? [],
    from: part.from ?? written.from ?? [null],
  };
  const numbers = new Map<ExpectationKind, number>();
  const sources = [
    ...(written.expect ?? []).map((each, index) => ({ each, path: ["expect", index] as Path })),
    ...(part.expect ?? []).map((each, index) => ({ each, path: [...path, "expect", index] as Path })),
  ];
  const all = sources.map(({ each, path: where }) => {
    return {
      expectation: complete(each, { ...base, place: chosen.place }, numbers, positionOf(where)),
      where,
      each,
    };
  });
  const mistakes = [
    ...sameIds(all),
    ...unknownPlaces(all, Object.keys(places)),
    ...unknownIds(
      part.without ?? [],
      all.map(({ expectation }) => expectation.id),
      path,
    ),
    ...all.flatMap(({ expectation, where }) => withoutTargets(expectation, where)),
  ];
  if (mistakes.length > 0) return { ok: false, mistakes };
  const without = new Set(part.without);
  const expectations = all.map(({ expectation }) => expectation).filter(({ id }) => !without.has(id));
  if (expectations.length === 0 && base.domains.length === 0 && base.hosts.length === 0) {
    return { ok: false, mistakes: [{ path: [], message: "it expects nothing: add entries under expect" }] };
  }
  const tolerance = written.baseline ?? {};
  const networks = { ...written.networks, ...part.networks };
  return {
    ok: true,
    policy: {
      file: chosen.file,
      name: written.name ?? null,
      place: chosen.place,
      ...base,
      resolvers: part.resolvers ?? written.resolvers ?? [],
      networks: Object.entries(networks).map(([name, cidr]) => ({ name, cidr })),
      settings: { ...written.settings, ...part.settings },
      noise: {
        ratio: tolerance["latency-tolerance"] ?? DEFAULT_NOISE.ratio,
        floorMs: tolerance["latency-floor"] ?? DEFAULT_NOISE.floorMs,
      },
      expectations,
    },
  };
}

function placeOf(
  places: Readonly<Record<string, WrittenPlace>>,
  wanted: string | null,
): { part: WrittenPlace; path: Path } | Mistake {
  const names = Object.keys(places);
  if (wanted === null) {
    if (names.length === 0) return { part: {}, path: [] };
    return { path: ["places"], message: `it has places: name one with --place ${names.join(", ")}` };
  }
  const part = Object.hasOwn(places, wanted) ? places[wanted] : undefined;
  if (part !== undefined) return { part, path: ["places", wanted] };
  const message =
    names.length === 0
      ? `it has no places, and --place names '${wanted}'`
      : `there is no place '${wanted}': ${suggestion(wanted, names)}`;
  return { path: names.length === 0 ? [] : ["places"], message };
}

function complete(
  written: WrittenExpectation,
  base: { domains: string[]; hosts: Endpoint[]; from: (string | null)[]; place: string | null },
  numbers: Map<ExpectationKind, number>,
  at: Position,
): Expectation {
  const demand = demandOf(written, base);
  const number = (numbers.get(demand.kind) ?? 0) + 1;
  numbers.set(demand.kind, number);
  const { places } = written;
  const { place } = base;
  return {
    id: written.id ?? `${demand.kind}-${number}`,
    name: written.name ?? nameOfExpectation(demand),
    level: written.level,
    at,
    from: written.from ?? base.from,
    resolvers: written.resolvers ?? null,
    elsewhere: places === undefined || (place !== null && places.includes(place)) ? null : places,
    demand,
  };
}

/** The one kind that the schema has seen to; domains and hosts of the policy where it names neither. */
function demandOf(written: WrittenExpectation, base: { domains: string[]; hosts: Endpoint[] }): Demand {
  const targets = (spec: { domains?: string[] | undefined; hosts?: Endpoint[] | undefined }) =>
    spec.domains === undefined && spec.hosts === undefined
      ? { domains: base.domains, hosts: base.hosts }
      : { domains: spec.domains ?? [], hosts: spec.hosts ?? [] };
  const { serve, closed, latency, listed, agree, clock, permitted, lint } = written;
  const domains = (spec: { domains?: string[] | undefined }) => spec.domains ?? base.domains;
  if (serve) return { kind: "serve", ...serve, ...targets(serve) };
  if (closed) return { kind: "closed", ...closed };
  if (latency) return { kind: "latency", ...latency, ...targets(latency) };
  if (listed) return { kind: "listed", ...listed, domains: domains(listed) };
  if (agree) return { kind: "agree", ...agree, domains: domains(agree) };
  if (clock) return { kind: "clock", ...clock, ...targets(clock) };
  if (permitted) return { kind: "permitted", ...permitted, ...targets(permitted) };
  if (lint) return { kind: "lint", ...lint, domains: domains(lint) };
  throw new TypeError("an expectation of no kind");
}

type Placed = { expectation: Expectation; where: Path; each: WrittenExpectation };

function sameIds(all: readonly Placed[]): Mistake[] {
  const seen = new Map<string, Position>();
  return all.flatMap(({ expectation: { id, at }, where }) => {
    const before = seen.get(id);
    if (before === undefined) seen.set(id, at);
    return before === undefined
      ? []
      : [{ path: where, message: `the id '${id}' is that of line ${before.line}, too: give it another` }];
  });
}

function unknownPlaces(all: readonly Placed[], names: readonly string[]): Mistake[] {
  return all.flatMap(({ each, where }) =>
    (each.places ?? [])
      .filter((name) => !names.includes(name))
      .map((name) => ({
        path: [...where, "places"],
        message:
          names.length === 0
            ? `the policy has no places, and this is for '${name}'`
            : `there is no place '${name}': ${suggestion(name, names)}`,
      })),
  );
}

function unknownIds(without: readonly string[], ids: readonly string[], path: Path): Mistake[] {
  return without
    .filter((id) => !ids.includes(id))
    .map((id) => ({
      path: [...path, "without"],
      message: `no expectation has the id '${id}': ${suggestion(id, ids)}`,
    }));
}

function withoutTargets({ demand }: Expectation, where: Path): Mistake[] {
  if (demand.kind === "closed") return [];
  const hosts = "hosts" in demand ? demand.hosts.length : 0;
  if (demand.domains.length + hosts > 0) return [];
  const what = "hosts" in demand ? "domains or hosts" : "domains";
  return [
    { path: [...where, demand.kind], message: `it names no ${what}, and neither does the policy: add some` },
  ];
}
