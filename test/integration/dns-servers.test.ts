/** Discovery against three name servers that had nothing to do with writing ours: BIND, Knot and dnsmasq. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Diagnosis } from "../../src/model/diagnosis.ts";
import type { SrvAnswer } from "../../src/model/dns.ts";
import type { Report } from "../../src/model/report.ts";
import { needs } from "./servers/available.ts";
import { startDnsmasq } from "./servers/dnsmasq.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { startImpacket } from "./servers/impacket.ts";
import { startKnot } from "./servers/knot.ts";
import { startNamed } from "./servers/named.ts";
import type { RunningServer } from "./servers/process.ts";
import { withSoa } from "./servers/zone-text.ts";
import { findingsOf } from "./support/checked-report.ts";
import { parseCsv } from "./support/csv.ts";
import { KMS_INTERFACE, run, runCheck } from "./support/kmsprobe.ts";
import { ownNames } from "./support/own-names.ts";
import { dnsmasqLines, TTL_SECONDS, type ZoneEntry, zoneFile } from "./support/zone.ts";

const { skip } = needs("linux", "named", "knotd", "dnsmasq", "impacket");
const { skip: skipIpv6 } = needs("ipv6");
const { skip: skipPrivate } = needs("root", "unshare");

const SERVERS = ["named", "knot", "dnsmasq"] as const;
type Server = (typeof SERVERS)[number];

const started: { stop: () => Promise<void> }[] = [];

/** Serves at its IPv4 address. */
let kms: { address: string; port: number };
/** Nobody listens. */
let nobody: { address: string; port: number };
let servers: Record<Server, RunningServer>;

function serve(name: string, target: string, port: number): ZoneEntry {
  return { name: `_vlmcs._tcp.${name}`, srv: { priority: 7, weight: 42, port, target } };
}

/** One domain for each answer a client can get; every target is in the zone. */
function entries(): ZoneEntry[] {
  const many = Array.from({ length: 60 }, (_, index) => `host-${index + 1}.many.corp.test`);
  return [
    serve("good.corp.test", "kms1.corp.test", kms.port),
    { name: "kms1.corp.test", address: kms.address },
    { name: "_vlmcs._tcp.nodata.corp.test", text: "no SRV here" },
    { name: "below._vlmcs._tcp.empty.corp.test", text: "the name above is empty" },
    { name: "_vlmcs._tcp.never.corp.test", srv: { priority: 0, weight: 0, port: 0, target: "." } },
    { name: "_vlmcs._tcp.alias.corp.test", alias: "_vlmcs._tcp.good.corp.test" },
    {
      name: "_VLMCS._Tcp.Case.Corp.Test",
      srv: { priority: 1, weight: 2, port: kms.port, target: "KMS1.Corp.Test" },
    },
    serve("half.corp.test", "both.corp.test", kms.port),
    { name: "both.corp.test", address: kms.address },
    { name: "both.corp.test", address: "::1" },
    ...many.flatMap((host) => [
      serve("many.corp.test", host, nobody.port),
      { name: host, address: nobody.address },
    ]),
  ];
}

function start(server: Server, zone: string, of: readonly ZoneEntry[]): Promise<RunningServer> {
  switch (server) {
    case "named":
      return startNamed({ zones: { [zone]: zoneFile(of) } });
    case "knot":
      return startKnot({ zones: { [zone]: zoneFile(of) } });
    case "dnsmasq":
      return startDnsmasq({ lines: dnsmasqLines(zone, of) });
    default:
      return server satisfies never;
  }
}

beforeAll(async () => {
  if (skip) return;
  const impacket = await startImpacket(KMS_INTERFACE);
  started.push(impacket);
  kms = impacket;
  const address = loopbackAddress();
  nobody = { address, port: await freePort(address) };
  const starting = SERVERS.map((server) => start(server, "corp.test", entries()));
  for (const each of await Promise.allSettled(starting)) {
    if (each.status === "fulfilled") started.push(each.value);
  }
  const [named, knot, dnsmasq] = await Promise.all(starting);
  if (!named || !knot || !dnsmasq) throw new Error("three servers were started");
  servers = { named, knot, dnsmasq };
});

afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
});

/** Stops it with the test that started it. */
function forThisTest<Thing extends { stop: () => Promise<void> }>(thing: Thing): Thing {
  onTestFinished(() => thing.stop());
  return thing;
}

