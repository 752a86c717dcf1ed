/**
 * What real forwarders, stubs and filters do to discovery, and what is said of it: the table of docs/dns.md, row by row.
 * Each has one upstream on loopback, and asks nobody else.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Diagnosis } from "../../src/model/diagnosis.ts";
import type { Report } from "../../src/model/report.ts";
import { needs } from "./servers/available.ts";
import { startDnsmasq } from "./servers/dnsmasq.ts";
import {
  startDnsdist,
  startKresd,
  startRecursor,
  startResolved,
  startUnbound,
} from "./servers/forwarders.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { startNamed } from "./servers/named.ts";
import type { RunningServer } from "./servers/process.ts";
import { withSoa } from "./servers/zone-text.ts";
import { runCheck } from "./support/kmsprobe.ts";
import { ownNames } from "./support/own-names.ts";
import { zoneFile, type ZoneEntry } from "./support/zone.ts";

const { skip } = needs("linux", "named", "dnsmasq", "unbound");
const { skip: skipOthers } = needs("kresd", "pdns_recursor", "dnsdist");
const { skip: skipOwn } = needs("linux", "root", "unshare", "mount", "dnsmasq", "named");
const { skip: skipResolved } = needs("linux", "root", "unshare", "named", "systemd-resolved");

/** A private address, and no other machine's. */
const KMS = "127.0.77.5";

const srv = (domain: string, name = `_vlmcs._tcp.${domain}`): ZoneEntry => ({
  name,
  srv: { priority: 0, weight: 0, port: 1688, target: `kms1.${domain}` },
});

const ZONES = {
  "corp.test": zoneFile([
    srv("corp.test"),
    srv("corp.test", "_ldap._tcp.corp.test"),
    { name: "kms1.corp.test", address: KMS },
    { name: "corp.test", address: KMS },
  ]),
  "corp.local": zoneFile([srv("corp.local"), { name: "kms1.corp.local", address: KMS }]),
  "corp.example": zoneFile([srv("corp.example"), { name: "kms1.corp.example", address: KMS }]),
  "bare.test": zoneFile([{ name: "www.bare.test", address: KMS }, srv("bare.test", "_vlmcs._udp.bare.test")]),
  "wild.test": zoneFile([{ name: "*.wild.test", address: KMS }]),
  "alias.test": zoneFile([
    { name: "*.alias.test", alias: "www.alias.test" },
    { name: "www.alias.test", address: KMS },
  ]),
};

let upstream: RunningServer;
/** Nobody listens. */
let closed: { address: string; port: number };

beforeAll(async () => {
  if (skip) return;
  const address = loopbackAddress();
  closed = { address, port: await freePort(address) };
  // Without glue: what a resolver says of the address is to be seen.
  upstream = await startNamed({ zones: ZONES, options: "minimal-responses yes;" });
});

afterAll(() => upstream?.stop());

/** Stops it with the test that started it. */
async function forThisTest(server: Promise<RunningServer>): Promise<RunningServer> {
  const started = await server;
  onTestFinished(() => started.stop());
  return started;
}

function dnsmasq(...lines: readonly string[]): Promise<RunningServer> {
  const { address, port } = upstream;
  return forThisTest(startDnsmasq({ lines: [`server=${address}#${port}`, ...lines] }));
}

async function ask(
  { address, port }: { address: string; port: number },
  domain = "corp.test",
  ...args: readonly string[]
): Promise<{ report: Report; diagnosis: Diagnosis; code: number | null }> {
  const patience = ["--timeout", "1s", "--rpc-timeout", "1s", "--dns-timeout", "3s"];
  const { report, code } = await runCheck(["-d", domain, "-r", `${address}:${port}`, ...patience, ...args]);
  const [diagnosis] = report.diagnoses;
  if (diagnosis === undefined) throw new Error("no diagnosis");
  return { report, diagnosis, code };
}

