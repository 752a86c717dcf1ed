/** The command line as a contract: mistakes, help, interruption, pipes; and the library behind it. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { check, UsageError } from "../../dist/lib/library.js";
import { reportSchema } from "../../src/model/report.ts";
import { needs } from "./servers/available.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { checkedReport } from "./support/checked-report.ts";
import { ownNames } from "./support/own-names.ts";
import { PROGRAM, run, runCheck, start } from "./support/kmsprobe.ts";
import { type Peer, startSilentPeer } from "./support/peers.ts";

const { skip } = needs("linux", "bash");

/** What may be said meanwhile, on a slow machine. */
const PROGRESS_ONLY =
  /^(kmsprobe: \d+ of \d+ (?:steps done, .+|(?:hosts?|probes?): waiting up to \d+\.\d s for .+)\n)*$/;

let folder = "";
/** ADDRESS:PORT, where a check is over at once. */
let refused = "";

beforeAll(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), "kmsprobe-cli-"));
  const address = loopbackAddress();
  refused = `${address}:${await freePort(address)}`;
  await writeFile(join(folder, "empty.txt"), "# nobody\n\n");
  await writeFile(join(folder, "wrong.txt"), "kms1.corp.test\n\nkms2.corp.test:70000 # typo\n");
  await writeFile(join(folder, "many.txt"), Array.from({ length: 4_097 }, (_, n) => `h${n}.test\n`).join(""));
  await writeFile(join(folder, "large.txt"), "#".repeat(5 << 20));
});

afterAll(async () => {
  if (folder !== "") await rm(folder, { recursive: true });
});

async function silentPeer(): Promise<Peer & { heard: Promise<Buffer>; at: string }> {
  const peer = await startSilentPeer();
  onTestFinished(peer.stop);
  return { ...peer, at: `${peer.address}:${peer.port}` };
}