function at({ address, port }: { address: string; port: number }): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Asks for one domain at each of the resolvers, and gives back its diagnosis. */
async function ask(
  domain: string,
  resolvers: readonly { address: string; port: number }[],
  ...args: readonly string[]
): Promise<{ code: number | null; report: Report; diagnosis: Diagnosis }> {
  const asked = resolvers.flatMap((resolver) => ["-r", at(resolver)]);
  const patience = ["--timeout", "2s", "--rpc-timeout", "2s", "--dns-timeout", "3s"];
  return only(await runCheck(["-d", domain, ...asked, ...patience, ...args]));
}

function only<Run extends { report: Report }>(finished: Run): Run & { diagnosis: Diagnosis } {
  const [diagnosis, ...more] = finished.report.diagnoses;
  if (diagnosis === undefined || more.length > 0) throw new Error("not one diagnosis");
  return { ...finished, diagnosis };
}

/** A zone with one host. */
function zoneOf(target: string, { address, port }: { address: string; port: number }): string {
  return zoneFile([serve("corp.test", target, port), { name: target, address }]);
}

/** Runs a check on a machine with these names. */
async function onMachine(
  names: Parameters<typeof ownNames>[0],
  args: readonly string[],
): ReturnType<typeof runCheck> {
  const { wrapper, remove } = await ownNames(names);
  onTestFinished(remove);
  return runCheck(args, { wrapper });
}

function soleAnswer({ srv }: Diagnosis): SrvAnswer {
  const [answer, ...more] = srv;
  if (answer === undefined || more.length > 0) throw new Error(`${srv.length} answers`);
  return answer;
}

const AT_ONCE = {
  transport: "udp",
  tries: 1,
  truncated: false,
  said: expect.anything(),
  deadLink: null,
  from: null,
  overTcp: null,
  edns: true,
  ignored: { source: 0, id: 0, question: 0, malformed: 0 },
} as const;

