import type { Verdict, VerdictCode } from "../model.ts";
import { entryOf } from "./catalog.ts";
import type { Hint } from "./catalog.ts";

/** What fills the catalogue's placeholders: names and figures out of the evidence. */
export type Values = Readonly<Record<string, string>>;

/**
 * Puts the catalogue's words for a code together with what was seen.
 * @param because RFC 6901 pointer to the evidence that decided
 */
export function verdictOf(
  code: VerdictCode,
  because: string,
  values: Values,
  hints: readonly Hint[] = [],
): Verdict {
  const entry = entryOf(code);
  const seen = (list: readonly Hint[] | undefined): boolean =>
    list?.some((hint) => hints.includes(hint)) ?? false;
  const fits = ({ only, unless }: { only?: readonly Hint[]; unless?: readonly Hint[] }): boolean =>
    (only === undefined || seen(only)) && !seen(unless);
  return {
    code,
    layer: entry.layer,
    severity: entry.severity,
    serves: entry.severity === "ok" || entry.severity === "degraded",
    certainty: entry.certaintyWith?.find(({ hint }) => hints.includes(hint))?.certainty ?? entry.certainty,
    because,
    observed: fill(entry.observed, values),
    causes: entry.causes.filter(fits).map(({ text }) => fill(text, values)),
    next: entry.next.filter(fits).map(({ where, text, command }) => {
      return {
        where,
        text: fill(text, values),
        command: command === undefined ? null : fill(command, values),
      };
    }),
    clientError: entry.clientError,
  };
}

/** Values go in as they are: each output escapes for itself. */
export function fill(template: string, values: Values): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

/** `10.0.0.1:53`, `[fd00::1]:53`. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
