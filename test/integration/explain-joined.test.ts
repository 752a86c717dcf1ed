/**
 * What people paste, held against a network: real name servers (BIND, dnsmasq) and hosts that follow a script, one domain
 * and one text for each contradiction. All of it on loopback.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explanationSchema } from "../../src/explain/model.ts";
import type { Explanation } from "../../src/explain/model.ts";
import { needs } from "./servers/available.ts";
import { startDnsmasq } from "./servers/dnsmasq.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { startNamed } from "./servers/named.ts";
import { resultPdu, startTcpPeer } from "./scripted/peers.ts";
import type { TcpPeer } from "./scripted/peers.ts";
import { checked, leadsSomewhere } from "./support/checked-report.ts";
import { run } from "./support/kmsprobe.ts";
import type { Finished } from "./support/kmsprobe.ts";

const { skip } = needs("named", "dnsmasq", "linux");

const QUICK = ["--timeout", "2s", "--rpc-timeout", "2s", "--dns-timeout", "3s", "--count", "0"];
const published = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL("../../schema/explain-v1.json", import.meta.url), "utf8")),
);

const dir = mkdtempSync(join(tmpdir(), "kmsprobe-joined-"));
const started: { stop: () => Promise<void> }[] = [];
/** `kms` serves; `rpc` is an RPC server of another kind; nobody listens at `dead`. */
let kms: TcpPeer;
let rpc: TcpPeer;
let dead: { address: string; port: number };
let bind: { address: string; port: number };
let other: { address: string; port: number };

function srv(portNumber: number, target: string): string {
  return `_vlmcs._tcp SRV 0 0 ${portNumber} ${target}\n`;
}

/** Binds with these results, and knows no other interface. */
function host(results: readonly string[]): Promise<TcpPeer> {
  return startTcpPeer({
    pdu: (pdu, socket) =>
      socket.write(pdu.ptype === 11 ? resultPdu(pdu, results) : resultPdu(pdu, ["2/1"], { ptype: 15 })),
  });
}

beforeAll(async () => {
  if (skip) return;
  kms = await host(["2/2", "0/0", "3/3"]);
  rpc = await host(["2/1", "2/1", "3/3"]);
  const address = loopbackAddress();
  dead = { address, port: await freePort(address) };
  started.push(kms, rpc);
  const hosts = `kms1 A ${kms.address}\nkms2 A ${kms.address}\nold A ${dead.address}\nother A ${rpc.address}\n`;
  const named = await startNamed({
    zones: {
      "corp.test": hosts + srv(kms.port, "kms1"),
      "dead.test": hosts + srv(dead.port, "old"),
      "other.test": hosts + srv(rpc.port, "other"),
      "none.test": hosts,
    },
  });
  bind = named;
  // Knows the zone, and nothing in it.
  const dnsmasq = await startDnsmasq({ lines: ["local=/corp.test/"] });
  other = dnsmasq;
  started.push(named, dnsmasq);
});

afterAll(async () => {
  await Promise.all(started.map(({ stop }) => stop()));
  rmSync(dir, { recursive: true });
});

function paste(text: string): string {
  const file = join(dir, "ticket.txt");
  writeFileSync(file, text);
  return file;
}

const at = ({ address, port }: { address: string; port: number }): string => `${address}:${port}`;

async function joined(
  text: string,
  args: readonly string[],
): Promise<Finished & { explanation: Explanation }> {
  const resolvers = args.includes("-r") ? [] : ["-r", at(bind)];
  const finished = await run([
    "check",
    "--with",
    paste(text),
    "--format",
    "json",
    ...resolvers,
    ...args,
    ...QUICK,
  ]);
  if (finished.stdout === "") throw new Error(`no report: ${finished.stderr}`);
  const plain: unknown = JSON.parse(finished.stdout);
  published.parse(plain);
  const explanation = explanationSchema.parse(plain);
  checked(explanation.report);
  const pointers = [
    ...explanation.contradictions.flatMap(({ piece, network }) => [piece, network]),
    ...explanation.causes.map(({ pointer }) => pointer),
  ];
  for (const pointer of pointers)
    expect(pointer === null || leadsSomewhere(plain, pointer) ? "" : pointer).toBe("");
  return { ...finished, explanation };
}

