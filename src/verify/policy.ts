/**
 * The policy file as people write it, defined once: the types, the check of a file, and `schema/policy-v1.json`, from
 * which editors complete. Keys are in kebab-case; wherever several values may stand, one may stand alone.
 */
import { z } from "zod";
import type { SocketAddress } from "../model/dns.ts";
import type { Endpoint } from "../model/evidence.ts";
import type { FindingCode } from "../model/finding.ts";
import type { Requirement } from "../model/settings.ts";
import { parseAllowed } from "../targets/allowed.ts";
import type { AllowedEntry } from "../targets/allowed.ts";
import { KMS_PORT, parseCount, parseRequirement, show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { lintCatalog } from "../verdict/lint/catalog.ts";
import { suggestion } from "./nearest.ts";
import {
  closedTargets,
  counted,
  domains,
  bound,
  duration,
  from,
  hosts,
  many,
  one,
  patterns,
  resolvers,
  subnet,
  switched,
  text,
} from "./values.ts";

// ---------------------------------------------------------------------------------------------------------------
// Expectations
// ---------------------------------------------------------------------------------------------------------------

const targeted = {
  domains: domains
    .optional()
    .describe("hosts that these domains list; default: the policy's domains and hosts"),
  hosts: hosts.optional(),
};

const requirement = one(
  "any, all or a number of hosts",
  (value): Requirement => parseRequirement(value, "require"),
  ["all", "any", 2],
);

const serve = z
  .strictObject({
    ...targeted,
    require: requirement
      .default("all")
      .describe("how many of the hosts must serve, in each domain (default all)"),
    "every-address": switched.default(false).describe("a host counts only where every address of it serves"),
  })
  .describe("these hosts would serve a client");

const closed = z
  .strictObject({
    hosts: closedTargets,
    ports: many("a port from 1 to 65535", (value) => parseCount(value, "the port", 1, 65_535))
      .default([KMS_PORT])
      .describe("for hosts without a port of their own (default 1688)"),
    answer: z
      .enum(["any", "no-answer", "refused"])
      .default("any")
      .describe(
        "how they must be closed: by silence, by a refusal (a reset, or an ICMP rejection), or either",
      ),
  })
  .describe("nobody may connect to these from here: one connect each, and nothing is sent on it");

const latency = z
  .strictObject({
    ...targeted,
    median: bound.optional().describe("bound of the median RPC round trip"),
    p95: bound.optional().describe("bound of the 95th percentile of the RPC round trips"),
    connect: bound.optional().describe("bound of one TCP connect"),
    samples: counted(1, 1_000)
      .default(20)
      .describe("round trips taken at each address that serves (default 20)"),
  })
  .check(({ value, issues }) => {
    if (value.median === undefined && value.p95 === undefined && value.connect === undefined) {
      issues.push({ code: "custom", input: value, message: "it bounds nothing: add median, p95 or connect" });
    }
  })
  .describe("how fast they answer");

const listed = z
  .strictObject({
    domains: domains.optional(),
    must: patterns.optional().describe("each of these is listed, at every resolver"),
    may: patterns.optional().describe("nothing else may be listed, except what must be"),
  })
  .check(({ value, issues }) => {
    if (value.must === undefined && value.may === undefined) {
      issues.push({ code: "custom", input: value, message: "it demands nothing: add must or may" });
    }
  })
  .describe("which hosts DNS lists");

const agree = z
  .strictObject({
    domains: domains.optional(),
    addresses: switched.default(false).describe("about the hosts' addresses, too"),
  })
  .describe("every resolver says the same of these domains");

const clock = z
  .strictObject({
    ...targeted,
    within: duration.describe("bound of the difference to this machine's clock"),
    unseen: z
      .enum(["error", "accept"])
      .default("error")
      .describe("what a host means that shows no clock: not checked, or fine"),
  })
  .describe("clocks are close (touches ports 445, 123/udp, 80 and 5985 of the hosts)");

const permitted = z
  .strictObject({
    ...targeted,
    allow: many("NAME, ADDRESS or CIDR, with :PORT where only that port is meant", (value): AllowedEntry => {
      return parseAllowed(value);
    }).describe("who may be a KMS host"),
  })
  .describe("no host but these is listed or serves");

/** What the zone can be blamed for. By the catalogue: the model would load the schemas of all reports. */
export const lintCodes: readonly FindingCode[] = [
  ...Object.keys(lintCatalog).filter(isLintCode),
  "srv-alias-target",
];

function isLintCode(code: string): code is keyof typeof lintCatalog {
  return Object.hasOwn(lintCatalog, code);
}

function parseLintCode(value: string): FindingCode {
  const code = lintCodes.find((each) => each === value);
  if (code === undefined)
    throw new UsageError(`'${show(value)}' is no lint finding: ${suggestion(value, lintCodes)}`);
  return code;
}

const lint = z
  .strictObject({
    domains: domains.optional(),
    allow: many("a finding such as lint-other-port", parseLintCode, lintCodes)
      .default([])
      .describe("findings that may be there"),
    notes: switched.default(false).describe("notes fail, too, and not warnings only"),
  })
  .describe("the records of these domains are clean");

const kinds = { serve, closed, latency, listed, agree, clock, permitted, lint };

const expectation = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\w.-]{1,60}$/, { error: () => "write letters, digits, and . _ - (60 at most)" })
      .optional()
      .describe("its name in reports and baselines, unique in the policy (default: the kind and a number)"),
    name: text.optional().describe("one sentence for reports (default: made of what it demands)"),
    level: z
      .enum(["error", "warning"])
      .default("error")
      .describe("a warning that does not hold, or can't be checked, is told, and does not fail the run"),
    from: from.optional().describe("looked at from each of these (default: the policy's from)"),
    places: many("a name of places", (value) => value)
      .optional()
      .describe("only at these places"),
    resolvers: resolvers.optional().describe("by what these resolvers say (default: the policy's)"),
    serve: serve.optional(),
    closed: closed.optional(),
    latency: latency.optional(),
    listed: listed.optional(),
    agree: agree.optional(),
    clock: clock.optional(),
    permitted: permitted.optional(),
    lint: lint.optional(),
  })
  .check(({ value, issues }) => {
    const given = Object.keys(kinds).filter((kind) => Object.hasOwn(value, kind));
    if (given.length === 1) return;
    const message =
      given.length === 0
        ? `it expects nothing: add one of ${Object.keys(kinds).join(", ")}`
        : `it expects ${given.join(" and ")}: make it ${given.length} expectations`;
    issues.push({ code: "custom", input: value, message });
  })
  .meta({ id: "Expectation", oneOf: Object.keys(kinds).map((kind) => ({ required: [kind] })) });
