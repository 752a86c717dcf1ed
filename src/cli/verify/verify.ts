import { Option } from "commander";
import type { Command } from "commander";
import { parseDuration } from "../../targets/parse.ts";
import { collect } from "../options/values.ts";
import { ReportOption } from "../options/report.ts";
import type { VerifyFlags } from "./flags.ts";
import { REPORT_KINDS } from "./report-kinds.ts";
import { asciiOption, bomOption, colorOption } from "../options/printing.ts";

const NOTES = `
A policy is YAML (for editors: --schema). Its expectations are serve, closed, latency,
listed, agree, clock, permitted and lint; all of them are judged from one probing.

Reports are ${REPORT_KINDS.join(", ")}, each as
KIND=FILE (- is standard output); github writes annotations to standard output and a summary where
GitHub shows it.

Examples:
  kmsprobe verify --init -d corp.example -o policy.yaml    a first policy, from what is seen now
  kmsprobe verify policy.yaml                              does it hold?
  kmsprobe verify policy.yaml --place vpn --set domain=corp.example
  kmsprobe verify policy.yaml --write-baseline before.json
  kmsprobe verify policy.yaml --baseline before.json --report junit=out.xml --report html=out.html
  kmsprobe verify policy.yaml --format nagios --max-time 50s

Exit codes: 0 all expectations hold, 1 one fails or something got worse than the baseline, 2 usage
(a mistake in the policy has its line), 3 something could not be checked, 130 interrupted. With
--format nagios 0, 1, 2, 3 are OK, WARNING, CRITICAL and UNKNOWN.
kmsprobe sends no activation request: it binds the RPC interface, which a host does not count.`;

export function addVerify(program: Command, signal: AbortSignal, setExitCode: (code: number) => void): void {
  program
    .command("verify")
    .summary("hold a network against a policy: what must serve, what must stay closed")
    .description(
      "Checks the expectations of a policy file in one probing, compares with a baseline, and writes reports for people and for CI.",
    )
    .argument("[policy...]", "the policy file; - is standard input. With --init: hosts to begin with")
    .option("--place <name>", "the place of the policy that this is; one that has places needs it")
    .option("--set <name=value>", "a variable, over that of the policy (repeatable)", collect)
    .option(
      "--baseline <file>",
      "fail on what got worse since; noise doesn't count, flapping needs two of three",
    )
    .option("--write-baseline <file>", "remember what is seen now")
    .addOption(new ReportOption(REPORT_KINDS).argParser(collect))
    .addOption(new Option("--format <kind>", "what to print").choices(REPORT_KINDS).default("text"))
    .option("-o, --output <file>", "write that to a file instead of standard output")
    .addOption(
      new Option("--max-time <time>", "end after this time with what is known").argParser((text: string) =>
        parseDuration(text, "--max-time"),
      ),
    )
    .option("--allow-public", "connect to whole ranges of public addresses that are to be closed", false)
    .option("--dry-run", "read the policy, say what would be looked at, and touch nothing", false)
    .option("--init", "write a first policy from what is seen now", false)
    .option("--schema", "print the JSON Schema of policies, by which editors complete them", false)
    .option("-d, --domain <suffix>", "with --init: DNS suffix to look under (repeatable)", collect)
    .option("-r, --resolver <addr|name[:port]>", "with --init: resolver to ask (repeatable)", collect)
    .option("--source <addr|iface>", "with --init: probe from here (repeatable)", collect)
    .option("-f, --file <file>", "with --init: file of hosts, one a line (repeatable)", collect)
    .option("-q, --quiet", "no progress, and no text report: the exit code tells", false)
    .option("-v, --verbose", "every expectation with all that it rests on", false)
    .addOption(colorOption("colour in the text report"))
    .addOption(asciiOption())
    .addOption(bomOption())
    .addHelpText("after", NOTES)
    .action(async (named: string[], flags: VerifyFlags) => {
      const { runVerify } = await import("./command.ts");
      setExitCode(await runVerify(named, flags, signal));
    });
}
