/** What an expectation demands, in one sentence each: what reports call it where the policy gives no name. */
import type { Endpoint, Requirement } from "../model.ts";
import { KMS_PORT } from "../targets/parse.ts";
import { msWords } from "../verdict/figures.ts";
import { hostPort } from "../verdict/words.ts";
import type { Demand } from "./overlay.ts";
import type { HostPattern } from "./policy.ts";

/** Names in a sentence; the rest is counted. */
const SHOWN = 3;

export function nameOfExpectation(demand: Demand): string {
  switch (demand.kind) {
    case "serve":
      return `${requiredWords(demand.require)} ${targetWords(demand)} ${demand.require === 1 ? "serves" : "serve"}${
        demand["every-address"] ? " at every address" : ""
      }`;
    case "closed":
      return `${among(demand.hosts.map(({ text }) => text))} ${closedWords(demand)} on port ${among(demand.ports.map(String))}`;
    case "latency":
      return `${targetWords(demand)} answer within bounds: ${latencyWords(demand)}`;
    case "listed":
      return `${among(demand.domains)} ${listedWords(demand)}`;
    case "agree":
      return `the resolvers agree about ${among(demand.domains)}${demand.addresses ? " and the hosts' addresses" : ""}`;
    case "clock":
      return `the clocks of ${targetWords(demand)} are within ${msWords(demand.within)} of this machine's`;
    case "permitted":
      return `only permitted hosts are among ${targetWords(demand)}`;
    case "lint":
      return `the records of ${among(demand.domains)} are clean`;
    default:
      return demand satisfies never;
  }
}

export function requiredWords(require: Requirement): string {
  if (require === "all") return "all of";
  return require === "any" ? "at least one of" : `at least ${require} of`;
}

/** `the hosts of corp.example and kms1:1700`. */
export function targetWords({
  domains,
  hosts,
}: {
  domains: readonly string[];
  hosts: readonly Endpoint[];
}): string {
  const listed = domains.length > 0 ? [`the hosts of ${among(domains)}`] : [];
  const named = hosts.length > 0 ? [among(hosts.map(endpointWords))] : [];
  return [...listed, ...named].join(" and ");
}

export function closedWords({ answer }: { answer: "any" | "no-answer" | "refused" }): string {
  return { any: "stays closed", "no-answer": "stays silent", refused: "refuses" }[answer];
}

export function latencyWords(bounds: {
  median?: number | undefined;
  p95?: number | undefined;
  connect?: number | undefined;
  samples: number;
}): string {
  const rows = [
    ["median", bounds.median],
    ["p95", bounds.p95],
  ] as const;
  const rpc = rows.flatMap(([what, ms]) => (ms === undefined ? [] : [`${what} ${msWords(ms)}`]));
  return [
    ...(rpc.length > 0 ? [`RPC ${rpc.join(", ")} of ${bounds.samples}`] : []),
    ...(bounds.connect === undefined ? [] : [`TCP ${msWords(bounds.connect)}`]),
  ].join("; ");
}

function listedWords({
  must = [],
  may,
}: {
  must?: readonly HostPattern[] | undefined;
  may?: readonly HostPattern[] | undefined;
}): string {
  const others = may === undefined ? [] : ["nothing that may not be listed"];
  const needed = must.length > 0 ? [`lists ${among(must.map(patternWords))}`] : ["lists"];
  return must.length > 0 ? [...needed, ...others].join(" and ") : `lists ${others.join("")}`;
}

export function patternWords({ host, port }: HostPattern): string {
  return port === null ? host : hostPort(host, port);
}

/** The usual port goes without saying. */
export function endpointWords({ host, port }: Endpoint): string {
  return port === KMS_PORT ? host : hostPort(host, port);
}

/** `a, b, c and 5 more`. */
export function among(names: readonly string[]): string {
  if (names.length > SHOWN + 1) return `${names.slice(0, SHOWN).join(", ")} and ${names.length - SHOWN} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : (names[0] ?? "");
}