const registry = (name: string, port: number): string =>
  `HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform
    KeyManagementServiceName    REG_SZ    ${name}
    KeyManagementServicePort    REG_SZ    ${port}
`;
const client = (lines: string): string => `Name: Windows(R), Professional edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Partial Product Key: T83GX
License Status: Notification
Notification Reason: 0xC004F074.
Key Management Service client information
${lines}`;
const found = (name: string, port: number): string =>
  client(`    KMS machine name from DNS: ${name}:${port}\n`);
const server = (lines: string): string => `Name: Windows(R), ServerStandard edition
Description: Windows(R) Operating System, VOLUME_KMS_WS19 channel
License Status: Licensed
Key Management Service is enabled on this machine
    Current count: 50
${lines}`;
const lookup = (zone: string, name: string, port: number): string => `Server:  dc1.corp.test
Address:  10.9.9.9

_vlmcs._tcp.${zone}      SRV service location:
          priority       = 0
          weight         = 0
          port           = ${port}
          svr hostname   = ${name}
`;
const connection = (name: string, port: number, works: boolean): string => `
ComputerName     : ${name}
RemoteAddress    : ${works ? dead.address : kms.address}
RemotePort       : ${port}
InterfaceAlias   : Ethernet
SourceAddress    : 10.8.0.6
TcpTestSucceeded : ${works ? "True" : "False"}
`;

type Case = { rule: string; text: () => string; args?: () => string[]; says: RegExp; next: RegExp };