export type WrittenExpectation = z.output<typeof expectation>;

// ---------------------------------------------------------------------------------------------------------------
// The file
// ---------------------------------------------------------------------------------------------------------------

const variable = z.union([z.string(), z.number(), z.boolean()]);
const variables = z
  .record(
    z.string().regex(/^[A-Za-z][\w-]*$/, { error: () => "a variable's name is letters, digits, _ and -" }),
    z.union([variable, z.array(variable)], {
      error: () => "a variable is a text, a number, or a list of such",
    }),
  )
  .describe("what ${name} stands for, anywhere in a value; a list stands for a whole value");

const settings = z
  .strictObject({
    timeout: duration.optional().describe("timeout of one TCP connect (4s)"),
    retries: counted(0, 10).optional().describe("further connects after silence (1)"),
    "rpc-timeout": duration.optional().describe("timeout of one RPC answer (5s)"),
    "dns-timeout": duration.optional().describe("timeout of one DNS question (5s)"),
    deadline: duration.optional().describe("timeout of one address, all layers together (40s)"),
    "client-timeout": duration.optional().describe("assumed: what a client loses on a silent host (21s)"),
    "dns-tcp": switched.optional().describe("ask DNS over TCP (false)"),
    count: counted(0, 1_000).optional().describe("RPC round trips at each host that serves (3)"),
    concurrency: counted(1, 1_024)
      .optional()
      .describe("addresses probed at a time (by itself 32 that are answered, and all that are silent)"),
  })
  .describe("timeouts and pace, as check has them");
export type WrittenSettings = z.output<typeof settings>;

const baseline = z
  .strictObject({
    "latency-tolerance": one("a percentage such as 50%", (value) => {
      const [, digits = ""] = /^(\d{1,4})\s*%$/.exec(value.trim()) ?? [];
      if (digits === "") throw new UsageError(`'${show(value)}' is not a percentage such as 50%`);
      return Number(digits) / 100;
    })
      .optional()
      .describe("how much slower than the baseline is noise (50%)"),
    "latency-floor": duration
      .optional()
      .describe("a difference up to this is noise, whatever the percentage (5ms)"),
  })
  .describe("what --baseline takes for noise");

const shared = {
  variables: variables.optional(),
  domains: domains.optional().describe("looked at; the targets of expectations that name none"),
  hosts: hosts.optional().describe("looked at; the targets of expectations that name none"),
  resolvers: resolvers.optional().describe("asked for domains and hosts (default: this machine's)"),
  networks: z.record(text.max(40), subnet).optional().describe("names for subnets"),
  from: from.optional().describe("where to look from: interfaces, local addresses, or names of networks"),
  settings: settings.optional(),
  expect: z.array(expectation).max(2_000).optional().describe("what must hold"),
};

const place = z
  .strictObject({
    ...shared,
    without: many("the id of an expectation", (value) => value)
      .optional()
      .describe("expectations that don't hold here"),
  })
  .describe("what is different at this place: lists replace the policy's, expectations are added to them")
  .meta({ id: "Place" });
export type WrittenPlace = z.output<typeof place>;

export const policySchema = z
  .strictObject({
    version: z.literal(1, { error: () => "write 1: the version of this format" }),
    name: text.optional().describe("what the reports are called"),
    ...shared,
    baseline: baseline.optional(),
    places: z
      .record(text.max(40), place)
      .optional()
      .describe("one file for several places: --place NAME lays its part over the rest"),
  })
  .meta({ title: "kmsprobe policy", id: "Policy" });
export type WrittenPolicy = z.output<typeof policySchema>;

/** For editors: `schema/policy-v1.json`, where only the program is at hand. */
export function policyJsonSchema(): object {
  return z.toJSONSchema(policySchema, { target: "draft-2020-12", io: "input" });
}

/** A resolver's address and port, as a key. */
export function resolverKey({ address, port }: SocketAddress): string {
  return `${address} ${port}`;
}

/** A host and port, as a key. */
export function endpointKey({ host, port }: Endpoint): string {
  return `${host} ${port}`;
}
