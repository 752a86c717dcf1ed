/** config.yaml: a user's own defaults for options of many commands. */
import { z } from "zod";
import { parseNamedResolver } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { plural } from "../verdict/figures.ts";
import { positionOfKey } from "../verify/positions.ts";
import { counted, duration, many, subnet, switched, text } from "../verify/values.ts";
import { checkedBy, parsedYaml, plain } from "../verify/yaml-file.ts";

const resolvers = many("a resolver's ADDR, ADDR:PORT or NAME", (value) => {
  parseNamedResolver(value);
  return value.trim();
});

const networkName = z.string().regex(/^[^=]{1,40}$/, {
  error: () => "a network's name has 1 to 40 characters, and no =",
});

export const configSchema = z
  .strictObject({
    version: z
      .literal(1, { error: () => "write 1: the version of this format" })
      .optional()
      .describe("of this format; 1 where it is left out"),
    resolvers: resolvers.optional().describe("asked instead of this machine's: --resolver"),
    networks: z.record(networkName, subnet).optional().describe("names for subnets: --network"),
    place: text.max(40).optional().describe("which of a policy's places this machine is: --place"),
    timeout: duration.optional().describe("timeout of one TCP connect: --timeout"),
    retries: counted(0, 10).optional().describe("further connects after silence: --retries"),
    "rpc-timeout": duration.optional().describe("timeout of one RPC answer: --rpc-timeout"),
    "dns-timeout": duration.optional().describe("timeout of one DNS question: --dns-timeout"),
    deadline: duration.optional().describe("timeout of one address, all layers together: --deadline"),
    "client-timeout": duration
      .optional()
      .describe("assumed: what a client loses on a silent host: --client-timeout"),
    color: z
      .enum(["auto", "always", "never"], { error: () => "write auto, always or never" })
      .optional()
      .describe("colour in what is printed: --color"),
    ascii: switched.optional().describe("text in ASCII only: --ascii"),
  })
  .meta({ title: "kmsprobe configuration", id: "Config" });

export type SettingName = Exclude<keyof z.output<typeof configSchema>, "version">;

/** As the option of that name has it. */
export type Value = string | number | boolean | readonly string[];

export type Written = { setting: SettingName; value: Value; line: number };

const KIND = "configuration";

/**
 * What the file sets, in its order.
 *
 * @param file as messages call it
 * @throws UsageError of one line: where the first mistake is, and the way past it
 */
export function readConfig(content: string, file: string): Written[] {
  try {
    const located = parsedYaml(content, file, KIND);
    // A file of comments alone is no mistake.
    if (plain(located, file) === null) return [];
    const { version: _, networks, ...rest } = checkedBy(configSchema, located, file, KIND);
    const named = networks === undefined ? {} : { networks: networkTexts(networks) };
    return Object.entries({ ...rest, ...named })
      .flatMap(([key, value]): Written[] =>
        value === undefined || !isSetting(key)
          ? []
          : [{ setting: key, value, line: positionOfKey(located, [], key).line }],
      )
      .toSorted((a, b) => a.line - b.line);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [first = "", ...others] = error.message.split("\n");
    const more = others.length === 0 ? "" : `and ${plural(others.length, "more mistake")}; `;
    throw new UsageError(`${first} (${more}--no-config runs without it)`);
  }
}

/** As `--network` takes them. */
function networkTexts(networks: Readonly<Record<string, string>>): string[] {
  return Object.entries(networks).map(([name, cidr]) => `${name.trim()}=${cidr}`);
}

function isSetting(key: string): key is SettingName {
  return key !== "version" && Object.hasOwn(configSchema.shape, key);
}
