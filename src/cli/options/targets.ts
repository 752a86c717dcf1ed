/** What to look at, and from where: the same for every command that probes. */
import { Option } from "commander";
import type { Command } from "commander";
import type { Settings } from "../../model/settings.ts";
import type { CheckOptions } from "../../run/request.ts";
import { parseCount } from "../../targets/parse.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { collect } from "./values.ts";

export type TargetFlags = {
  domain?: string[];
  resolver?: string[];
  file?: string[];
  source?: string[];
  port?: number;
  ipv4: boolean;
  ipv6: boolean;
};

/** Nothing where both families count. */
export function familyOf({ ipv4, ipv6 }: Pick<TargetFlags, "ipv4" | "ipv6">): Pick<Settings, "family"> {
  if (ipv4) return { family: 4 };
  return ipv6 ? { family: 6 } : {};
}

/** Adds them, and the hosts as an argument. */
export function addTargetOptions(command: Command): Command {
  return command
    .argument("[host...]", "HOST, HOST:PORT, an address or [IPV6]:PORT; then no discovery runs")
    .option(
      "-d, --domain <suffix>",
      "DNS suffix to look under (repeatable; default: those of this machine)",
      collect,
    )
    .option(
      "-r, --resolver <addr|name[:port]>",
      "resolver to ask (repeatable; default: those of this machine)",
      collect,
    )
    .option("--source <addr|iface>", "probe from this local address or interface (repeatable)", collect)
    .option("-f, --file <file>", "file of hosts, one a line; - is standard input (repeatable)", collect)
    .addOption(
      new Option("-p, --port <n>", "port of hosts without one (default: 1688)").argParser((text: string) =>
        parseCount(text, "--port", 1, 65_535),
      ),
    )
    .addOption(
      new Option("-4, --ipv4", "probe IPv4 addresses of hosts only; others are listed, and don't count")
        .default(false)
        .conflicts("ipv6"),
    )
    .addOption(new Option("-6, --ipv6", "the same with IPv6").default(false).conflicts("ipv4"));
}

/** @throws UsageError for a port of nothing that was named */
export function targetsOf(
  hosts: string[],
  flags: TargetFlags,
): Required<Pick<CheckOptions, "hosts" | "files" | "domains" | "resolvers" | "sources">> &
  Pick<CheckOptions, "port"> {
  if (flags.port !== undefined && hosts.length === 0 && flags.file === undefined)
    throw new UsageError("--port is of hosts that you name: an SRV record has its own");
  return {
    ...(flags.port === undefined ? {} : { port: flags.port }),
    hosts,
    files: flags.file ?? [],
    domains: flags.domain ?? [],
    resolvers: flags.resolver ?? [],
    sources: flags.source ?? [],
  };
}