describe.skipIf(skip).each(SERVERS)("%s", (name) => {
  const askIt = (domain: string, ...args: readonly string[]): ReturnType<typeof ask> =>
    ask(domain, [servers[name]], ...args);

  test("a record is read with its priority, weight, port, target and TTL, and its host serves", async () => {
    const { diagnosis, code } = await askIt("good.corp.test");
    const { exchange, answer, resolver } = soleAnswer(diagnosis);
    expect(resolver).toEqual({ address: servers[name].address, port: servers[name].port });
    expect(exchange).toEqual(AT_ONCE);
    const record = { priority: 7, weight: 42, port: kms.port, target: "kms1.corp.test" };
    expect(answer).toMatchObject({
      outcome: "ok",
      facts: {
        records: [{ ...record, ttlSeconds: TTL_SECONDS }],
        aliases: [],
        glue: [{ name: "kms1.corp.test", address: kms.address }],
        dropped: 0,
      },
    });
    const [endpoint] = diagnosis.endpoints;
    expect(endpoint?.listedBy).toEqual([{ resolver, priority: 7, weight: 42, ttlSeconds: TTL_SECONDS }]);
    expect(endpoint?.address.lookups.map(({ family, answer: each }) => [family, each])).toEqual([
      [
        4,
        expect.objectContaining({
          facts: { addresses: [kms.address], ttlSeconds: TTL_SECONDS, aliases: [] },
        }),
      ],
      [6, expect.objectContaining({ denial: { rcode: "NOERROR", nodata: true, chain: null, aliases: [] } })],
    ]);
    expect(endpoint?.address.glue).toEqual([kms.address]);
    expect(diagnosis.verdict.code).toBe("rpc-serves");
    expect(code).toBe(0);
  });

  test.each([
    [
      "nowhere.corp.test",
      "srv-nxdomain",
      { rcode: "NXDOMAIN", nodata: false, chain: null, notOffered: false },
    ],
    ["nodata.corp.test", "srv-nodata", { rcode: "NOERROR", nodata: true, chain: null, notOffered: false }],
    ["empty.corp.test", "srv-nodata", { rcode: "NOERROR", nodata: true, chain: null, notOffered: false }],
    [
      "never.corp.test",
      "srv-not-offered",
      { rcode: "NOERROR", nodata: false, chain: null, notOffered: true },
    ],
    ["other.test", "srv-refused", { rcode: "REFUSED", nodata: false, chain: null, notOffered: false }],
  ])("%s is %s", async (domain, verdict, denial) => {
    const { diagnosis, code } = await askIt(domain);
    const { answer, exchange } = soleAnswer(diagnosis);
    expect(answer).toMatchObject({ outcome: "denied", denial });
    expect(exchange).toEqual(AT_ONCE);
    expect(diagnosis.verdict.code).toBe(verdict);
    expect(diagnosis.endpoints).toEqual([]);
    expect(findingsOf(diagnosis)).toEqual([]);
    expect(code).toBe(1);
  });

  test("an alias in place of the SRV name is followed to the records", async () => {
    const { diagnosis } = await askIt("alias.corp.test");
    expect(soleAnswer(diagnosis).answer).toMatchObject({
      outcome: "ok",
      facts: {
        records: [{ priority: 7, weight: 42, port: kms.port, target: "kms1.corp.test" }],
        aliases: ["_vlmcs._tcp.good.corp.test"],
      },
    });
    expect(diagnosis.verdict.code).toBe("rpc-serves");
  });

  test("sixty records come over TCP after a truncated answer, and all are kept", async () => {
    const { diagnosis, code } = await askIt("many.corp.test");
    const { answer, exchange } = soleAnswer(diagnosis);
    expect(exchange).toEqual({ ...AT_ONCE, transport: "tcp", tries: 2, truncated: true });
    const { records = [], dropped } = answer.outcome === "ok" ? answer.facts : {};
    expect(dropped).toBe(0);
    const hosts = Array.from({ length: 60 }, (_, index) => `host-${index + 1}.many.corp.test`);
    expect(new Set(records.map(({ target }) => target))).toEqual(new Set(hosts));
    expect(records).toHaveLength(60);
    expect(diagnosis.endpoints.map(({ verdict }) => verdict.code)).toEqual(hosts.map(() => "tcp-refused"));
    expect(code).toBe(1);
  });

  test("--dns-tcp asks over TCP from the start, the addresses too", async () => {
    const { diagnosis } = await askIt("good.corp.test", "--dns-tcp");
    expect(soleAnswer(diagnosis).exchange).toEqual({ ...AT_ONCE, transport: "tcp" });
    const lookups = diagnosis.endpoints[0]?.address.lookups ?? [];
    expect(lookups.map(({ asked }) => (asked.by === "resolver" ? asked.exchange : asked.by))).toEqual([
      { ...AT_ONCE, transport: "tcp" },
      { ...AT_ONCE, transport: "tcp" },
    ]);
    expect(diagnosis.verdict.code).toBe("rpc-serves");
  });

  test("letters are no different in upper case, in the zone or on the command line", async () => {
    const { diagnosis } = await askIt("cASE.Corp.TEST.");
    expect(soleAnswer(diagnosis).name).toBe("_vlmcs._tcp.case.corp.test");
    expect(diagnosis.endpoints[0]?.endpoint).toEqual({ host: "kms1.corp.test", port: kms.port });
    expect(diagnosis.endpoints[0]?.address.addresses).toEqual([kms.address]);
    expect(diagnosis.verdict.code).toBe("rpc-serves");
  });

  test.skipIf(skipIpv6)(
    "each address of a host with both families is probed and judged on its own",
    async () => {
      const { diagnosis, code } = await askIt("half.corp.test");
      const [endpoint] = diagnosis.endpoints;
      expect(
        Object.fromEntries(endpoint?.attempts.map(({ address, verdict }) => [address, verdict.code]) ?? []),
      ).toEqual({ [kms.address]: "rpc-serves", "::1": "tcp-refused" });
      expect(endpoint?.verdict.code).toBe("endpoint-partly-serves");
      expect(diagnosis.verdict).toMatchObject({
        code: "endpoint-partly-serves",
        severity: "degraded",
        serves: true,
      });
      expect(code).toBe(0);
    },
  );
});

