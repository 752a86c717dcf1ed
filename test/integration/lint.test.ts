/**
 * A zone of a real BIND for each rule of the lint, and the cure: the fix as it is printed goes through nsupdate, and
 * the finding is gone.
 */
import { execFile } from "node:child_process";
import { createServer, connect } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Diagnosis } from "../../src/model/diagnosis.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { Report } from "../../src/model/report.ts";
import { needs } from "./servers/available.ts";
import { loopbackAddress } from "./servers/free-port.ts";
import { startImpacket } from "./servers/impacket.ts";
import { startNamed } from "./servers/named.ts";
import { KMS_INTERFACE, run, runCheck } from "./support/kmsprobe.ts";

const { skip } = needs("named", "nsupdate", "impacket");

const PATIENCE = ["--timeout", "2s", "--rpc-timeout", "2s", "--dns-timeout", "3s"];
const KMS_PORT = 1688;

type Server = { address: string; port: number };

const started: { stop: () => Promise<void> }[] = [];
let first: Server;
let second: Server;
let before: Report;

/** Two hosts that serve on the KMS port, and one where nobody listens on it. */
const serving = [loopbackAddress(), loopbackAddress()] as const;
const refusing = loopbackAddress();
let otherPort = 0;

const HOSTS = `
kms1 A ${serving[0]}
kms2 A ${serving[1]}
dead A ${refusing}
`;

function srv(fields: string, ttl = 3600): string {
  return `_vlmcs._tcp ${ttl} SRV ${fields}\n`;
}

/** One domain for each rule, `<rule>.test`, with what its records are, and what is found in it. */
function zones(): Record<string, { records: string; finds: Finding["code"][] }> {
  return {
    clean: { records: srv("0 0 1688 kms1") + srv("10 5 1688 kms2"), finds: [] },
    dangling: { records: srv("0 0 1688 kms1") + srv("0 0 1688 gone"), finds: ["lint-dangling-target"] },
    alias: { records: `${srv("0 0 1688 alias")}alias CNAME kms1\n`, finds: ["srv-alias-target"] },
    literal: {
      records: srv("0 0 1688 kms1") + srv(`0 0 1688 ${serving[1]}`),
      finds: ["lint-literal-target"],
    },
    "literal-dot": {
      records: srv("0 0 1688 kms1") + srv(`0 0 1688 ${serving[1]}.`),
      finds: ["lint-literal-target"],
    },
    doubled: { records: srv("0 0 1688 kms1.doubled.test"), finds: ["lint-doubled-zone"] },
    duplicate: { records: srv("0 0 1688 kms1") + srv("10 0 1688 kms1"), finds: ["lint-duplicate-record"] },
    port: { records: srv(`0 0 ${otherPort} kms1`), finds: ["lint-other-port"] },
    twin: { records: `${srv("0 0 1688 kms1")}_vlmcs._udp SRV 0 0 1688 kms1\n`, finds: ["lint-udp-twin"] },
    empty: { records: "", finds: ["lint-missing-in-domain"] },
    weights: { records: srv("0 10 1688 kms1") + srv("0 0 1688 kms2"), finds: ["lint-mixed-weights"] },
    short: { records: srv("0 0 1688 kms1", 5) + srv("0 0 1688 kms2", 5), finds: ["lint-ttl"] },
    long: { records: srv("0 0 1688 kms1", 86_401), finds: ["lint-ttl"] },
    many: {
      records:
        ["kms1", "kms2", "kms3", "kms4"].map((host) => srv(`0 0 1688 ${host}`)).join("") +
        `kms3 A ${serving[0]}\nkms4 A ${serving[1]}\n`,
      finds: ["lint-same-address", "lint-same-address", "lint-many-hosts"],
    },
    dead: { records: srv("0 0 1688 kms1") + srv("0 0 1688 dead"), finds: ["lint-not-answering"] },
  };
}

/** Zones whose cure takes out a record of a host that serves, or that may: no line does that. */
const ASKS_PEOPLE = ["literal-dot", "port", "many", "dead"];

/** Hands connections on the KMS port to where a server listens. */
async function forward(address: string, to: Server): Promise<void> {
  const server = createServer((client) => {
    const upstream = connect(to.port, to.address);
    for (const [from, into] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on("error", () => into.destroy());
      from.pipe(into);
    }
  });
  started.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port: KMS_PORT }, resolve);
  });
}

beforeAll(async () => {
  if (skip) return;
  const kms = [
    startImpacket({ ...KMS_INTERFACE, address: serving[0] }),
    startImpacket({ ...KMS_INTERFACE, address: serving[1] }),
  ];
  for (const each of await Promise.allSettled(kms)) if (each.status === "fulfilled") started.push(each.value);
  for (const [index, address] of serving.entries()) {
    const to = await kms[index];
    if (to === undefined) throw new Error("two servers were started");
    await forward(address, to);
  }
  otherPort = (await kms[0])?.port ?? 0;
  const all = Object.entries(zones()).map(([name, { records }]) => [`${name}.test`, HOSTS + records]);
  const options = "allow-update { 127.0.0.0/8; };";
  const named = [
    startNamed({ zones: Object.fromEntries(all), options }),
    // A copy of the clean zone that knows one host of two.
    startNamed({ zones: { "clean.test": `${HOSTS}_vlmcs._tcp SRV 0 0 1688 kms1\n` }, options }),
  ] as const;
  for (const each of await Promise.allSettled(named))
    if (each.status === "fulfilled") started.push(each.value);
  [first, second] = await Promise.all(named);
  before = await check();
});

afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
});

async function check(): Promise<Report> {
  const domains = Object.keys(zones()).flatMap((name) => ["-d", `${name}.test`]);
  const { report } = await runCheck([...domains, "-r", at(first), ...PATIENCE]);
  return report;
}

function at({ address, port }: Server): string {
  return `${address}:${port}`;
}

function diagnosisOf(report: Report, name: string): Diagnosis {
  const found = report.diagnoses.find(
    ({ target }) => target.kind === "domain" && target.domain === `${name}.test`,
  );
  if (found === undefined) throw new Error(`no ${name}.test in the report`);
  return found;
}

/** Runs the line that a finding has for BIND; nsupdate is told which server instead of asking its own machine. */
async function apply({ fix, code }: Finding, { address, port }: Server): Promise<void> {
  if (fix?.bind == null) throw new Error(`${code} has no fix for BIND`);
  const line = fix.bind.replace(/\| nsupdate -l$/, `| (echo server ${address} ${port}; cat) | nsupdate -t 5`);
  await promisify(execFile)("sh", ["-c", line], { timeout: 10_000 });
}

describe.skipIf(skip)("one zone for each rule", () => {
  test.each(Object.keys(zones()))("%s.test shows what is wrong with it, and nothing else", (name) => {
    const { findings } = diagnosisOf(before, name);
    expect(findings.map(({ code }) => code).filter((code) => !code.startsWith("rpc-"))).toEqual(
      zones()[name]?.finds,
    );
  });

  test("the twin is asked for once, and only where hosts are listed", () => {
    const asked = ["clean", "empty"].map((name) => diagnosisOf(before, name).udpTwin);
    expect(asked).toMatchObject([
      [{ name: "_vlmcs._udp.clean.test", answer: { outcome: "denied", denial: { rcode: "NXDOMAIN" } } }],
      [],
    ]);
  });

  test("a dead record comes with what it costs a client", () => {
    const [finding] = diagnosisOf(before, "dead").findings.filter(({ code }) => code.startsWith("lint-"));
    expect(finding?.observed).toBe(
      "dead.dead.test:1688 is listed and does not serve (refused): 50 % of clients try it first, and learn at once",
    );
  });

  test("the verbose text ends with the eight causes, and has the fixes on lines of their own", async () => {
    const { stdout } = await run(["check", "-v", "-d", "dangling.test", "-r", at(first), ...PATIENCE]);
    const lines = stdout.split("\n").map((line) => line.trim());
    expect(lines).toContain(
      "dnscmd /RecordDelete dangling.test _vlmcs._tcp SRV 0 0 1688 gone.dangling.test. /f",
    );
    expect(lines).toContain(
      "printf '%s\\n' 'update delete _vlmcs._tcp.dangling.test. SRV 0 0 1688 gone.dangling.test.' send | nsupdate -l",
    );
    const causes = lines
      .slice(lines.indexOf("The eight usual causes") + 1)
      .filter((line) => /^\d [✓✗?–] /.test(line));
    expect(causes).toEqual([
      "1 ✓ Connectivity: ruled out from here",
      "2 ✓ KMS host: ruled out from here",
      "3 – Client configuration: not visible from here",
      "4 – Activation threshold: not visible from here",
      "5 – Clock: not visible from here",
      "6 ? DNS: possible",
      "7 – Host key: not visible from here",
      "8 – VPN: not visible from here",
    ]);
  });

  test("nothing is to be typed that takes out what may serve somebody", () => {
    for (const name of ASKS_PEOPLE) {
      const fixes = diagnosisOf(before, name).findings.flatMap(({ fix }) => fix ?? []);
      expect(fixes).toEqual(zones()[name]?.finds.map(() => ({ windows: null, bind: null })));
    }
  });

  test("every fix for BIND does what it says: with all of them run, only what people must decide is left", async () => {
    for (const finding of before.diagnoses.flatMap(({ findings }) => findings)) {
      if (finding.fix !== null && finding.fix.bind !== null) await apply(finding, first);
    }
    const after = await check();
    const left = after.diagnoses.flatMap(({ findings, target }) =>
      findings
        .filter(({ fix }) => fix !== null)
        .map(({ code }) => [target.kind === "domain" && target.domain, code]),
    );
    expect(left).toEqual(
      ASKS_PEOPLE.flatMap((name) => zones()[name]?.finds.map((code) => [`${name}.test`, code]) ?? []),
    );
    const others = after.diagnoses.filter(
      ({ target }) =>
        target.kind === "domain" && !ASKS_PEOPLE.some((name) => target.domain === `${name}.test`),
    );
    expect(others.map(({ verdict }) => verdict.code)).toEqual(others.map(() => "rpc-serves"));
  });
});

/** What is to be put right where both servers are asked for the clean zone. */
async function askBoth(): Promise<Finding[]> {
  const { report } = await runCheck(["-d", "clean.test", "-r", at(first), "-r", at(second), ...PATIENCE]);
  return diagnosisOf(report, "clean").findings.filter(({ fix }) => fix !== null);
}

describe.skipIf(skip)("two copies of a zone", () => {
  test("the copy that lacks a host is named, until the fix has been run there", async () => {
    const findings = await askBoth();
    expect(findings).toMatchObject([
      {
        code: "lint-missing-at-resolver",
        subject: "/srv/1",
        observed: `${at(second)} doesn't list kms2.clean.test:1688, which another resolver does`,
      },
    ]);
    for (const finding of findings) await apply(finding, second);
    expect(await askBoth()).toEqual([]);
  });
});
