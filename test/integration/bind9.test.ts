/** Ten hosts in ten states, each a real peer, listed by a real BIND: `check` names every one rightly. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Attempt, EndpointDiagnosis } from "../../src/model/diagnosis.ts";
import type { Report } from "../../src/model/report.ts";
import { entryOf } from "../../src/verdict/catalog.ts";
import { needs } from "./servers/available.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { startImpacket } from "./servers/impacket.ts";
import { startNamed } from "./servers/named.ts";
import { startSamba } from "./servers/samba.ts";
import { startNginx, startOpensslServer, startSshd } from "./servers/tcp-services.ts";
import { findingsOf, reportOfNdjson, summaryOf } from "./support/checked-report.ts";
import { parseCsv } from "./support/csv.ts";
import { type Finished, KMS_INTERFACE, run, runCheck } from "./support/kmsprobe.ts";
import { startSilentPeer } from "./support/peers.ts";

const { skip } = needs("linux", "root", "named", "samba-dcerpcd", "impacket", "nginx", "sshd", "openssl");

/** The patience that loopback needs; a silent host costs twice the RPC part, once for each bind. */
const PATIENCE = ["--timeout", "2s", "--rpc-timeout", "1500ms", "--dns-timeout", "3s"];

const ESCAPE = "\u001B";

const started: { stop: () => Promise<void> }[] = [];

/** Where everything listens, as ADDRESS:PORT. */
let at: { resolver: string; kms: string; refused: string; samba: string; ssh: string };
let report: Report;
let code: number | null = null;
let folder = "";

beforeAll(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), "kmsprobe-bind9-"));
  const starting = {
    impacket: startImpacket(KMS_INTERFACE),
    samba: startSamba(),
    nginx: startNginx(),
    sshd: startSshd(),
    tls: startOpensslServer(),
    silent: startSilentPeer(),
  };
  // What did come up is stopped at the end, even if another did not.
  for (const each of await Promise.allSettled(Object.values(starting))) {
    if (each.status === "fulfilled") started.push(each.value);
  }
  const impacket = await starting.impacket;
  const samba = await starting.samba;
  const [nginx, sshd] = [await starting.nginx, await starting.sshd];
  const [tls, silent] = [await starting.tls, await starting.silent];
  const refusing = loopbackAddress();
  const refused = { address: refusing, port: await freePort(refusing) };
  const named = await startNamed({
    zones: {
      "corp.test": `
_vlmcs._tcp 600 IN SRV 0  60 ${impacket.port} kms1
_vlmcs._tcp 600 IN SRV 0  20 ${impacket.port} alias
_vlmcs._tcp 600 IN SRV 0  20 ${refused.port} refused
_vlmcs._tcp 600 IN SRV 10 10 ${samba.epmapperPort} samba
_vlmcs._tcp 600 IN SRV 10 10 ${nginx.port} web
_vlmcs._tcp 600 IN SRV 10 10 ${sshd.port} ssh
_vlmcs._tcp 600 IN SRV 10 10 ${tls.port} tls
_vlmcs._tcp 600 IN SRV 10 10 ${silent.port} silent
_vlmcs._tcp 600 IN SRV 20 10 1688 gone
_vlmcs._tcp 600 IN SRV 20 10 1688 bare
kms1    300 IN A ${impacket.address}
alias   300 IN CNAME kms1
refused 300 IN A ${refused.address}
samba   300 IN A ${samba.address}
web     300 IN A ${nginx.address}
ssh     300 IN A ${sshd.address}
tls     300 IN A ${tls.address}
silent  300 IN A ${silent.address}
bare    300 IN TXT "a name without an address"
`,
    },
  });
  started.push(named);
  at = {
    resolver: `${named.address}:${named.port}`,
    kms: `${impacket.address}:${impacket.port}`,
    refused: `${refused.address}:${refused.port}`,
    samba: `${samba.address}:${samba.epmapperPort}`,
    ssh: `${sshd.address}:${sshd.port}`,
  };
  ({ report, code } = await runCheck(zoneArgs()));
});

afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
  if (folder !== "") await rm(folder, { recursive: true });
});

/** Everything one command line needs to look at the zone. */
function zoneArgs(): string[] {
  return ["-d", "corp.test", "-r", at.resolver, ...PATIENCE];
}