describe.skipIf(skip)("a resolver that gives no hosts", () => {
  test("BIND cannot load the zone: SERVFAIL", async () => {
    const broken = forThisTest(
      await startNamed({ zones: { "broken.test": "_vlmcs._tcp IN SRV nonsense\n" } }),
    );
    const { diagnosis, code } = await ask("broken.test", [broken]);
    expect(soleAnswer(diagnosis).answer).toMatchObject({ outcome: "denied", denial: { rcode: "SERVFAIL" } });
    expect(diagnosis.verdict).toMatchObject({ code: "srv-servfail", certainty: "likely" });
    expect(code).toBe(1);
  });

  test("a policy of BIND refuses the asker", async () => {
    const policy = "allow-query { none; };";
    const zones = { "corp.test": zoneFile([serve("corp.test", "kms1.corp.test", kms.port)]) };
    const shy = forThisTest(await startNamed({ zones, options: policy }));
    const { diagnosis } = await ask("corp.test", [shy]);
    expect(diagnosis.verdict.code).toBe("srv-refused");
  });

  test("nobody listens at the resolver's port", async () => {
    const { diagnosis, code } = await ask("good.corp.test", [nobody]);
    const { answer, exchange } = soleAnswer(diagnosis);
    expect(answer).toMatchObject({ outcome: "no-answer", cause: "ECONNREFUSED" });
    // An ICMP error is believed when it comes twice.
    expect(exchange).toEqual({ ...AT_ONCE, said: null, tries: 2 });
    expect(diagnosis.verdict).toMatchObject({ code: "srv-resolver-unreachable", certainty: "likely" });
    expect(code).toBe(1);
  });

  test("nobody listens there over TCP", async () => {
    const { diagnosis } = await ask("good.corp.test", [nobody], "--dns-tcp");
    const { answer, exchange } = soleAnswer(diagnosis);
    expect(answer).toMatchObject({ outcome: "no-answer", cause: "ECONNREFUSED" });
    expect(exchange).toEqual({ ...AT_ONCE, said: null, transport: "tcp" });
    expect(diagnosis.verdict.code).toBe("srv-resolver-unreachable");
  });
});

describe.skipIf(skip).each(["named", "knot"] as const)("a zone full of mistakes on %s", (name) => {
  let server: RunningServer;

  beforeAll(async () => {
    const { address, port } = nobody;
    const zones = {
      "corp.test": withSoa(`
_vlmcs._tcp.literal  IN SRV 0 0 ${port} ${address}.
_vlmcs._tcp.escape   IN SRV 0 0 ${port} evil\\027\\09131m\\032.corp.test.
_vlmcs._tcp.formula  IN SRV 0 0 ${port} \\061cmd.corp.test.
_vlmcs._tcp.zero     IN SRV 0 0 0 host
_vlmcs._tcp.dot      IN SRV 0 0 0 .
_vlmcs._tcp.dot      IN SRV 0 0 ${port} host
_vlmcs._tcp.twice    IN SRV 0 0 ${port} host
_vlmcs._tcp.twice    IN SRV 5 9 ${port} host
_vlmcs._tcp.dangling IN CNAME _vlmcs._tcp.nowhere
_vlmcs._tcp.abroad   IN CNAME _vlmcs._tcp.other.test.
_vlmcs._tcp.lost     IN SRV 0 0 ${port} lost
lost IN CNAME lost.other.test.
host IN A ${address}
`),
    };
    server = name === "named" ? await startNamed({ zones }) : await startKnot({ zones });
    started.push(server);
  });

  test("an address in place of a name is named as the mistake, and not probed", async () => {
    const { diagnosis, code } = await ask("literal.corp.test", [server]);
    const [endpoint] = diagnosis.endpoints;
    expect(endpoint?.endpoint).toEqual({ host: nobody.address, port: nobody.port });
    expect(endpoint?.attempts).toEqual([]);
    expect(endpoint?.address).toMatchObject({ validName: false, lookups: [], addresses: [] });
    expect(diagnosis.verdict).toMatchObject({ code: "address-invalid-target", certainty: "likely" });
    expect(code).toBe(1);
  });

  test("control characters of a name reach neither a terminal nor a spreadsheet", async () => {
    const args = ["check", "-d", "escape.corp.test", "-d", "formula.corp.test", "-r", at(server), "-v"];
    const runs = await Promise.all(
      ["text", "json", "ndjson", "csv"].map((format) => run([...args, "--format", format])),
    );
    for (const { stdout, code } of runs) {
      expect(stdout).toContain("027");
      expect(stdout).not.toContain("\u001B");
      expect(code).toBe(1);
    }
    const hosts = parseCsv(runs[3]?.stdout ?? "").map((row) => row["host"]);
    expect(hosts).toEqual(["evil\\027[31m\\032.corp.test", "'=cmd.corp.test"]);
  });

  test("port 0 cannot be connected to", async () => {
    const { diagnosis, code } = await ask("zero.corp.test", [server]);
    expect(soleAnswer(diagnosis).answer).toMatchObject({ outcome: "ok", facts: { records: [], dropped: 1 } });
    expect(diagnosis.verdict.code).toBe("srv-no-records");
    expect(findingsOf(diagnosis).map(({ code: each }) => each)).toEqual(["srv-records-dropped"]);
    expect(code).toBe(1);
  });

  test('Target "." beside another record means nothing, and is dropped', async () => {
    const { diagnosis } = await ask("dot.corp.test", [server]);
    expect(soleAnswer(diagnosis).answer).toMatchObject({
      outcome: "ok",
      facts: { records: [{ target: "host.corp.test" }], dropped: 1 },
    });
    expect(diagnosis.verdict.code).toBe("tcp-refused");
    expect(findingsOf(diagnosis).map(({ code: each }) => each)).toEqual(["srv-records-dropped"]);
  });

  test("a host that is listed twice is one host", async () => {
    const { diagnosis, report } = await ask("twice.corp.test", [server]);
    const { answer } = soleAnswer(diagnosis);
    const records = answer.outcome === "ok" ? answer.facts.records : [];
    expect(new Set(records.map(({ priority, weight }) => `${priority} ${weight}`))).toEqual(
      new Set(["0 0", "5 9"]),
    );
    expect(diagnosis.endpoints).toHaveLength(1);
    expect(report.requirement.listed).toBe(1);
  });

  test.each([
    ["an alias of a name that is not there", "dangling.corp.test", "srv-nxdomain", 1],
    ["an alias that leads out of what the server knows", "abroad.corp.test", "srv-refused", 1],
    ["a host that is such an alias", "lost.corp.test", "address-lookup-failed", 3],
  ])("%s", async (_, domain, verdict, exit) => {
    const { diagnosis, code } = await ask(domain, [server]);
    expect(diagnosis.verdict.code).toBe(verdict);
    expect(code).toBe(exit);
  });
});

