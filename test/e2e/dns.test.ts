import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished } from "vitest";
import { ownNames } from "../integration/support/own-names.ts";
import { type ZoneEntry, zoneFile } from "../integration/support/zone.ts";
import { attemptAt, causesOf, condition, diagnosisOf } from "./conditions.ts";
import { buildOffice, CLIENT, DNS, DNS6, KMS, needsNetwork, type Office } from "./office.ts";
import { type DnsScript, forThisTest, Peers, startDns, startDnsScript, startRpcScript } from "./peers.ts";

/** Further addresses of the name server's machine, for resolvers in other states. */
const SCRIPTED = "10.71.4.11";
const SECOND = "10.71.4.12";
const CLOSED = "10.71.4.13";
const SPLIT = "10.71.4.14";
const SECOND_ADDRESS = "10.71.1.20";
/** Where the router knows no way. */
const ELSEWHERE = "10.71.200.53";

function srv(zone: string, over: { target?: string; port?: number } = {}): ZoneEntry {
  const { target = `kms.${zone}`, port = 1688 } = over;
  return { name: `_vlmcs._tcp.${zone}`, srv: { priority: 0, weight: 0, port, target } };
}

function kms(zone: string): ZoneEntry {
  return { name: `kms.${zone}`, address: KMS };
}

/** More than fits into 1232 bytes. */
const MANY = Array.from({ length: 80 }, (_, index) => srv("many.test", { port: 1688 + index }));

/** More aliases than anybody follows. */
const CHAIN = Array.from({ length: 12 }, (_, index): ZoneEntry => {
  const name = index === 0 ? "_vlmcs._tcp.chain.test" : `c${index}.chain.test`;
  return { name, alias: `c${index + 1}.chain.test` };
});

const ZONES = {
  "good.test": zoneFile([srv("good.test"), kms("good.test")]),
  "empty.test": zoneFile([]),
  "nodata.test": zoneFile([{ name: "_vlmcs._tcp.nodata.test", text: "moved" }]),
  "declined.test": zoneFile([srv("declined.test", { target: "." })]),
  "zero.test": zoneFile([srv("zero.test", { port: 0 }), kms("zero.test")]),
  "dangling.test": zoneFile([srv("dangling.test")]),
  "literal.test": zoneFile([srv("literal.test", { target: KMS })]),
  "two.test": zoneFile([srv("two.test"), srv("two.test", { port: 1699 }), kms("two.test")]),
  "many.test": zoneFile([...MANY, kms("many.test")]),
  "null.test": zoneFile([srv("null.test"), { name: "kms.null.test", address: "0.0.0.0" }]),
  "own.test": zoneFile([srv("own.test"), { name: "kms.own.test", address: "127.0.1.1" }]),
  "group.test": zoneFile([srv("group.test"), { name: "kms.group.test", address: "239.1.2.3" }]),
  "lonely.test": zoneFile([srv("lonely.test"), { name: "kms.lonely.test", address: "169.254.7.7" }]),
  "out.test": zoneFile([{ name: "_vlmcs._tcp.out.test", alias: "_vlmcs._tcp.elsewhere.test" }]),
  "edge.test": zoneFile([srv("edge.test"), { name: "kms.edge.test", address: "10.71.2.0" }]),
  "mine.test": zoneFile([srv("mine.test"), { name: "kms.mine.test", address: CLIENT }]),
  "port.test": zoneFile([srv("port.test", { port: 1689 }), kms("port.test")]),
  "label.test": zoneFile([srv("label.test", { target: "kms" })]),
  "chain.test": zoneFile(CHAIN),
  "broken.test": "this is no zone file\n",
};