/** Tests of a connection name KMS' own port only: elsewhere the event names the port. */
const CASES: readonly Case[] = [
  {
    rule: "fixed-host-does-not-serve",
    text: () => registry("old.corp.test", dead.port),
    says: /fixed to old\.corp\.test:\d+ in the registry.+refused.+kms1\.corp\.test:\d+, which DNS lists, would/,
    next: /ckms/,
  },
  {
    rule: "fixed-host-not-listed",
    text: () => registry("kms2.corp.test", kms.port),
    says: /DNS does not list that host, but kms1\.corp\.test/,
    next: /ckms/,
  },
  {
    rule: "fixed-port-differs",
    text: () => registry("kms1.corp.test", dead.port),
    args: () => ["-d", "corp.test"],
    says: /fixed to port \d+ of kms1\.corp\.test; DNS lists kms1\.corp\.test:\d+/,
    next: /ckms/,
  },
  {
    rule: "remembered-host-not-listed",
    text: () => found("old.corp.test", dead.port),
    says: /found old\.corp\.test:\d+ by DNS; here DNS lists kms1.+does not serve here/,
    next: /dlv/,
  },
  {
    rule: "remembered-port-differs",
    text: () => found("kms1.corp.test", dead.port),
    says: /the port has changed, or another resolver answers/,
    next: /dlv/,
  },
  {
    rule: "client-finds-none",
    text: () => "Error: 0x8007232B DNS name does not exist.\n",
    args: () => ["-d", "corp.test"],
    says: /got 0x8007232B.+lists kms1\.corp\.test:\d+ under corp\.test.+another suffix, or another resolver/,
    next: /ipconfig/,
  },
  {
    rule: "client-dns-fails",
    text: () => "Error: 0x8007267C No DNS servers configured for local system.\n",
    args: () => ["-d", "corp.test"],
    says: /got 0x8007267C.+another resolver, or no way/,
    next: /ipconfig/,
  },
  {
    rule: "lookup-denied-there-listed-here",
    text: () =>
      "Server:  dc1.corp.test\nAddress:  10.9.9.9\n\n*** dc1.corp.test can't find _vlmcs._tcp.corp.test: Non-existent domain\n",
    says: /dc1\.corp\.test said NXDOMAIN to _vlmcs\._tcp\.corp\.test; here .+ lists kms1/,
    next: /ipconfig/,
  },
  {
    rule: "lookup-listed-there-denied-here",
    text: () => lookup("none.test", "kms1.corp.test", kms.port),
    says: /listed kms1\.corp\.test:\d+ under none\.test; here .+ says N/,
    next: /kmsprobe check -d none\.test -r/,
  },
  {
    rule: "records-differ",
    text: () => lookup("corp.test", "old.corp.test", dead.port),
    says: /old\.corp\.test:\d+ is not listed here; here kms1\.corp\.test:\d+ is/,
    next: /kmsprobe check -d corp\.test/,
  },
  {
    rule: "published-but-denied-here",
    text: () => server("    DNS publishing enabled\n"),
    args: () => ["-d", "none.test"],
    says: /publishes itself in DNS; here .+ says N.+none\.test/,
    next: /12293/,
  },
  {
    rule: "not-published-but-listed",
    text: () => server("    DNS publishing disabled\n"),
    args: () => ["-d", "corp.test"],
    says: /does not publish itself.+made by hand, or left from earlier/,
    next: /sdns/,
  },
  {
    rule: "publishing-failed-but-listed",
    text: () =>
      "Log Name:      Key Management Service\nEvent ID:      12293\nPublishing the Key Management Service (KMS) to DNS in the 'corp.test' domain failed.\nInfo:\n0x80072338\n",
    says: /could not publish itself; here .+ lists kms1/,
    next: /whose record/,
  },
  {
    rule: "listening-port-not-listed",
    text: () => server(`    Listening on Port: 1699\n`),
    args: () => ["-d", "corp.test"],
    says: /listens on port 1699; DNS lists kms1\.corp\.test/,
    next: /1699/,
  },
  {
    rule: "host-works-silent-here",
    text: () => server(""),
    args: () => ["-d", "dead.test"],
    says: /KMS is enabled, and licensed.+none of old\.dead\.test:\d+ serves/,
    next: /Get-NetFirewallRule/,
  },
  {
    rule: "host-works-other-answers-here",
    text: () => server(""),
    args: () => ["-d", "other.test"],
    says: /at other\.other\.test:\d+ something else answers/,
    next: /Get-NetFirewallRule/,
  },
  {
    rule: "service-stopped-but-serves",
    text: () =>
      "SERVICE_NAME: sppsvc\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : 1  STOPPED\n        WIN32_EXIT_CODE    : 0  (0x0)\n",
    args: () => ["-d", "corp.test"],
    says: /stopped in the text; kms1\.corp\.test:\d+ binds KMS here/,
    next: /sc query/,
  },
  {
    rule: "suffixes-without-hosts",
    text: () =>
      "Windows IP Configuration\n\n   Host Name . . . . . . . . . . . . : pc1\n   Primary Dns Suffix  . . . . . . . : none.test\n   DNS Suffix Search List. . . . . . : none.test\n",
    args: () => ["-d", "corp.test"],
    says: /under none\.test only, where none is listed; here .+ lists kms1.+ under corp\.test/,
    next: /skms-domain corp\.test/,
  },
  {
    rule: "lookup-domain-without-hosts",
    text: () => client("    Registered KMS SRV record lookup domain: none.test\n"),
    args: () => ["-d", "corp.test"],
    says: /set to look for hosts under none\.test/,
    next: /ckms-domain/,
  },
  {
    rule: "client-resolver-denies",
    text: () =>
      `Windows IP Configuration\n\n   Primary Dns Suffix  . . . . . . . : corp.test\n   DNS Servers . . . . . . . . . . . : ${other.address}\n`,
    args: () => ["-r", at(other), "-r", at(bind)],
    says: /The client asks 127\.[\d.]+, which says NXDOMAIN for _vlmcs\._tcp\.corp\.test/,
    next: /forward/,
  },
  {
    rule: "address-differs",
    text: () => found("kms1.corp.test", kms.port) + `    KMS machine IP address: 127.99.9.9\n`,
    says: /has 127\.99\.9\.9 for kms1\.corp\.test; here the name has 127\.71/,
    next: /flushdns/,
  },
  {
    rule: "blocked-there-serves-here",
    text: () => connection("kms1.corp.test", kms.port, false),
    args: () => ["-d", "corp.test"],
    says: /got no connection to kms1\.corp\.test:\d+, which would serve from here/,
    next: /permit tcp from 10\.8\.0\.6 to 127\.71\.[\d.]+ port \d+/,
  },
  {
    rule: "reached-there-fails-here",
    text: () => connection("old.dead.test", dead.port, true),
    args: () => ["-d", "dead.test"],
    says: /was connected to old\.dead\.test:\d+, which does not serve here/,
    next: /--trace/,
  },
];