describe.skipIf(skip)("who denied", () => {
  test("dnsmasq's filterwin2k takes SRV and SOA away, and other questions of the zone are answered", async () => {
    const { report, diagnosis } = await ask(await dnsmasq("filterwin2k"));
    const { verdict } = report;
    expect([verdict.code, verdict.certainty]).toEqual(["srv-nodata", "likely"]);
    expect(verdict.causes[0]).toContain("carries no SRV records of corp.test");
    expect(verdict.observed).toContain("A of the domain: 127.0.77.5");
    expect(verdict.next.map(({ command }) => command).join()).not.toContain("sppsvc");
    expect(diagnosis.srv[0]?.controls.map(({ purpose }) => purpose)).toEqual(
      expect.arrayContaining(["zone", "address", "same-name", "other-service", "nobody"]),
    );
  });

  test("the zone itself: nothing is asked of who, and the record under another name is found", async () => {
    const { report, diagnosis } = await ask(upstream, "bare.test");
    expect([report.verdict.code, report.verdict.certainty]).toEqual(["srv-nxdomain", "certain"]);
    expect(report.verdict.causes[0]).toBe(
      "the record was published under another name: _vlmcs._udp.bare.test",
    );
    expect(report.verdict.causes[1]).toBe("no KMS host publishes into bare.test");
    // Suffixes of the machine that runs this are asked for, too.
    const asked = diagnosis.srv[0]?.controls.filter(({ purpose }) => purpose !== "sibling");
    expect(asked?.map(({ purpose }) => purpose)).toEqual(["bare", "udp", "doubled", "misspelt"]);
    const found = diagnosis.findings.find(({ code }) => code === "srv-published-elsewhere");
    expect(found?.observed).toContain("lists kms1.bare.test:1688 as _vlmcs._udp.bare.test");
  });

  test("dnsmasq with an srv-host line without a domain lists it where nobody looks", async () => {
    const resolver = await dnsmasq("srv-host=_vlmcs._tcp,kms1.corp.test,1688", "local=/corp.test/");
    const { diagnosis } = await ask(resolver);
    const found = diagnosis.findings.find(({ code }) => code === "srv-published-elsewhere");
    expect(found?.observed).toContain("lists kms1.corp.test:1688 as _vlmcs._tcp, without a suffix");
  });

  test("dnsmasq with an srv-host line without a port lists port 1, and that is said", async () => {
    const resolver = await dnsmasq("srv-host=_vlmcs._tcp.corp.test,kms1.corp.test");
    const { diagnosis } = await ask(resolver);
    const found = diagnosis.findings.find(({ code }) => code === "srv-unfinished");
    expect(found?.observed).toContain("lists kms1.corp.test with port 1 and TTL 0");
    // One fault, told once; and nobody is sent to the host for it.
    expect(diagnosis.findings.map(({ code }) => code)).not.toContain("lint-ttl");
    expect(diagnosis.findings.map(({ code }) => code)).not.toContain("lint-other-port");
    const [attempt] = diagnosis.endpoints.flatMap(({ attempts }) => attempts);
    expect([attempt?.verdict.code, attempt?.verdict.certainty]).toEqual(["tcp-refused", "likely"]);
    expect(attempt?.verdict.causes[0]).toContain("the record is unfinished");
    expect(attempt?.verdict.next.map(({ where }) => where)).not.toContain("kms-host");
  });

  test("dnsmasq with an srv-host line without a host: what it publishes is nobody's purpose", async () => {
    const { report, code } = await ask(await dnsmasq("srv-host=_vlmcs._tcp.corp.test"));
    expect([report.verdict.code, report.verdict.certainty]).toEqual(["srv-not-offered", "likely"]);
    expect(report.verdict.causes[0]).toContain("srv-host=_vlmcs._tcp.corp.test without a host");
    expect(code).toBe(1);
  });

  test("dnsmasq with local=/corp.test/, as routers have it, knows nothing of the zone", async () => {
    const { report } = await ask(await dnsmasq("local=/corp.test/"));
    expect([report.verdict.code, report.verdict.certainty]).toEqual(["srv-nxdomain", "likely"]);
    expect(report.verdict.causes[0]).toContain("this resolver knows no zone corp.test");
    expect(report.verdict.next.map(({ command }) => command).join()).not.toContain("Add-DnsServer");
  });

  test("a resolver that answers every name says nothing by what it denies", async () => {
    const { report } = await ask(await dnsmasq("local=/corp.test/", `address=/corp.test/${KMS}`));
    expect([report.verdict.code, report.verdict.certainty]).toEqual(["srv-nodata", "likely"]);
    expect(report.verdict.causes[0]).toContain("answers every name, even one that nobody has");
  });

  test.each(["wild.test", "alias.test"])("%s exists by its wildcard only", async (domain) => {
    const { report } = await ask(upstream, domain);
    expect(report.verdict.code).toBe("srv-nodata");
    expect(report.verdict.causes[0]).toContain("a wildcard of the zone makes every name there exist");
  });

  test("unbound's local-zone refuse is about the name, BIND's allow-query about the source", async () => {
    const byName = await forThisTest(startUnbound(upstream, ['local-zone: "corp.test." refuse']));
    const bySource = await forThisTest(startNamed({ zones: ZONES, options: "allow-query { none; };" }));
    const [name, source] = await Promise.all([ask(byName), ask(bySource)]);
    expect(name.report.verdict.code).toBe("srv-refused");
    expect(source.report.verdict.code).toBe("srv-refused");
    expect(name.report.verdict.causes[0]).toContain("a rule refuses names under corp.test");
    expect(source.report.verdict.causes[0]).toContain("its policy doesn't let this machine ask it");
    expect(JSON.stringify(source.report.verdict.causes)).not.toContain("a rule refuses names");
  });

  test("unbound's local-zone always_nodata stands for no zone", async () => {
    const resolver = await forThisTest(startUnbound(upstream, ['local-zone: "corp.test." always_nodata']));
    const { verdict } = (await ask(resolver)).report;
    expect([verdict.code, verdict.certainty]).toEqual(["srv-nodata", "likely"]);
    expect(verdict.causes[0]).toContain("a local zone of unbound");
  });

  test("where hosts are listed, nothing is asked beside, not even of a domain that has none", async () => {
    const { report } = await ask(upstream, "corp.test", "-d", "bare.test");
    expect(
      report.diagnoses.flatMap(({ srv: answers }) => answers.flatMap(({ controls }) => controls)),
    ).toEqual([]);
  });
});

