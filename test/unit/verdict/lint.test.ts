/** Each rule about records: where it fires, with what is said and what to type, and what only comes close to it. */
import { describe, expect, it } from "vitest";
import { findingCodes } from "../../../src/model/finding.ts";
import type { SrvAnswer, SrvRecord } from "../../../src/model/dns.ts";
import type { AttemptEvidence, EndpointEvidence, Evidence } from "../../../src/model/evidence.ts";
import type { Finding, FindingCode } from "../../../src/model/finding.ts";
import { judgeAll } from "../../../src/verdict/judge.ts";
import {
  addresses,
  CLIENT_TIMEOUT_MS,
  connected,
  denies,
  domain,
  endpoint,
  found,
  isRefused,
  isServing,
  isSilent,
  listed,
  lists,
  lookup,
  record,
  refuses,
  rejected,
  resolver,
  rpc,
  says,
  saying,
  unanswered,
  unsent,
} from "./builders.ts";

type LintCode = Extract<FindingCode, `lint-${string}`>;
const CODES = findingCodes.filter((code): code is LintCode => code.startsWith("lint-"));

const KMS1 = "kms1.corp.example";
const KMS2 = "kms2.corp.example";
const kms1 = listed(1, isServing);
const kms2 = listed(2, isServing);
const sameAsKms1 = { ...listed(1, isServing), endpoint: { host: KMS2, port: 1688 } };
const atPort = (each: EndpointEvidence, port: number): EndpointEvidence => ({
  ...each,
  endpoint: { ...each.endpoint, port },
});
const wild = (each: EndpointEvidence): EndpointEvidence => ({
  ...each,
  address: {
    ...each.address,
    nobody: { name: "nobody.corp.example", resolver: resolver(), rcode: "NOERROR", found: ["10.1.0.1"] },
  },
});
const at54 = { resolver: resolver(54) };

/** A host that the zone lists under this name, which has no address. */
function nameless(host: string, over: Partial<EndpointEvidence["address"]> = {}): EndpointEvidence {
  const lookups = [lookup(refuses("NXDOMAIN")), lookup(refuses("NXDOMAIN"), { family: 6 })];
  return {
    ...kms1,
    endpoint: { host, port: 1688 },
    attempts: [],
    address: addresses([], { lookups, ...over }),
  };
}

/** One resolver's records, and the hosts that were probed. */
function zoneOf(records: SrvRecord[], endpoints: EndpointEvidence[], authoritative = true): Evidence {
  return domain([says(lists(records, { authoritative }))], endpoints);
}

/** What each host of many serves. */
function hosts(count: number): { records: SrvRecord[]; endpoints: EndpointEvidence[] } {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return {
    records: numbers.map((n) => record(`kms${n}.corp.example`)),
    endpoints: numbers.map((n) => listed(n, isServing)),
  };
}

/** An RPC server that says for certain that it doesn't know the KMS interface. */
const isAnother = (over: Partial<AttemptEvidence>): AttemptEvidence =>
  connected(rpc(rejected("2/1", "2/1")), over);
const four = hosts(4);
const three = hosts(3);
const gone = nameless("gone.corp.example");
const twin = { name: "_vlmcs._udp.corp.example" };

const ADD = "dnscmd /RecordAdd corp.example _vlmcs._tcp 3600 SRV";
const DELETE = "dnscmd /RecordDelete corp.example _vlmcs._tcp SRV";

type Case = {
  shows: Evidence[];
  says: string;
  subject: string;
  /** Null, and no lines for nsupdate, where nothing is to be typed. */
  windows: string | null;
  /** The lines that nsupdate is given. */
  bind: string[];
  spares: Evidence[][];
};

const nobodyHere = { named: "other.example" };
const siblings = [
  domain([says(lists([record(KMS1)]))], [kms1]),
  domain([says(denies("NXDOMAIN"), { name: "_vlmcs._tcp.other.example" })], [], nobodyHere),
];

