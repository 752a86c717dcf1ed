/** Values in a policy: what the command line takes as text, checked alike, and with the same words where it is wrong. */
import { z } from "zod";
import { parseCidr } from "../targets/cidr.ts";
import {
  KMS_PORT,
  parseCount,
  parseDomain,
  parseDuration,
  parseHost,
  parseResolver,
  show,
} from "../targets/parse.ts";
import { parseTarget } from "../targets/range.ts";
import type { Target } from "../targets/range.ts";
import { UsageError } from "../targets/usage-error.ts";

type Parse<Value> = (text: string) => Value;

/** `${name}` stands for what `variables` has; see variables.ts. */
const scalar = (form: string, examples: readonly (string | number)[]) =>
  z
    .union([z.string(), z.number()], { error: () => `write ${form}` })
    .meta({ description: form, ...(examples.length > 0 ? { examples: [...examples] } : {}) });

/** A parser of the command line as a check of a value: its complaint is the issue. */
function parsed<Value>(
  parse: Parse<Value>,
  value: string | number,
  complain: (message: string) => void,
): Value | undefined {
  try {
    return parse(String(value));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return undefined;
  }
}

/** @param examples what editors offer */
export function one<Value>(form: string, parse: Parse<Value>, examples: readonly (string | number)[] = []) {
  return scalar(form, examples).transform((value, context): Value => {
    const found = parsed(parse, value, (message) => context.addIssue({ code: "custom", message }));
    return found === undefined ? z.NEVER : found;
  });
}

/** One, or a list: each mistake is reported where it stands. */
export function many<Value>(form: string, parse: Parse<Value>, examples: readonly string[] = []) {
  const wrong = { error: () => `write ${form}, or a list of such` };
  return z
    .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])).min(1)], wrong)
    .meta({
      description: `${form}, or a list of such`,
      ...(examples.length > 0 ? { examples: [...examples] } : {}),
    })
    .transform((value, context): Value[] => {
      const values = Array.isArray(value) ? value : [value];
      return values.flatMap((each, index) => {
        const path = Array.isArray(value) ? [index] : [];
        const found = parsed(parse, each, (message) => context.addIssue({ code: "custom", message, path }));
        return found === undefined ? [] : [found];
      });
    });
}

export const text = z.string().min(1).max(200);
export const duration = one("a time such as 500ms, 5s or 1m", (value) => parseDuration(value, "the time"), [
  "50ms",
  "500ms",
  "5s",
  "1m",
]);

/** A bound of a latency: a bare number, which elsewhere is seconds, is nearly always meant as milliseconds here. */
export const bound = one(
  "a time with its unit such as 50ms or 1.5s",
  (value) => {
    if (/^\s*\d+(\.\d+)?\s*$/.test(value))
      throw new UsageError(
        `'${show(value)}' has no unit: write ${show(value.trim())}ms or ${show(value.trim())}s`,
      );
    return parseDuration(value, "the time");
  },
  ["50ms", "500ms", "1.5s"],
);
export const counted = (min: number, max: number) =>
  one(`a number from ${min} to ${max}`, (value) => parseCount(value, "the number", min, max));
export const switched = z.boolean({ error: () => "write true or false" });

const HOST_FORM = "HOST, HOST:PORT, an address or '[IPV6]:PORT'";
export const domains = many("a DNS domain such as corp.example", parseDomain);
export const hosts = many(HOST_FORM, (value) => parseHost(value, KMS_PORT));
export const resolvers = many("a resolver's ADDR or ADDR:PORT", parseResolver);
export const from = many("an interface, a local address, or a name of networks", (value) => value.trim());

export const subnet = one("a subnet such as 10.20.0.0/16", (value) => {
  if (parseCidr(value.trim()) !== null) return value.trim();
  throw new UsageError(`'${show(value)}' is not a subnet: write one such as 10.20.0.0/16`);
});

/** A host as DNS names it; port null for any. */
export type HostPattern = { host: string; port: number | null };
export const patterns = many("HOST or HOST:PORT", (value): HostPattern => {
  const { host, port } = parseHost(value, 0);
  return { host, port: port === 0 ? null : port };
});

/** How many addresses one policy may ask to be closed. */
export const MAX_CLOSED = 4_096;

export const closedTargets = many(
  `${HOST_FORM}, a subnet or a range such as 10.30.0.0/24 or 10.30.0.5-20`,
  (value): Target & { text: string } => {
    const target = parseTarget(value);
    if (target.kind === "interval" && target.last - target.first >= BigInt(MAX_CLOSED)) {
      throw new UsageError(
        `'${show(value)}' holds more than ${MAX_CLOSED.toLocaleString("en")} addresses: name smaller subnets, or sweep it`,
      );
    }
    return { ...target, text: value.trim() };
  },
);