/** BIND before the zone's own server, with a response policy zone. */
function withPolicy(...rules: readonly string[]): Promise<RunningServer> {
  const { address, port } = upstream;
  const options = `recursion yes; forward only; forwarders { ${address} port ${port}; };
    response-policy { zone "policy.test"; } qname-wait-recurse no; minimal-responses yes;`;
  const zones = { "policy.test": withSoa(rules.map((rule) => `${rule}\n`).join("")) };
  return forThisTest(startNamed({ zones, options }));
}

describe.skipIf(skip)("a rule about one name", () => {
  test.each([
    ["BIND's response policy: NXDOMAIN", () => withPolicy("_vlmcs._tcp.corp.test CNAME ."), "srv-nxdomain"],
    ["BIND's response policy: NODATA", () => withPolicy("_vlmcs._tcp.corp.test CNAME *."), "srv-nodata"],
    [
      "unbound's local-zone for the one name",
      () => forThisTest(startUnbound(upstream, ['local-zone: "_vlmcs._tcp.corp.test." always_nxdomain'])),
      "srv-nxdomain",
    ],
  ])("%s takes the records out: nobody is told to publish", async (_, start, code) => {
    const { verdict } = (await ask(await start())).report;
    expect([verdict.code, verdict.certainty]).toEqual([code, "likely"]);
    expect(verdict.causes).toEqual([
      expect.stringContaining("a rule of this resolver takes _vlmcs._tcp.corp.test out"),
    ]);
    expect(JSON.stringify(verdict.next)).not.toMatch(/Restart-Service|Add-DnsServerResourceRecord/);
  });

  test.each([
    ["BIND's response policy", () => withPolicy("kms1.corp.test CNAME .")],
    [
      "unbound's local-zone",
      () => forThisTest(startUnbound(upstream, ['local-zone: "kms1.corp.test." always_nxdomain'])),
    ],
  ])("%s takes the host out: its record is not to be removed", async (_, start) => {
    const { report, diagnosis } = await ask(await start());
    const { verdict } = report;
    expect([verdict.code, verdict.certainty]).toEqual(["address-none", "likely"]);
    expect(verdict.causes[0]).toContain("a rule of this resolver takes kms1.corp.test out");
    expect(JSON.stringify(verdict.next)).not.toContain("Remove the SRV record");
    expect(diagnosis.findings.map(({ code }) => code)).not.toContain("lint-dangling-target");
  });

  test("BIND's response policy gives another address: what it leads to says nothing of the host", async () => {
    const { report } = await ask(await withPolicy("kms1.corp.test A 127.0.77.6"));
    expect(report.verdict.code).toBe("tcp-refused");
    expect(report.verdict.causes[0]).toContain("a rule of the resolver");
    expect(report.verdict.next[0]).toMatchObject({ where: "dns" });
  });
});

describe.skipIf(skip)("a resolver that is silent for one name", () => {
  test.each([
    ["BIND's response policy drops it", () => withPolicy("_vlmcs._tcp.corp.test CNAME rpz-drop.")],
    [
      "dnsmasq's server for the zone is dead",
      () => dnsmasq(`server=/corp.test/${closed.address}#${closed.port}`),
    ],
  ])("%s: it answers for the root", async (_, start) => {
    const { report, diagnosis } = await ask(await start(), "corp.test", "--dns-timeout", "1s");
    const { verdict } = report;
    expect(diagnosis.srv[0]?.controls.map(({ purpose }) => purpose)).toEqual(["root"]);
    expect([verdict.code, verdict.certainty]).toEqual(["srv-no-answer", "ambiguous"]);
    expect(verdict.causes).toEqual([
      expect.stringContaining("the servers that it asks for corp.test don't answer it"),
      expect.stringContaining("a rule drops questions for this one"),
    ]);
    expect(verdict.next).toEqual([expect.objectContaining({ where: "dns" })]);
  });
});