const CASES: Record<LintCode, Case> = {
  "lint-dangling-target": {
    shows: [zoneOf([record(KMS1), record("gone.corp.example")], [kms1, gone])],
    says: "gone.corp.example is listed and has no address",
    subject: "/endpoints/1",
    windows: `${DELETE} 0 0 1688 gone.corp.example. /f`,
    bind: ["update delete _vlmcs._tcp.corp.example. SRV 0 0 1688 gone.corp.example."],
    spares: [
      [
        zoneOf(
          [record(KMS1), record("gone.corp.example")],
          [kms1, nameless("gone.corp.example", { lookups: [lookup(unanswered("deadline"))] })],
        ),
      ],
      // Given by the user, and in no zone.
      [{ ...domain([], [{ ...gone, listedBy: [] }]), target: { kind: "list", source: "x" } }],
    ],
  },
  "lint-literal-target": {
    shows: [zoneOf([record("10.0.0.1")], [nameless("10.0.0.1", { validName: false, lookups: [] })])],
    says: "The target 10.0.0.1 is an address where a name belongs",
    subject: "/endpoints/0",
    // Some clients may take the address as it stands.
    windows: null,
    bind: [],
    spares: [
      [zoneOf([record("10-0-0-1.corp.example")], [nameless("10-0-0-1.corp.example")])],
      // A name, odd as it is, that has an address and serves.
      [
        zoneOf(
          [record("10.0.0.1.corp.example")],
          [{ ...kms1, endpoint: { host: "10.0.0.1.corp.example", port: 1688 } }],
        ),
      ],
    ],
  },
  "lint-doubled-zone": {
    shows: [zoneOf([record(`${KMS1}.corp.example`)], [nameless(`${KMS1}.corp.example`)])],
    says: "The target kms1.corp.example.corp.example ends with corp.example twice",
    subject: "/endpoints/0",
    windows: `${ADD} 0 0 1688 kms1.corp.example.; ${DELETE} 0 0 1688 kms1.corp.example.corp.example. /f`,
    bind: [
      "update add _vlmcs._tcp.corp.example. 3600 SRV 0 0 1688 kms1.corp.example.",
      "update delete _vlmcs._tcp.corp.example. SRV 0 0 1688 kms1.corp.example.corp.example.",
    ],
    spares: [
      [zoneOf([record(KMS1)], [nameless(KMS1)])],
      // The domain itself is called so.
      [
        domain([says(lists([record("kms1.corp.corp")]))], [nameless("kms1.corp.corp")], {
          named: "corp.corp",
        }),
      ],
      [domain([says(lists([record("kms1.a.b.a.b")]))], [nameless("kms1.a.b.a.b")], { named: "a.b.a.b" })],
    ],
  },
  "lint-duplicate-record": {
    shows: [zoneOf([record(KMS1, { priority: 10 }), record(KMS1, { weight: 5 })], [kms1])],
    says: "kms1.corp.example:1688 is listed 2 times: priority 10 weight 0, priority 0 weight 5",
    subject: "/srv/0/answer/facts/records/1",
    windows: `${DELETE} 10 0 1688 kms1.corp.example. /f`,
    bind: ["update delete _vlmcs._tcp.corp.example. SRV 10 0 1688 kms1.corp.example."],
    spares: [
      [zoneOf([record(KMS1), record(KMS1, { port: 1689 })], [kms1])],
      // The same record at two resolvers is one record.
      [domain([says(lists([record(KMS1)])), says(lists([record(KMS1, { weight: 5 })]), at54)], [kms1])],
    ],
  },
  "lint-same-address": {
    shows: [zoneOf([record(KMS1), record(KMS2)], [kms1, sameAsKms1])],
    says: "kms1.corp.example:1688, kms2.corp.example:1688 share the address 10.1.0.1: to clients they are one host",
    subject: "/endpoints/0",
    windows: null,
    bind: [],
    spares: [
      // Another service of the same machine is another host.
      [zoneOf([record(KMS1), record(KMS2, { port: 1700 })], [kms1, atPort(sameAsKms1, 1700)])],
      // A wildcard gives one address to every name, and has a finding of its own.
      [zoneOf([record(KMS1), record(KMS2)], [wild(kms1), wild(sameAsKms1)])],
    ],
  },
  "lint-other-port": {
    shows: [zoneOf([record(KMS1, { port: 1700 }), record(KMS2)], [kms1, kms2])],
    says: "Listed with a port other than 1688: kms1.corp.example:1700",
    subject: "/srv/0/answer/facts/records",
    // It may serve on this port, and on the other one nobody looked.
    windows: null,
    bind: [],
    spares: [[zoneOf([record(KMS1)], [kms1])]],
  },
  "lint-udp-twin": {
    shows: [
      domain([says(lists([record(KMS1)]))], [kms1], {
        udpTwin: [says(lists([record("old.corp.example")]), twin)],
      }),
    ],
    says: "_vlmcs._udp.corp.example lists old.corp.example:1688 as well, and no client asks for it",
    subject: "/udpTwin/0/answer/facts/records",
    windows: "dnscmd /RecordDelete corp.example _vlmcs._udp SRV 0 0 1688 old.corp.example. /f",
    bind: ["update delete _vlmcs._udp.corp.example. SRV 0 0 1688 old.corp.example."],
    spares: [
      [domain([says(lists([record(KMS1)]))], [kms1], { udpTwin: [says(denies("NXDOMAIN"), twin)] })],
      [domain([says(lists([record(KMS1)]))], [kms1], { udpTwin: [says(lists([]), twin)] })],
    ],
  },
  "lint-missing-in-domain": {
    shows: siblings,
    says: "other.example lists no KMS host, and corp.example lists kms1.corp.example:1688: a client whose only suffix is other.example finds none",
    subject: "/srv/0",
    windows: "dnscmd /RecordAdd other.example _vlmcs._tcp 3600 SRV 0 0 1688 kms1.corp.example.",
    bind: ["update add _vlmcs._tcp.other.example. 3600 SRV 0 0 1688 kms1.corp.example."],
    spares: [
      // Decided, or not known.
      [siblings[0], domain([says(denies("NOERROR", { notOffered: true }))], [], nobodyHere)],
      [siblings[0], domain([says(unanswered("deadline"))], [], nobodyHere)],
      // The same domain, seen from elsewhere.
      [siblings[0], domain([says(denies("NXDOMAIN"))], [], { source: "eth1" })],
      [domain([says(denies("NXDOMAIN"))], [], nobodyHere)],
    ].map((targets) => targets.filter((each) => each !== undefined)),
  },
  "lint-missing-at-resolver": {
    shows: [
      domain([says(lists([record(KMS1), record(KMS2)])), says(lists([record(KMS1)]), at54)], [kms1, kms2]),
    ],
    says: "10.0.0.54:53 doesn't list kms2.corp.example:1688, which another resolver does",
    subject: "/srv/1",
    windows: `${ADD} 0 0 1688 kms2.corp.example.`,
    bind: ["update add _vlmcs._tcp.corp.example. 3600 SRV 0 0 1688 kms2.corp.example."],
    spares: [
      // What is dead should be missing everywhere.
      [
        domain(
          [says(lists([record(KMS1), record(KMS2)])), says(lists([record(KMS1)]), at54)],
          [kms1, listed(2, isSilent)],
        ),
      ],
      [domain([says(lists([record(KMS1)])), says(unanswered("deadline"), at54)], [kms1])],
      [domain([says(lists([record(KMS1)])), says(denies("REFUSED"), at54)], [kms1])],
      [domain([says(lists([record(KMS1)])), says(denies("NOERROR", { notOffered: true }), at54)], [kms1])],
    ],
  },
  "lint-mixed-weights": {
    shows: [zoneOf([record(KMS1, { weight: 10 }), record(KMS2)], [kms1, kms2])],
    says: "Priority 0 mixes weight 0 with others: kms2.corp.example:1688 would hardly ever be tried first",
    subject: "/srv/0/answer/facts/records/1",
    windows: `${ADD} 0 10 1688 kms2.corp.example.; ${DELETE} 0 0 1688 kms2.corp.example. /f`,
    bind: [
      "update add _vlmcs._tcp.corp.example. 3600 SRV 0 10 1688 kms2.corp.example.",
      "update delete _vlmcs._tcp.corp.example. SRV 0 0 1688 kms2.corp.example.",
    ],
    spares: [
      [zoneOf([record(KMS1), record(KMS2)], [kms1, kms2])],
      [zoneOf([record(KMS1, { weight: 10 }), record(KMS2, { weight: 1 })], [kms1, kms2])],
      [zoneOf([record(KMS1, { weight: 10 }), record(KMS2, { priority: 1 })], [kms1, kms2])],
    ],
  },
  "lint-ttl": {
    shows: [zoneOf([record(KMS1, { ttlSeconds: 59 })], [kms1])],
    says: "_vlmcs._tcp.corp.example may be kept for 59 s (TTL)",
    subject: "/srv/0/answer/facts/records/0",
    windows:
      "Get-DnsServerResourceRecord -ZoneName corp.example -Name _vlmcs._tcp -RRType Srv | % { $new = [ciminstance]::new($_); $new.TimeToLive = [timespan]::FromHours(1); Set-DnsServerResourceRecord -ZoneName corp.example -OldInputObject $_ -NewInputObject $new }",
    bind: ["update add _vlmcs._tcp.corp.example. 3600 SRV 0 0 1688 kms1.corp.example."],
    spares: [
      [zoneOf([record(KMS1, { ttlSeconds: 60 })], [kms1])],
      [zoneOf([record(KMS1, { ttlSeconds: 86_400 })], [kms1], false)],
      // What is left of a longer one, in a cache.
      [zoneOf([record(KMS1, { ttlSeconds: 0 })], [kms1], false)],
    ],
  },
  "lint-many-hosts": {
    // Of four, one has another service on its port for certain, and one may only be filtered.
    shows: [zoneOf(four.records, [listed(1, isAnother), listed(2, isSilent), ...four.endpoints.slice(2)])],
    says: "4 hosts are listed",
    subject: "/srv/0/answer/facts/records",
    windows: `${DELETE} 0 0 1688 kms1.corp.example. /f`,
    bind: ["update delete _vlmcs._tcp.corp.example. SRV 0 0 1688 kms1.corp.example."],
    spares: [
      [zoneOf(three.records, three.endpoints)],
      [zoneOf([...three.records, record(KMS1, { port: 1689 })], three.endpoints)],
    ],
  },
  "lint-not-answering": {
    shows: [zoneOf([record(KMS1), record(KMS2)], [kms1, listed(2, isSilent)])],
    says: "kms2.corp.example:1688 is listed and does not serve (no answer): 50 % of clients try it first, and lose 21 s each",
    subject: "/endpoints/1",
    windows: null,
    bind: [],
    spares: [
      [zoneOf([record(KMS1)], [kms1])],
      // It serves another source of the run.
      [
        { ...zoneOf([record(KMS1)], [listed(1, isSilent)]), source: "wg0" },
        { ...zoneOf([record(KMS1)], [kms1]), source: "eth0" },
      ],
      // This machine lacks the family, or a way: the host was not seen.
      [zoneOf([record(KMS1)], [listed(1, () => unsent("EAFNOSUPPORT", { routeErrno: "EAFNOSUPPORT" }))])],
      [zoneOf([record(KMS1)], [listed(1, (over) => isRefused({ ...over, routeErrno: "ENETUNREACH" }))])],
      [{ ...domain([], [endpoint([isSilent({})])]), target: { kind: "list", source: "the command line" } }],
    ],
  },
};

