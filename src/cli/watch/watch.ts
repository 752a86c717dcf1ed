import { Option } from "commander";
import type { Concurrency } from "../../run/steps.ts";
import type { Command } from "commander";
import type { CheckOptions } from "../../run/request.ts";
import { DEFAULT_CONCURRENCY, DEFAULT_SETTINGS } from "../../run/settings.ts";
import type { WatchPlan } from "../../run/watch/surroundings.ts";
import { parseCount, parseDuration } from "../../targets/parse.ts";
import { asciiOption, colorOption } from "../options/printing.ts";
import { addTargetOptions, familyOf, targetsOf } from "../options/targets.ts";
import type { TargetFlags } from "../options/targets.ts";
import { timingOptions } from "../options/timing.ts";
import { number, time } from "../options/values.ts";
import { exitCodeOfWatch } from "../exit.ts";
import type { WatchFlags } from "./session.ts";

const NOTES = `
Each address has a schedule of its own, so that one that stays silent delays no other. One round
opens one connection to each address and sends one bind, one alter_context as control and --count
more as latency samples, then closes: about 500 bytes, and no activation request. Where that bind
meets silence or a close, a plain bind follows on a second connection; where the connect does,
--retries more. DNS is asked every --dns-interval.

--exec runs a program at each change of a verdict (not for the first one), without a shell: 4 at a
time, 10 s each. It gets the event as JSON on standard input, and KMSPROBE_HOST, _PORT, _ADDRESS,
_SOURCE, _FROM, _TO, _SEVERITY, _SERVES, _AT and _OBSERVED in its environment.

Keys: p pause, s sort, up and down select, enter details (evidence and next steps), q quit.

Examples:
  kmsprobe watch                                  the KMS hosts of this machine's suffixes
  kmsprobe watch -d corp.example -r 10.8.0.53     through the VPN's resolver
  kmsprobe watch kms1.corp.example 10.20.0.5      hosts you name
  kmsprobe watch -d corp.example --plain --log vpn.ndjson --for 8h
  kmsprobe watch kms1.corp.example --exec /usr/local/bin/page-me

Exit codes: 0 a listed host serves at the end (from each of several sources), 1 none does, 2
usage, 3 could not be checked, or could not run. Ctrl-C is the usual way to end it; a second one
ends at once, with 130.`;

/** What `check` and `watch` have in common besides targets, by the name of the option. */
const SHARED = [
  "fast",
  "patient",
  "timeout",
  "retries",
  "rpcTimeout",
  "dnsTimeout",
  "deadline",
  "dnsTcp",
  "concurrency",
];

const DEFAULT_INTERVAL_MS = 2_000;
const DEFAULT_DNS_INTERVAL_MS = 30_000;

type Flags = WatchFlags &
  TargetFlags & {
    timeout: number;
    retries: number;
    rpcTimeout: number;
    dnsTimeout: number;
    deadline: number;
    dnsTcp: boolean;
    concurrency: Concurrency;
    count: number;
    interval: number;
    dnsInterval: number;
    rounds?: number;
    for?: number;
  };

export function addWatch(program: Command, signal: AbortSignal, setExitCode: (code: number) => void): void {
  const command = program
    .command("watch")
    .summary("probe again and again, and tell what changes")
    .description(
      "Probes the KMS hosts of a domain, or those you name, every --interval: a live table on a terminal, a line for each change elsewhere. Tells as well when DNS answers, interfaces, addresses and routes change, and when this machine slept.",
    );
  addTargetOptions(command)
    .addOption(
      time("interval", "from the start of one look at an address to that of the next", DEFAULT_INTERVAL_MS),
    )
    .addOption(time("dns-interval", "how often DNS is asked", DEFAULT_DNS_INTERVAL_MS))
    .addOption(
      new Option("--rounds <n>", "end when each address was looked at so many times").argParser(
        (text: string) => parseCount(text, "--rounds", 1, 999_999_999),
      ),
    )
    .addOption(
      new Option("--for <time>", "end after so long").argParser((text: string) =>
        parseDuration(text, "--for"),
      ),
    )
    .addOption(number("count", "latency samples at each host in one round", 1, [0, 1000]));
  for (const option of timingOptions()) {
    if (SHARED.includes(option.attributeName())) command.addOption(option);
  }
  command
    .option("--plain", "one line for each change, no live view (the default without a terminal)", false)
    .option("--log <file>", "append every change to a file, as NDJSON; - is standard output")
    .option("--exec <command>", "run this program at each change of a verdict")
    .addOption(colorOption("colour"))
    .addOption(asciiOption())
    .addHelpText("after", NOTES)
    .action(async (hosts: string[], flags: Flags) => {
      const { watchAndTell } = await import("./session.ts");
      const known = await watchAndTell(optionsOf(hosts, flags), planOf(flags), flags, signal);
      setExitCode(exitCodeOfWatch(known));
    });
}

function planOf(flags: Flags): WatchPlan {
  return {
    intervalMs: flags.interval,
    dnsIntervalMs: flags.dnsInterval,
    rounds: flags.rounds ?? null,
    forMs: flags.for ?? null,
    concurrency: flags.concurrency === "auto" ? DEFAULT_CONCURRENCY : flags.concurrency,
  };
}

function optionsOf(hosts: string[], flags: Flags): CheckOptions {
  return {
    ...targetsOf(hosts, flags),
    settings: {
      ...DEFAULT_SETTINGS,
      timeoutMs: flags.timeout,
      retries: flags.retries,
      rpcTimeoutMs: flags.rpcTimeout,
      dnsTimeoutMs: flags.dnsTimeout,
      deadlineMs: flags.deadline,
      dnsTcp: flags.dnsTcp,
      count: flags.count,
      ...familyOf(flags),
    },
    concurrency: flags.concurrency,
  };
}
