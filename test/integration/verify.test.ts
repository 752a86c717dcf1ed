/** The command line of `verify`: mistakes in a policy, the reports of one probing, and how a run ends. */
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { checkedVerification } from "./support/checked-verification.ts";
import { parseCsv } from "./support/csv.ts";
import { type Finished, run, type RunOptions, start } from "./support/kmsprobe.ts";
import { readAll } from "./support/readers.ts";
import { withoutTcp } from "./support/sandbox.ts";
import { peer, placeOf, resolverOf, silentBeside } from "./support/serving.ts";
import { failingOf, policyOf, resultOf, runVerify, statusesOf } from "./support/verify.ts";
import { startDnsPeer, startTcpPeer, type TcpPeer } from "./scripted/peers.ts";
import { needs } from "./servers/available.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { makeServerDir, removeServerDir } from "./servers/process.ts";
import { startSilentPeer } from "./support/peers.ts";

let dir: string;

beforeAll(async () => (dir = await makeServerDir("verify")));
afterAll(() => removeServerDir(dir));

/** Runs `verify` in the folder of this file's tests. */
function verify(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(["verify", ...args], { cwd: dir, ...options });
}

async function write(name: string, text: string | Buffer): Promise<string> {
  await writeFile(join(dir, name), text);
  return name;
}