function findings(targets: readonly Evidence[], code?: string): Finding[] {
  const diagnoses = judgeAll(targets, CLIENT_TIMEOUT_MS);
  const all = diagnoses.flatMap((diagnosis) => diagnosis.findings);
  return code === undefined ? all : all.filter((finding) => finding.code === code);
}

/** No such service under _udp, says the resolver, and names the zone. */
function deniedTwin(soa: string | null, last = 53): SrvAnswer {
  return says(denies("NXDOMAIN"), {
    name: "_vlmcs._udp.corp.example",
    exchange: saying({ soa }),
    resolver: resolver(last),
  });
}

function fixOfTtl(udpTwin: SrvAnswer[]): string {
  const evidence = { ...zoneOf([record(KMS1, { ttlSeconds: 5 })], [kms1]), udpTwin };
  const [diagnosis] = judgeAll([evidence], CLIENT_TIMEOUT_MS);
  const finding = diagnosis?.findings.find(({ code }) => code === "lint-ttl");
  return `${finding?.fix?.windows} ${finding?.fix?.bind}`;
}

describe("the zone of a fix", () => {
  it("is the one that the resolver names beside the records", () => {
    const fix = fixOfTtl([deniedTwin("example.org"), deniedTwin("example", 54)]);
    expect(fix).toContain("-ZoneName corp.example -Name _vlmcs._tcp ");
    const above = fixOfTtl([deniedTwin("corp.example")]);
    expect(above).toContain("-ZoneName corp.example -Name _vlmcs._tcp ");
  });

  it("is a zone above, where that holds the name", () => {
    const evidence = domain(
      [
        says(lists([record(KMS1, { ttlSeconds: 5 })], { authoritative: true }), {
          name: "_vlmcs._tcp.a.corp.example",
        }),
      ],
      [kms1],
    );
    const [diagnosis] = judgeAll([{ ...evidence, udpTwin: [deniedTwin("corp.example")] }], CLIENT_TIMEOUT_MS);
    const fix = diagnosis?.findings.find(({ code }) => code === "lint-ttl")?.fix;
    expect(fix?.windows).toContain("-ZoneName corp.example -Name _vlmcs._tcp.a ");
    expect(fix?.bind).toContain("update add _vlmcs._tcp.a.corp.example. 3600 SRV");
  });

  it("is not what another resolver says of the name: DNS may be split", () => {
    expect(fixOfTtl([deniedTwin("example.com", 54)])).toContain("-ZoneName corp.example -Name _vlmcs._tcp ");
  });
});

