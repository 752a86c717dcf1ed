/** serve.yaml: what may be asked for, how, and what is looked at without being asked. */
import { z } from "zod";
import type { Settings } from "../model/settings.ts";
import { writtenSettings } from "../run/settings.ts";
import { parseAllowed } from "../targets/allowed.ts";
import { parseDuration, parseRequirementAt } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { suggestion } from "../verify/nearest.ts";
import { positionOf } from "../verify/positions.ts";
import { counted, duration, from, many, one, resolvers, switched, text } from "../verify/values.ts";
import { checkedBy, mistaken, parsedYaml } from "../verify/yaml-file.ts";
import type { Mistaken } from "../verify/yaml-file.ts";
import { parseLookTarget } from "./target.ts";
import type { LookTarget } from "./target.ts";

/** How a target is looked at, by a name that stands in every series. */
export type Module = {
  name: string;
  /** ADDR:PORT; empty: those of this machine, read again for each look. */
  resolvers: string[];
  /** Addresses or interfaces; empty leaves it to the system. */
  sources: string[];
  settings: Partial<Settings>;
  concurrency: number | undefined;
  /** The longest that one look may take, whoever asks. */
  maxTimeMs: number;
};

export type ScheduledTarget = { target: LookTarget; module: Module; intervalMs: number };

export type ServeConfig = {
  /** As messages call it; null for the built-in one. */
  file: string | null;
  place: string;
  modules: ReadonlyMap<string, Module>;
  targets: readonly ScheduledTarget[];
  allow: readonly ReturnType<typeof parseAllowed>[];
  minIntervalMs: number;
};

export const DEFAULT_MODULE = "kms";
const DEFAULT_INTERVAL_MS = 60_000;
const DEFAULT_MIN_INTERVAL_MS = 10_000;
const DEFAULT_MAX_TIME_MS = 60_000;
/** Targets of one configuration: 1,000 at 15 s took 45 % of a core of a busy machine. */
const MOST_TARGETS = 2_000;

const label = (form: string) =>
  z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._/-]{0,63}$/u, {
      error: () => `write ${form}: letters, digits, spaces and . _ / -, up to 64`,
    })
    .describe(form);

const target = one("a domain such as corp.example, or HOST:PORT, or an address", parseLookTarget, [
  "corp.example",
]);

const moduleSchema = z
  .strictObject({
    resolvers: resolvers.optional().describe("asked instead of this machine's"),
    source: from.optional().describe("probe from these local addresses or interfaces, each on its own"),
    require: one("any, all or a number of hosts, with @any behind it for one of the sources", (value) =>
      parseRequirementAt(value, "require"),
    )
      .optional()
      .describe("how many hosts must serve for kms_probe_success 1 (any)"),
    timeout: duration.optional().describe("timeout of one TCP connect (2s)"),
    retries: counted(0, 10).optional().describe("further connects after silence (1)"),
    "rpc-timeout": duration.optional().describe("timeout of one RPC answer (3s)"),
    "dns-timeout": duration.optional().describe("timeout of one DNS question (2s)"),
    deadline: duration.optional().describe("limit for one address, all layers together (40s)"),
    "max-time": duration.optional().describe("limit for a whole look; what is known by then is told (60s)"),
    "client-timeout": duration.optional().describe("assumed: what a client loses on a silent host (21s)"),
    "dns-tcp": switched.optional().describe("ask DNS over TCP (false)"),
    clock: switched
      .optional()
      .describe("compare the hosts' clocks; touches ports 445, 123/udp, 80 and 5985 (false)"),
    count: counted(0, 100).optional().describe("RPC round trips at each host that serves (3)"),
    concurrency: counted(1, 1_024)
      .optional()
      .describe("addresses probed at a time (as many as are answered, 32 of them at work)"),
  })
  .describe("how targets are looked at");

const scheduled = z
  .strictObject({
    target,
    module: text.optional().describe(`a name of modules (${DEFAULT_MODULE})`),
    interval: duration.optional().describe("from one look to the next, give or take a tenth (1m)"),
  })
  .describe("one target that is looked at on its own");