/** One line on standard error, and nothing else: no stack, no report. */
function expectUsage({ code, stdout, stderr }: Finished, ...lines: readonly (string | RegExp)[]): void {
  const said = stderr.split("\n").slice(0, -1);
  expect(said).toHaveLength(lines.length);
  lines.forEach((line, index) => {
    if (typeof line === "string") expect(said[index]).toBe(line);
    else expect(said[index]).toMatch(line);
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).not.toMatch(/^ +at /m);
}

// ----------------------------------------------------------------------------------------------------- mistakes

describe("a mistake in a policy has its line, and nothing is probed", () => {
  let target: TcpPeer;
  beforeAll(async () => (target = await startTcpPeer({})));
  afterAll(() => target.stop());

  /** HOST stands for a peer that would notice. */
  test.each<[string, string, string | RegExp]>([
    ["a misspelt key", "hostz: HOST", "2:1: there is no key 'hostz' here: did you mean 'hosts'?"],
    [
      "a misspelt kind",
      "hosts: HOST\nexpect:\n  - srve: {}",
      "4:5: there is no key 'srve' here: did you mean 'serve'?",
    ],
    [
      "a misspelt key of a kind",
      "hosts: HOST\nexpect:\n  - serve:\n      requires: all",
      "5:7: there is no key 'requires' here: did you mean 'require'?",
    ],
    [
      "a misspelt key of a place",
      "hosts: HOST\nplaces:\n  vpn:\n    form: tun0",
      "5:5: there is no key 'form' here: did you mean 'from'?",
    ],
    [
      "a bad host in a list",
      "hosts:\n  - HOST\n  - kms host",
      /^4:5: 'kms host' is not a host: write HOST, HOST:PORT, an IP address or \[IPV6\]:PORT$/,
    ],
    ["a bad port", "hosts: 'kms1:99999'", "2:8: 'kms1:99999' has no port from 1 to 65535 after its colon"],
    [
      "a bad time",
      "hosts: HOST\nsettings:\n  timeout: 5 parsecs",
      "4:12: the time '5 parsecs' is not a time: write one such as 500ms, 5s or 1m (up to 24h)",
    ],
    [
      "a bad word of several",
      "expect:\n  - closed: { hosts: HOST, answer: refuse }",
      /^3:\d+: 'refuse' is none of any, no-answer, refused: did you mean 'refused'\?$/,
    ],
    [
      "a bad level",
      "hosts: HOST\nexpect:\n  - serve: {}\n    level: warn",
      "5:12: 'warn' is none of error, warning: did you mean 'warning'?",
    ],
    [
      "a bad finding",
      "domains: x.test\nhosts: HOST\nexpect:\n  - lint: { allow: lint-other-prot }",
      "5:20: 'lint-other-prot' is no lint finding: did you mean 'lint-other-port'?",
    ],
    [
      "an unknown variable",
      "variables: { kms: HOST }\nhosts: '${kns}'",
      "3:8: no variable is called 'kns': did you mean 'kms'?",
    ],
    [
      "an id twice",
      "hosts: HOST\nexpect:\n  - { id: a, serve: {} }\n  - { id: a, serve: {} }",
      "5:5: the id 'a' is that of line 4, too: give it another",
    ],
    ["YAML that is none", "hosts: [HOST\nexpect: []", /^3:1: this is no YAML: /],
    ["a tab", "hosts: HOST\nexpect:\n\t- serve: {}", /^4:1: this is no YAML: Tabs are not allowed/],
    [
      "IPv6 in brackets without quotes",
      "hosts:\n  - HOST\n  - [::1]:1688",
      /^4:\d+: this is no YAML: .* \(put it into quotes: '\[::1\]:1688'\)$/,
    ],
    ["an alias without its anchor", "hosts: *office", "2:8: no anchor '&office' stands before this alias"],
    [
      "a second document",
      "hosts: HOST\n---\nversion: 1",
      "3:1: a second document begins here: a policy is one",
    ],
    ["a key twice", "hosts: HOST\nhosts: HOST", "3:1: this is no YAML: Map keys must be unique"],
    [
      "a subnet of sixteen million",
      "hosts: HOST\nexpect:\n  - closed:\n      hosts: 127.0.0.0/8",
      "5:14: '127.0.0.0/8' holds more than 4,096 addresses: name smaller subnets, or sweep it",
    ],
    [
      "no targets",
      "expect:\n  - serve: {}",
      "3:12: it names no domains or hosts, and neither does the policy: add some",
    ],
    ["nothing at all", "", "1:1: it expects nothing: add entries under expect"],
    [
      "two kinds in one",
      "hosts: HOST\nexpect:\n  - serve: {}\n    clock: { within: 1m }",
      "4:5: it expects serve and clock: make it 2 expectations",
    ],
    [
      "no bound",
      "hosts: HOST\nexpect:\n  - latency: {}",
      /^4:14: it bounds nothing: add median, p95 or connect$/,
    ],
    [
      "an entry that is a word",
      "hosts: HOST\nexpect: [serve]",
      /^3:10: an entry of 'expect' is to be a map: id, name, /,
    ],
    ["another version", "hosts: HOST\nVERSION", "2:10: write 1: the version of this format"],
    ["a list", "- hosts: HOST", /^1:1: the policy is to be a map: version, name, /],
  ])("%s", async (_, text, message) => {
    const head = text.includes("VERSION") || text.startsWith("- ") ? "" : "version: 1\n";
    const host = placeOf(target);
    await write("p.yaml", `${head}${text.replaceAll("HOST", host).replace("VERSION", "version: 2")}\n`);
    const finished = await verify(["p.yaml"]);
    if (typeof message === "string")
      expectUsage(finished, `kmsprobe: p.yaml:${message.replaceAll("HOST", host)}`);
    else {
      expectUsage(finished, /^kmsprobe: p\.yaml:\d+:\d+: /);
      expect(finished.stderr.replace("kmsprobe: p.yaml:", "").trimEnd()).toMatch(message);
    }
    expect(target.connections()).toBe(0);
  });

  test.each(["expect: []", "expect:", ""])(
    "hosts, and nothing expected of them (%j): it would pass whatever is seen",
    async (expect_) => {
      await write("p.yaml", `version: 1\nhosts: ${placeOf(target)}\n${expect_}\n`);
      expectUsage(await verify(["p.yaml"]), /expects nothing|is to be a list/);
      expect(target.connections()).toBe(0);
    },
  );

  test("an unknown place: of an expectation, and on the command line", async () => {
    const text = `version: 1\nhosts: ${placeOf(target)}\nexpect:\n  - serve: {}\n    places: [ofice]\nplaces:\n  office: {}\n  home: {}\n`;
    await write("p.yaml", text);
    expectUsage(
      await verify(["p.yaml", "--place", "office"]),
      "kmsprobe: p.yaml:5:13: there is no place 'ofice': did you mean 'office'?",
    );
    await write("p.yaml", text.replace("ofice", "office"));
    expectUsage(
      await verify(["p.yaml", "--place", "hme"]),
      "kmsprobe: p.yaml:7:3: there is no place 'hme': did you mean 'home'?",
    );
    expectUsage(
      await verify(["p.yaml"]),
      "kmsprobe: p.yaml:7:3: it has places: name one with --place office, home",
    );
    expect(target.connections()).toBe(0);
  });

  test("several at once: a line each, in the order of the file", async () => {
    await write(
      "p.yaml",
      `version: 1\nname: ''\nhosts: ${placeOf(target)}\nexpct: []\nsettings:\n  retries: many\n  timeout: 1 day\n`,
    );
    const finished = await verify(["p.yaml"]);
    expectUsage(
      finished,
      /^kmsprobe: p\.yaml:2:7: /,
      "kmsprobe: p.yaml:4:1: there is no key 'expct' here: did you mean 'expect'?",
      /^kmsprobe: p\.yaml:6:12: /,
      /^kmsprobe: p\.yaml:7:12: /,
    );
    expect(target.connections()).toBe(0);
  });

  test("too many closed addresses together are refused before one is touched", async () => {
    await write(
      "p.yaml",
      "version: 1\nexpect:\n  - closed: { hosts: 127.99.0.0/21, ports: [1688, 1689, 1690] }\n",
    );
    expectUsage(await verify(["p.yaml"]), /^kmsprobe: p\.yaml: 6,144 addresses and ports are to be closed/);
  });

  // Where there is no network at all nothing can go out, whatever becomes of it.
  const alone = needs("linux", "root");
  test.skipIf(alone.skip)(
    "a range of public addresses is not connected to unless it is said so",
    async () => {
      await write("p.yaml", "version: 1\nexpect:\n  - closed: { hosts: 9.9.9.0/30 }\n");
      const options = { wrapper: ["unshare", "-n", "--"] };
      expectUsage(
        await verify(["p.yaml"], options),
        "kmsprobe: 9.9.9.0 is a public address in a range of p.yaml that is to be closed: connect only to what you are responsible for, and say so with --allow-public",
      );
      const { code, stdout } = await verify(["p.yaml", "--allow-public"], options);
      expect({ code, said: stdout.includes("4 could not be tried") }).toEqual({ code: 3, said: true });
    },
  );

  test("aliases that unfold to a billion values end at once", async () => {
    const levels = "abcdefghi".split("").map((name, index, names) => {
      const before = names[index - 1];
      const values = Array.from({ length: 9 }, () => (before === undefined ? "x" : `*${before}`));
      return `  ${name}: &${name} [${values.join(", ")}]\n`;
    });
    await write("bomb.yaml", `version: 1\nvariables:\n${levels.join("")}hosts: *i\n`);
    const startedMs = performance.now();
    expectUsage(
      await verify(["bomb.yaml"]),
      /^kmsprobe: bomb\.yaml:\d+:\d+: its aliases unfold to too many values: write them out$/,
    );
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  test("a file that is no policy, or can't be read", async () => {
    await mkdir(join(dir, "folder"), { recursive: true });
    await write("large.yaml", Buffer.alloc((1 << 20) + 1, "#"));
    await write("binary.yaml", Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 37) % 256)));
    await write("zeroes.yaml", Buffer.alloc(4_096));
    for (const [name, words] of [
      ["missing.yaml", "can't read the policy missing.yaml (ENOENT): there is no such file or folder"],
      ["folder", "can't read the policy folder (EISDIR): it is a folder: name a file"],
      ["large.yaml", "large.yaml is larger than 1 MiB: no policy"],
      ["binary.yaml", "binary.yaml:"],
      ["zeroes.yaml", "zeroes.yaml:1:1: "],
    ] as const) {
      const finished = await verify([name]);
      expectUsage(finished, /^kmsprobe: /);
      expect(finished.stderr).toContain(words);
      // Nothing in it drives a terminal.
      expect(finished.stderr.trimEnd()).not.toMatch(/\p{Cc}/u);
    }
    expectUsage(
      await verify([]),
      /^kmsprobe: name a policy file, or write a first one with kmsprobe verify --init/,
    );
    expectUsage(
      await verify(["a.yaml", "b.yaml"]),
      /^kmsprobe: one policy at a time: 'b\.yaml' is a second one$/,
    );
  });

  test.each([
    [["--set", "kms"], /--set 'kms' is not NAME=VALUE, as in domain=corp\.example/],
    [["--max-time", "soon"], /--max-time 'soon' is not a time/],
    [["-d", "corp.test"], /--domain goes with --init/],
    [["--report", "junit"], /--report 'junit' is not KIND=FILE, as in junit=out\.xml/],
    [["--report", "xml=out.xml"], /--report 'xml=out\.xml' is not KIND=FILE/],
    [["--baseline", "missing.json"], /can't read the baseline missing\.json \(ENOENT\)/],
    [["--bogus"], /unknown option '--bogus'/],
  ])("a flag that is wrong: %s", async (flags, words) => {
    await write("good.yaml", policyOf(`hosts: '${placeOf(target)}'`));
    expectUsage(await verify(["good.yaml", ...flags]), words);
    expect(target.connections()).toBe(0);
  });
});

// ------------------------------------------------------------------------------------------------------ reports

const EIGHT = [
  "junit=out.xml",
  "html=out.html",
  "sarif=out.sarif",
  "markdown=out.md",
  "csv=out.csv",
  "prometheus=out.prom",
  "json=out.json",
  "nagios=out.txt",
];

const ordered = EIGHT.flatMap((report) => ["--report", report]);

function written(name: string): string {
  return readFileSync(join(dir, name), "utf8");
}

/** One host serves, one is silent after the handshake, one is closed. */
async function scene(): Promise<{ serving: TcpPeer; silent: TcpPeer; policy: string }> {
  const [serving, silent] = [await peer(), await peer({})];
  const policy = policyOf(
    "name: two hosts",
    `hosts: ['${placeOf(serving)}', '${placeOf(silent)}']`,
    "expect:",
    "  - { id: some, serve: { require: any } }",
    "  - { id: every, serve: {}, level: warning }",
    `  - { id: mine, permitted: { allow: ${silent.address} } }`,
    `  - closed: { hosts: ${serving.address}, ports: ${await freePort(serving.address)} }`,
  );
  return { serving, silent, policy };
}

describe("reports", () => {
  test("eight of them come of one probing, and each is what it says", async () => {
    const { serving, silent, policy } = await scene();
    await write("policy.yaml", policy);
    const plain = await verify(["policy.yaml", "-q"]);
    const once = [serving.connections(), silent.connections()];
    const finished = await verify(["policy.yaml", ...ordered]);
    expect(finished.code).toBe(1);
    expect(plain).toEqual({ code: 1, stdout: "", stderr: "" });
    expect([serving.connections(), silent.connections()]).toEqual(once.map((count) => 2 * count));
    expect([...serving.violations, ...silent.violations]).toEqual([]);

    const verification = checkedVerification(written("out.json"));
    expect(verification.counts).toEqual({ met: 2, failed: 1, warned: 1, error: 0, skipped: 0 });
    expect(verification.results.map(({ id, status }) => [id, status])).toEqual([
      ["some", "met"],
      ["every", "failed"],
      ["mine", "failed"],
      ["closed-1", "met"],
    ]);
    for (const file of ["out.html", "out.md"]) expect(written(file)).toContain("two hosts");
    expect(written("out.html")).toMatch(/^<!doctype html>/i);
    expect(written("out.txt")).toMatch(/^KMS CRITICAL - /);
    expect(finished.stdout).toContain("two hosts");
    expect(new Set(parseCsv(written("out.csv")).map((row) => row["kind"]))).toEqual(
      new Set(["serve", "permitted", "closed"]),
    );
    const sarif: unknown = JSON.parse(written("out.sarif"));
    expect(sarif).toMatchObject({ version: "2.1.0", runs: [{ results: [{ level: "error" }] }] });
    expect(written("out.xml")).toMatch(/^<\?xml[^]*<testsuites>[^]*<\/testsuites>\s*$/);
    expect(written("out.prom")).toMatch(
      /^kms_verify_expectation_success\{policy="two hosts",place="",id="some"/m,
    );
  });

  test.skipIf(needs("python3", "prometheus-client").skip)("parsers that are not ours read them", async () => {
    const { policy } = await scene();
    await verify(["-", "-q", ...ordered], { input: policy });
    const [junit] = readAll("junit", [written("out.xml")]);
    const cases = junit?.children.flatMap(({ children }) => children.filter(({ tag }) => tag === "testcase"));
    expect(cases).toHaveLength(4);
    const [families = []] = readAll("prometheus", [written("out.prom")]);
    const statuses = families.find(({ name }) => name === "kms_verify_expectations")?.samples ?? [];
    expect(statuses.map(({ labels, value }) => [labels["status"], value])).toContainEqual(["failed", 1]);
    const [[head = []] = []] = readAll("csv", [written("out.csv")]);
    expect(head).toContain("observed");
    expect(readAll("json", [written("out.json")])).toMatchObject([{ kind: "verification" }]);
  });

  test.each(["json", "nagios", "prometheus"])(
    "%s has nothing on standard error, however long the run takes",
    async (format) => {
      const silent = await startSilentPeer();
      const policy = policyOf(
        "settings: { rpc-timeout: 2s, retries: 0 }",
        `hosts: ['${placeOf(silent)}']`,
        "expect: [{ serve: {} }]",
      );
      const startedMs = performance.now();
      const { stdout, stderr } = await run(["verify", "-", "--format", format], { input: policy });
      const elapsedMs = performance.now() - startedMs;
      await silent.stop();
      expect(elapsedMs).toBeGreaterThan(2_000);
      expect(stdout).not.toBe("");
      expect(stderr).toBe("");
    },
  );

  test("one that can't be written is found before anything is probed", async () => {
    const { serving, policy } = await scene();
    await mkdir(join(dir, "reports"), { recursive: true });
    await write("policy.yaml", policy);
    const before = await readdir(dir);
    for (const [flags, words] of [
      [["--report", "junit=nowhere/out.xml"], "can't write nowhere/out.xml (ENOENT)"],
      [["--report", "html=reports"], "can't write reports (EISDIR)"],
      [["--report", "csv=policy.yaml/out.csv"], "can't write policy.yaml/out.csv (ENOTDIR)"],
      [["-o", "nowhere/out.txt"], "can't write nowhere/out.txt (ENOENT)"],
      [["--write-baseline", "reports"], "can't write reports (EISDIR)"],
      [["--report", "junit=one.xml", "--report", "html=./one.xml"], "two things go to './one.xml'"],
      [["--report", "junit=one.xml", "-o", "one.xml"], "two things go to 'one.xml'"],
      [["--report", "json=reports/../policy.yaml"], "'policy.yaml' is the policy: name another file"],
      [["-o", "policy.yaml"], "'policy.yaml' is the policy"],
      [["--write-baseline", "./policy.yaml"], "'policy.yaml' is the policy: name another file"],
    ] as const) {
      const finished = await verify(["policy.yaml", ...flags]);
      expectUsage(finished, /^kmsprobe: /);
      expect(finished.stderr).toContain(words);
    }
    expect(serving.connections()).toBe(0);
    expect(await readdir(dir)).toEqual(before);
    expect(await readFile(join(dir, "policy.yaml"), "utf8")).toBe(policy);
  });

  test.skipIf(needs("root", "linux", "unshare", "mount").skip)("nor is one on a read-only disk", async () => {
    const { serving, policy } = await scene();
    await mkdir(join(dir, "readonly"), { recursive: true });
    const mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
    const wrapper = ["unshare", "--mount", "sh", "-c", mount, "sh", join(dir, "readonly")];
    const finished = await verify(["-", "--report", "junit=readonly/out.xml"], { input: policy, wrapper });
    expectUsage(finished, /^kmsprobe: can't write readonly\/out\.xml \(EROFS\)/);
    expect(serving.connections()).toBe(0);
  });

  test("- is standard output", async () => {
    const { policy } = await scene();
    const { stdout, code } = await verify(["-", "-q", "--report", "json=-"], { input: policy });
    expect(code).toBe(1);
    expect(checkedVerification(stdout).outcome).toBe("failed");
  });

  test("github: annotations go out, and the summary is added to what is there", async () => {
    const { policy } = await scene();
    await write("summary.md", "# of an earlier step\n");
    await write("policy.yaml", policy);
    const env = { GITHUB_STEP_SUMMARY: join(dir, "summary.md") };
    for (let times = 1; times <= 2; times += 1) {
      const { stdout, code } = await verify(["policy.yaml", "-q", "--report", "github"], { env });
      expect(code).toBe(1);
      expect(stdout).toMatch(/^::error .*file=policy\.yaml,line=\d+/m);
      expect(stdout).toMatch(/^::warning .*file=policy\.yaml,line=\d+/m);
      const summary = await readFile(env.GITHUB_STEP_SUMMARY, "utf8");
      expect(summary.startsWith("# of an earlier step\n")).toBe(true);
      expect(summary.match(/^#+ .*two hosts/gm)).toHaveLength(times);
    }
    const nowhere = await verify(["policy.yaml", "-q", "--report", "github"]);
    expect(nowhere.stdout).toMatch(/^::error .*file=policy\.yaml/m);
  });

  test("metrics are replaced as a whole: who reads an old file reads it to its end", async () => {
    const { policy } = await scene();
    const file = join(dir, "whole.prom");
    await write("whole.prom", "old 1\n");
    await symlink("whole.prom", join(dir, "link.prom"));
    const descriptor = openSync(file, "r");
    try {
      await verify(["-", "-q", "--report", "prometheus=whole.prom"], { input: policy });
      expect(readFileSync(descriptor, "utf8")).toBe("old 1\n");
    } finally {
      closeSync(descriptor);
    }
    expect(await readFile(file, "utf8")).toContain("kms_verify_expectation_success");
    // A link stays a link, and what it leads to is replaced.
    await write("whole.prom", "old 2\n");
    await verify(["-", "-q", "--report", "prometheus=link.prom"], { input: policy });
    expect(await readFile(file, "utf8")).toContain("kms_verify_expectation_success");
    expect((await readdir(dir)).filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  test.skipIf(needs("mkfifo", "timeout").skip)("metrics into a pipe leave the pipe there", async () => {
    const { policy } = await scene();
    const pipe = join(dir, "pipe");
    const cat = 'mkfifo "$1" && { timeout 20 cat "$1" & } && shift && "$@"; wait';
    const wrapper = ["sh", "-c", cat, "sh", pipe];
    const { stdout } = await verify(["-", "-q", "--report", "prometheus=pipe"], { input: policy, wrapper });
    expect(stdout).toContain("kms_verify_expectation_success");
    expect(openSync(pipe, "r+")).toBeGreaterThan(0);
  });
});

// ----------------------------------------------------------------------------------------------- how a run ends

function nagios(policy: string, ...flags: string[]): Promise<Finished> {
  return verify(["-", "--format", "nagios", ...flags], { input: policy });
}

function firstLine({ stdout }: Finished): string {
  return stdout.split("\n", 1)[0] ?? "";
}

describe("a run", () => {
  test("--dry-run says what it would look at, and touches nothing", async () => {
    const target = await peer();
    const policy = policyOf(
      `hosts: '${placeOf(target)}'`,
      "expect:",
      "  - serve: {}",
      `  - closed: { hosts: ${target.address}/30, ports: [${target.port}, 1] }`,
      "  - { serve: { hosts: 127.0.0.1 }, from: 127.0.0.1 }",
    );
    await write("policy.yaml", policy);
    const finished = await verify(["policy.yaml", "--dry-run", "--write-baseline", "dry.json"]);
    expect(finished).toMatchObject({ code: 0, stderr: "" });
    expect(finished.stdout).toBe(
      "policy.yaml: 3 expectations, nothing was touched. A run would look at\n" +
        "  from wherever the system chooses: 1 named host; 8 connects to what must stay closed\n" +
        "  from 127.0.0.1: 1 named host\n",
    );
    expect(target.connections()).toBe(0);
    expect(await readdir(dir)).not.toContain("dry.json");
  });

  test("every kind of expectation about hosts, in JSON that validates and whose pointers lead somewhere", async () => {
    const [serving, silent] = [await peer(), await peer({})];
    const verified = await runVerify(
      policyOf(
        `hosts: ['${placeOf(serving)}', '${placeOf(silent)}']`,
        "expect:",
        "  - serve: { require: 1 }",
        "  - serve: { require: 2 }",
        "  - latency: { p95: 10s }",
        `  - latency: { hosts: '${placeOf(serving)}', p95: 10s, samples: 7 }`,
        `  - permitted: { allow: ['${serving.address}/32'] }`,
        "  - permitted: { allow: 10.0.0.0/8 }",
        `  - closed: { hosts: ['${placeOf(serving)}', '${silent.address}:${await freePort(silent.address)}'] }`,
      ),
    );
    expect(statusesOf(verified)).toEqual({
      "serve-1": "met",
      "serve-2": "failed",
      "latency-1": "met",
      "latency-2": "met",
      "permitted-1": "met",
      "permitted-2": "failed",
      "closed-1": "failed",
    });
    expect(resultOf(verified, "latency-2").observed).toMatch(/over 20$/);
    expect([...serving.violations, ...silent.violations]).toEqual([]);
  });

  test("a range that must stay closed is connected to at the pace of a sweep", async () => {
    const verified = await runVerify(
      policyOf("expect:", "  - closed: { hosts: 127.98.4.0/23, ports: 1, answer: refused }"),
    );
    expect(verified.verification.closed).toHaveLength(512);
    expect(statusesOf(verified)).toEqual({ "closed-1": "met" });
    // 500 a second, and a twentieth of a second's worth at once.
    expect(verified.verification.elapsedMs).toBeGreaterThan(900);
  });

  test("an address that only must stay closed gets no byte", async () => {
    const open = await peer();
    const { verification, code } = await runVerify(
      policyOf("expect:", `  - closed: { hosts: '${placeOf(open)}' }`),
    );
    expect(code).toBe(1);
    expect(verification.closed[0]?.attempts[0]?.tcp.outcome).toBe("ok");
    expect(open.connections()).toBe(1);
    expect(open.seen).toEqual([]);
    expect(open.violations).toEqual([]);
  });

  test("Ctrl-C prints what is known, blames nobody for the rest, and ends with 130", async () => {
    const [serving, silent] = [await peer(), await startSilentPeer()];
    onTestFinished(() => silent.stop());
    const policy = policyOf(
      "settings: { rpc-timeout: 30s, deadline: 40s }",
      "expect:",
      `  - { id: known, serve: { hosts: '${placeOf(serving)}' } }`,
      `  - { id: open, serve: { hosts: '${placeOf(silent)}' } }`,
      `  - { id: fast, latency: { hosts: '${placeOf(silent)}', median: 1s } }`,
    );
    const { process, finished } = start(["verify", "-", "--format", "json"], { input: policy });
    await silent.heard;
    process.kill("SIGINT");
    const { code, stdout } = await finished;
    expect(code).toBe(130);
    const verification = checkedVerification(stdout);
    expect(verification.interrupted).toBe(true);
    expect(verification.results.map(({ id, status }) => [id, status])).toEqual([
      ["known", "met"],
      ["open", "error"],
      ["fast", "error"],
    ]);
    expect(verification.results[1]?.details).toMatchObject([{ code: "run-cut-short" }]);
  });

  test("Ctrl-C in the text report, too", async () => {
    const silent = await startSilentPeer();
    onTestFinished(() => silent.stop());
    const policy = policyOf(
      "settings: { rpc-timeout: 30s, deadline: 40s }",
      `hosts: '${placeOf(silent)}'`,
      "expect: [serve: {}]",
    );
    const { process, finished } = start(["verify", "-"], { input: policy });
    await silent.heard;
    process.kill("SIGINT");
    const { code, stdout } = await finished;
    expect(code).toBe(130);
    expect(stdout).toContain("could not be checked");
    expect(stdout).not.toMatch(/\bfails\b/);
  });

  test("--max-time ends it with 3, and what there was no time for is not checked", async () => {
    const [serving, silent] = [await peer(), await peer({})];
    const policy = policyOf(
      "settings: { rpc-timeout: 30s, deadline: 40s }",
      "expect:",
      `  - { id: known, serve: { hosts: '${placeOf(serving)}' } }`,
      `  - { id: open, serve: { hosts: '${placeOf(silent)}' } }`,
    );
    const startedMs = performance.now();
    const verified = await runVerify(policy, ["--max-time", "1s"]);
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    expect(verified.code).toBe(3);
    expect(verified.verification).toMatchObject({ interrupted: true, outcome: "error" });
    expect(statusesOf(verified)).toEqual({ known: "met", open: "error" });
    // Longer than the run takes, it changes nothing.
    const known = policyOf(`hosts: '${placeOf(serving)}'`, "expect: [serve: {}]");
    expect(await runVerify(known, ["--max-time", "1m"])).toMatchObject({ code: 0 });
  });

  test("what fails for sure fails, whatever there was no time for", async () => {
    const silent = await peer({});
    const address = loopbackAddress();
    const policy = policyOf(
      "settings: { rpc-timeout: 30s, deadline: 40s }",
      "expect:",
      `  - { id: dead, serve: { hosts: '${address}:${await freePort(address)}' } }`,
      `  - { id: open, serve: { hosts: '${placeOf(silent)}' } }`,
    );
    const verified = await runVerify(policy, ["--max-time", "1s"]);
    expect(statusesOf(verified)).toEqual({ dead: "failed", open: "error" });
    expect(verified.code).toBe(1);
  });

  test("--format nagios: 0, 1, 2 and 3, in one line on standard output", async () => {
    const [serving, silent] = [await peer(), await peer({})];
    const [good, bad] = [`'${placeOf(serving)}'`, `'${placeOf(silent)}'`];

    const ok = await nagios(policyOf(`hosts: ${good}`, "expect: [serve: {}]"));
    expect([ok.code, firstLine(ok)]).toEqual([0, expect.stringMatching(/^KMS OK - .* \| 'met'=1;/)]);
    const warns = await nagios(policyOf(`hosts: ${bad}`, "expect: [{ serve: {}, level: warning }]"));
    expect([warns.code, firstLine(warns)]).toEqual([1, expect.stringMatching(/^KMS WARNING - /)]);
    const fails = await nagios(policyOf(`hosts: ${bad}`, "expect: [serve: {}]"));
    expect([fails.code, firstLine(fails)]).toEqual([2, expect.stringMatching(/^KMS CRITICAL - /)]);
    const absent = await nagios(policyOf(`hosts: ${good}`, "from: vpn0", "expect: [serve: {}]"));
    expect([absent.code, firstLine(absent)]).toEqual([3, expect.stringMatching(/^KMS UNKNOWN - /)]);
    const cut = await nagios(
      policyOf("settings: { rpc-timeout: 30s }", `hosts: ${bad}`, "expect: [serve: {}]"),
      "--max-time",
      "700ms",
    );
    expect([cut.code, firstLine(cut)]).toEqual([3, expect.stringMatching(/^KMS UNKNOWN - /)]);
  });

  test.each([
    ["a mistyped flag", ["p.yaml", "--formt", "nagios", "--format", "nagios"], "--formt"],
    ["a missing policy", ["nowhere.yaml", "--format=nagios"], "nowhere.yaml"],
    ["no policy", ["--format", "nagios"], "name a policy file"],
    ["a mistake in the policy", ["wrong.yaml", "--format", "nagios"], "wrong.yaml:2:1"],
    ["a bad baseline", ["p.yaml", "--format", "nagios", "--baseline", "wrong.yaml"], "is not JSON"],
    ["a report to nowhere", ["p.yaml", "--format", "nagios", "--report", "csv=no/where"], "can't write"],
  ])("--format nagios and %s: 3, and one line on standard output", async (_, args, words) => {
    await write("p.yaml", policyOf("hosts: 127.0.0.1:1"));
    await write("wrong.yaml", "version: 1\nhostz: a\n");
    const { code, stdout } = await verify(args);
    expect(code).toBe(3);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(stdout).toMatch(/^KMS UNKNOWN - /);
    expect(stdout).toContain(words);
  });
});

// ------------------------------------------------------------------------------ what was not seen is not claimed

/** Patience that outlasts the run, which ends while a silent host is waited for. */
const WAITING = "settings: { rpc-timeout: 30s, deadline: 40s, timeout: 500ms, retries: 0, dns-timeout: 1s }";
const SHORT = ["--max-time", "1200ms"];

/** A host with two addresses, the second of which accepts and says nothing. */
async function twoFaced(first: "serves" | "refuses"): Promise<string[]> {
  const other = await peer();
  const address = first === "serves" ? other.address : loopbackAddress();
  const addresses = [address, await silentBeside(other)];
  const host = { name: "kms.corp.test", port: other.port, addresses };
  return [
    WAITING,
    `resolvers: '${await resolverOf("corp.test", host)}'`,
    `hosts: 'kms.corp.test:${other.port}'`,
    "expect:",
  ];
}

describe("a run that ends too early claims nothing about what it did not see", () => {
  test("one address of a host serves, the other was not seen to the end", async () => {
    const verified = await runVerify(
      policyOf(
        ...(await twoFaced("serves")),
        "  - { id: some, serve: {} }",
        "  - { id: every, serve: { every-address: true } }",
      ),
      SHORT,
    );
    expect(statusesOf(verified)).toEqual({ some: "met", every: "error" });
    expect(verified.code).toBe(3);
  });

  test("one address refuses, and the other may serve", async () => {
    const verified = await runVerify(
      policyOf(
        ...(await twoFaced("refuses")),
        "  - { id: some, serve: {} }",
        "  - { id: every, serve: { every-address: true } }",
        "  - { id: fast, latency: { p95: 1s } }",
      ),
      SHORT,
    );
    // That not every address serves is seen.
    expect(statusesOf(verified)).toEqual({ some: "error", every: "failed", fast: "error" });
  });

  test("a host that is permitted only if it doesn't serve, and was not seen to serve or not", async () => {
    const silent = await peer({});
    const verified = await runVerify(
      policyOf(WAITING, `hosts: '${placeOf(silent)}'`, "expect:", "  - permitted: { allow: 10.0.0.0/8 }"),
      SHORT,
    );
    expect(statusesOf(verified)).toEqual({ "permitted-1": "error" });
    expect(verified.code).toBe(3);
  });

  test("a clock that nobody asked for has not been unseen", async () => {
    const silent = await peer({});
    const verified = await runVerify(
      policyOf(
        WAITING,
        `hosts: '${placeOf(silent)}'`,
        "expect:",
        "  - clock: { within: 1m, unseen: accept }",
      ),
      SHORT,
    );
    expect(statusesOf(verified)).toEqual({ "clock-1": "error" });
  });

  test("records whose hosts were not looked at are not clean", async () => {
    const silent = await peer({});
    const host = { name: "kms.corp.test", port: silent.port, addresses: [silent.address] };
    const resolver = await resolverOf("corp.test", host);
    const policy = (settings: string): string =>
      policyOf(settings, `resolvers: '${resolver}'`, "domains: corp.test", "expect: [lint: {}]");
    const cut = await runVerify(policy(WAITING), SHORT);
    expect(statusesOf(cut)).toEqual({ "lint-1": "error" });
    // With time to look, it is seen that it doesn't answer as a KMS host.
    const whole = await runVerify(policy("settings: { rpc-timeout: 300ms, dns-timeout: 1s }"));
    expect(["met", "failed"]).toContain(statusesOf(whole)["lint-1"]);
  });

  test("addresses of a permitted name that no resolver tells: who has them is not called a stranger", async () => {
    const [serving, mute] = [await peer(), await startDnsPeer({})];
    onTestFinished(() => mute.stop());
    const policy = (resolver: string): string =>
      policyOf(
        `resolvers: '${resolver}'`,
        `hosts: '${placeOf(serving)}'`,
        "expect:",
        "  - permitted: { allow: kms.corp.test }",
        "  - permitted: { allow: [kms.corp.test, 10.0.0.0/8] }",
        `  - permitted: { allow: [kms.corp.test, ${serving.address}] }`,
      );
    const verified = await runVerify(policy(placeOf(mute.resolver)));
    expect(statusesOf(verified)).toEqual({
      "permitted-1": "error",
      "permitted-2": "error",
      "permitted-3": "met",
    });
    expect(verified.code).toBe(3);
    // A resolver that says there is no such name tells enough.
    const none = { name: "other.corp.test", port: 1688, addresses: [] };
    const known = await runVerify(policy(await resolverOf("corp.test", none)));
    expect(statusesOf(known)["permitted-1"]).toBe("failed");
  });
});

// ------------------------------------------------------------------------------------------------ local trouble

/** Runs a program with so many descriptors. */
function limitedTo(descriptors: number): string[] {
  return ["sh", "-c", 'ulimit -c 0; ulimit -n "$1"; shift; exec "$@"', "sh", String(descriptors)];
}

describe.skipIf(needs("linux", "sh").skip)("this machine's own trouble", () => {
  test("too few descriptors are never put down to a host, nor taken for a closed port", async () => {
    const peers = await Promise.all(Array.from({ length: 24 }, () => peer()));
    const hosts = peers.map((each) => `'${placeOf(each)}'`).join(", ");
    const policy = policyOf(
      "settings: { concurrency: 64, timeout: 2s, rpc-timeout: 5s }",
      "expect:",
      `  - { id: serves, serve: { hosts: [${hosts}] } }`,
      `  - { id: fast, latency: { hosts: [${hosts}], p95: 10s } }`,
      // Every one of them is open: none may be called closed.
      `  - { id: shut, closed: { hosts: [${hosts}] }, level: warning }`,
      // Every one of them serves, and is a stranger.
      `  - { id: mine, permitted: { hosts: [${hosts}], allow: 10.0.0.0/8 }, level: warning }`,
    );
    let [errors, complete] = [0, 0];
    // The run begins less at a time where there are few: what is too few for that, and enough to start, is one or two.
    const few = Array.from({ length: 15 }, (_, index) => 16 + index);
    for (const descriptors of [...few, 36, 48, 90]) {
      const { code, stdout } = await run(["verify", "-", "--format", "json"], {
        input: policy,
        wrapper: limitedTo(descriptors),
      });
      // Too few to start at all.
      if (stdout === "") continue;
      const verification = checkedVerification(stdout);
      const statuses = Object.fromEntries(verification.results.map(({ id, status }) => [id, status]));
      expect(["met", "error"]).toContain(statuses["serves"]);
      expect(["met", "error"]).toContain(statuses["fast"]);
      expect(["failed", "error"]).toContain(statuses["mine"]);
      expect(["failed", "error"]).toContain(statuses["shut"]);
      const shut = verification.results.find(({ id }) => id === "shut");
      expect(shut?.details.filter(({ holds }) => holds)).toEqual([]);
      // What could not be checked of a warning is a warning.
      expect(code).toBe(statuses["serves"] === "error" || statuses["fast"] === "error" ? 3 : 0);
      const unknown = Object.values(statuses).includes("error");
      for (const result of verification.results.filter(({ status }) => status === "error")) {
        errors += 1;
        const blamed = failingOf(result).filter(
          ({ code: why }) => why !== null && why !== "tcp-local-resources" && why !== "run-cut-short",
        );
        expect(blamed).toEqual([]);
      }
      complete += Number(!unknown);
    }
    expect(errors).toBeGreaterThan(0);
    expect(complete).toBeGreaterThan(0);
  });

  test.skipIf(needs("seccomp").skip).each(["EPERM", "EACCES"] as const)(
    "a sandbox that permits no connection (%s) has closed no port of anybody",
    async (errno) => {
      const target = await peer();
      const policy = policyOf(
        "expect:",
        `  - closed: { hosts: '${placeOf(target)}' }`,
        `  - closed: { hosts: '${placeOf(target)}', answer: refused }`,
        `  - { serve: { hosts: '${placeOf(target)}' }, level: warning }`,
      );
      const verified = await runVerify(policy, [], { wrapper: withoutTcp(errno) });
      expect(statusesOf(verified)).toMatchObject({ "closed-1": "error", "closed-2": "error" });
      expect(verified.code).toBe(3);
      const [detail] = failingOf(resultOf(verified, "closed-1"));
      expect(detail?.observed).toContain("nothing is known of a firewall");
      expect(target.connections()).toBe(0);
      const open = await runVerify(policy);
      expect(statusesOf(open)).toMatchObject({ "closed-1": "failed", "closed-2": "failed" });
    },
  );

  test("a source that this machine hasn't got: not checked, with what it has", async () => {
    const target = await peer();
    const policy = policyOf(
      "networks: { vpn: 203.0.113.0/24 }",
      `hosts: '${placeOf(target)}'`,
      "from: [vpn, wg7, 127.0.0.1]",
      "expect: [serve: {}]",
    );
    const verified = await runVerify(policy);
    expect(statusesOf(verified)).toEqual({
      "serve-1 from vpn": "error",
      "serve-1 from wg7": "error",
      "serve-1 from 127.0.0.1": "met",
    });
    expect(verified.code).toBe(3);
    expect(resultOf(verified, "serve-1", "vpn").observed).toContain("see whether the VPN is up");
    expect(resultOf(verified, "serve-1", "wg7").observed).toContain("has no interface or address wg7");
  });
});
