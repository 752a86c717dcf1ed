/** `kmsprobe check`: flags become a request. */
import type { Command } from "commander";
import type { CheckOptions } from "../../run/request.ts";
import type { Concurrency } from "../../run/steps.ts";
import type { parseRequirementAt } from "../../targets/parse.ts";
import type { Defaulted } from "../config/heed.ts";
import { exitCodeOfReport } from "../exit.ts";
import { addOutputOptions } from "../options/output.ts";
import { ReportOption } from "../options/report.ts";
import { addTargetOptions, familyOf, targetsOf } from "../options/targets.ts";
import type { TargetFlags } from "../options/targets.ts";
import { timingOptions } from "../options/timing.ts";
import { collect } from "../options/values.ts";
import { CHECK_KINDS } from "../output.ts";
import type { OutputFlags } from "../output.ts";
import { checkWith } from "./joined.ts";
import { checkAndPrint } from "../run-check.ts";

const EXAMPLES = `
Examples:
  kmsprobe check                                  the suffixes and resolvers of this machine
  kmsprobe check -d corp.example -r 10.0.0.53     one domain, asked at one resolver
  kmsprobe check kms1.corp.example 10.20.0.5:1688 hosts you name; no discovery
  kmsprobe check -f hosts.txt --require all       a list, all of which must serve
  kmsprobe check -d corp.example --format json -o report.json
  kmsprobe check -d corp.example --report html=kms.html --report junit=kms.xml
  kmsprobe check --with ticket.txt                what the text names, and what contradicts it

Exit codes: 0 a client would be served, 1 it would not, 2 usage, 3 could not be checked (no route,
no suffix, no resolver), or could not run, 130 interrupted.
kmsprobe sends no activation request: it binds the RPC interface, which a host does not count.`;

type Flags = OutputFlags &
  Defaulted &
  TargetFlags & {
    network?: string[];
    timeout: number;
    rpcTimeout: number;
    dnsTimeout: number;
    deadline: number;
    clientTimeout: number;
    retries: number;
    count: number;
    concurrency: Concurrency;
    dnsTcp: boolean;
    require: ReturnType<typeof parseRequirementAt>;
    ladder: boolean;
    trace: boolean;
    clock: boolean;
    with?: string[];
  };

/** @param setExitCode told when the report is printed */
export function addCheck(program: Command, signal: AbortSignal, setExitCode: (code: number) => void): void {
  const command = program
    .command("check", { isDefault: false })
    .summary("probe the KMS hosts of a domain, or those you name")
    .description(
      "Looks up _vlmcs._tcp under each suffix at each resolver, connects to every address of every listed host, and binds the KMS RPC interface.",
    );
  addTargetOptions(command).option(
    "--network <name=cidr>",
    "name a subnet, for the matrix of several sources (repeatable)",
    collect,
  );
  for (const option of timingOptions()) command.addOption(option);
  addOutputOptions(command)
    .addOption(new ReportOption(CHECK_KINDS).argParser(collect))
    .option(
      "--with <file>",
      "pasted text or a code, as kmsprobe explain takes it: what it names is looked at, too, and held against what is seen (repeatable; - is standard input)",
      collect,
    )
    .addHelpText("after", EXAMPLES)
    .action(async (hosts: string[], flags: Flags) => {
      const { settings, concurrency } = settingsOf(flags);
      const request: CheckOptions = {
        ...targetsOf(hosts, flags),
        networks: flags.network ?? [],
        settings,
        concurrency,
      };
      const report = await (flags.with === undefined
        ? checkAndPrint(request, flags, signal)
        : checkWith(flags.with, request, flags, signal));
      setExitCode(exitCodeOfReport(report));
    });
}

function settingsOf(flags: Flags): Required<Pick<CheckOptions, "settings" | "concurrency">> {
  return {
    settings: {
      timeoutMs: flags.timeout,
      retries: flags.retries,
      rpcTimeoutMs: flags.rpcTimeout,
      dnsTimeoutMs: flags.dnsTimeout,
      deadlineMs: flags.deadline,
      clientTimeoutMs: flags.clientTimeout,
      dnsTcp: flags.dnsTcp,
      count: flags.count,
      ...flags.require,
      ladder: flags.ladder,
      trace: flags.trace,
      clock: flags.clock,
      ...familyOf(flags),
    },
    concurrency: flags.concurrency,
  };
}