function endpoint(label: string): EndpointDiagnosis {
  const found = report.diagnoses[0]?.endpoints.find((each) => each.endpoint.host === `${label}.corp.test`);
  if (found === undefined) throw new Error(`no ${label} in the report`);
  return found;
}

function attempt(label: string): Attempt {
  const [first, ...more] = endpoint(label).attempts;
  if (first === undefined || more.length > 0) throw new Error(`${label} has not one address`);
  return first;
}

/** The verdict of each host, in the order of the report. */
function codesOf({ diagnoses }: Report): string[] {
  return diagnoses.flatMap(({ endpoints }) => endpoints.map(({ verdict }) => verdict.code));
}

/** A check of one host, which is over at once. */
function checkRefused(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return run(["check", at.refused, ...args], { env });
}

async function isColored(args: readonly string[], env: Readonly<Record<string, string>>): Promise<boolean> {
  const { stdout } = await checkRefused(args, env);
  if (!stdout.includes("0 of 1 host would serve")) throw new Error(`no report: ${stdout}`);
  return stdout.includes(`${ESCAPE}[`);
}

describe.skipIf(skip)("a zone of ten hosts in ten states", () => {
  test("every host is named rightly", () => {
    const said = report.diagnoses[0]?.endpoints.map(({ endpoint: { host }, verdict }) => [
      host.replace(".corp.test", ""),
      `${verdict.code}, ${verdict.severity}, ${verdict.certainty}`,
    ]);
    expect(Object.fromEntries(said ?? [])).toEqual({
      kms1: "rpc-serves, ok, likely",
      alias: "rpc-serves, ok, likely",
      refused: "tcp-refused, failed, ambiguous",
      samba: "rpc-interface-unknown, failed, certain",
      web: "rpc-not-dcerpc, failed, certain",
      ssh: "rpc-not-dcerpc, failed, certain",
      tls: "rpc-closed, failed, ambiguous",
      silent: "rpc-no-answer, failed, ambiguous",
      gone: "address-none, failed, certain",
      bare: "address-none, failed, certain",
    });
  });

  test("the SRV answer is kept whole: ten records with their figures, over UDP at the first try", () => {
    const [answer, ...others] = report.diagnoses[0]?.srv ?? [];
    expect(others).toEqual([]);
    expect(answer?.name).toBe("_vlmcs._tcp.corp.test");
    expect(answer?.exchange).toEqual({
      transport: "udp",
      tries: 1,
      truncated: false,
      said: expect.anything(),
      deadLink: null,
      from: null,
      overTcp: null,
      edns: true,
      ignored: { source: 0, id: 0, question: 0, malformed: 0 },
    });
    const records = answer?.answer.outcome === "ok" ? answer.answer.facts.records : [];
    expect(
      records
        .map(({ priority, weight, ttlSeconds, target }) => [priority, weight, ttlSeconds, target].join(" "))
        .toSorted(),
    ).toEqual([
      "0 20 600 alias.corp.test",
      "0 20 600 refused.corp.test",
      "0 60 600 kms1.corp.test",
      "10 10 600 samba.corp.test",
      "10 10 600 silent.corp.test",
      "10 10 600 ssh.corp.test",
      "10 10 600 tls.corp.test",
      "10 10 600 web.corp.test",
      "20 10 600 bare.corp.test",
      "20 10 600 gone.corp.test",
    ]);
  });

  test("hosts stand in the order of their priority", () => {
    const priorities = report.diagnoses[0]?.endpoints.map(({ listedBy }) => listedBy[0]?.priority);
    expect(priorities).toEqual([0, 0, 0, 10, 10, 10, 10, 10, 20, 20]);
  });

  test("what no DCE/RPC is gets its name", () => {
    expect(attempt("web").rpc?.bind.answer).toMatchObject({ outcome: "malformed", looksLike: "http" });
    expect(attempt("ssh").rpc?.bind.answer).toMatchObject({ outcome: "malformed", looksLike: "ssh" });
    expect(endpoint("web").verdict.observed).toContain("it looks like http (begins 485454502f312e31");
    expect(endpoint("ssh").verdict.observed).toContain("it looks like ssh (begins 5353482d322e302d");
  });

  test("the silent host acknowledged both binds, says the kernel's own table", () => {
    const kernel = { state: "ESTABLISHED", unacknowledgedBytes: 0, retransmissions: 0, probesWindow: false };
    const { rpc } = attempt("silent");
    expect(rpc?.bind.answer).toMatchObject({ outcome: "no-answer", cause: "deadline", kernel });
    expect(rpc?.plain?.answer).toMatchObject({ outcome: "no-answer", cause: "deadline", kernel });
    expect(endpoint("silent").verdict.observed).toMatch(
      /; the peer's TCP acknowledged our bytes; a plain bind was not answered, either\.$/,
    );
  });

  test("the TLS server closed on both binds, and is no host a client waits for", () => {
    const { rpc } = attempt("tls");
    expect(rpc?.bind).toMatchObject({ received: "", answer: { outcome: "no-answer", cause: "closed" } });
    expect(rpc?.plain).toMatchObject({ received: "", answer: { outcome: "no-answer", cause: "closed" } });
  });

  test("the refused port is an errno and a firewall line with source, destination and port", () => {
    const [address = "", port = ""] = at.refused.split(":");
    expect(attempt("refused").tcp).toMatchObject({ outcome: "no-answer", cause: "ECONNREFUSED", tries: 1 });
    expect(attempt("refused").via).toMatchObject({ address: "127.0.0.1", interface: "lo" });
    expect(endpoint("refused").verdict.next.map(({ command }) => command)).toContain(
      `permit tcp from 127.0.0.1 to ${address} port ${port}`,
    );
  });

  test("a dangling target and a target without an address are told apart in words", () => {
    expect(endpoint("gone").verdict.observed).toBe(
      "gone.corp.test has no address: NXDOMAIN for gone.corp.test.",
    );
    expect(endpoint("bare").verdict.observed).toBe(
      "bare.corp.test has no address: no A record, no AAAA record.",
    );
  });

  test("an alias as target serves, and is a finding that names what it is an alias of", () => {
    const { findings = [], endpoints = [] } = report.diagnoses[0] ?? {};
    const place = endpoints.indexOf(endpoint("alias"));
    expect(findings.filter(({ code: each }) => each === "srv-alias-target")).toMatchObject([
      {
        code: "srv-alias-target",
        severity: "warning",
        subject: `/endpoints/${place}/address`,
        observed: "alias.corp.test is an alias of kms1.corp.test",
        next: "Put the real name into the SRV record: RFC 2782 forbids an alias as target, and some clients fail on it",
      },
    ]);
    // An address that two names share is probed once.
    expect({ ...attempt("alias"), verdict: null }).toEqual({ ...attempt("kms1"), verdict: null });
  });

  test("the domain is partly served, and so is the run: exit code 0", () => {
    expect(report.diagnoses[0]?.verdict).toMatchObject({
      code: "domain-partly-serves",
      severity: "degraded",
      serves: true,
      observed: "2 of 10 listed hosts serve.",
    });
    expect(report.verdict).toMatchObject({ code: "domain-partly-serves", serves: true });
    expect(report.requirement).toEqual({
      require: "any",
      at: "each",
      serving: 2,
      listed: 10,
      met: true,
      bySource: [{ source: null, serving: 2, listed: 10, met: true }],
    });
    expect(report.interrupted).toBe(false);
    expect(code).toBe(0);
  });

  test("the outlook is exact, for a client that heeds priority and weight and for one that picks at random", () => {
    const { outlook } = report.diagnoses[0] ?? {};
    expect(outlook?.clientTimeoutMs).toBe(21_000);
    expect(outlook?.views).toHaveLength(1);
    const [rfc, random] = outlook?.views[0]?.models ?? [];
    // Weights 60, 20 and 20: a number from 0 to 100, of which the 0 goes to whichever stands in front.
    expect(rfc?.firstServes).toBeCloseTo((80 + 2 / 3) / 101, 12);
    expect(rfc).toMatchObject({ anyServes: true, expectedSecondsLost: 0, worstSecondsLost: 0 });
    // The one silent host comes before both that serve in one of three orders.
    expect(random).toEqual({
      model: "random",
      firstServes: 0.2,
      anyServes: true,
      expectedSecondsLost: 7,
      worstSecondsLost: 21,
    });
  });
});

