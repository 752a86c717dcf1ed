/** What an expectation demands, in one sentence each: what reports call it where the policy gives no name. */
import type { Endpoint } from "../model/evidence.ts";
import type { Requirement } from "../model/settings.ts";
import { KMS_PORT } from "../targets/parse.ts";
import { hostPort } from "../verdict/words.ts";
import type { Demand, DemandOf } from "./laid-policy.ts";
import type { HostPattern } from "./values.ts";
import { durationWords } from "../verdict/duration.ts";

/** Names in a sentence; the rest is counted. */
const SHOWN = 3;

/** An expectation in words, where the policy gives it no name. */
export function nameOfExpectation(demand: Demand): string {
  switch (demand.kind) {
    case "serve":
      return `${requiredWords(demand)}${demand["every-address"] ? " at every address" : ""}`;
    case "closed":
      return `${among(demand.hosts.map(({ text }) => text))} ${closedWords(demand)}${portWords(demand)}`;
    case "latency":
      return `${targetWords(demand)}: ${latencyWords(demand)}`;
    case "listed":
      return `${among(demand.domains)}: ${listedWords(demand)}`;
    case "agree":
      return `the resolvers agree about ${among(demand.domains)}${demand.addresses ? " and the hosts' addresses" : ""}`;
    case "clock":
      return `${targetWords(demand)}: clocks within ${durationWords(demand.within)} of this machine's`;
    case "permitted":
      return `${targetWords(demand)}: permitted ones only`;
    case "lint":
      return `the records of ${among(demand.domains)} are clean`;
    default:
      return demand satisfies never;
  }
}

type Targets = { domains: readonly string[]; hosts: readonly Endpoint[] };

/** `all hosts of corp.example serve`, `at least 2 of kms1 and kms2 serve`. */
export function requiredWords({ require, ...targets }: Targets & { require: Requirement }): string {
  const single = targets.domains.length === 0 && targets.hosts.length === 1;
  if (single && (typeof require !== "number" || require === 1)) return `${targetWords(targets)} serves`;
  if (require === "all") {
    const words = targetWords(targets).replace(/^hosts of /, "all hosts of ");
    return targets.domains.length > 0 ? `${words} serve` : `all of ${words} serve`;
  }
  const least = require === "any" || require === 1 ? "one" : String(require);
  const serve = least === "one" ? "serves" : "serve";
  if (targets.domains.length === 0) return `at least ${least} of ${targetWords(targets)} ${serve}`;
  const hosts = least === "one" ? `one of the ${targetWords(targets)}` : `${least} ${targetWords(targets)}`;
  return `at least ${hosts} ${serve}`;
}

/** `hosts of corp.example, and kms1:1700`. */
function targetWords({ domains, hosts }: Targets): string {
  const listed = domains.length > 0 ? [`hosts of ${among(domains)}`] : [];
  const named = hosts.length > 0 ? [among(hosts.map(endpointWords))] : [];
  return [...listed, ...named].join(", and ");
}

function closedWords({ answer, hosts }: Pick<DemandOf<"closed">, "answer" | "hosts">): string {
  const several = hosts.length > 1;
  return {
    any: several ? "stay closed" : "stays closed",
    "no-answer": several ? "stay silent" : "stays silent",
    refused: several ? "refuse" : "refuses",
  }[answer];
}

/** Ports go without saying where each host has its own. */
function portWords({ hosts, ports }: DemandOf<"closed">): string {
  if (hosts.every(({ port }) => port !== null)) return "";
  return ` on ${ports.length > 1 ? "ports" : "port"} ${among(ports.map(String))}`;
}

export function latencyWords({ median, p95, connect, samples }: DemandOf<"latency">): string {
  const rpc = [
    ...(median === undefined ? [] : [`median ${durationWords(median)}`]),
    ...(p95 === undefined ? [] : [`p95 ${durationWords(p95)}`]),
  ];
  return [
    ...(rpc.length > 0 ? [`RPC within ${rpc.join(" and ")} of ${samples}`] : []),
    ...(connect === undefined ? [] : [`TCP within ${durationWords(connect)}`]),
  ].join(", ");
}

export function listedWords({ must, may }: DemandOf<"listed">): string {
  const needed = must === undefined ? "" : `lists ${among(must.map(patternWords))}`;
  if (may === undefined) return needed;
  if (must === undefined) return `lists no hosts but ${among(may.map(patternWords))}`;
  const others = may.map(patternWords).filter((each) => !must.map(patternWords).includes(each));
  return `${needed}, and ${others.length > 0 ? `at most ${among(others)} besides` : "no others"}`;
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
