import { Option } from "commander";
import type { Command } from "commander";
import { SWEEP_DEFAULTS } from "../../run/sweep/defaults.ts";
import { grouped } from "../../sweep/counts.ts";
import { parseCount, parseDuration, show } from "../../targets/parse.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { addOutputOptions } from "../options/output.ts";
import { hasteOptions } from "../options/timing.ts";
import { collect, number, time } from "../options/values.ts";
import { EXIT, exitCodeOfSweep } from "../exit.ts";
import type { SweepFlags } from "./flags.ts";

const EXAMPLES = `
Examples:
  kmsprobe sweep 10.20.0.0/22                          who answers as a KMS host there
  kmsprobe sweep 10.0.0.0/12 --yes --state sweep.state  a large range; goes on after a crash
  kmsprobe sweep 10.20.0.0/16 -d corp.example --allowed kms-hosts.txt
                                                       against what DNS lists and what is permitted
  kmsprobe sweep 10.0.0.0/16 --shard 2/4 > part2.ndjson; kmsprobe merge part*.ndjson
  kmsprobe sweep -f hosts.txt --exclude 10.20.9.0/24 --port 1688,1700
  kmsprobe sweep -f scan.xml                           the hosts of an nmap scan (-oX)

Exit codes: 0 all looked at and some host serves, 1 none serves or a warning of --reconcile, 2
usage, 3 not all looked at, no way to any of it, or could not run, 130 interrupted.
kmsprobe sends no activation request: it binds the RPC interface, which a host does not count.`;

/** Whoever wants every port of a machine wants a port scanner. */
const MOST_PORTS = 1_024;

export function addSweep(program: Command, signal: AbortSignal, setExitCode: (code: number) => void): void {
  const command = program
    .command("sweep")
    .summary("find and verify every KMS host in whole subnets")
    .description(
      "Connects to every address of the given ranges in a pseudo-random order, binds the KMS RPC interface where something answers, and measures what serves once all is quiet.",
    )
    .argument("[target...]", "CIDR, FIRST-LAST, address, HOST or HOST:PORT")
    .option("-f, --file <file>", "file of targets, one a line, or nmap XML; - is standard input", collect)
    .option("--exclude <target>", "leave these out (repeatable)", collect)
    .option("--exclude-file <file>", "leave out what this file lists (repeatable)", collect)
    .addOption(
      new Option("-p, --port <n[-n][,n...]>", "ports of targets without one")
        .argParser(parsePorts)
        .default([1688], "1688"),
    )
    .option("--yes", "sweep more than 65,536 addresses", false)
    .option("--allow-public", "sweep public addresses", false)
    .option("--dry-run", "say what would be touched, and touch nothing", false)
    .addOption(number("concurrency", "connections in flight", SWEEP_DEFAULTS.concurrency, [1, 65_535]))
    .addOption(
      number("rate", "connections started a second; 0 for no limit", SWEEP_DEFAULTS.rate, [0, 1_000_000]),
    )
    .addOption(
      new Option(
        "--timeout <auto|time>",
        "timeout of one connect; auto goes by the round trips of each subnet",
      )
        .argParser((text: string) => (text === "auto" ? "auto" : parseDuration(text, "--timeout")))
        .default("auto"),
    )
    .addOption(number("retries", "further connects after silence", SWEEP_DEFAULTS.retries, [0, 10]))
    .addOption(time("rpc-timeout", "timeout of one RPC answer", SWEEP_DEFAULTS.rpcTimeoutMs))
    .addOption(
      new Option("--count <auto|n>", "quiet connections to each host that accepts the bind; auto: up to five")
        .argParser((text: string) => (text === "auto" ? "auto" : parseCount(text, "--count", 0, 100)))
        .default("auto"),
    )
    .addOption(
      new Option("--workers <auto|n>", "threads that connect; auto takes two for large sweeps")
        .argParser((text: string) => (text === "auto" ? "auto" : parseCount(text, "--workers", 1, 16)))
        .default("auto"),
    )
    .addOption(
      new Option("--max-time <time>", "end after this time with what is known").argParser((text: string) =>
        parseDuration(text, "--max-time"),
      ),
    )
    .addOption(number("seed", "of the visiting order", SWEEP_DEFAULTS.seed, [0, 4_294_967_295]))
    .option("--state <file>", "remember what is done, and go on there after a crash")
    .addOption(
      new Option("--shard <i/n>", "do the i-th of n parts; merge joins them")
        .argParser(parseShard)
        .default({ index: 1, count: 1 }, "1/1"),
    )
    .option("--all", "a line for every address, whatever comes of it", false)
    .option("-d, --domain <suffix>", "compare with what DNS lists under it (repeatable)", collect)
    .option(
      "-r, --resolver <addr|name[:port]>",
      "resolver to ask (repeatable; default: those of this machine)",
      collect,
    )
    .option("--reconcile", "compare with what DNS lists under this machine's suffixes", false)
    .option("--allowed <file>", "hosts that are permitted to serve: NAME, ADDRESS or CIDR, one a line");
  for (const option of hasteOptions()) command.addOption(option);
  addOutputOptions(command);
  replaceFormat(command);
  command
    .addHelpText("after", EXAMPLES)
    .action(async (targets: string[], given: Omit<SweepFlags, "burst">) => {
      const { sweepAndTell } = await import("./session.ts");
      // Who names a rate has it in every second.
      const burst = command.getOptionValueSource("rate") === "default" ? SWEEP_DEFAULTS.burst : 0;
      const report = await sweepAndTell(targets, { ...given, burst }, signal);
      if (signal.aborted) setExitCode(EXIT.interrupted);
      // Ended for want of a reader it was not interrupted, and is not all there.
      else setExitCode(report === null ? EXIT.ok : exitCodeOfSweep({ ...report, interrupted: false }));
    });
}

/** As it goes is the default here, but for somebody who looks on. */
function replaceFormat(command: Command): void {
  const format = command.options.find(({ long }) => long === "--format");
  if (format === undefined) return;
  format.choices(["ndjson", "json", "text", "csv"]);
  format.description = "what to print (default: text on a terminal, else ndjson)";
  format.default(undefined);
  command.setOptionValue("format", undefined);
}

/** `1688,1700-1702` */
function parsePorts(text: string): number[] {
  const ports = new Set<number>();
  for (const each of text.split(",")) {
    const [from = "", to = from, ...more] = each.trim().split("-");
    const first = parseCount(from, "--port", 1, 65_535);
    const last = parseCount([to, ...more].join("-"), "--port", 1, 65_535);
    if (first > last)
      throw new UsageError(`--port '${show(text)}' ends before it begins: write ${last}-${first}`);
    for (let port = first; port <= last; port++) ports.add(port);
  }
  if (ports.size > MOST_PORTS)
    throw new UsageError(
      `--port '${show(text)}' names ${grouped(ports.size)} ports: ${grouped(MOST_PORTS)} at most, and KMS listens at one`,
    );
  return [...ports];
}

/** `2/4`: the second of four. */
function parseShard(text: string): SweepFlags["shard"] {
  const [, first = "", second = ""] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim()) ?? [];
  const index = Number(first);
  const count = Number(second);
  if (!(index >= 1 && index <= count)) {
    throw new UsageError(`--shard '${show(text)}' is not I/N with I from 1 to N, as in 2/4`);
  }
  return { index, count };
}