test.skipIf(skip)(
  "of three hundred records, 256 are kept, 128 hosts probed, and the rest is counted",
  async () => {
    const hosts = Array.from({ length: 300 }, (_, index) => `host-${index}.corp.test`);
    const crowd = hosts.flatMap((host): ZoneEntry[] => [
      serve("corp.test", host, nobody.port),
      { name: host, address: nobody.address },
    ]);
    const knot = forThisTest(await start("knot", "corp.test", crowd));
    const { diagnosis } = await ask("corp.test", [knot]);
    const { answer, exchange } = soleAnswer(diagnosis);
    expect(exchange).toMatchObject({ transport: "tcp", truncated: true });
    expect(answer).toMatchObject({ outcome: "ok", facts: { dropped: 44 } });
    expect(answer.outcome === "ok" && answer.facts.records.length).toBe(256);
    expect(diagnosis.endpoints).toHaveLength(128);
    expect(diagnosis.recordsDropped).toBe(128);
    expect(findingsOf(diagnosis).map(({ code, subject }) => [code, subject])).toEqual([
      ["srv-records-dropped", "/srv/0"],
      ["srv-records-dropped", "/endpoints"],
    ]);
  },
);

describe.skipIf(skip)("several resolvers", () => {
  test("one lists hosts and one says NXDOMAIN: who says what is the verdict, though every host serves", async () => {
    const { knot, dnsmasq } = servers;
    const other = forThisTest(await start("named", "corp.test", [{ name: "corp.test", text: "empty" }]));
    const { diagnosis, code } = await ask("good.corp.test", [knot, other, dnsmasq]);
    expect(diagnosis.srv.map(({ resolver, answer }) => [at(resolver), answer.outcome])).toEqual([
      [at(knot), "ok"],
      [at(other), "denied"],
      [at(dnsmasq), "ok"],
    ]);
    const whoSaysWhat = `${at(knot)} and ${at(dnsmasq)} lists kms1.corp.test:${kms.port}; ${at(other)} says NXDOMAIN`;
    expect(diagnosis.verdict).toMatchObject({
      code: "srv-resolvers-disagree",
      severity: "degraded",
      serves: true,
      observed: `The resolvers disagree about _vlmcs._tcp.good.corp.test: ${whoSaysWhat}.`,
    });
    expect(findingsOf(diagnosis).filter(({ code: each }) => each.startsWith("srv-"))).toEqual([
      expect.objectContaining({ code: "srv-resolvers-disagree", subject: "/srv", observed: whoSaysWhat }),
    ]);
    const [endpoint] = diagnosis.endpoints;
    expect(endpoint?.listedBy.map(({ resolver }) => at(resolver))).toEqual([at(knot), at(dnsmasq)]);
    expect(diagnosis.outlook?.views.map(({ resolvers }) => resolvers.map(at))).toEqual([
      [at(knot), at(dnsmasq)],
    ]);
    expect(code).toBe(0);
  });

  test("each lists another host: both are probed, and a client's luck depends on whom it believes", async () => {
    const stale = forThisTest(
      await start("knot", "corp.test", [
        serve("good.corp.test", "kms2.corp.test", nobody.port),
        { name: "kms2.corp.test", address: nobody.address },
      ]),
    );
    const { diagnosis, code } = await ask("good.corp.test", [servers.named, stale]);
    expect(diagnosis.endpoints.map(({ endpoint, verdict }) => [endpoint.host, verdict.code])).toEqual([
      ["kms1.corp.test", "rpc-serves"],
      ["kms2.corp.test", "tcp-refused"],
    ]);
    expect(diagnosis.verdict.code).toBe("srv-resolvers-disagree");
    expect(findingsOf(diagnosis).map(({ code: each }) => each)).toContain("srv-resolvers-disagree");
    expect(
      diagnosis.outlook?.views.map(({ resolvers, models }) => [
        resolvers.map(at),
        models.map(({ firstServes }) => firstServes),
      ]),
    ).toEqual([
      [[at(servers.named)], [1, 1]],
      [[at(stale)], [0, 0]],
    ]);
    expect(code).toBe(0);
    // Asked the other way round, a client never hears of the host that serves.
    const turned = await ask("good.corp.test", [stale, servers.named]);
    expect([turned.diagnosis.verdict.code, turned.code]).toEqual(["tcp-refused", 1]);
  });

  test("the first says NXDOMAIN and the second lists hosts that serve: a client finds none", async () => {
    const empty = forThisTest(await start("named", "corp.test", [{ name: "corp.test", text: "empty" }]));
    const { diagnosis, code } = await ask("good.corp.test", [empty, servers.knot]);
    expect(diagnosis.verdict).toMatchObject({ code: "srv-nxdomain", serves: false, because: "/srv/0" });
    expect(diagnosis.verdict.observed).toMatch(
      new RegExp(
        `A client that asks ${at(empty)} first finds no host; at ${at(servers.knot)} it would find 1\\.$`,
      ),
    );
    expect(diagnosis.outlook?.believed).toEqual({ address: empty.address, port: empty.port });
    expect(code).toBe(1);
    // One that fails in its place lets the client go on.
    const failing = await ask("good.corp.test", [nobody, servers.knot]);
    expect([failing.diagnosis.verdict.code, failing.code]).toEqual(["rpc-serves", 0]);
  });

  test("agreement is not disturbed by the order and the TTL of the records", async () => {
    const { diagnosis } = await ask("many.corp.test", [servers.named, servers.knot, servers.dnsmasq]);
    expect(findingsOf(diagnosis).map(({ code: each }) => each)).toEqual([]);
    expect(diagnosis.endpoints).toHaveLength(60);
    expect(diagnosis.endpoints.map(({ listedBy }) => listedBy.length)).toEqual(
      diagnosis.endpoints.map(() => 3),
    );
  });

  test("one is dead: a finding, and the hosts of the other are served", async () => {
    const { diagnosis, code } = await ask("good.corp.test", [nobody, servers.dnsmasq]);
    expect(diagnosis.srv.map(({ answer }) => answer.outcome)).toEqual(["no-answer", "ok"]);
    expect(findingsOf(diagnosis).filter(({ code: each }) => each.startsWith("srv-"))).toMatchObject([
      {
        code: "srv-resolver-failed",
        severity: "warning",
        subject: "/srv/0",
        observed: `${at(nobody)} gave no usable answer, while another resolver lists hosts`,
        next: "A client that asks this resolver first loses time, or finds no host at all",
      },
    ]);
    expect(diagnosis.verdict.code).toBe("rpc-serves");
    expect(code).toBe(0);
  });

  test("every suffix is asked at every resolver", async () => {
    const domains = ["-d", "good.corp.test", "-d", "nowhere.corp.test", "-d", "GOOD.corp.test"];
    const resolvers = ["-r", at(servers.named), "-r", at(servers.knot), "-r", at(servers.named)];
    const { report, code } = await runCheck([...domains, ...resolvers]);
    expect(
      report.diagnoses.map(({ verdict, srv }) => [
        verdict.code,
        srv.map(({ resolver, name }) => [at(resolver), name]),
      ]),
    ).toEqual([
      [
        "rpc-serves",
        [
          [at(servers.named), "_vlmcs._tcp.good.corp.test"],
          [at(servers.knot), "_vlmcs._tcp.good.corp.test"],
        ],
      ],
      [
        "srv-nxdomain",
        [
          [at(servers.named), "_vlmcs._tcp.nowhere.corp.test"],
          [at(servers.knot), "_vlmcs._tcp.nowhere.corp.test"],
        ],
      ],
    ]);
    expect(report.verdict).toMatchObject({
      code: "run-partly-serves",
      observed: "1 of 1 listed host serves, in 2 places looked at.",
    });
    expect(code).toBe(0);
  });

  test.skipIf(skipIpv6)(
    "split horizon: BIND tells each source address something else, and the report says so",
    async () => {
      const split = forThisTest(
        await startNamed({
          address: ["127.0.0.1", "::1"],
          zones: {},
          views: [
            {
              name: "inside",
              clients: ["127.0.0.1"],
              zones: { "corp.test": zoneOf("in.corp.test", kms) },
            },
            {
              name: "outside",
              clients: ["::1"],
              zones: { "corp.test": zoneOf("out.corp.test", nobody) },
            },
          ],
        }),
      );
      const [inside, outside] = split.addresses.map((address) => ({ address, port: split.port }));
      if (!inside || !outside) throw new Error("BIND listens on two addresses");
      const { diagnosis } = await ask("corp.test", [inside, outside]);
      expect(diagnosis.endpoints.map(({ endpoint, verdict }) => [endpoint.host, verdict.code])).toEqual([
        ["in.corp.test", "rpc-serves"],
        ["out.corp.test", "tcp-refused"],
      ]);
      // Each target is asked for where it is listed; the other view does not know it.
      expect(diagnosis.endpoints.map(({ address }) => address.addresses)).toEqual([
        [kms.address],
        [nobody.address],
      ]);
      expect(
        findingsOf(diagnosis).find(({ code: each }) => each === "srv-resolvers-disagree")?.observed,
      ).toBe(
        `${at(inside)} lists in.corp.test:${kms.port}; ${at(outside)} lists out.corp.test:${nobody.port}`,
      );
    },
  );

  test("an address that only one of them gives is probed, and a finding", async () => {
    const other = forThisTest(
      await start("dnsmasq", "corp.test", [
        serve("good.corp.test", "kms1.corp.test", kms.port),
        { name: "kms1.corp.test", address: nobody.address },
      ]),
    );
    const { diagnosis } = await ask("good.corp.test", [servers.knot, other]);
    const [endpoint] = diagnosis.endpoints;
    expect(endpoint?.attempts.map(({ address, verdict }) => [address, verdict.code])).toEqual([
      [kms.address, "rpc-serves"],
      [nobody.address, "tcp-refused"],
    ]);
    expect(diagnosis.verdict.code).toBe("endpoint-partly-serves");
    expect(
      findingsOf(diagnosis).find(({ code: each }) => each === "address-resolvers-disagree")?.observed,
    ).toBe(`kms1.corp.test: the resolvers give different addresses: ${kms.address}; ${nobody.address}`);
  });
});

