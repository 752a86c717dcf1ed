/** How long a check waits, how often it tries, and what it looks at beside the bind. */
import { Option } from "commander";
import { DEFAULT_CONCURRENCY, DEFAULT_SETTINGS } from "../../run/settings.ts";
import { parseCount, parseRequirementAt } from "../../targets/parse.ts";
import { number, time } from "./values.ts";

/** Two other ways to wait, each for several options; what is named beside them counts. */
export function hasteOptions(): Option[] {
  return [
    new Option("--fast", "a first look: one connect of 1 s, 2 s for RPC; silence is believed at once")
      .default(false)
      .implies({ timeout: 1_000, retries: 0, rpcTimeout: 2_000 })
      .conflicts("patient"),
    new Option("--patient", "wait as long as Windows does: 21 s for a connect, and for RPC")
      .default(false)
      .implies({ timeout: 21_000, rpcTimeout: 21_000, deadline: 90_000 })
      .conflicts("fast"),
  ];
}

/** For every command that probes as a check does. */
export function timingOptions(): Option[] {
  return [
    ...hasteOptions(),
    time("timeout", "timeout of one TCP connect", DEFAULT_SETTINGS.timeoutMs),
    number("retries", "further connects after silence", DEFAULT_SETTINGS.retries, [0, 10]),
    time("rpc-timeout", "timeout of one RPC answer", DEFAULT_SETTINGS.rpcTimeoutMs),
    time("dns-timeout", "timeout of one DNS question", DEFAULT_SETTINGS.dnsTimeoutMs),
    time("deadline", "timeout of one address, all layers together", DEFAULT_SETTINGS.deadlineMs),
    time("client-timeout", "assumed: what a client loses on a silent host", DEFAULT_SETTINGS.clientTimeoutMs),
    new Option("--dns-tcp", "ask DNS over TCP").default(false),
    number("count", "latency samples for each host that accepts the bind", DEFAULT_SETTINGS.count, [0, 1000]),
    new Option(
      "--require <any|all|n[@any]>",
      "how many hosts must serve for exit code 0, at each --source; with @any behind it, at one of them",
    )
      .argParser((text: string) => parseRequirementAt(text))
      .default(parseRequirementAt(String(DEFAULT_SETTINGS.require)), String(DEFAULT_SETTINGS.require)),
    new Option(
      "--ladder",
      "climb the bind ladder: four binds, the last in two segments (upsets fragile servers)",
    ).default(false),
    new Option(
      "--clock",
      "compare the hosts' clocks with this machine's (touches ports 445, 123/udp, 80 and 5985)",
    ).default(false),
    new Option(
      "--trace",
      "walk the path to an address that does not serve, with mtr or traceroute of this machine",
    ).default(false),
    new Option(
      "--concurrency <auto|n>",
      `addresses probed at a time; auto: ${DEFAULT_CONCURRENCY} that are answered, and all that are silent`,
    )
      .argParser((text: string) => (text === "auto" ? text : parseCount(text, "--concurrency", 1, 1024)))
      .default("auto"),
  ];
}
