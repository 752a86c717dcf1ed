/**
 * The options of the library, held against what there is: a program that calls it may be in JavaScript, and a name that is
 * not known would be a run with other settings than were asked for. By hand, so that nobody loads a schema for it.
 */
import { show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";

export type Check = { fits: (value: unknown) => boolean; form: string };

const DAY_MS = 86_400_000;

export const TEXTS: Check = {
  fits: listOf((each) => typeof each === "string"),
  form: "a list of strings",
};
export const FLAG: Check = { fits: (value) => typeof value === "boolean", form: "true or false" };
export const TIME: Check = {
  fits: (value) => typeof value === "number" && value > 0 && value <= DAY_MS,
  form: `a number of milliseconds, above 0 and up to ${DAY_MS}`,
};

/** Array.every() passes over the holes of `new Array(3)`; whoever reads the list does not. */
export function listOf(fits: Check["fits"]): Check["fits"] {
  return (value) => Array.isArray(value) && Array.from(value, fits).every(Boolean);
}

export function integer(min: number, max: number): Check {
  return {
    fits: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    form: `a number from ${min} to ${max}`,
  };
}

export const TEXT: Check = { fits: (value) => typeof value === "string" && value !== "", form: "a string" };
export const SIGNAL: Check = { fits: (value) => value instanceof AbortSignal, form: "an AbortSignal" };
export const FUNCTION: Check = { fits: (value) => typeof value === "function", form: "a function" };
export const OBJECT: Check = { fits: isPlain, form: "an object" };

const SETTINGS: Readonly<Record<string, Check>> = {
  timeoutMs: TIME,
  retries: integer(0, 10),
  rpcTimeoutMs: TIME,
  dnsTimeoutMs: TIME,
  deadlineMs: TIME,
  clientTimeoutMs: TIME,
  dnsTcp: FLAG,
  count: integer(0, 1_000),
  ladder: FLAG,
  trace: FLAG,
  clock: FLAG,
  family: { fits: (value) => value === 4 || value === 6, form: "4 or 6" },
  require: {
    fits: (value) => value === "any" || value === "all" || (Number.isInteger(value) && Number(value) >= 1),
    form: "any, all or a number of hosts from 1",
  },
  requireAt: { fits: (value) => value === "each" || value === "any", form: "each or any" },
};

const OPTIONS: Readonly<Record<string, Check>> = {
  hosts: TEXTS,
  files: TEXTS,
  domains: TEXTS,
  resolvers: TEXTS,
  sources: TEXTS,
  networks: TEXTS,
  named: {
    fits: (value) =>
      isPlain(value) &&
      typeof value["by"] === "string" &&
      ["hosts", "domains", "resolvers"].every((name) => TEXTS.fits(value[name])),
    form: "an object of hosts, domains, resolvers (lists of strings) and by (a string)",
  },
  port: integer(1, 65_535),
  concurrency: {
    fits: (value) => value === "auto" || integer(1, 1_024).fits(value),
    form: "auto or a number from 1 to 1024",
  },
  settings: { fits: isPlain, form: "an object of settings" },
  signal: SIGNAL,
  onEndpoint: FUNCTION,
  onProgress: FUNCTION,
};

/** @throws UsageError that names the option */
export function requireOptions(options: unknown): void {
  requireThese(options, OPTIONS, '{ domains: ["corp.example"] }');
  if (!isPlain(options)) return;
  const { settings } = options;
  if (isPlain(settings)) requireKnown(settings, SETTINGS, "settings.");
}

/**
 * The same, of options of another call.
 * @param example how an object of them is written
 */
export function requireThese(
  options: unknown,
  known: Readonly<Record<string, Check>>,
  example: string,
): void {
  if (!isPlain(options)) throw new UsageError(`the options are to be an object, such as ${example}`);
  requireKnown(options, known, "");
}

function requireKnown(
  given: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, Check>>,
  lead: string,
): void {
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    if (check === undefined)
      throw new UsageError(`there is no option ${lead}${show(name)}: ${meant(name, known)}`);
    // What is left out may be written so.
    if (value !== undefined && !check.fits(value))
      throw new UsageError(`${lead}${name} is to be ${check.form}, and not ${shown(value)}`);
  }
}

/** One host where hosts belong, and a setting that is not among the settings. */
function meant(name: string, known: Readonly<Record<string, Check>>): string {
  if (known === OPTIONS && (name === "ipv4" || name === "ipv6"))
    return `did you mean settings: { family: ${name === "ipv4" ? 4 : 6} }?`;
  const plural = Object.keys(known).find((each) => each === `${name}s` || each === `${name}Ms`);
  if (plural !== undefined) return `did you mean ${plural}?`;
  const setting =
    known !== OPTIONS
      ? undefined
      : Object.keys(SETTINGS).find((each) => each === name || each === `${name}Ms`);
  return setting !== undefined
    ? `did you mean settings.${setting}?`
    : `there are ${Object.keys(known).join(", ")}`;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (typeof value === "string") return `'${show(value)}'`;
  if (Array.isArray(value)) return "this list";
  return typeof value === "object" && value !== null ? "this object" : show(String(value));
}