describe.skipIf(skip)("the same zone in the other formats", () => {
  test("NDJSON: ten endpoints, the target and the run, which together are the report; --require 2 is met", async () => {
    const finished = await run(["check", ...zoneArgs(), "--format", "ndjson", "--require", "2"]);
    expect(finished.code).toBe(0);
    const again = reportOfNdjson(finished.stdout);
    expect(again.requirement).toEqual({
      require: 2,
      at: "each",
      serving: 2,
      listed: 10,
      met: true,
      bySource: [{ source: null, serving: 2, listed: 10, met: true }],
    });
    expect(summaryOf(again)).toEqual(summaryOf(report));
  });

  test("CSV: a row for each host; --require all is not met", async () => {
    const finished = await run(["check", ...zoneArgs(), "--format", "csv", "--require", "all"]);
    expect(finished.code).toBe(1);
    const rows = parseCsv(finished.stdout);
    const summary = rows.map((row) => ({
      host: `${row["host"]}:${row["port"]}`,
      verdict: row["endpoint_verdict"],
      serves: row["endpoint_serves"] === "true",
      attempts: row["address"] === "" ? [] : [`${row["address"]} ${row["verdict"]}`],
    }));
    expect(summary.toSorted((a, b) => a.host.localeCompare(b.host))).toEqual(summaryOf(report));
    expect(new Set(rows.map((row) => row["target"]))).toEqual(new Set(["corp.test"]));
    const ssh = rows.find((row) => row["host"] === "ssh.corp.test");
    expect(ssh).toMatchObject({
      priority: "10",
      weight: "10",
      first_pick: "0.0000",
      source_address: "127.0.0.1",
      source_interface: "lo",
      rpc_ms: "",
      certainty: "certain",
      observed: endpoint("ssh").verdict.observed,
    });
  });

  test("text: every host beside its verdict, no escapes into a pipe, progress on stderr; --require 3 is not met", async () => {
    const finished = await run(["check", ...zoneArgs(), "--require", "3"]);
    expect(finished.code).toBe(1);
    for (const { endpoint: each, verdict } of report.diagnoses[0]?.endpoints ?? []) {
      const line = finished.stdout.split("\n").find((text) => text.includes(`${each.host}:${each.port} `));
      expect(line).toContain(entryOf(verdict.code).title);
    }
    expect(finished.stdout).not.toContain(ESCAPE);
    expect(finished.stdout).toContain("2 of 10 hosts would serve a client from here (3 required: not met)");
    expect(finished.stdout.replace(/\s+/g, " ")).toContain("Windows waits about 21 s for a connect.");
    // The silent host takes three seconds; nothing is said in the first.
    expect(finished.stderr).toMatch(
      /^(kmsprobe: \d+ of \d+ (?:steps done, .+|(?:hosts?|probes?): waiting up to \d+\.\d s for .+)\n)+$/,
    );
  });

  test("-q: no report and no progress, the exit code alone", async () => {
    expect(await run(["check", ...zoneArgs(), "-q"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe.skipIf(skip)("hosts given by the user", () => {
  test("on the command line: no discovery, no outlook, in the order they were given", async () => {
    const { report: given, code: exit } = await runCheck([at.ssh, at.kms, at.refused, ...PATIENCE]);
    expect(exit).toBe(0);
    expect(given.diagnoses).toHaveLength(1);
    const [list] = given.diagnoses;
    expect(list?.target).toEqual({ kind: "list", source: "the command line" });
    expect(list?.srv).toEqual([]);
    expect(list?.outlook).toBeNull();
    expect(codesOf(given)).toEqual(["rpc-not-dcerpc", "rpc-serves", "tcp-refused"]);
    expect(list?.endpoints.map(({ address }) => address.literal)).toEqual([true, true, true]);
    expect(list?.endpoints.map(({ listedBy }) => listedBy)).toEqual([[], [], []]);
  });

  test("by name, asked at the resolver: aliases are followed, and none is a finding where no SRV record names it", async () => {
    const port = at.kms.split(":")[1] ?? "";
    const names = [`alias.corp.test:${port}`, `KMS1.Corp.Test.:${port}`, `gone.corp.test:${port}`];
    const { report: given } = await runCheck([...names, "-r", at.resolver, ...PATIENCE]);
    expect(codesOf(given)).toEqual(["rpc-serves", "rpc-serves", "address-none"]);
    const [list] = given.diagnoses;
    expect(list?.endpoints.map(({ endpoint: { host } }) => host)).toEqual([
      "alias.corp.test",
      "kms1.corp.test",
      "gone.corp.test",
    ]);
    expect(list && findingsOf(list).map(({ code: each }) => each)).toEqual([
      "rpc-control-unanswered",
      "rpc-control-unanswered",
    ]);
  });

  test("with -f FILE: a host a line, comments, blanks, CRLF, each host once", async () => {
    const file = join(folder, "hosts.txt");
    await writeFile(
      file,
      `# KMS hosts\r\n${at.kms}   # the old one\r\n\r\n  ${at.samba},${at.refused}\r\n${at.kms}\r\n`,
    );
    const { report: given, code: exit } = await runCheck(["-f", file, ...PATIENCE, "--require", "2"]);
    expect(codesOf(given)).toEqual(["rpc-serves", "rpc-interface-unknown", "tcp-refused"]);
    expect(exit).toBe(1);
  });

  test("with -f - from standard input, beside one on the command line", async () => {
    const input = `${at.ssh}\n${at.refused}\n`;
    const { report: given, code: exit } = await runCheck([at.kms, "-f", "-", ...PATIENCE], { input });
    expect(codesOf(given)).toEqual(["rpc-serves", "rpc-not-dcerpc", "tcp-refused"]);
    expect(exit).toBe(0);
  });

  test.skipIf(needs("ipv6").skip)("an IPv6 literal with a port is probed over IPv6, from IPv6", async () => {
    const web = await startNginx({ address: "::1" });
    onTestFinished(web.stop);
    const literals = [`[::1]:${web.port}`, `[::1]:${await freePort("::1")}`];
    const { report: given, code: exit } = await runCheck([...literals, ...PATIENCE]);
    expect(codesOf(given)).toEqual(["rpc-not-dcerpc", "tcp-refused"]);
    const attempts = given.diagnoses[0]?.endpoints.flatMap((each) => each.attempts) ?? [];
    expect(
      attempts.map(({ address, family, via }) => [address, family, via?.address, via?.interface]),
    ).toEqual([
      ["::1", 6, "::1", "lo"],
      ["::1", 6, "::1", "lo"],
    ]);
    expect(exit).toBe(1);
  });

  test("--require all holds where every host serves", async () => {
    const { report: given, code: exit } = await runCheck([at.kms, "--require", "all", ...PATIENCE]);
    expect(given.verdict.code).toBe("rpc-serves");
    expect(exit).toBe(0);
  });
});

describe.skipIf(skip)("where the report goes", () => {
  test("colour: never into a pipe, unless it is forced; NO_COLOR beats FORCE_COLOR, the flag beats both", async () => {
    expect(await isColored([], {})).toBe(false);
    expect(await isColored([], { FORCE_COLOR: "1" })).toBe(true);
    expect(await isColored([], { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
    expect(await isColored(["--color", "always"], { NO_COLOR: "1" })).toBe(true);
    expect(await isColored(["--color", "never"], { FORCE_COLOR: "1" })).toBe(false);
  });

  test("-o FILE: the report goes there and standard output stays empty", async () => {
    const file = join(folder, "report.json");
    expect(await checkRefused(["--format", "json", "-o", file])).toEqual({ code: 1, stdout: "", stderr: "" });
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ verdict: { code: "tcp-refused" } });
  });

  test("-o FILE takes what was there before away", async () => {
    const file = join(folder, "old.txt");
    await writeFile(file, "x".repeat(100_000));
    expect(await checkRefused(["-q", "-o", file])).toEqual({ code: 1, stdout: "", stderr: "" });
    const text = await readFile(file, "utf8");
    expect(text).toContain("0 of 1 host would serve a client from here");
    expect(text).not.toContain("x".repeat(100));
    expect(text).not.toContain(ESCAPE);
  });

  test("-v: the evidence stands in the text", async () => {
    const { stdout } = await checkRefused(["-v"]);
    expect(stdout).toMatch(/^ +tcp: ECONNREFUSED after \d+\.\d\d ms, try 1$/m);
  });
});
