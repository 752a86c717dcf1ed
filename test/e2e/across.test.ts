/** One machine, three ways to the servers: what one source proves for another, and what is asked for then. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { concludeRun } from "../../src/compare/conclude.ts";
import { reportReading } from "../../src/compare/reading.ts";
import type { Attempt } from "../../src/model/diagnosis.ts";
import type { Report } from "../../src/model/report.ts";
import { makeServerDir, removeServerDir } from "../integration/servers/process.ts";
import { renderText } from "../../src/report/check/text.ts";
import { checkedReport } from "../integration/support/checked-report.ts";
import { run } from "../integration/support/kmsprobe.ts";
import { zoneFile, type ZoneEntry } from "../integration/support/zone.ts";
import { causesOf } from "./conditions.ts";
import { needsNetwork } from "./office.ts";
import { forThisTest, Peers, startDns, startRpcScript, startWeb } from "./peers.ts";
import {
  BRANCH,
  buildThreeWays,
  GOOD_DNS,
  HQ,
  KMS1,
  KMS2,
  OFF,
  OTHER_DNS,
  STOPPED,
  type ThreeWays,
  VPN,
  WAYS,
} from "./three-ways.ts";
import type { Tunnel } from "./tunnels.ts";

const { skip } = needsNetwork("tun", "named", "wireguard-go", "wg");

const SOURCES = Object.values(WAYS).flatMap((name) => ["--source", name]);
/** Longer than a busy machine keeps a tunnel, a peer or a name server waiting. */
const TIMEOUTS = ["--timeout", "1500ms", "--rpc-timeout", "3s", "--dns-timeout", "5s", "--count", "1"];
const TO_KMS = "ip daddr 10.71.2.0/24 tcp dport 1688";
const FROM_VPN = "ip saddr 10.71.8.0/24";
const FROM_BRANCH = "ip saddr 10.71.3.0/24";

/** `_vlmcs._tcp.corp.test` with these hosts, each with its address. */
function listing(...addresses: string[]): ZoneEntry[] {
  return addresses.flatMap((address): ZoneEntry[] => {
    const target = `kms${address.at(-1)}.corp.test`;
    return [
      { name: "_vlmcs._tcp.corp.test", srv: { priority: 0, weight: 0, port: 1688, target } },
      { name: target, address },
    ];
  });
}

type Looked = { code: number | null; report: Report; said: string[]; text: string };

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

function countsOf({ report }: Looked): string {
  return report.requirement.bySource
    .map(({ source, serving, listed }) => `${source} ${serving}/${listed}`)
    .join(", ");
}

function attemptAt({ report }: Looked, source: string, address: string): Attempt {
  const found = report.diagnoses
    .filter((each) => each.source === source)
    .flatMap(({ endpoints }) => endpoints.flatMap(({ attempts }) => attempts))
    .find((attempt) => attempt.address === address);
  if (found === undefined) throw new Error(`${address} was not tried from ${source}`);
  return found;
}

/** What the same sights come to where all were equally fast: how a busy machine shares its time is no matter here. */
function withoutTimes(report: Report): Report {
  const diagnoses = report.diagnoses.map((diagnosis) => ({
    ...diagnosis,
    endpoints: diagnosis.endpoints.map((endpoint) => ({
      ...endpoint,
      attempts: endpoint.attempts.map((attempt) => ({ ...attempt, ...equallyFast(attempt) })),
    })),
  }));
  return { ...report, diagnoses, conclusions: concludeRun(reportReading.parse({ ...report, diagnoses })) };
}

/** Of what was answered; how long silence lasted stays. */
function equallyFast({ tcp, rpc }: Attempt): Pick<Attempt, "tcp" | "rpc"> {
  const timed = tcp.outcome === "ok" ? { ...tcp, elapsedMs: 1 } : tcp;
  if (rpc === null) return { tcp: timed, rpc };
  const latency = { ...rpc.latency, samplesMs: [1] };
  return { tcp: timed, rpc: { ...rpc, latency } };
}

