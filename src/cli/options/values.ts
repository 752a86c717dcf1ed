/** Options whose value is read: a time, a number, one of several. */
import { Option } from "commander";
import { parseCount, parseDuration } from "../../targets/parse.ts";

/** `--flag 500ms`: milliseconds to whoever takes it. */
export function time(flag: string, description: string, ms: number): Option {
  return new Option(`--${flag} <time>`, description)
    .argParser((text: string) => parseDuration(text, `--${flag}`))
    .default(ms, `${ms / 1000}s`);
}

/** @param value what it is where it is left out */
export function number(
  flag: string,
  description: string,
  value: number,
  [min, max]: readonly [number, number],
): Option {
  return new Option(`--${flag} <n>`, description)
    .argParser((text: string) => parseCount(text, `--${flag}`, min, max))
    .default(value);
}

/** Of an option that may be given more than once: each value, in the order of the command line. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
