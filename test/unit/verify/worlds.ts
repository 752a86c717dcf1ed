/** What a run saw, in a few words, and what a policy says of it. */
import type { SocketAddress } from "../../../src/model/dns.ts";
import type { AttemptEvidence, Evidence } from "../../../src/model/evidence.ts";
import type { Report } from "../../../src/model/report.ts";
import { judgeAttempt } from "../../../src/verdict/attempt.ts";
import { evaluate } from "../../../src/verify/evaluate.ts";
import type { ClosedEvidence, ExpectationResult, Verification } from "../../../src/verify/model.ts";
import { outcomeOf } from "../../../src/verify/outcome.ts";
import type { Policy } from "../../../src/verify/laid-policy.ts";
import { reportOf } from "../report/check/scenes.ts";
import { addresses, connected, resolver, unconnected, unsent } from "../verdict/builders.ts";
import { expecting } from "./policies.ts";

export type World = {
  targets: readonly Evidence[];
  closed?: readonly ClosedEvidence[];
  names?: ReadonlyMap<string, readonly string[]>;
  missing?: ReadonlyMap<string, string>;
  resolvers?: readonly SocketAddress[];
  /** Of the targets; made by the scenes where there is none. */
  report?: Report;
};

export function verificationIn(world: World, policy: Policy): Verification {
  const { targets, closed = [], names = new Map(), missing = new Map(), resolvers = [resolver()] } = world;
  const { report = reportOf(targets) } = world;
  const results = evaluate(policy, { evidence: { report, closed, names }, missing, resolvers });
  return {
    schemaVersion: "1.0",
    kind: "verification",
    tool: { name: "kmsprobe", version: "0.0.0" },
    policy: { file: policy.file, name: policy.name, place: policy.place },
    startedAt: report.startedAt,
    elapsedMs: 1,
    interrupted: false,
    ...outcomeOf(results, null),
    results,
    baseline: null,
    closed: [...closed],
    report,
  };
}

/** The one result of one expectation, written as YAML flow. */
export function resultOf(world: World, line: string): ExpectationResult {
  const [result, ...more] = verificationIn(world, expecting(line)).results;
  if (result === undefined || more.length > 0) throw new Error(`${more.length + 1} results`);
  return result;
}

/** What one address said to a connect: an errno or "deadline", "connects", or why it could not be tried. */
export type Said = string | { errno: string } | { noRoute: string };

/** What came of connects to addresses that must be closed, as `10.30.0.1:445` and the like. */
export function closedAt(
  said: Readonly<Record<string, Said>>,
  source: string | null = null,
): ClosedEvidence[] {
  return Object.entries(said).map(([where, answer], index) => {
    const [host = "", port = "1688"] = where.split(":");
    const attempt = attemptOf(host, answer);
    const endpoint = { host, port: Number(port) };
    const verdict =
      attempt.tcp.outcome === "ok" ? null : judgeAttempt(attempt, endpoint, `/closed/${index}/attempts/0`);
    const { address, family, via, routeErrno, tcp, controlPort } = attempt;
    return {
      source,
      ...endpoint,
      address: addresses([host], { literal: true }),
      attempts: [{ address, family, via, routeErrno, tcp, controlPort, verdict }],
    };
  });
}

function attemptOf(address: string, said: Said): AttemptEvidence {
  if (typeof said !== "string")
    return "errno" in said
      ? unsent(said.errno, { address })
      : unconnected(said.noRoute, 0.1, { address, via: null, routeErrno: said.noRoute });
  if (said === "connects") return connected(null, { address });
  if (said === "connects everywhere")
    return connected(null, { address, controlPort: { port: 47_113, answer: "connected" } });
  return unconnected(said, said === "deadline" ? 4_000 : 1.5, { address });
}
