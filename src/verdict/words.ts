import type { RefutedCause, Verdict, VerdictCode } from "../model/verdict.ts";
import { entryOf } from "./catalog.ts";
import type { Conditional, Hint } from "./catalog/entry.ts";

/** What fills the catalogue's placeholders: names and figures out of the evidence. */
export type Values = Readonly<Record<string, string>>;

/** A hint that another look of the same run gives, with an RFC 6901 pointer into the report, to what was seen. */
export type Sighted = { hint: Hint; because: string };
/** Seen in the evidence itself, or elsewhere. */
export type Clue = Hint | Sighted;

/**
 * Puts the catalogue's words for a code together with what was seen. A cause that only another look of the run rules
 * out is kept apart, with what refutes it.
 * @param because RFC 6901 pointer to the evidence that decided
 */
export function verdictOf(
  code: VerdictCode,
  because: string,
  values: Values,
  clues: readonly Clue[] = [],
): Verdict {
  const entry = entryOf(code);
  const sighted = clues.filter((clue) => typeof clue !== "string");
  const own = clues.filter((clue) => typeof clue === "string");
  const all = [...own, ...sighted.map(({ hint }) => hint)];
  return {
    code,
    layer: entry.layer,
    severity: entry.severity,
    serves: entry.severity === "ok" || entry.severity === "degraded",
    certainty: entry.certaintyWith?.find(({ hint }) => all.includes(hint))?.certainty ?? entry.certainty,
    because,
    observed: fill(entry.observed, values),
    causes: entry.causes.filter((cause) => fits(cause, all)).map(({ text }) => fill(text, values)),
    refuted: entry.causes
      .filter((cause) => fits(cause, own))
      .flatMap(({ text, unless }): RefutedCause[] => {
        const refuting = sighted.find(({ hint }) => unless?.includes(hint));
        return refuting === undefined ? [] : [{ cause: fill(text, values), because: refuting.because }];
      }),
    next: entry.next
      .filter((step) => fits(step, all))
      .map(({ where, text, command }) => {
        return {
          where,
          text: fill(text, values),
          command:
            command === undefined || isUnasked(command, values) ? null : asTyped(fill(command, values)),
        };
      }),
    clientError: entry.clientError,
  };
}

/** `ip route get` knows no zone behind an address: the interface is a word of its own there. */
export function asTyped(command: string): string {
  return command.replace(/^(ip route get [^\s%]+)%(\S+)/, "$1 dev $2");
}

/** A question to a resolver, where none was asked: the host's name is in the hosts file, or it was an address. */
function isUnasked(command: string, values: Values): boolean {
  return command.includes("{resolverAddress}") && values["resolverAddress"] === undefined;
}

function fits({ only, unless }: Conditional, hints: readonly Hint[]): boolean {
  const seen = (list: readonly Hint[]): boolean => list.some((hint) => hints.includes(hint));
  return (only === undefined || seen(only)) && !(unless !== undefined && seen(unless));
}

/** Values go in as they are: each output escapes for itself. */
export function fill(template: string, values: Values): string {
  let text = "";
  for (const { words, name } of partsOf(template)) text += name === null ? words : (values[name] ?? words);
  return text;
}

/** `name` is null for what stands as it is; else `words` is its placeholder, which stays where there is no value. */
type Part = { words: string; name: string | null };

/** The catalogue's templates are few, and filled again and again. */
const MOST_TAKEN = 4_096;
const taken = new Map<string, readonly Part[]>();

function partsOf(template: string): readonly Part[] {
  const known = taken.get(template);
  if (known !== undefined) return known;
  const parts = template
    .split(/(\{\w+\})/)
    .map((words, index) => ({ words, name: index % 2 === 1 ? words.slice(1, -1) : null }));
  if (taken.size >= MOST_TAKEN) taken.clear();
  taken.set(template, parts);
  return parts;
}

/** For `dig`, so that a question by hand leaves as the probe's did. */
export function bindOption(from: string | null): string {
  return from === null ? "" : ` -b ${from}`;
}

/** One decimal at most, without a unit: `1.5`. */
export function seconds(ms: number): string {
  return String(Number((ms / 1000).toFixed(1)));
}

/** `10.0.0.1:53`, `[fd00::1]:53`. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** "kms1:1700, kms2:1701 and 3 more". */
export function nameHosts(hosts: readonly string[]): string {
  return hosts.length > 4 ? `${hosts.slice(0, 3).join(", ")} and ${hosts.length - 3} more` : hosts.join(", ");
}