describe("each rule about records", () => {
  it.each(CODES)("%s fires where it should, with its subject and with both fixes", (code) => {
    const { shows, says: observed, subject, windows, bind } = CASES[code];
    const quoted = bind.map((line) => `'${line}'`).join(" ");
    expect(findings(shows, code)).toEqual([
      expect.objectContaining({
        subject,
        observed,
        fix: { windows, bind: windows === null ? null : `printf '%s\\n' ${quoted} send | nsupdate -l` },
      }),
    ]);
  });

  it.each(CODES)("%s stays away from what only comes close", (code) => {
    for (const spared of CASES[code].spares) expect(findings(spared, code)).toEqual([]);
  });
});

describe("a search list, of which one suffix with hosts is enough", () => {
  const searched = { suffixFrom: "/etc/resolv.conf (search)" };
  const empty = domain([says(denies("NXDOMAIN"))], [], { ...nobodyHere, ...searched });
  const listing = domain([says(lists([record(KMS1)]))], [kms1], searched);

  it.each([
    ["first", [empty, listing]],
    ["last", [listing, empty]],
  ])(
    "notes whom the suffix without hosts hits, where it stands %s, and has nothing to type",
    (_, suffixes) => {
      expect(findings(suffixes)).toEqual([
        {
          code: "lint-missing-in-domain",
          severity: "note",
          observed:
            "other.example lists no KMS host, and corp.example lists kms1.corp.example:1688: a client whose only suffix is other.example finds none",
          next: "Where clients have that suffix alone, publish there, too (DnsDomainPublishList on the KMS hosts), or add the record by hand",
          subject: "/srv/0",
          fix: null,
        },
      ]);
    },
  );

  it("says nothing of suffixes that are all without hosts: then that is the verdict", () => {
    expect(findings([empty, domain([says(denies("NXDOMAIN"))], [], searched)])).toEqual([]);
  });
});