describe.skipIf(skip)(
  "a mistake on the command line is exit code 2, one line that says what to write, and nothing else",
  () => {
    const NOT_A_HOST = "is not a host: write HOST, HOST:PORT, an IP address or [IPV6]:PORT";
    const BRACKETS = "is not a host: an IPv6 address with a port is written [fd00::1]:1688";
    const PORT = "has no port from 1 to 65535 after its colon";
    const TIME = "is not a time: write one such as 500ms, 5s or 1m (up to 24h)";
    const DOMAIN = "is not a DNS domain: write one such as corp.example";

    test.each<[string[], string]>([
      [["kms 1"], "'kms 1' is two things: a port goes behind a colon: kms:1"],
      [["kms1.corp.test", "kms/1"], `'kms/1' ${NOT_A_HOST}`],
      [["k\u001B[31mms"], `'k?[31mms' ${BRACKETS}`],
      [["10.0.0"], "'10.0.0' is not an IPv4 address: write four numbers, as in 10.0.0.1"],
      [["10.0.0.256"], "'10.0.0.256' is not an IPv4 address: write four numbers, as in 10.0.0.1"],
      [["kms1:0"], `'kms1:0' ${PORT}`],
      [["kms1:65536"], `'kms1:65536' ${PORT}`],
      [["kms1:1688x"], `'kms1:1688x' ${PORT}`],
      [["kms1:"], `'kms1:' ${PORT}`],
      [["[::1"], `'[::1' ${BRACKETS}`],
      [["[kms1]:1688"], `'[kms1]:1688' ${BRACKETS}`],
      [["::1:1:99999"], `'::1:1:99999' ${BRACKETS}`],
      [["-d", "corp.test", "--port", "1700"], "--port is of hosts that you name: an SRV record has its own"],
      [["kms1.corp.test", "1688"], "'1688' is not a host: a port goes behind a colon: kms1.corp.test:1688"],
      [[""], "'' names no host: is a variable of a script empty?"],
      [["-d", "corp.test", "-r", "10.0.0.1:0"], `'10.0.0.1:0' ${PORT}`],
      [["-d", "corp..test"], `'corp..test' ${DOMAIN}`],
      [["-d", ""], `'' ${DOMAIN}`],
      [["-d", `${"x".repeat(64)}.test`], `'${"x".repeat(64)}.test' ${DOMAIN}`],
      [["kms1", "--timeout", "5x"], `--timeout '5x' ${TIME}`],
      [["kms1", "--timeout", "0"], `--timeout '0' ${TIME}`],
      [["kms1", "--timeout", "-1"], `--timeout '-1' ${TIME}`],
      [["kms1", "--rpc-timeout", ""], `--rpc-timeout '' ${TIME}`],
      [["kms1", "--dns-timeout", "1e3"], `--dns-timeout '1e3' ${TIME}`],
      [["kms1", "--deadline", "25h"], `--deadline '25h' ${TIME}`],
      [["kms1", "--client-timeout", "soon"], `--client-timeout 'soon' ${TIME}`],
      [["kms1", "--count", "many"], "--count 'many' is not a number from 0 to 1000"],
      [["kms1", "--count", "1001"], "--count '1001' is not a number from 0 to 1000"],
      [["kms1", "--retries", "-1"], "--retries '-1' is not a number from 0 to 10"],
      [["kms1", "--concurrency", "0"], "--concurrency '0' is not a number from 1 to 1024"],
      [["kms1", "--require", "0"], "--require '0' is none of any, all or a number of hosts from 1"],
      [["kms1", "--require", "most"], "--require 'most' is none of any, all or a number of hosts from 1"],
    ])("check %j", async (args, message) => {
      expect(await run(["check", ...args])).toEqual({
        code: 2,
        stdout: "",
        stderr: `kmsprobe: ${message}\n`,
      });
    });

    test.each<[string, string]>([
      ["1700-1688", "'1700-1688' ends before it begins: write 1688-1700"],
      ["1688-", "'' is not a number from 1 to 65535"],
      ["1-2-3", "'2-3' is not a number from 1 to 65535"],
      ["1-65535", "'1-65535' names 65,535 ports: 1,024 at most, and KMS listens at one"],
    ])("sweep --port %s", async (ports, message) => {
      expect(await run(["sweep", "127.0.0.1", "--port", ports])).toEqual({
        code: 2,
        stdout: "",
        stderr: `kmsprobe: --port ${message}\n`,
      });
    });

    test("verify of 20,000 brackets says that they are too deep, not what the parser ran out of", async () => {
      await writeFile(join(folder, "deep.yaml"), "[".repeat(20_000));
      const { code, stderr } = await run(["verify", "deep.yaml"], { cwd: folder });
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^kmsprobe: deep\.yaml:1:\d+: this is nested too deeply: no file here has so many levels\n$/,
      );
    });

    test.each<[string[]]>([
      [["fe80::1%nosuch0"]],
      [["[fe80::1%nosuch0]:1700"]],
      [["kms1.corp.test", "-r", "fe80::1%nosuch0"]],
    ])("check %j: a zone that is no interface of this machine is never sent to", async (args) => {
      const { code, stdout, stderr } = await run(["check", ...args]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(
        /^kmsprobe: 'fe80::1%nosuch0': nosuch0 is no interface of this machine \(it has .*lo.*\)\n$/,
      );
    });

    test.each<[string, string]>([
      ["missing.txt", "can't read the list FILE (ENOENT)"],
      [".", "can't read the list FILE (EISDIR)"],
      ["empty.txt", "FILE lists no hosts: write one a line"],
      ["wrong.txt", `FILE, line 3: 'kms2.corp.test:70000' ${PORT}`],
      ["many.txt", "FILE lists 4,097 hosts: 4,096 at most at a time; kmsprobe sweep -f takes more"],
      ["large.txt", "FILE is larger than 4 MiB: no list of hosts"],
    ])("check -f %s", async (name, message) => {
      const file = join(folder, name);
      const { code, stdout, stderr } = await run(["check", "-f", file]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(`kmsprobe: ${message.replace("FILE", file)}`);
      expect(stderr.split("\n")).toHaveLength(2);
    });

    test.each<[string, string]>([
      ["", "standard input lists no hosts: write one a line"],
      ["kms1\nkms2:x\n", `standard input, line 2: 'kms2:x' ${PORT}`],
    ])("check -f - with %j", async (input, message) => {
      expect(await run(["check", "-f", "-"], { input })).toEqual({
        code: 2,
        stdout: "",
        stderr: `kmsprobe: ${message}\n`,
      });
    });

    test.each<[string, string]>([
      ["missing/report.json", "ENOENT"],
      [".", "EISDIR"],
    ])("check -o %s", async (name, errno) => {
      const file = join(folder, name);
      const { code, stdout, stderr } = await run(["check", refused, "-o", file]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(`kmsprobe: can't write ${file} (${errno})`);
      expect(stderr.split("\n")).toHaveLength(2);
    });

    test.each<[string[], string]>([
      [["chekc"], "unknown command 'chekc' (Did you mean check?)"],
      [["--verbos"], "unknown option '--verbos' (Did you mean --version?)"],
      [["check", "--frmat", "json"], "unknown option '--frmat' (Did you mean --format?)"],
      [["check", "kms1", "--no-color"], "unknown option '--no-color' (--color never)"],
      [["version"], "unknown command 'version' (kmsprobe --version)"],
      [["kms1.corp.test"], "unknown command 'kms1.corp.test' (kmsprobe check kms1.corp.test)"],
      [["check", "--timeout"], "option '--timeout <time>' argument missing"],
      [
        ["check", "kms1", "--format", "xml"],
        "option '--format <format>' argument 'xml' is invalid. Allowed choices are text, json, ndjson, csv, html, markdown, junit.",
      ],
      [
        ["check", "kms1", "--color", "pink"],
        "option '--color <when>' argument 'pink' is invalid. Allowed choices are auto, always, never.",
      ],
      [["demo", "now"], "too many arguments for 'demo'. Expected 0 arguments but got 1."],
      [
        ["merge"],
        "name the files that kmsprobe sweep --format ndjson wrote, as in kmsprobe merge part1.ndjson part2.ndjson",
      ],
      [
        ["compare"],
        "name the reports that kmsprobe check --format json wrote, as in kmsprobe compare office.json vpn.json",
      ],
      [["show"], "name a report that was written with --format json, as in kmsprobe show report.json"],
      [["completion"], "name your shell: bash, zsh, fish or powershell, as in kmsprobe completion bash"],
    ])("%j", async (args, message) => {
      const [word = ""] = args;
      const page = ["check", "merge", "compare", "show", "completion", "demo"].includes(word)
        ? `kmsprobe ${word} --help`
        : "kmsprobe --help";
      expect(await run(args)).toEqual({
        code: 2,
        stdout: "",
        stderr: `kmsprobe: ${message} (see ${page})\n`,
      });
    });

    test("no command at all shows the help, on standard error", async () => {
      const { code, stdout, stderr } = await run([]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^Usage: kmsprobe \[options\] \[command\]/);
      expect(stderr).toContain("First steps:\n  kmsprobe demo ");
    });

    test("help for a command that there isn't says so before it shows those there are", async () => {
      const { code, stdout, stderr } = await run(["help", "chekc"]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^kmsprobe: no such command; these are the ones there are:\n\nUsage: kmsprobe/);
    });
  },
);

describe.skipIf(skip)("ports of a sweep", () => {
  test("may be a range, and stand in several", async () => {
    const { code, stdout } = await run(["sweep", "127.0.0.1", "-p", "1688,1700-1702,1701", "--dry-run"]);
    expect(code).toBe(0);
    const ports = [...stdout.matchAll(/^ {2}127\.0\.0\.1 port (\d+): 1 address$/gm)].map(([, port]) => port);
    expect(ports).toEqual(["1688", "1700", "1701", "1702"]);
  });
});

describe.skipIf(skip)("help", () => {
  test("of every command fits 100 columns, and has all options in a group but those of every command", async () => {
    const { stdout } = await run(["completion", "words"]);
    const commands = stdout
      .split("\n")
      .slice(1)
      .flatMap((line) => line.split("\t")[0] || []);
    expect(commands).toContain("check");
    for (const command of commands.filter((each) => each !== "help")) {
      const help = await helpOf(command);
      expect(help.split("\n").filter((line) => line.length > 100)).toEqual([]);
      const [, rest = ""] = /^Options:\n((?: .*\n)*)/m.exec(help) ?? [];
      const others = [...rest.matchAll(/^ {2}(-.+?) {2}/gm)].map(([, flags]) => flags);
      expect(
        others.filter((flags) => flags !== "--no-config"),
        command,
      ).toEqual(["-h, --help"]);
    }
  });

  test("--version is that of the package", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(await run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    expect(await run(["-V"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("kmsprobe --help", async () => {
    expect(await helpOf()).toMatchInlineSnapshot(`
      "Usage: kmsprobe [options] [command]

      Says which KMS hosts would serve a client from here, and why the others would
      not.

      Options:
        -V, --version                  output the version number
        -h, --help                     display help for command

      Commands:
        check [options] [host...]      probe the KMS hosts of a domain, or those you
                                       name
        sweep [options] [target...]    find and verify every KMS host in whole subnets
        merge [options] <file...>      join the parts of a sweep into one report
        verify [options] [policy...]   hold a network against a policy: what must
                                       serve, what must stay closed
        watch [options] [host...]      probe again and again, and tell what changes
        compare [options] <report...>  lay reports from several places or times side
                                       by side
        show [options] <report>        show a saved report again, in any format
        explain [options] [what...]    what error codes, events and pasted output say,
                                       and what not
        serve [options]                an exporter for Prometheus: probes by request
                                       and by schedule
        demo [options]                 run check against a lab on loopback: nothing to
                                       install, nothing leaves this machine
        config [options]               which defaults hold here, and where each comes
                                       from
        completion [options] <shell>   complete command lines in bash, zsh, fish or
                                       PowerShell
        help [command]                 display help for command

      First steps:
        kmsprobe demo                    13 hosts on loopback, and a verdict on each
        kmsprobe check -d corp.example   what a client of that domain meets from here
        kmsprobe explain 0xC004F074      what a code proves, and what it leaves open
        kmsprobe check --help            options, examples, exit codes
      "
    `);
  });

  test("kmsprobe check --help", async () => {
    expect(await helpOf("check")).toMatchInlineSnapshot(`
      "Usage: kmsprobe check [options] [host...]

      Looks up _vlmcs._tcp under each suffix at each resolver, connects to every
      address of every listed host, and binds the KMS RPC interface.

      Arguments:
        host                               HOST, HOST:PORT, an address or [IPV6]:PORT;
                                           then no discovery runs

      What to look at:
        -d, --domain <suffix>              DNS suffix to look under (repeatable;
                                           default: those of this machine)
        -f, --file <file>                  file of hosts, one a line; - is standard
                                           input (repeatable)
        -p, --port <n>                     port of hosts without one (default: 1688)
        -4, --ipv4                         probe IPv4 addresses of hosts only; others
                                           are listed, and don't count
        -6, --ipv6                         the same with IPv6

      From where, and whom to ask:
        -r, --resolver <addr|name[:port]>  resolver to ask (repeatable; default: those
                                           of this machine)
        --source <addr|iface>              probe from this local address or interface
                                           (repeatable)
        --network <name=cidr>              name a subnet, for the matrix of several
                                           sources (repeatable)

      How long, and how thoroughly:
        --fast                             a first look: one connect of 1 s, 2 s for
                                           RPC; silence is believed at once
        --patient                          wait as long as Windows does: 21 s for a
                                           connect, and for RPC
        --timeout <time>                   timeout of one TCP connect (default: 4s)
        --retries <n>                      further connects after silence (default: 1)
        --rpc-timeout <time>               timeout of one RPC answer (default: 5s)
        --dns-timeout <time>               timeout of one DNS question (default: 5s)
        --deadline <time>                  timeout of one address, all layers together
                                           (default: 40s)
        --client-timeout <time>            assumed: what a client loses on a silent
                                           host (default: 21s)
        --dns-tcp                          ask DNS over TCP
        --count <n>                        latency samples for each host that accepts
                                           the bind (default: 3)
        --require <any|all|n[@any]>        how many hosts must serve for exit code 0,
                                           at each --source; with @any behind it, at
                                           one of them (default: any)
        --ladder                           climb the bind ladder: four binds, the last
                                           in two segments (upsets fragile servers)
        --clock                            compare the hosts' clocks with this
                                           machine's (touches ports 445, 123/udp, 80
                                           and 5985)
        --trace                            walk the path to an address that does not
                                           serve, with mtr or traceroute of this
                                           machine
        --concurrency <auto|n>             addresses probed at a time; auto: 32 that
                                           are answered, and all that are silent
                                           (default: auto)
        --with <file>                      pasted text or a code, as kmsprobe explain
                                           takes it: what it names is looked at, too,
                                           and held against what is seen (repeatable;
                                           - is standard input)

      Output:
        --format <format>                  what to print (text, json, ndjson, csv,
                                           html, markdown, junit; default: text)
        -o, --output <file>                write to a file instead of standard output
        -q, --quiet                        no progress, and no text report: the exit
                                           code tells
        -v, --verbose                      show the evidence behind each verdict
        --color <when>                     colour in the text report (auto, always,
                                           never; default: auto)
        --ascii                            text in ASCII only (default: where the
                                           locale is not UTF-8)
        --bom                              CSV with a byte order mark, by which Excel
                                           reads it as UTF-8
        --report <kind=file>               write a report, besides what is printed
                                           (repeatable)
        --json                             the same as --format json

      Options:
        --no-config                        no defaults from your configuration file or
                                           KMSPROBE_ variables
        -h, --help                         display help for command

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
      kmsprobe sends no activation request: it binds the RPC interface, which a host does not count.
      "
    `);
  });

  test("kmsprobe demo --help", async () => {
    expect(await helpOf("demo")).toMatchInlineSnapshot(`
      "Usage: kmsprobe demo [options]

      Starts a DNS server and KMS look-alikes in every interesting state on loopback,
      and runs check against them. Their RPC answers binds only; a request gets a
      fault.

      What to look at:
        --serve              keep the lab running and print command lines to try

      Output:
        --format <format>    what to print (text, json, ndjson, csv, html, markdown,
                             junit; default: text)
        -o, --output <file>  write to a file instead of standard output
        -q, --quiet          no progress, and no text report: the exit code tells
        -v, --verbose        show the evidence behind each verdict
        --color <when>       colour in the text report (auto, always, never; default:
                             auto)
        --ascii              text in ASCII only (default: where the locale is not
                             UTF-8)
        --bom                CSV with a byte order mark, by which Excel reads it as
                             UTF-8
        --json               the same as --format json

      Options:
        --no-config          no defaults from your configuration file or KMSPROBE_
                             variables
        -h, --help           display help for command

      Examples:
        kmsprobe demo                                   the whole lab, checked once
        kmsprobe demo --serve                           keeps it running, and prints lines to try

      Exit codes: 0 each host was seen as what it is (most are broken on purpose), 2 usage, 3 it was not,
      or could not run, 130 interrupted.
      "
    `);
  });

  test("kmsprobe help check is the same", async () => {
    expect((await run(["help", "check"])).stdout).toBe(await helpOf("check"));
  });
});

async function helpOf(...command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run([...command, "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

describe.skipIf(skip)("interruption", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s while a host is silent: what is known is printed at once, and the exit code is 130",
    async (signal) => {
      const peer = await silentPeer();
      const args = ["check", refused, peer.at, "--rpc-timeout", "30s", "--format", "json"];
      const { process: child, finished } = start(args);
      await peer.heard;
      const startedMs = performance.now();
      child.kill(signal);
      const { code, stdout, stderr } = await finished;
      expect(performance.now() - startedMs).toBeLessThan(1_000);
      expect(stderr).toMatch(PROGRESS_ONLY);
      expect(code).toBe(130);
      const report = checkedReport(stdout);
      expect(report.interrupted).toBe(true);
      const [known, cut] = report.diagnoses[0]?.endpoints ?? [];
      expect(known?.verdict.code).toBe("tcp-refused");
      expect(cut?.verdict).toMatchObject({ code: "run-cut-short", severity: "inconclusive", serves: false });
      expect(cut?.attempts[0]?.tcp.outcome).toBe("ok");
      expect(cut?.attempts[0]?.rpc?.bind.answer).toEqual({ outcome: "skipped", reason: "interrupted" });
    },
  );

  test("the text says that it was interrupted", async () => {
    const peer = await silentPeer();
    const { process: child, finished } = start(["check", peer.at]);
    await peer.heard;
    child.kill("SIGINT");
    const { code, stdout } = await finished;
    expect(stdout).toContain("Interrupted. 0 of 1 host would serve a client from here");
    expect(code).toBe(130);
  });

  test("a report that nobody reads ends with the program's first SIGINT, and with what was found", async () => {
    const hosts = Array.from({ length: 300 }, (_, index) => `${refused.replace(/:.*/, "")}:${index + 1}`);
    // Nobody reads the report, which is larger than a pipe, so that it is never done.
    const child = spawn(process.execPath, [PROGRAM, "check", ...hosts, "--format", "json"]);
    const said = text(child.stderr);
    await once(child.stdout, "readable");
    child.kill("SIGINT");
    const [code, signal] = await once(child, "exit");
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(await said).toMatch(PROGRESS_ONLY);
  });
});

describe.skipIf(skip)("pipes", () => {
  test("a reader that has seen enough is no error", async () => {
    const hosts = Array.from({ length: 200 }, (_, index) => `${refused.replace(/:.*/, "")}:${index + 1}`);
    const script = '"$@" | head -n 1; echo "exit code ${PIPESTATUS[0]}"';
    const command = [process.execPath, PROGRAM, "check", ...hosts, "--format", "json"];
    const { stdout, stderr } = await promisify(execFile)("bash", [
      "--norc",
      "-c",
      script,
      "bash",
      ...command,
    ]);
    expect(stdout).toBe("{\nexit code 1\n");
    expect(stderr).toMatch(PROGRESS_ONLY);
  });
});

describe.skipIf(skip)("the library", () => {
  test("gives the report that the command prints", async () => {
    const settings = { timeoutMs: 1_000, rpcTimeoutMs: 300, count: 0 };
    const peer = await silentPeer();
    const report = await check({ hosts: [refused, peer.at], settings });
    const flags = ["--timeout", "1s", "--rpc-timeout", "300ms", "--count", "0"];
    const { report: printed } = await runCheck([refused, peer.at, ...flags]);
    expect(checkedReport(JSON.stringify(report))).toEqual(report);
    expect(shapeOf(report)).toEqual(shapeOf(printed));
    expect(report.settings).toEqual(printed.settings);
    expect(report.verdict.code).toBe("rpc-no-answer");
  });

  test("prints nothing, even where it takes more than a second", async () => {
    const peer = await silentPeer();
    const script = `
      import { check } from "kmsprobe";
      const { verdict } = await check({ hosts: ["${peer.at}"], settings: { rpcTimeoutMs: 600 } });
      process.exitCode = verdict.code === "rpc-no-answer" ? 42 : 1;
    `;
    const running = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: new URL("../..", import.meta.url),
    });
    await expect(running).rejects.toMatchObject({ code: 42, stdout: "", stderr: "" });
  });

  test("tells how far it is, and takes a port for hosts without one", async () => {
    const steps: string[] = [];
    const [address = "", port = ""] = refused.split(":");
    const report = await check({
      hosts: [address],
      port: Number(port),
      onProgress: ({ done, total, phase }) => steps.push(`${done}/${total} ${phase}`),
    });
    expect(report.diagnoses[0]?.endpoints[0]?.endpoint).toEqual({ host: address, port: Number(port) });
    expect(steps).toEqual([`0/1 probing ${address}`, `1/1 probing ${address}`]);
  });

  test("ends soon after its signal is aborted, with what is known", async () => {
    const peer = await silentPeer();
    const controller = new AbortController();
    const running = check({
      hosts: [refused, peer.at],
      settings: { rpcTimeoutMs: 30_000 },
      signal: controller.signal,
    });
    await peer.heard;
    const startedMs = performance.now();
    controller.abort();
    const report = reportSchema.parse(await running);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(report.interrupted).toBe(true);
    expect(report.diagnoses[0]?.endpoints.map(({ verdict }) => verdict.code)).toEqual([
      "tcp-refused",
      "run-cut-short",
    ]);
  });

  test("sends nothing where its signal is aborted from the start", async () => {
    const peer = await silentPeer();
    const report = await check({
      hosts: [peer.at],
      domains: ["corp.test"],
      resolvers: [refused],
      signal: AbortSignal.abort(),
    });
    expect(report.interrupted).toBe(true);
    expect(report.diagnoses.map(({ verdict }) => verdict.code)).toEqual(["run-cut-short", "run-cut-short"]);
  });

  test("rejects with a UsageError what cannot be understood", async () => {
    await expect(check({ hosts: ["kms1:0"] })).rejects.toThrow(UsageError);
    await expect(check({ domains: ["corp..test"] })).rejects.toThrow(
      "'corp..test' is not a DNS domain: write one such as corp.example",
    );
    await expect(check({ resolvers: ["10.0.0"], domains: ["corp.test"] })).rejects.toThrow(UsageError);
    await expect(check({ files: [join(folder, "missing.txt")] })).rejects.toThrow(UsageError);
  });
});

/** The same tree with the names of types for leaves. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}

function at(name: string): string {
  return join(folder, name);
}

describe.skipIf(skip)("what fingers know from other tools", () => {
  test("--json is --format json, and -p the port of hosts without one", async () => {
    const [address = "", port = ""] = refused.split(":");
    const { code, stdout } = await run(["check", address, "-p", port, "--json"]);
    expect(code).toBe(1);
    const [diagnosis] = checkedReport(stdout).diagnoses;
    expect(diagnosis?.endpoints.map(({ endpoint }) => endpoint)).toEqual([
      { host: address, port: Number(port) },
    ]);
    expect(await run(["check", refused, "--json", "--format", "csv"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "kmsprobe: --json is --format json: it does not go with --format csv\n",
    });
  });
});

const ASKING = ["check", "-d", "corp.test", "--json", "-r"];

describe.skipIf(needs("linux", "root").skip)("a resolver by its name", () => {
  test("is looked up as this machine would, or it is said where it was not found", async () => {
    const names = await ownNames({
      resolvConf: "nameserver 127.0.0.97\n",
      hosts: "127.0.0.1 localhost\n127.0.0.98 ns1.corp.test\n",
    });
    onTestFinished(names.remove);
    const found = await run([...ASKING, "ns1.corp.test#5353"], names);
    const [diagnosis] = checkedReport(found.stdout).diagnoses;
    expect(diagnosis?.srv.map(({ resolver }) => resolver)).toEqual([{ address: "127.0.0.98", port: 5353 }]);
    expect(await run([...ASKING, "ns2.corp.test"], names)).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "kmsprobe: 'ns2.corp.test' is a resolver's name, and no address of it is found in the hosts file or at 127.0.0.97: write its IP address\n",
    });
  });
});

describe.skipIf(skip)("reports besides what is printed, and shown again", () => {
  test("are written by check --report, each whole, and made of the saved one by show", async () => {
    const kinds = ["text", "json", "ndjson", "csv", "html", "markdown", "junit"];
    const orders = kinds.flatMap((kind) => ["--report", `${kind}=${at(`besides.${kind}`)}`]);
    const printed = await run(["check", refused, "--format", "json", ...orders]);
    expect(printed).toMatchObject({ code: 1, stderr: "" });
    checkedReport(printed.stdout);
    for (const kind of kinds) {
      const shown = await run(["show", at("besides.json"), "--format", kind]);
      expect(shown).toMatchObject({ code: 1, stderr: "" });
      const written = readFileSync(at(`besides.${kind}`), "utf8");
      // JSON has its fields in the order of the schema.
      if (kind === "json") expect(JSON.parse(shown.stdout)).toEqual(JSON.parse(written));
      else if (kind !== "ndjson") expect(shown.stdout).toBe(written);
      expect(shown.stdout).toContain(kind === "html" || kind === "markdown" ? "What to do" : "tcp-refused");
    }
    expect(await run(["show", "-"], { input: printed.stdout })).toMatchObject({
      code: 1,
      stdout: readFileSync(at("besides.text"), "utf8"),
    });
  });

  test("are refused before anything is sent, and never in the place of a list", async () => {
    const list = join(folder, "empty.txt");
    expect(await run(["check", "-f", list, refused, "--report", `csv=${list}`])).toEqual({
      code: 2,
      stdout: "",
      stderr: `kmsprobe: '${list}' is a list of hosts: name another file to write to\n`,
    });
    const nowhere = await run(["check", refused, "--report", "html=/nonexistent/kms.html"]);
    expect(nowhere).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "kmsprobe: can't write /nonexistent/kms.html (ENOENT): there is no such file or folder: check the path\n",
    });
    const unknown = await run(["check", refused, "--report", "pdf=x.pdf"]);
    expect(unknown).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "kmsprobe: --report 'pdf=x.pdf' is not KIND=FILE, as in junit=out.xml: kinds are text, json, ndjson, csv, html, markdown, junit\n",
    });
  });
});