export const serveConfigSchema = z
  .strictObject({
    version: z.literal(1, { error: () => "write 1: the version of this format" }),
    place: label("a name for where this runs").optional(),
    modules: z
      .record(label("a name of a module"), moduleSchema)
      .optional()
      .describe(`there is always ${DEFAULT_MODULE}, which may be written anew here`),
    targets: z
      .array(scheduled)
      .max(MOST_TARGETS, {
        error: () => `write ${MOST_TARGETS.toLocaleString("en")} at most, and let scrapes ask for the rest`,
      })
      .optional()
      .describe("looked at on their own; on /metrics and /sd"),
    allow: many("a domain, a host, an address or a subnet", parseAllowed, ["corp.example", "10.0.0.0/8"])
      .optional()
      .describe("what else /probe and /sd may be asked for"),
    "min-interval": duration
      .optional()
      .describe("a target is looked at no sooner than this after the last time (10s)"),
  })
  .meta({ title: "kmsprobe serve", id: "ServeConfig" });

type Written = z.output<typeof serveConfigSchema>;

/** Hosts that are silent must not cost a scrape its ten seconds. */
const PATIENCE = { timeoutMs: 2_000, rpcTimeoutMs: 3_000, dnsTimeoutMs: 2_000 };

/** Without a file: one module, and nothing that may be asked for. */
export function defaultConfig(): ServeConfig {
  return configOf({ version: 1 }, null);
}

/** @throws UsageError with a line for each mistake: `serve.yaml:3:7: what is wrong, and what to write` */
export function readServeConfig(content: string, file: string): ServeConfig {
  const located = parsedYaml(content, file, "configuration");
  const written = checkedBy(serveConfigSchema, located, file, "configuration");
  const names = [DEFAULT_MODULE, ...Object.keys(written.modules ?? {})];
  const mistakes = (written.targets ?? []).flatMap(({ module }, index): Mistaken[] =>
    module === undefined || names.includes(module)
      ? []
      : [
          {
            at: positionOf(located, ["targets", index, "module"]),
            message: `there is no module '${module}': ${suggestion(module, [...new Set(names)])}`,
          },
        ],
  );
  const seen = new Set<string>();
  (written.targets ?? []).forEach((each, index) => {
    const key = `${each.module ?? DEFAULT_MODULE} ${each.target.text}`;
    if (seen.has(key))
      mistakes.push({
        at: positionOf(located, ["targets", index, "target"]),
        message: `'${each.target.text}' stands here a second time with the same module`,
      });
    seen.add(key);
  });
  if (mistakes.length > 0) throw mistaken(file, mistakes);
  return configOf(written, file);
}

function configOf(written: Written, file: string | null): ServeConfig {
  const modules = new Map(
    Object.entries({ [DEFAULT_MODULE]: {}, ...written.modules }).map(([name, each]) => [
      name,
      moduleOf(name, each),
    ]),
  );
  const minIntervalMs = written["min-interval"] ?? DEFAULT_MIN_INTERVAL_MS;
  const targets = (written.targets ?? []).map((each): ScheduledTarget => {
    const module = modules.get(each.module ?? DEFAULT_MODULE);
    if (module === undefined) throw new UsageError(`there is no module '${each.module ?? ""}'`);
    return {
      target: each.target,
      module,
      intervalMs: Math.max(minIntervalMs, each.interval ?? DEFAULT_INTERVAL_MS),
    };
  });
  return { file, place: written.place ?? "", modules, targets, allow: written.allow ?? [], minIntervalMs };
}

function moduleOf(name: string, written: z.output<typeof moduleSchema>): Module {
  const given: Partial<Settings> = {
    ...PATIENCE,
    ...written.require,
    ...writtenSettings(written),
  };
  return {
    name,
    resolvers: (written.resolvers ?? []).map(({ address, port }) =>
      address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
    ),
    sources: written.source ?? [],
    settings: given,
    concurrency: written.concurrency,
    maxTimeMs: written["max-time"] ?? DEFAULT_MAX_TIME_MS,
  };
}

/** `X-Prometheus-Scrape-Timeout-Seconds`, as plain decimals. @returns milliseconds; null where it is none */
export function parseScrapeTimeout(header: string): number | null {
  if (!/^\d{1,6}(?:\.\d{1,9})?$/.test(header)) return null;
  try {
    return parseDuration(header, "the scrape timeout");
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}