describe.skipIf(skip)("a host that the user names", () => {
  test("a name without a dot is tried under each domain in turn", async () => {
    const discovery = ["-d", "nowhere.corp.test", "-d", "corp.test", "-r", at(servers.knot)];
    const { report } = await runCheck([`kms1:${kms.port}`, ...discovery]);
    const list = report.diagnoses.find(({ target }) => target.kind === "list");
    expect(
      list?.endpoints[0]?.address.lookups.map(({ name, family, answer }) => [name, family, answer.outcome]),
    ).toEqual([
      ["kms1.nowhere.corp.test", 4, "denied"],
      ["kms1.nowhere.corp.test", 6, "denied"],
      ["kms1.corp.test", 4, "ok"],
      ["kms1.corp.test", 6, "denied"],
    ]);
    expect(list?.verdict.code).toBe("rpc-serves");
  });

  test("its address cannot be had where no resolver answers, which says nothing of the host", async () => {
    const { report, code } = await runCheck([`kms1.corp.test:${kms.port}`, "-r", at(nobody)]);
    expect(report.verdict).toMatchObject({
      code: "address-lookup-failed",
      severity: "inconclusive",
      observed: "The address of kms1.corp.test could not be had: A: ECONNREFUSED, AAAA: ECONNREFUSED.",
    });
    expect(code).toBe(1);
  });
});