const causesAt = (looked: Looked, source: string, address: string): string =>
  causesOf(attemptAt(looked, source, address).verdict);
const refutedAt = (looked: Looked, source: string, address: string): string =>
  attemptAt(looked, source, address)
    .verdict.refuted.map(({ cause }) => cause)
    .join("\n");

describe.skipIf(skip)("three sources of one machine", { timeout: 90_000 }, () => {
  let ways: ThreeWays;
  let tunnel: Tunnel;
  let dir: string;
  const peers = new Peers();

  beforeAll(async () => {
    ways = buildThreeWays();
    tunnel = await peers.add(ways.connect());
    for (const address of [KMS1, KMS2]) await peers.add(startRpcScript(ways.kms, address, 1688, "serves"));
    await peers.add(
      startDns(ways.dns, { address: GOOD_DNS, zones: { "corp.test": zoneFile(listing(KMS1, KMS2)) } }),
    );
    await peers.add(startDns(ways.dns, { address: OTHER_DNS, zones: { "corp.test": zoneFile([]) } }));
    dir = await makeServerDir("across");
  });

  afterEach(() => ways.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    ways.network.remove();
    await removeServerDir(dir);
  });

  /** Checks from all three; the same report through `compare` must say the same. */
  async function look(args: readonly string[]): Promise<Looked> {
    const { wrapper } = ways.probe;
    const asked = [...args, ...SOURCES, ...TIMEOUTS];
    const { code, stdout } = await run(["check", ...asked, "--format", "json"], { wrapper });
    const report = checkedReport(stdout);
    const file = join(dir, "report.json");
    await writeFile(file, stdout);
    const compared = await run(["compare", file, "--format", "json"]);
    const { conclusions } = JSON.parse(compared.stdout);
    expect(report.conclusions).toEqual(conclusions);
    const timeless = withoutTimes(report);
    const said = timeless.conclusions.filter(({ rule }) => rule !== "note").map(({ text }) => text);
    const text = renderText(timeless, { color: false, verbose: true, width: 100 });
    for (const sentence of said) expect(oneLine(text)).toContain(sentence);
    // The verdict is the first line, and stands again at the end.
    const [first = ""] = text.split("\n\n");
    expect(text.indexOf(first, 1)).toBeGreaterThan(0);
    return { code, report, said, text };
  }

  // ----------------------------------------------------------------------------------------------- all well

  test("all well: nothing differs, and every source counts both hosts", async () => {
    const looked = await look(["-d", "corp.test", "-r", GOOD_DNS, "--require", "all"]);
    expect(looked.code).toBe(0);
    expect(countsOf(looked)).toBe("to-hq 2/2, to-branch 2/2, wg0 2/2");
    expect(looked.said).toEqual([
      "Nothing differs: of 2 hosts, 2 serve, from to-hq, to-branch and wg0 alike.",
    ]);
    expect(looked.text.split("\n")[0]).toMatch(
      /^✓ 2 of 2 hosts would serve a client from to-hq, 2 of 2 from to-branch/,
    );
  });

  // ----------------------------------------------------------------------------------------- a rule is missing

  const ONE_RULE =
    "From wg0 kms2.corp.test (10.71.2.12) gets no connection (no answer), while others in 10.71.2.0/24 connect; from to-hq and to-branch it serves. The way to the subnet is open: what is missing is a rule for it, or the host filters by source address: ask for 10.71.8.0/24 → 10.71.2.12 tcp/1688.";

  test("a rule for one host is missing for the VPN", async () => {
    ways.core.firewall({ forward: [`${FROM_VPN} ip daddr ${KMS2} tcp dport 1688 drop`] });
    const looked = await look(["-d", "corp.test", "-r", GOOD_DNS, "--require", "2"]);
    expect(looked.code).toBe(1);
    expect(countsOf(looked)).toBe("to-hq 2/2, to-branch 2/2, wg0 1/2");
    expect(looked.said).toEqual([ONE_RULE]);
    expect(refutedAt(looked, "wg0", KMS2).split("\n")).toEqual([
      "the tunnel is up here and leads nowhere (its other end is gone or filtered, or doesn't take that network)",
      "nobody listens, and Windows Firewall's stealth mode hides that",
      "the host is off or its address belongs to nobody",
      "the host is overloaded: its queue of new connections is full",
    ]);
    expect(causesAt(looked, "wg0", KMS2)).toMatch(/filtered on the path/);
    expect(looked.text).not.toMatch(
      /See whether the service listens|RecordDelete|update delete|lint-not-answering/,
    );
    // One source that is served is enough where that is asked for.
    expect((await look(["-d", "corp.test", "-r", GOOD_DNS, "--require", "2@any"])).code).toBe(0);
  });

  test("the host itself filters by source: the sentence leaves that open", async () => {
    ways.kms.firewall({ input: [`${FROM_VPN} ip daddr ${KMS2} tcp dport 1688 drop`] });
    const looked = await look(["-d", "corp.test", "-r", GOOD_DNS]);
    expect(looked.code).toBe(0);
    expect(looked.said).toEqual([ONE_RULE]);
    expect(causesAt(looked, "wg0", KMS2)).toContain("filtered on the host");
  });

  test("the whole subnet is closed to the VPN, and a dead VPN is no green", async () => {
    ways.core.firewall({ forward: [`${FROM_VPN} ${TO_KMS} drop`] });
    const looked = await look(["-d", "corp.test", "-r", GOOD_DNS, "--require", "2"]);
    expect(looked.code).toBe(1);
    expect(countsOf(looked)).toBe("to-hq 2/2, to-branch 2/2, wg0 0/2");
    expect(looked.said).toEqual([
      "From wg0 nothing reaches 10.71.2.0/24 (2 hosts, no answer); from to-hq and to-branch both serve. Blocked between wg0 and the hosts, or at the hosts by source address: ask for 10.71.8.0/24 → 10.71.2.0/24 tcp/1688.",
    ]);
    // Nothing came through to that subnet: that the tunnel does not take it stays open.
    expect(causesAt(looked, "wg0", KMS1)).toContain("doesn't take that network");
    expect((await look(["-d", "corp.test", "-r", GOOD_DNS])).code).toBe(1);
  });

  test("a firewall resets for one source: the service is not stopped", async () => {
    ways.core.firewall({ forward: [`${FROM_BRANCH} ip daddr ${KMS1} tcp dport 1688 reject with tcp reset`] });
    const looked = await look([KMS1, KMS2]);
    expect(looked.code).toBe(0);
    expect(looked.said).toEqual([
      "From to-branch 10.71.2.11 gets no connection (refused), while others in 10.71.2.0/24 connect; from to-hq and wg0 it serves. The way to the subnet is open: what is missing is a rule for it, or the host filters by source address: ask for 10.71.3.0/24 → 10.71.2.11 tcp/1688.",
    ]);
    expect(causesAt(looked, "to-branch", KMS1)).not.toMatch(/nothing listens|belongs to another/);
    expect(looked.text).not.toMatch(/See whether the service (listens|runs)/);
  });

  test("a router says unreachable for one source: the host is not the one", async () => {
    ways.core.firewall({ forward: [`${FROM_BRANCH} ${TO_KMS} reject with icmp host-unreachable`] });
    const looked = await look([KMS1]);
    expect(looked.code).toBe(1);
    expect(looked.said).toEqual([
      "From to-branch 10.71.2.11 gets no connection (host unreachable); from to-hq and wg0 it serves. Blocked between to-branch and the host, or at the host by source address: ask for 10.71.3.0/24 → 10.71.2.11 tcp/1688.",
    ]);
    expect(refutedAt(looked, "to-branch", KMS1)).toContain("says that the host doesn't answer");
  });

  test("something reads RPC on one way", async () => {
    ways.branch.firewall({ forward: ["tcp dport 1688 @ih,0,24 0x05000b drop"] });
    const looked = await look([KMS1]);
    expect(looked.code).toBe(1);
    expect(attemptAt(looked, "to-branch", KMS1).verdict.code).toBe("rpc-no-answer");
    expect(looked.said).toEqual([
      "From to-branch 10.71.2.11 connects, and RPC does not get through (connects, RPC silent); from to-hq and wg0 it serves. Something between to-branch and the host reads or drops RPC or answers for it, or the host treats that source so: ask for 10.71.3.0/24 → 10.71.2.11 tcp/1688, without application inspection.",
    ]);
    expect(looked.text).not.toMatch(/Restart the service|See whether the service runs/);
  });

  test("new connections of one source are limited", async () => {
    ways.core.firewall({
      forward: [`${FROM_VPN} ${TO_KMS} ct state new limit rate over 1/minute burst 1 packets drop`],
    });
    const looked = await look([KMS1, KMS2]);
    expect(countsOf(looked)).toMatch(/^to-hq 2\/2, to-branch 2\/2, wg0 [01]\/2$/);
    expect(looked.said).toHaveLength(1);
    expect(looked.said[0]).toMatch(/^From wg0 .*from to-hq and to-branch (it serves|both serve)\./);
    expect(looked.report.conclusions[0]).toMatchObject({
      rule: "blocked",
      asks: [{ from: "10.71.8.0/24", ports: [1688] }],
    });
  });

  test("another machine answers for one source", async () => {
    await forThisTest(startWeb(ways.gateway, "10.71.28.2:8080"));
    ways.gateway.firewall({ dnat: [`iifname wg0 tcp dport 1688 dnat ip to 10.71.28.2:8080`] });
    const looked = await look([KMS1]);
    expect(looked.code).toBe(1);
    const { verdict } = attemptAt(looked, "wg0", KMS1);
    expect(verdict.code).toBe("rpc-not-dcerpc");
    expect(causesOf(verdict)).toMatch(/proxy or captive portal[^]*overlapping networks/);
    expect(verdict.refuted.map(({ cause }) => cause)).toEqual([
      "another service has the port, or a port forwarding leads to it",
    ]);
    expect(looked.said[0]).toMatch(
      /^From wg0 10\.71\.2\.11 connects, and RPC does not get through \(other service\)/,
    );
  });

  // ------------------------------------------------------------------------------------------------ the host

  test("a host that is really off looks so from every subnet, and nobody is told to remove it", async () => {
    await peers.add(
      startDns(ways.dns, {
        address: "10.71.4.12",
        zones: { "corp.test": zoneFile(listing(KMS1, OFF)) },
      }),
    );
    const looked = await look(["-d", "corp.test", "-r", "10.71.4.12"]);
    expect(looked.code).toBe(0);
    expect(countsOf(looked)).toBe("to-hq 1/2, to-branch 1/2, wg0 1/2");
    expect(looked.said).toEqual([
      "Nothing differs: of 2 hosts, 1 serves, from to-hq, to-branch and wg0 alike.",
      "kms4.corp.test (10.71.2.14) gives no answer from everywhere (to-hq, to-branch and wg0): off, filtered at the host, or behind something that these paths share, rather than on one path.",
    ]);
    expect(causesAt(looked, "to-hq", OFF)).toContain("the host is off or its address belongs to nobody");
    expect(refutedAt(looked, "to-hq", OFF)).toBe("");
    expect(looked.text).toContain("lint-not-answering");
    expect(looked.text).not.toMatch(/RecordDelete|update delete/);
  });

  test("a service that is stopped refuses everywhere: the host, not the path", async () => {
    const looked = await look([KMS1, STOPPED]);
    expect(looked.code).toBe(0);
    expect(countsOf(looked)).toBe("to-hq 1/2, to-branch 1/2, wg0 1/2");
    expect(looked.said).toEqual([
      "Nothing differs: of 2 hosts, 1 serves, from to-hq, to-branch and wg0 alike.",
      "10.71.2.13 refuses from everywhere (to-hq, to-branch and wg0): the host, or what stands in front of it, not the path.",
    ]);
    expect(causesAt(looked, "wg0", STOPPED)).toContain("nothing listens on that port");
  });

  test("silent to one and refused to others: it is up, and there are two things to mend", async () => {
    ways.core.firewall({ forward: [`${FROM_VPN} ip daddr ${STOPPED} tcp dport 1688 drop`] });
    const looked = await look([KMS1, STOPPED]);
    expect(looked.said[0]).toMatch(
      /^10\.71\.2\.13 serves from nowhere, and not for one reason: refused from to-hq, refused from to-branch, no answer from wg0\./,
    );
    expect(causesAt(looked, "wg0", STOPPED)).not.toMatch(/host is off|stealth|overloaded/);
  });

  // --------------------------------------------------------------------------------------------------- DNS

  test("the first resolver is the wrong one: a client finds no host, from any source", async () => {
    const looked = await look(["-d", "corp.test", "-r", OTHER_DNS, "-r", GOOD_DNS]);
    expect(looked.code).toBe(1);
    expect(countsOf(looked)).toBe("to-hq 0/0, to-branch 0/0, wg0 0/0");
    expect(looked.report.verdict.observed).toContain(
      `A client that asks ${OTHER_DNS}:53 first finds no host; at ${GOOD_DNS}:53 it would find 2.`,
    );
    expect(looked.report.verdict.refuted.map(({ cause }) => cause)).toContain(
      "no KMS host publishes into corp.test",
    );
    expect((await look(["-d", "corp.test", "-r", GOOD_DNS, "-r", OTHER_DNS])).code).toBe(0);
  });

  test("DNS answers by interface: the VPN is told of no host, and its path was not tested", async () => {
    await peers.add(
      startDns(ways.dns, {
        address: "10.71.4.13",
        views: [
          { name: "vpn", clients: ["10.71.8.0/24"], zones: { "corp.test": zoneFile([]) } },
          { name: "inside", clients: ["any"], zones: { "corp.test": zoneFile(listing(KMS1)) } },
        ],
      }),
    );
    const looked = await look(["-d", "corp.test", "-r", "10.71.4.13"]);
    expect(looked.code).toBe(1);
    expect(countsOf(looked)).toBe("to-hq 1/1, to-branch 1/1, wg0 0/0");
    expect(looked.said).toEqual([
      "As far as was seen, only DNS differs. Under corp.test to-hq and to-branch get kms1.corp.test:1688; wg0 gets NXDOMAIN.",
      "From wg0 the path to kms1.corp.test (10.71.2.11) was not tested; run there: kmsprobe check 10.71.2.11:1688 --source wg0",
    ]);
    const vpn = looked.report.diagnoses.find(({ source }) => source === "wg0");
    expect(vpn?.verdict.causes).not.toContain("no KMS host publishes into corp.test");
    expect(vpn?.verdict.refuted[0]?.because).toMatch(/^\/diagnoses\/[01]\/srv\/0$/);
  });

  // ------------------------------------------------------------------------------------------------- the way

  test("a router of the branch has no way there: a route, before any rule", async () => {
    ways.branch.ip("route add unreachable 10.71.2.0/24");
    try {
      const looked = await look([KMS1]);
      expect(looked.code).toBe(1);
      expect(looked.said[0]).toMatch(/^From to-branch 10\.71\.2\.11 .*; from to-hq and wg0 it serves\./);
    } finally {
      ways.branch.ip("route delete unreachable 10.71.2.0/24");
    }
  });

  test("the route is missing on this machine, for one source", async () => {
    ways.probe.ip("route replace unreachable default table 103");
    try {
      const looked = await look([KMS1]);
      // What this machine has no way to was not checked.
      expect(looked.code).toBe(3);
      expect(looked.said).toEqual([
        "From to-branch 10.71.2.11 can't be reached (host unreachable); from to-hq and wg0 it serves. The machine there has no route to it: a VPN that is down, or a route that was not pushed, before any firewall rule.",
      ]);
      expect(looked.report.conclusions[0]?.asks).toEqual([]);
    } finally {
      ways.probe.ip("route replace default via 10.71.3.1 table 103");
    }
  });

  test("the interface of one source is down: that source is named, and no rule is asked for", async () => {
    ways.probe.ip("link set to-branch down");
    try {
      const looked = await look([KMS1, STOPPED]);
      expect(looked.code).toBe(1);
      expect(countsOf(looked)).toBe("to-hq 1/2, to-branch 0/2, wg0 1/2");
      // Its own table is empty now: packets leave by another interface, and nobody answers them.
      expect(looked.said).toEqual([
        "From to-branch nothing came of connects to 10.71.2.11 and 10.71.2.13 (no answer); elsewhere 1 of them serves. Look at the source itself first, before any route or firewall rule: its interface to-branch is down.",
        "10.71.2.13 refuses from to-hq and wg0: the host, or what stands in front of it, not the path.",
      ]);
      expect(looked.report.conclusions.flatMap(({ asks }) => asks)).toEqual([]);
      expect(causesAt(looked, "to-branch", KMS1)).toContain("the interface to-branch, the source, is down");
    } finally {
      ways.probe.ip("link set to-branch up", "route replace default via 10.71.3.1 table 103");
    }
  });

  // --------------------------------------------------------------------------------------------------- verify

  test("verify --init writes what holds at each of the three, and holds when it is run", async () => {
    ways.core.firewall({ forward: [`${FROM_VPN} ip daddr ${KMS2} tcp dport 1688 drop`] });
    const { wrapper } = ways.probe;
    const policy = join(dir, "policy.yaml");
    const made = await run(
      ["verify", "--init", "-d", "corp.test", "-r", GOOD_DNS, ...SOURCES, "-o", policy, "-q"],
      { wrapper },
    );
    expect(made).toEqual({ code: 0, stdout: "", stderr: "" });
    const held = await run(["verify", policy, "-q", "--format", "text"], { wrapper });
    expect(held.code).toBe(0);
    // What then breaks at one source is told with what the others saw, and its causes once.
    ways.core.firewall({ forward: [`${FROM_VPN} ${TO_KMS} drop`] });
    const broken = await run(["verify", policy], { wrapper });
    expect(broken.code).toBe(1);
    expect(oneLine(broken.stdout)).toContain(
      "From wg0 nothing reaches 10.71.2.0/24 (2 hosts, no answer); from to-hq and to-branch both serve.",
    );
    expect(broken.stdout).not.toMatch(/See whether the service listens|the host is off/);
    expect(broken.stdout.match(/filtered on the path, without an answer/g)).toHaveLength(1);
  });

  // ------------------------------------------------------------------------------------------------ the tunnel

  describe("with the tunnel's other end gone", () => {
    beforeEach(() => tunnel.gateway.stop());

    test("the VPN reaches nothing, and the tunnel is a cause again", async () => {
      const looked = await look([KMS1, KMS2]);
      expect(looked.code).toBe(1);
      expect(countsOf(looked)).toBe("to-hq 2/2, to-branch 2/2, wg0 0/2");
      expect(looked.said[0]).toMatch(
        /^From wg0 nothing reaches 10\.71\.2\.0\/24 \(2 hosts, no answer\); from to-hq and to-branch both serve\./,
      );
      expect(causesAt(looked, "wg0", KMS1)).toContain("the tunnel is up here and leads nowhere");
      expect(causesAt(looked, "wg0", KMS1)).not.toContain("the host is off");
      const vpn = looked.report.causes.find(({ cause }) => cause === "vpn");
      expect(vpn?.state).toBe("confirmed");
    });
  });

  test("each source leaves by its own way", async () => {
    const looked = await look([KMS1]);
    const vias = Object.values(WAYS).map((source) => attemptAt(looked, source, KMS1).via);
    expect(vias.map((via) => [via?.address, via?.interface])).toEqual([
      [HQ, "to-hq"],
      [BRANCH, "to-branch"],
      [VPN, "wg0"],
    ]);
  });
});
