import { Option } from "commander";
import type { Command } from "commander";
import type { Report } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import type { CheckOptions } from "../run/request.ts";
import { DEFAULT_CONCURRENCY, DEFAULT_SETTINGS } from "../run/settings.ts";
import type { Concurrency } from "../run/steps.ts";
import { parseCount, parseDuration, parseRequirementAt } from "../targets/parse.ts";
import { tell } from "../output/standard.ts";
import { UsageError } from "../targets/usage-error.ts";
import { asciiOption } from "./ascii-option.ts";
import { bomOption } from "./bom-option.ts";
import { colorOption } from "./color-option.ts";
import type { Defaulted } from "./config/heed.ts";
import { exitCodeOfReport } from "./exit.ts";
import { checkWords, readPaste } from "./explain/paste.ts";
import { CHECK_KINDS, createOutput, spelt, wantsColor, widthOf, writeOut } from "./output.ts";
import type { OutputFlags } from "./output.ts";
import { ReportOption } from "./report-option.ts";
import { startProgress, wantsNoProgress } from "./progress.ts";

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

/** What to look at, and from where: the same for every command that probes. */
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

/** The check, joined with texts: one report of both. */
async function checkWith(
  words: readonly string[],
  request: CheckOptions,
  flags: Flags,
  signal: AbortSignal,
): Promise<Report> {
  const { format } = flags;
  if (format !== "text" && format !== "json" && format !== "markdown")
    throw new UsageError(
      `--with goes with --format text, json or markdown: ${format} has no room for a text`,
    );
  if (flags.report !== undefined)
    throw new UsageError("--report holds what a check alone shows: take --format and -o for one with --with");
  if (words.includes("-") && flags.file?.includes("-") === true)
    throw new UsageError("-f - and --with - both want standard input: there is one");
  checkWords(words);
  const { readTexts, renderJoined } = await import("./explain/words.ts");
  const texts = await readTexts(words, (file) => readPaste(file, signal));
  if (!signal.aborted) for (const note of texts.unread) tell(`kmsprobe: ${note}\n`);
  const report = await runWithProgress({ ...request, named: texts.named }, flags, signal);
  if (format === "text" && flags.quiet && flags.output === undefined) return report;
  const shown = { format, color: wantsColor(flags), width: widthOf(flags), verbose: flags.verbose };
  const text = renderJoined(texts, report, shown);
  await writeOut(format === "text" ? spelt(text, flags) : text, flags.output);
  return report;
}

/** Runs one check with progress on stderr; prints nothing of what it found. */
export async function runWithProgress(
  request: CheckOptions,
  flags: Pick<OutputFlags, "format" | "quiet" | "ascii"> & Defaulted,
  signal: AbortSignal,
): Promise<Report> {
  const progress = startProgress(wantsNoProgress(flags), flags);
  try {
    const { checkAsAsked } = await import("../run/asked.ts");
    return withDefaults(await checkAsAsked({ ...request, signal, onProgress: progress.show }), flags);
  } finally {
    progress.stop();
  }
}

/** Nobody else reads the configuration: to what runs, all of it was asked for. */
function withDefaults(report: Report, { defaults }: Defaulted): Report {
  return defaults === undefined ? report : { ...report, defaults: [...defaults] };
}

/** Runs one check with progress on stderr, prints its report, and hands it back. */
export async function checkAndPrint(
  request: CheckOptions,
  flags: OutputFlags & Defaulted,
  signal: AbortSignal,
): Promise<Report> {
  const lists = (request.files ?? []).map((file) => ({ file, what: "a list of hosts" }));
  const output = await createOutput(flags, lists);
  // Lines that come meanwhile and a spinner don't share a terminal.
  const shared = output.onEndpoint !== null && process.stdout.isTTY;
  const progress = startProgress(shared || wantsNoProgress(flags), flags);
  try {
    // What probes loads here, so that --version and --help need not wait for it.
    const { checkAsAsked } = await import("../run/asked.ts");
    const onEndpoint = output.onEndpoint ?? (() => {});
    const found = await checkAsAsked({ ...request, signal, onProgress: progress.show, onEndpoint });
    const report = withDefaults(found, flags);
    progress.stop();
    await output.write(report);
    return report;
  } finally {
    progress.stop();
  }
}

export function addOutputOptions(command: Command): Command {
  return command
    .addOption(new Option("--format <format>", "what to print").choices(CHECK_KINDS).default("text"))
    .option("-o, --output <file>", "write to a file instead of standard output")
    .option("-q, --quiet", "no progress, and no text report: the exit code tells", false)
    .option("-v, --verbose", "show the evidence behind each verdict", false)
    .addOption(colorOption("colour in the text report"))
    .addOption(asciiOption())
    .addOption(bomOption());
}

export function time(flag: string, description: string, ms: number): Option {
  return new Option(`--${flag} <time>`, description)
    .argParser((text: string) => parseDuration(text, `--${flag}`))
    .default(ms, `${ms / 1000}s`);
}

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

export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