describe("one host, one reason", () => {
  it.each([
    ["a literal", "fd00::1", "lint-literal-target"],
    ["a literal with the zone behind it", "10.0.0.1.corp.example", "lint-literal-target"],
    ["a doubled zone", `${KMS1}.corp.example`, "lint-doubled-zone"],
    ["a name of nothing", "gone.corp.example", "lint-dangling-target"],
  ])("%s is named for that, and for nothing that follows from it", (_, host, code) => {
    expect(findings([zoneOf([record(host)], [nameless(host)])]).map((finding) => finding.code)).toEqual([
      code,
    ]);
  });

  it("the zone that is doubled may be one above the domain", () => {
    const host = "kms1.sub.corp.example.corp.example";
    const [finding] = findings([
      domain([says(lists([record(host)]), { name: "_vlmcs._tcp.sub.corp.example" })], [nameless(host)], {
        named: "sub.corp.example",
      }),
    ]);
    expect(finding?.fix?.windows).toContain("SRV 0 0 1688 kms1.sub.corp.example.;");
  });

  it("an alias as target is the finding it always was, and has its fix", () => {
    const aliased = addresses(["10.1.0.1"], {
      lookups: [lookup(found(["10.1.0.1"], ["a.corp.example", "real.corp.example"]))],
    });
    const [finding, ...rest] = findings([zoneOf([record(KMS1)], [{ ...kms1, address: aliased }])]);
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      code: "srv-alias-target",
      fix: { windows: `${ADD} 0 0 1688 real.corp.example.; ${DELETE} 0 0 1688 kms1.corp.example. /f` },
    });
  });
});

describe("what resolvers say alike", () => {
  it("is wrong once, at the first of them", () => {
    const records = [record(KMS1, { port: 1700, ttlSeconds: 5 })];
    const targets = [domain([says(lists(records)), says(lists(records), at54)], [kms1])];
    expect(findings(targets).map(({ code, subject }) => [code, subject])).toEqual([
      ["lint-other-port", "/srv/0/answer/facts/records"],
      ["lint-ttl", "/srv/0/answer/facts/records/0"],
    ]);
  });
});