describe.skipIf(skip || skipPrivate)("what this machine knows", () => {
  test("without -d, the search list of resolv.conf and the host's own domain are looked under", async () => {
    const { report, code } = await onMachine(
      { resolvConf: "search good.corp.test nowhere.corp.test\n", hostname: "probe.nodata.corp.test" },
      ["-r", at(servers.named)],
    );
    expect(report.diagnoses.map(({ target, verdict }) => [target, verdict.code])).toEqual([
      [{ kind: "domain", domain: "good.corp.test", source: "/etc/resolv.conf (search)" }, "rpc-serves"],
      [{ kind: "domain", domain: "nowhere.corp.test", source: "/etc/resolv.conf (search)" }, "srv-nxdomain"],
      [{ kind: "domain", domain: "nodata.corp.test", source: "the host name" }, "srv-nodata"],
    ]);
    // Suffixes that nobody asked for and that list nothing are no trouble.
    expect(report.verdict.code).toBe("rpc-serves");
    expect(report.from.host).toBe("probe.nodata.corp.test");
    expect(code).toBe(0);
  });

  test("a domain line is a suffix, and so is the domain of the host's line in the hosts file", async () => {
    const { report } = await onMachine(
      {
        resolvConf: "domain good.corp.test\n",
        hosts: "127.0.0.1 localhost\n127.0.1.1 probe.nowhere.corp.test probe\n",
      },
      ["-r", at(servers.dnsmasq)],
    );
    expect(report.diagnoses.map(({ target }) => target)).toEqual([
      { kind: "domain", domain: "good.corp.test", source: "/etc/resolv.conf (domain)" },
      { kind: "domain", domain: "nowhere.corp.test", source: "/etc/hosts" },
    ]);
  });

  test("without -r, the resolvers of resolv.conf are asked, on port 53", async () => {
    const address = loopbackAddress();
    const { report, code } = await onMachine(
      { resolvConf: `nameserver ${address}\nsearch good.corp.test\n` },
      ["--dns-timeout", "3s"],
    );
    const { diagnosis } = only({ report });
    expect(soleAnswer(diagnosis).resolver).toEqual({ address, port: 53 });
    expect(diagnosis.verdict.code).toBe("srv-resolver-unreachable");
    // Nobody runs there on this machine, so nobody was asked.
    expect(code).toBe(3);
  });

  test("no suffix anywhere: the verdict says where it was looked for", async () => {
    const { report, code } = await onMachine({ resolvConf: "" }, ["-r", at(servers.named)]);
    const { diagnosis } = only({ report });
    expect(diagnosis.target).toEqual({
      kind: "no-suffix",
      looked: ["/etc/resolv.conf", "the host name", "/etc/hosts"],
    });
    expect(diagnosis.verdict).toMatchObject({ code: "srv-no-suffix", certainty: "certain" });
    expect(diagnosis.verdict.next[0]?.command).toBe("kmsprobe check --domain corp.example");
    expect(code).toBe(3);
  });

  test("a host named on the command line is looked for in the hosts file before any resolver is asked", async () => {
    const { report, code } = await onMachine(
      { resolvConf: "", hosts: `127.0.0.1 localhost\n${kms.address} KMS.Home.Test kms # by hand\n` },
      [`kms.home.test:${kms.port}`, `kms:${kms.port}`, "-r", at(nobody)],
    );
    const { diagnosis } = only({ report });
    expect(diagnosis.endpoints.map(({ address }) => address.lookups)).toEqual(
      ["kms.home.test", "kms"].map((name) => [
        {
          family: 4,
          asked: { by: "hosts-file", path: "/etc/hosts" },
          name,
          answer: {
            outcome: "ok",
            facts: { addresses: [kms.address], ttlSeconds: 0, aliases: [] },
            elapsedMs: 0,
          },
        },
      ]),
    );
    expect(diagnosis.verdict.code).toBe("rpc-serves");
    expect(code).toBe(0);
  });
});