describe.skipIf(skip)("an old address", () => {
  test("that BIND gives while the zone's own server is silent is said to be one", async () => {
    const zones = { "corp.test": zoneFile([{ name: "kms1.corp.test", address: "127.0.77.6" }]) };
    const own = await startNamed({ zones });
    const options = `recursion yes; forward only; forwarders { ${own.address} port ${own.port}; };
      stale-cache-enable yes; stale-answer-enable yes; max-stale-ttl 3600; max-cache-ttl 1; stale-answer-client-timeout 0;`;
    const resolver = await forThisTest(startNamed({ options }));
    const look = () =>
      runCheck(["kms1.corp.test", "-r", `${resolver.address}:${resolver.port}`, "--timeout", "1s"]);
    await look();
    await own.stop();
    await sleep(1_500);
    const { report } = await look();
    expect(report.verdict.code).toBe("tcp-refused");
    expect(report.verdict.causes[0]).toContain("127.0.77.6 is an old one, as the resolver says itself");
  });
});

describe.skipIf(skip)("rebind protection", () => {
  test.each([
    ["dnsmasq's stop-dns-rebind", () => dnsmasq("stop-dns-rebind")],
    [
      "unbound's private-address",
      () => forThisTest(startUnbound(upstream, ["private-address: 127.0.0.0/8"])),
    ],
  ])("%s takes the address out, and the record is not to be removed", async (_, start) => {
    const { report, diagnosis } = await ask(await start());
    const { verdict } = report;
    expect([verdict.code, verdict.certainty]).toEqual(["address-none", "likely"]);
    expect(verdict.causes[0]).toContain("rebind protection takes private addresses out");
    expect(verdict.next[0]?.text).toContain("rebind-domain-ok=/ZONE/");
    expect(JSON.stringify(verdict.next)).not.toContain("Remove the SRV record");
    expect(diagnosis.findings.map(({ code }) => code)).not.toContain("lint-dangling-target");
  });

  test("unbound before a server that shows no SOA hides the address without a trace", async () => {
    const lines = [
      "local=/corp.test/",
      "srv-host=_vlmcs._tcp.corp.test,kms1.corp.test,1688",
      `host-record=kms1.corp.test,${KMS}`,
    ];
    const zone = await forThisTest(startDnsmasq({ lines }));
    const hiding = await forThisTest(startUnbound(zone, ["private-address: 127.0.0.0/8"]));
    const { report, diagnosis } = await ask(hiding);
    const { verdict } = report;
    expect([verdict.code, verdict.certainty]).toEqual(["address-none", "likely"]);
    expect(verdict.causes[1]).toContain("DNS rebind protection");
    expect(verdict.next[0]?.text).toContain("before anything is changed");
    expect(diagnosis.findings.map(({ code }) => code)).not.toContain("lint-dangling-target");
  });

  test("unbound with private-domain gives the address", async () => {
    const exempt = ["private-address: 127.0.0.0/8", 'private-domain: "corp.test"'];
    const { diagnosis } = await ask(await forThisTest(startUnbound(upstream, exempt)));
    expect(diagnosis.endpoints[0]?.address.addresses).toEqual([KMS]);
  });
});

