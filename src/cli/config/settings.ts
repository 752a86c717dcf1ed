/** The options that a user may have defaults for: by which name in the file, by which variable, and for which commands. */
import type { Command, Option } from "commander";
import type { SettingName, Value } from "../../config/config-file.ts";
import { durationWords } from "../../verdict/duration.ts";
import { parseCount, parseDuration, parseNamedResolver, parseNetwork } from "../../targets/parse.ts";
import { UsageError } from "../../targets/usage-error.ts";

type Options = Readonly<Record<string, unknown>>;

export type Setting = {
  name: SettingName;
  variable: string;
  /** The option's key in commander. */
  option: string;
  /** Those that take it; null for every command that has the option. */
  commands: readonly string[] | null;
  /** Whether it alters what is asked, and not how it is printed alone. */
  asks: boolean;
  /** What the variable says. @throws UsageError that names it */
  parse: (text: string, variable: string) => Value;
  shown: (value: Value) => string;
  /** Whether it fits beside what stands on the command line; it does where there is no such question. */
  fits?: (value: Value, options: Options) => boolean;
};

const plainly = (value: Value): string => (Array.isArray(value) ? value.join(", ") : String(value));
const PROBING = ["check", "watch"];
const plain = { shown: plainly, asks: true };
const time = {
  asks: true,
  commands: PROBING,
  parse: parseDuration,
  shown: (value: Value) => durationWords(Number(value)),
};

/**
 * Few, and of the place: whom to ask there, what its networks are called, how slow it is. What is looked at, what must
 * hold and what is printed is each run's own.
 */
export const SETTINGS: readonly Setting[] = [
  {
    ...plain,
    name: "resolvers",
    variable: "KMSPROBE_RESOLVERS",
    option: "resolver",
    commands: ["check", "sweep", "watch"],
    parse: each(parseNamedResolver),
    // A text has resolvers of its own, which a default must not silence.
    fits: (_, options) => options["with"] === undefined,
  },
  {
    ...plain,
    name: "networks",
    variable: "KMSPROBE_NETWORKS",
    option: "network",
    commands: ["check", "compare"],
    parse: each(parseNetwork),
  },
  {
    ...plain,
    name: "place",
    variable: "KMSPROBE_PLACE",
    option: "place",
    commands: ["verify"],
    parse: (text) => text,
    // A first policy is of what is seen.
    fits: (_, { init }) => init !== true,
  },
  { ...time, name: "timeout", variable: "KMSPROBE_TIMEOUT", option: "timeout" },
  {
    ...plain,
    name: "retries",
    variable: "KMSPROBE_RETRIES",
    option: "retries",
    commands: PROBING,
    parse: (text, variable) => parseCount(text, variable, 0, 10),
  },
  { ...time, name: "rpc-timeout", variable: "KMSPROBE_RPC_TIMEOUT", option: "rpcTimeout" },
  { ...time, name: "dns-timeout", variable: "KMSPROBE_DNS_TIMEOUT", option: "dnsTimeout" },
  { ...time, name: "deadline", variable: "KMSPROBE_DEADLINE", option: "deadline" },
  {
    ...time,
    name: "client-timeout",
    variable: "KMSPROBE_CLIENT_TIMEOUT",
    option: "clientTimeout",
    commands: ["check"],
  },
  {
    name: "color",
    variable: "KMSPROBE_COLOR",
    option: "color",
    commands: null,
    asks: false,
    shown: plainly,
    parse: oneOf(["auto", "always", "never"]),
    // In a file colours are what somebody asks for, there and then.
    fits: (value, { output }) => value !== "always" || output === undefined,
  },
  {
    name: "ascii",
    variable: "KMSPROBE_ASCII",
    option: "ascii",
    commands: null,
    asks: false,
    shown: plainly,
    parse: (text, variable) => {
      if (/^(?:1|true|yes)$/i.test(text)) return true;
      if (/^(?:0|false|no)$/i.test(text)) return false;
      throw new UsageError(`${variable} is to be 1 or 0`);
    },
  },
];

/** The command that shows what the others take takes nothing itself. */
export function takes(command: Command, setting: Setting): boolean {
  const { commands } = setting;
  const name = command.name();
  return (
    name !== "config" &&
    (commands === null || commands.includes(name)) &&
    optionOf(command, setting) !== undefined
  );
}

export function optionOf(command: Command, { option }: Setting): Option | undefined {
  return command.options.find((candidate) => candidate.attributeName() === option);
}

/** Several, with commas or blanks between them. */
function each(check: (text: string) => unknown): Setting["parse"] {
  return (text, variable) => {
    const values = text.split(/[\s,]+/).filter((value) => value !== "");
    for (const value of values) {
      try {
        check(value);
      } catch (error) {
        if (error instanceof UsageError)
          throw new UsageError(`${variable}: ${error.message.replace(/^--\S+ /, "")}`);
        throw error;
      }
    }
    return values;
  };
}

function oneOf(words: readonly string[]): Setting["parse"] {
  return (text, variable) => {
    if (words.includes(text)) return text;
    throw new UsageError(`${variable} is to be one of ${words.join(", ")}`);
  };
}