describe.skipIf(needsNetwork("named", "unshare", "mount").skip)("names, and who gives them", () => {
  let office: Office;
  const peers = new Peers();

  beforeAll(async () => {
    office = buildOffice();
    const more = [SCRIPTED, SECOND, CLOSED, SPLIT];
    office.dns.ip(...more.map((address) => `address add ${address}/24 dev to-router`));
    await peers.add(startDns(office.dns, { address: DNS, zones: ZONES }));
    await peers.add(startRpcScript(office.kms, KMS, 1688, "serves"));
    await peers.add(startRpcScript(office.kms, KMS, 1701, "serves"));
  });

  afterEach(() => office.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  function scripted(script: DnsScript) {
    const listed = { name: "kms.good.test", address: KMS };
    return forThisTest(startDnsScript(office.dns, SCRIPTED, script, listed));
  }

  // ------------------------------------------------------------------------------------ what a zone says

  condition("a domain whose host serves", async (check) => {
    const checked = await check(office.client, ask("good.test"));
    expect(checked.code).toBe(0);
    expect(attemptAt(checked).verdict.observed).toContain(`${KMS}:1688`);
  });

  condition("this machine's own resolver and suffix", async (check) => {
    const names = await ownNames({ resolvConf: `nameserver ${DNS}\nsearch good.test\n` });
    onTestFinished(names.remove);
    const checked = await check(office.client, [], { wrapper: names.wrapper });
    expect(checked.code).toBe(0);
    expect(diagnosisOf(checked).target).toMatchObject({ kind: "domain", domain: "good.test" });
  });

  condition("a machine without a suffix", async (check) => {
    const names = await ownNames({ resolvConf: `nameserver ${DNS}\n` });
    onTestFinished(names.remove);
    const { report } = await check(office.client, [], { wrapper: names.wrapper });
    expect(report.verdict.certainty).toBe("certain");
  });

  condition("a machine whose suffixes could not be read", async (check) => {
    const names = await ownNames({ resolvConf: `nameserver ${DNS}\nsearch good.test,dangling.test\n` });
    onTestFinished(names.remove);
    const checked = await check(office.client, [], { wrapper: names.wrapper });
    expect(checked.code).toBe(3);
    expect(checked.report.verdict.certainty).toBe("likely");
    expect(causesOf(checked.report.verdict)).not.toContain("no search or domain line");
    const [told] = diagnosisOf(checked).findings;
    expect(told?.code).toBe("run-configuration-unread");
    expect(told?.observed).toContain("'good.test,dangling.test' is no domain: separate suffixes by blanks");
  });

  condition("a machine that names no resolver", async (check) => {
    const names = await ownNames({ resolvConf: "nameserver dc1.good.test\nsearch good.test\n" });
    onTestFinished(names.remove);
    const checked = await check(office.client, [], { wrapper: names.wrapper });
    expect(checked.code).toBe(3);
    expect(checked.report.verdict.certainty).toBe("certain");
    expect(checked.report.verdict.causes[0]).toContain("this machine names no resolver");
    expect(diagnosisOf(checked).findings[0]?.observed).toContain("dc1.good.test is no IP address");
    const host = await check(office.client, ["kms.good.test"], { wrapper: names.wrapper });
    expect(host.code).toBe(3);
  });

  condition("a machine whose stub resolver does not run", async (check) => {
    const names = await ownNames({ resolvConf: "nameserver 127.0.0.53\nsearch good.test\n" });
    onTestFinished(names.remove);
    const checked = await check(office.client, [], { wrapper: names.wrapper });
    expect(checked.code).toBe(3);
    expect(checked.report.verdict.causes[0]).toContain("the stub resolver of this machine doesn't run");
  });

  condition("a resolver beyond a TUN whose program is gone", async (check) => {
    office.client.ip("tuntap add tun9 mode tun", "addr add 10.71.78.1/24 dev tun9", "link set tun9 up");
    onTestFinished(() => office.client.ip("link del tun9"));
    const { report } = await check(office.client, ask("good.test", "10.71.78.53"));
    expect(report.verdict.certainty).toBe("likely");
    expect(report.verdict.causes[0]).toMatch(/^tun9, the link that leads there, has no carrier/);
    expect(report.verdict.next.map(({ where }) => where)).not.toContain("firewall");
  });

  condition("a name that does not exist", async (check) => {
    const { report } = await check(office.client, ask("empty.test"));
    expect(report.verdict.certainty).toBe("certain");
    expect(causesOf(report.verdict)).toContain("split DNS asked from outside the VPN");
  });

  condition("a name without an SRV record", async (check) => {
    const { report } = await check(office.client, ask("nodata.test"));
    expect(report.verdict.certainty).toBe("certain");
  });

  condition("a lone record with target dot", async (check) => {
    const { report } = await check(office.client, ask("declined.test"));
    expect(report.verdict.certainty).toBe("certain");
  });

  condition("a record with port 0", async (check) => {
    const { report } = await check(office.client, ask("zero.test"));
    expect(report.verdict.certainty).toBe("certain");
  });

  condition("a record whose host has no address", async (check) => {
    const { report } = await check(office.client, ask("dangling.test"));
    expect(report.verdict.observed).toContain("kms.dangling.test");
    expect(causesOf(report.verdict)).toContain("dangling");
  });

  condition("a record that points at an address", async (check) => {
    const { report } = await check(office.client, ask("literal.test"));
    expect(causesOf(report.verdict)).toContain("an IP address was entered as the target");
  });

  condition("two hosts listed, and one refuses", async (check) => {
    const checked = await check(office.client, ask("two.test"));
    expect(checked.code).toBe(0);
    expect(checked.report.requirement).toMatchObject({ serving: 1, listed: 2 });
    const strict = await check(office.client, [...ask("two.test"), "--require", "all"]);
    expect(strict.code).toBe(1);
  });

  condition("two domains, and one lists nothing", async (check) => {
    const checked = await check(office.client, [...ask("good.test"), "-d", "nodata.test"]);
    expect(checked.report.verdict.code).toBe("run-partly-serves");
  });

  // ------------------------------------------------------------------------------------ who may ask whom

  condition("a host whose address is none", async (check) => {
    const checked = await check(office.client, ask("null.test"));
    expect(checked.code).toBe(1);
    expect(causesOf(checked.report.verdict)).toContain("a filtering resolver blocks the name");
  });

  condition("a host whose address is everybody's own, where one serves", async (check) => {
    await forThisTest(startRpcScript(office.client, "127.0.1.1", 1688, "serves"));
    const checked = await check(office.client, ask("own.test"));
    expect(checked.code).toBe(1);
    expect(checked.report.verdict.certainty).toBe("certain");
  });

  condition("a host whose address is a multicast group", async (check) => {
    const checked = await check(office.client, ask("group.test"));
    expect(checked.code).toBe(1);
    expect(diagnosisOf(checked).endpoints[0]?.attempts).toEqual([]);
  });

  condition("a host whose address is a subnet's own", async (check) => {
    const { verdict } = attemptAt(await check(office.client, ask("edge.test")));
    expect(verdict.certainty).toBe("ambiguous");
    expect(verdict.causes[0]).toContain("10.71.2.0 is no host's, where its subnet is a /24 or smaller");
  });

  condition("a host whose address is the client's", async (check) => {
    const { verdict } = attemptAt(await check(office.client, ask("mine.test")));
    expect(verdict.causes[0]).toContain(`${CLIENT} is this machine itself, and nothing listens on that port`);
    // Nobody permits what a machine says to itself.
    expect(verdict.next.map(({ where }) => where)).not.toContain("firewall");
  });

  condition("a host whose address is one that it gave itself", async (check) => {
    const { verdict } = attemptAt(await check(office.client, ask("lonely.test")));
    expect(verdict.causes[0]).toContain("169.254.7.7 is a link-local address (APIPA)");
    expect(verdict.next[0]?.command).toContain("ipconfig /registerdns");
  });

  condition("an alias into a zone of another server", async (check) => {
    const { verdict } = (await check(office.client, ask("out.test"))).report;
    expect(verdict.causes).toEqual([
      expect.stringContaining(
        "the zone of _vlmcs._tcp.elsewhere.test, to which the alias leads, is none of them",
      ),
    ]);
    expect(verdict.next[0]?.text).toContain("Ask the resolver that clients use");
  });

  condition("a record whose port is not the host's", async (check) => {
    const { verdict } = attemptAt(await check(office.client, ask("port.test")));
    expect(causesOf(verdict)).toContain("the port in the record is wrong");
    expect(verdict.next.map(({ command }) => command)).toContain(`kmsprobe check ${KMS}:1688`);
  });

  condition("a record whose target lacks its domain", async (check) => {
    const checked = await check(office.client, ask("label.test"));
    const [host] = diagnosisOf(checked).endpoints;
    expect(host?.verdict.causes[0]).toContain("the record's target is one label alone, kms");
  });

  condition("aliases that lead on and on", async (check) => {
    const { report } = await check(office.client, ask("chain.test"));
    expect(report.verdict.observed).toContain('(extended error 0 "max. restarts reached")');
  });

  condition("a zone that its server could not load", async (check) => {
    const { report } = await check(office.client, ask("broken.test"));
    expect(causesOf(report.verdict)).toContain("the zone isn't loaded");
  });

  condition("a zone that the server does not serve", async (check) => {
    const { report } = await check(office.client, ask("foreign.test"));
    expect(causesOf(report.verdict)).toContain("it serves only its own zones");
  });

  condition("a resolver whose policy excludes us", async (check) => {
    const options = "allow-query { 10.71.1.0/24; };";
    await forThisTest(startDns(office.dns, { address: SECOND, zones: ZONES, options }));
    const permitted = await check(office.client, ask("good.test", SECOND));
    expect(permitted.report.verdict.code).toBe("rpc-serves");
    const { report } = await check(office.guest, ask("good.test", SECOND));
    expect(report.verdict.code).toBe("srv-refused");
    expect(causesOf(report.verdict)).toContain("policy");
  });

  condition("a split horizon shows one subnet a host and the other none", async (check) => {
    const views = [
      { name: "office", clients: ["10.71.1.0/24"], zones: { "good.test": ZONES["good.test"] } },
      { name: "guests", clients: ["10.71.3.0/24"], zones: { "good.test": zoneFile([]) } },
    ];
    await forThisTest(startDns(office.dns, { address: SPLIT, views }));
    const inside = await check(office.client, ask("good.test", SPLIT));
    const outside = await check(office.guest, ask("good.test", SPLIT));
    expect(inside.report.verdict.code).toBe("rpc-serves");
    expect(outside.report.verdict.code).toBe("srv-nxdomain");
  });

  condition("a split horizon seen from two addresses of one machine", async (check) => {
    office.client.ip(`address add ${SECOND_ADDRESS}/24 dev to-router`);
    onTestFinished(() => office.client.ip(`address del ${SECOND_ADDRESS}/24 dev to-router`));
    const views = [
      { name: "first", clients: [CLIENT], zones: { "good.test": ZONES["good.test"] } },
      { name: "second", clients: [SECOND_ADDRESS], zones: { "good.test": zoneFile([]) } },
    ];
    await forThisTest(startDns(office.dns, { address: SPLIT, views }));
    const sources = ["--source", CLIENT, "--source", SECOND_ADDRESS];
    const { report } = await check(office.client, [...ask("good.test", SPLIT), ...sources]);
    const codes = report.diagnoses.map(({ source, verdict }) => [source, verdict.code]);
    expect(codes).toEqual([
      [CLIENT, "rpc-serves"],
      [SECOND_ADDRESS, "srv-nxdomain"],
    ]);
  });

  // ----------------------------------------------------------------------------------- nobody answers

  condition("a resolver that is filtered", async (check) => {
    office.router.firewall({ forward: [`ip daddr ${DNS} meta l4proto { tcp, udp } th dport 53 drop`] });
    const { report } = await check(office.client, ask("good.test"));
    expect(report.verdict.certainty).toBe("ambiguous");
    for (const cause of ["filtered on the path", "machine is off", "inside the VPN", "drops questions"]) {
      expect(causesOf(report.verdict)).toContain(cause);
    }
  });

  condition("a resolver that is filtered over UDP alone", async (check) => {
    office.router.firewall({ forward: [`ip daddr ${DNS} udp dport 53 drop`] });
    const { report } = await check(office.client, ask("good.test"));
    expect(report.verdict.certainty).toBe("ambiguous");
    expect(report.verdict.causes[0]).toContain("forwarder or balancer");
    expect(causesOf(report.verdict)).toContain("UDP port 53 is filtered, while TCP passes");
  });

  condition("a resolver that leads from alias to alias", async (check) => {
    await scripted("aliases");
    const { report } = await check(office.client, ask("good.test", SCRIPTED));
    expect(report.verdict.observed).toContain("and from there back to itself");
  });

  condition("a resolver that is silent", async (check) => {
    await scripted("silent");
    const { report } = await check(office.client, ask("good.test", SCRIPTED));
    expect(report.verdict.certainty).toBe("ambiguous");
  });

  condition("a resolver whose port is closed", async (check) => {
    const { report } = await check(office.client, ask("good.test", CLOSED));
    expect(report.verdict.observed).toContain("ECONNREFUSED");
    expect(causesOf(report.verdict)).toContain("nothing listens on that port");
  });

  condition("a resolver that a firewall rejects", async (check) => {
    office.router.firewall({
      forward: [`ip daddr ${DNS} udp dport 53 reject with icmp admin-prohibited`],
    });
    const { report } = await check(office.client, ask("good.test"));
    expect(report.verdict.observed).toContain("EHOSTUNREACH");
    expect(causesOf(report.verdict)).toContain("a firewall on the path or on the resolver rejects");
    expect(causesOf(report.verdict)).not.toContain("nothing listens");
    expect(report.verdict.next.map(({ where }) => where)).toContain("firewall");
  });

  condition("a resolver that a firewall prohibits over IPv6", async (check) => {
    office.router.firewall({
      forward: [`ip6 daddr ${DNS6} udp dport 53 reject with icmpv6 admin-prohibited`],
    });
    const { report } = await check(office.client, ask("good.test", DNS6));
    expect(report.verdict.observed).toContain("EACCES");
    expect(causesOf(report.verdict)).toContain("a firewall on the path or on the resolver rejects");
    expect(causesOf(report.verdict)).toContain("this machine's own firewall");
  });

  condition("a question that the client's own firewall drops", async (check) => {
    office.client.firewall({ output: ["udp dport 53 drop"] });
    const checked = await check(office.client, ask("good.test"));
    expect(checked.code).toBe(3);
    expect(checked.report.verdict.causes).toEqual([
      expect.stringContaining("a rule of this machine's own firewall drops it"),
    ]);
    expect(checked.report.verdict.next[0]?.command).toContain("nft list ruleset");
  });

  condition("a resolver that is the client's own broadcast address", async (check) => {
    const { report } = await check(office.client, ask("good.test", "10.71.1.255"));
    expect(report.verdict.causes[0]).toContain("10.71.1.255 is a broadcast or multicast address");
    expect(causesOf(report.verdict)).not.toContain("nothing listens");
  });

  condition("a resolver that is a multicast group", async (check) => {
    const { report } = await check(office.client, ask("good.test", "224.0.0.251"));
    expect(report.verdict.causes).toEqual([
      expect.stringContaining("224.0.0.251 is a broadcast or multicast address"),
    ]);
    expect(report.verdict.next.map(({ where }) => where)).not.toContain("firewall");
  });

  // For a datagram Linux keeps quiet about ICMP net- and host-unreachable (udp(7): only with IP_RECVERR).
  condition("a resolver that the router knows no way to is silence", async (check) => {
    const { report } = await check(office.client, ask("good.test", ELSEWHERE));
    expect(report.verdict.certainty).toBe("ambiguous");
    expect(causesOf(report.verdict)).toContain("the tunnel is down");
  });

  condition("a resolver that this machine has no route to", async (check) => {
    office.client.ip("route del default via 10.71.1.1");
    onTestFinished(() => office.client.ip("route add default via 10.71.1.1"));
    const { report } = await check(office.client, ask("good.test"));
    expect(report.verdict.observed).toContain("ENETUNREACH");
    expect(causesOf(report.verdict)).toContain("the tunnel is down");
  });

  condition("a dead resolver beside one that answers", async (check) => {
    office.router.firewall({ forward: [`ip daddr ${SECOND} udp dport 53 drop`] });
    const checked = await check(office.client, [...ask("good.test", SECOND), "-r", DNS]);
    expect(checked.code).toBe(0);
    expect(diagnosisOf(checked).findings.map(({ code }) => code)).toContain("srv-resolver-failed");
  });

  // ------------------------------------------------------------------------------- strange answers

  condition("a resolver that takes no such question", async (check) => {
    await scripted("notimp");
    const { report } = await check(office.client, ask("good.test", SCRIPTED));
    expect(report.verdict.observed).toContain("NOTIMP");
  });

  for (const { name, script, address } of [
    { name: "a container's resolver, which knows no SRV", script: "docker", address: "127.0.0.11" },
    { name: "a VPN's resolver, which knows no SRV", script: "tailscale", address: "100.100.100.100" },
  ] as const) {
    condition(name, async (check) => {
      office.client.ip(`address add ${address}/32 dev lo`);
      onTestFinished(() => office.client.ip(`address del ${address}/32 dev lo`));
      const listed = { name: "kms.good.test", address: KMS };
      await forThisTest(startDnsScript(office.client, address, script, listed));
      const { report } = await check(office.client, ask("good.test", address));
      expect(report.verdict.certainty).toBe("likely");
      expect(report.verdict.causes[0]).toContain("carries no SRV records of good.test");
      expect(report.verdict.observed).toContain(`A of the domain: ${KMS}`);
      expect(report.verdict.next.map(({ command }) => command).join()).not.toContain("sppsvc");
    });
  }

  condition("a resolver that answers after 3 s, with patience for it", async (check) => {
    await scripted("slow");
    const args = [...ask("good.test", SCRIPTED), "--dns-timeout", "5s"];
    const [said] = diagnosisOf(await check(office.client, args)).srv;
    expect(said?.answer.outcome === "ok" && said.answer.elapsedMs).toBeGreaterThan(2_900);
  });

  condition("a resolver that answers after 3 s, without", async (check) => {
    await scripted("slow");
    await check(office.client, ask("good.test", SCRIPTED));
  });

  for (const { name, script } of [
    { name: "a resolver that answers with another id", script: "wrong-id" },
    { name: "a resolver that answers another question", script: "wrong-question" },
    { name: "a resolver that answers from another port", script: "elsewhere" },
  ] as const) {
    condition(name, async (check) => {
      await scripted(script);
      const checked = await check(office.client, ask("good.test", SCRIPTED));
      const findings = diagnosisOf(checked).findings.map(({ code }) => code);
      expect(findings).toContain("srv-answers-ignored");
      expect(causesOf(checked.report.verdict)).toContain("false answer");
    });
  }

  condition("a resolver that answers garbage", async (check) => {
    await scripted("garbage");
    const { report } = await check(office.client, ask("good.test", SCRIPTED));
    expect(causesOf(report.verdict)).toContain("no DNS server listens on that port");
  });

  for (const { name, manner } of [
    { name: "an answer that is truncated, and DNS over TCP dropped", manner: "drop" },
    { name: "an answer that is truncated, and DNS over TCP rejected", manner: "reject with tcp reset" },
  ] as const) {
    condition(name, async (check) => {
      office.router.firewall({ forward: [`ip daddr ${DNS} tcp dport 53 ${manner}`] });
      const checked = await check(office.client, ask("many.test"));
      expect(diagnosisOf(checked).srv[0]?.exchange).toMatchObject({ transport: "tcp", truncated: true });
      expect(checked.report.verdict.next.map(({ command }) => command)).toContainEqual(
        expect.stringMatching(`permit tcp from .* to ${DNS} port 53`),
      );
    });
  }

  // ARCOUNT, 10 bytes into the DNS header: 0 in a question without an OPT record.
  condition("a firewall that drops questions with EDNS(0), which no Windows client sends", async (check) => {
    office.router.firewall({ forward: [`ip daddr ${DNS} udp dport 53 @th,144,16 != 0 drop`] });
    const checked = await check(office.client, ask("good.test"));
    expect(diagnosisOf(checked).srv[0]?.exchange).toMatchObject({ edns: false, tries: 3 });
    expect(diagnosisOf(checked).findings.map(({ code }) => code)).toContain("srv-edns-refused");
  });

  condition("a resolver that is silent about addresses", async (check) => {
    await scripted("srv-only");
    const { report } = await check(office.client, ask("good.test", SCRIPTED));
    expect(report.verdict.certainty).toBe("ambiguous");
  });

  condition("two resolvers that list different hosts", async (check) => {
    const zones = { "good.test": zoneFile([srv("good.test", { port: 1701 }), kms("good.test")]) };
    await forThisTest(startDns(office.dns, { address: SECOND, zones }));
    const checked = await check(office.client, [...ask("good.test"), "-r", SECOND]);
    expect(checked.report.verdict.code).toBe("srv-resolvers-disagree");
    expect(checked.report.verdict.observed).toContain(SECOND);
    const ports = diagnosisOf(checked).endpoints.map(({ endpoint }) => endpoint.port);
    expect(new Set(ports)).toEqual(new Set([1688, 1701]));
  });
});

function ask(domain: string, resolver = DNS): string[] {
  return ["-d", domain, "-r", resolver];
}
