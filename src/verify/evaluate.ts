/** Policy and evidence in, results out: pure and total. */
import type { SocketAddress } from "../model/dns.ts";
import { evaluateClock } from "./evaluate/clock.ts";
import { evaluateClosed } from "./evaluate/closed.ts";
import { evaluateAgree, evaluateListed } from "./evaluate/dns.ts";
import type { Found } from "./evaluate/found.ts";
import { evaluateLatency } from "./evaluate/latency.ts";
import { evaluateLint } from "./evaluate/lint.ts";
import { evaluatePermitted } from "./evaluate/permitted.ts";
import { evaluateServe } from "./evaluate/serve.ts";
import type { Detail, ExpectationResult } from "./model.ts";
import { among } from "./names.ts";
import type { Demand, Expectation, Policy } from "./laid-policy.ts";
import { sightOf } from "./sight.ts";
import type { Evidence, Sight } from "./sight.ts";

/** Details beyond that are counted. */
const MAX_DETAILS = 64;

export type Surroundings = {
  evidence: Evidence;
  /** Sources of the policy that this machine doesn't have, each with why. */
  missing: ReadonlyMap<string, string>;
  /** Asked where an expectation names none. */
  resolvers: readonly SocketAddress[];
};

/** One result an expectation and source, in the order of the policy. */
export function evaluate(
  policy: Policy,
  { evidence, missing, resolvers }: Surroundings,
): ExpectationResult[] {
  const sights = new Map<string | null, Sight>();
  return policy.expectations.flatMap((expectation) => {
    if (expectation.elsewhere !== null) {
      const observed = `for ${expectation.elsewhere.length > 1 ? "the places" : "the place"} ${among(expectation.elsewhere)}`;
      return [resultOf(expectation, null, { status: "skipped", expected: "", observed, details: [] })];
    }
    return expectation.from.map((from) => {
      const why = from === null ? undefined : missing.get(from);
      if (why !== undefined)
        return resultOf(expectation, from, { status: "error", expected: "", observed: why, details: [] });
      const sight = sights.get(from) ?? sightOf(evidence, from);
      sights.set(from, sight);
      return resultOf(expectation, from, find(expectation.demand, sight, expectation.resolvers ?? resolvers));
    });
  });
}

function find(demand: Demand, sight: Sight, resolvers: readonly SocketAddress[]): Found {
  switch (demand.kind) {
    case "serve":
      return evaluateServe(demand, sight, resolvers);
    case "closed":
      return evaluateClosed(demand, sight);
    case "latency":
      return evaluateLatency(demand, sight, resolvers);
    case "listed":
      return evaluateListed(demand, sight, resolvers);
    case "agree":
      return evaluateAgree(demand, sight, resolvers);
    case "clock":
      return evaluateClock(demand, sight, resolvers);
    case "permitted":
      return evaluatePermitted(demand, sight, resolvers);
    case "lint":
      return evaluateLint(demand, sight, resolvers);
    default:
      return demand satisfies never;
  }
}

function resultOf(
  { id, name, level, at, demand }: Expectation,
  source: string | null,
  { status, expected, observed, details }: Found,
): ExpectationResult {
  const shown = details.toSorted((a, b) => Number(a.holds) - Number(b.holds)).slice(0, MAX_DETAILS);
  return {
    id,
    kind: demand.kind,
    name,
    level,
    at,
    source,
    status,
    expected: expected === "" ? name : expected,
    observed,
    details: shown.map(complete),
    detailsDropped: Math.max(0, details.length - MAX_DETAILS),
  };
}

/** What only an evaluation needs does not go into the result. */
function complete({ about, holds, observed, code, certainty, causes, next, pointer }: Detail): Detail {
  return { about, holds, observed, code, certainty, causes, next, pointer };
}