describe.skipIf(skip)("a resolver whose upstreams are dead", () => {
  test("dnsmasq without any says so by an extended error: no policy", async () => {
    const { verdict } = (await ask(await forThisTest(startDnsmasq({ lines: [] })))).report;
    expect([verdict.code, verdict.certainty]).toEqual(["srv-refused", "likely"]);
    expect(verdict.observed).toContain("(extended error 14)");
    expect(verdict.causes[0]).toContain("reaches none of its own upstreams");
    expect(JSON.stringify(verdict.next)).not.toContain("allow-query");
  });

  test.each([
    ["dnsmasq", () => startDnsmasq({ lines: [`server=${closed.address}#${closed.port}`] })],
    ["unbound", () => startUnbound(closed)],
  ])("%s is silent over UDP, and TCP connects", async (_, start) => {
    const { diagnosis, report } = await ask(await forThisTest(start()), "corp.test", "--dns-timeout", "1s");
    expect(diagnosis.srv[0]?.exchange.overTcp).toBe("connected");
    expect([report.verdict.code, report.verdict.certainty]).toEqual(["srv-no-answer", "ambiguous"]);
    expect(report.verdict.causes[0]).toContain("a forwarder or balancer whose own upstreams don't answer");
  });

  test.skipIf(skipOthers)("dnsdist is as silent, or says SERVFAIL for the root as well", async () => {
    const mute = await forThisTest(startDnsdist(closed));
    const loud = await forThisTest(startDnsdist(closed, ["setServFailWhenNoServer(true)"]));
    const silent = await ask(mute, "corp.test", "--dns-timeout", "1s");
    expect(silent.report.verdict.causes[0]).toContain("a forwarder or balancer");
    const { verdict } = (await ask(loud)).report;
    expect(verdict.code).toBe("srv-servfail");
    expect(verdict.causes[0]).toContain("lives, and reaches none of its upstreams");
  });

  test.skipIf(skipOthers)("pdns-recursor says SERVFAIL for the root as well", async () => {
    const { verdict } = (await ask(await forThisTest(startRecursor(closed)))).report;
    expect([verdict.code, verdict.certainty]).toEqual(["srv-servfail", "likely"]);
    expect(verdict.causes[0]).toContain("lives, and reaches none of its upstreams");
  });

  test.skipIf(skipOthers)(
    "pdns-recursor keeps SERVFAIL when its upstream is back: an earlier failure is named",
    async () => {
      const address = "127.0.0.1";
      const late = { address, port: await freePort(address) };
      const recursor = await forThisTest(startRecursor(late));
      expect((await ask(recursor)).report.verdict.code).toBe("srv-servfail");
      await forThisTest(startNamed({ zones: ZONES, ...late }));
      const { verdict } = (await ask(recursor)).report;
      expect(verdict.code).toBe("srv-servfail");
      expect(verdict.causes).toContainEqual(expect.stringContaining("an earlier failure, which is over"));
      // What was not asked for before is answered.
      expect((await ask(recursor, "corp.example")).diagnosis.endpoints[0]?.address.addresses).toEqual([KMS]);
    },
  );
});

describe.skipIf(skip || skipOthers)("a resolver that hands everything on", () => {
  test.each([
    ["unbound", startUnbound],
    ["knot-resolver", startKresd],
    ["pdns-recursor", startRecursor],
    ["dnsdist", startDnsdist],
  ])("%s: the host and its address are found, with or without glue", async (_, start) => {
    const { diagnosis } = await ask(await forThisTest(start(upstream)));
    expect(diagnosis.endpoints[0]?.address.addresses).toEqual([KMS]);
    expect(diagnosis.srv[0]?.controls).toEqual([]);
  });
});

describe.skipIf(skipResolved)("systemd-resolved", () => {
  test(".local is refused with AA: its own rule, and no line for a name server", async () => {
    const { verdict } = (await ask(await forThisTest(startResolved(upstream)), "corp.local")).report;
    expect([verdict.code, verdict.certainty]).toEqual(["srv-refused", "likely"]);
    expect(verdict.causes[0]).toContain("a stub resolver such as systemd-resolved keeps .local");
    expect(verdict.next[0]?.command).toBe("resolvectl domain LINK corp.local");
    expect(JSON.stringify(verdict.next)).not.toContain("allow-query");
  });

  test("with Domains=corp.local it answers", async () => {
    const resolver = await forThisTest(startResolved(upstream, ["Domains=corp.local"]));
    expect((await ask(resolver, "corp.local")).diagnosis.endpoints[0]?.address.addresses).toEqual([KMS]);
  });

  test("with DNSSEC=yes an unsigned zone fails to validate, and its records stand beside the error", async () => {
    const resolver = await forThisTest(startResolved(upstream, ["DNSSEC=yes"]));
    const { verdict } = (await ask(resolver, "corp.example")).report;
    expect(verdict.code).toBe("srv-servfail");
    expect(verdict.causes[0]).toContain("the records stand in the answer, beside the error");
  });
});

describe.skipIf(skipOwn)("this machine's own suffixes", () => {
  test("the record stands under one of them that was not named", async () => {
    const names = await ownNames({ resolvConf: "nameserver 127.0.0.1\nsearch corp.test branch.test\n" });
    onTestFinished(names.remove);
    const { address, port } = await dnsmasq("local=/branch.test/");
    const { report } = await runCheck(["-d", "branch.test", "-r", `${address}:${port}`], names);
    const found = report.diagnoses[0]?.findings.find(({ code }) => code === "srv-published-elsewhere");
    expect(found?.observed).toContain(
      "lists kms1.corp.test:1688 as _vlmcs._tcp.corp.test, under another suffix of this machine",
    );
  });
});