describe.skipIf(skip)("check --with", () => {
  test.each(CASES)("names $rule", async ({ rule, text, args, says, next }) => {
    const { explanation } = await joined(text(), args?.() ?? []);
    const told = explanation.contradictions.find((each) => each.rule === rule);
    expect(told?.text ?? `only ${explanation.contradictions.map((each) => each.rule).join(", ")}`).toMatch(
      says,
    );
    expect(`${told?.next?.text} ${told?.next?.command}`).toMatch(next);
  });

  test("has one table of causes from both: a host of old is confirmed where its name is gone", async () => {
    const { explanation, code } = await joined(registry("gone.corp.test", kms.port), []);
    expect(explanation.causes[2]).toMatchObject({
      cause: "client-configuration",
      state: "confirmed",
      pointer: "/pieces/0/facts/kmsHost",
    });
    expect(explanation.causes[2]?.evidence).toMatch(/fixed to gone\.corp\.test.+kms1\.corp\.test/);
    expect(code).toBe(0);
  });

  test("leaves open what one side confirms and the other shows to be sound", async () => {
    const text = `${client("")}\n${lookup("corp.test", "kms1.corp.test", kms.port)}`;
    const { explanation } = await joined(text, ["-d", "dead.test"]);
    const [connectivity, , , , , dns] = explanation.causes;
    expect(dns).toMatchObject({ state: "ruled-out", step: null });
    expect(dns?.evidence).toMatch(/^From here: .+ In the text: |^In the text: .+ From here: /);
    expect(connectivity?.state).toBe("possible");
    expect(connectivity?.pointer).toMatch(/^\/report\/diagnoses\/|^\/pieces\//);
  });

  test("asks what the text names: suffix, hosts and, where none is given, resolvers; each a few times at most", async () => {
    const many = Array.from({ length: 40 }, (_, index) => registry(`h${index}.corp.test`, kms.port)).join(
      "\n\n",
    );
    const { explanation } = await joined(many, []);
    const hosts = explanation.report?.diagnoses.find(({ target }) => target.kind === "list")?.endpoints ?? [];
    expect(hosts).toHaveLength(16);
    expect(explanation.contradictions.length).toBeLessThanOrEqual(50);
  });

  test("prints text and Markdown with all of it, and keeps its exit codes", async () => {
    const file = paste(registry("old.corp.test", dead.port));
    const args = ["check", "--with", file, "-r", at(bind), ...QUICK];
    const text = await run(args);
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toMatch(/_vlmcs\._tcp\.corp\.test {2}\(from .*ticket\.txt\)/);
    expect(text.stdout).toMatch(/contradict each other\n {2}≠ The client is fixed to old\.corp\.test/);
    expect(text.stdout.match(/The eight usual causes/g)).toHaveLength(1);
    const markdown = await run([...args, "--format", "markdown"]);
    expect(markdown.stdout).toMatch(/^# . 1 of 2 hosts would serve/);
    expect(markdown.stdout).toMatch(
      /# What the text says\n\n## Contradictions\n\n- The client is fixed to old/,
    );
    expect((await run([...args, "--require", "all", "-q"])).code).toBe(1);
    expect(await run([...args, "--format", "csv"])).toMatchObject({ code: 2, stdout: "" });
    const missing = await run(["check", "--with", "/nowhere.txt", "-r", at(bind)]);
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toMatch(/^kmsprobe: \/nowhere\.txt is no code of ours, and no file.*\n$/);
  });
});

test.skipIf(process.platform === "win32")("explain --here says that this is no Windows", async () => {
  const { code, stdout, stderr } = await run(["explain", "--here"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^kmsprobe: --here reads the activation of the Windows that it runs on.*\n$/);
});

describe.skipIf(skip)("explain --check", () => {
  test("is the same from the other side, with the exit codes of explain", async () => {
    const file = paste(registry("old.corp.test", dead.port));
    const { code, stdout } = await run(["explain", file, "--check", "-r", at(bind), "--format", "json"]);
    expect(code).toBe(0);
    const { contradictions, report } = explanationSchema.parse(JSON.parse(stdout));
    expect(contradictions.map(({ rule }) => rule)).toEqual(["fixed-host-does-not-serve"]);
    expect(report?.requirement).toMatchObject({ serving: 1, listed: 2 });
  });

  test("looks at nothing where nothing was recognised, or nobody asked for it", async () => {
    const nothing = await run(["explain", paste("hello\n"), "--check", "-r", at(bind)]);
    expect(nothing).toMatchObject({ code: 1, stdout: "" });
    expect(nothing.stderr).toContain("nothing was recognised");
    expect(await run(["explain", "0xC004F074", "-r", at(bind)])).toMatchObject({ code: 2, stdout: "" });
  });
});
