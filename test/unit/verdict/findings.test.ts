import { describe, expect, it } from "vitest";
import { findingCodes } from "../../../src/model/finding.ts";
import type { AddressEvidence } from "../../../src/model/dns.ts";
import type { AttemptEvidence, Evidence } from "../../../src/model/evidence.ts";
import type { Finding, FindingCode } from "../../../src/model/finding.ts";
import { judge } from "../../../src/verdict/judge.ts";
import {
  accepted,
  ack,
  ADDRESS,
  addresses,
  bind,
  CLIENT_TIMEOUT_MS,
  connected,
  contexts,
  control,
  controlled,
  denies,
  domain,
  endpoint,
  NOTHING_HERE,
  exchange,
  found,
  host,
  ignored,
  isRefused,
  isServing,
  isSilent,
  list,
  listed,
  lists,
  lookup,
  plainBind,
  record,
  refuses,
  resolver,
  rpc,
  says,
  serving,
  silent,
  unanswered,
  zone,
} from "./builders.ts";

function findings(evidence: Evidence): Finding[] {
  return judge(evidence, CLIENT_TIMEOUT_MS).findings;
}

const ONE = lists([record("kms1.corp.example")]);
const BARE = control("bare", { name: "_vlmcs._tcp", rcode: "NOERROR", found: ["kms1.corp.example:1688"] });
const other = { resolver: resolver(54) };
const kms1 = listed(1, isServing);

/** A listed host with one serving address, and this said about its addresses. */
function withAddress(over: Parameters<typeof addresses>[1]): Evidence {
  return zone([{ ...kms1, address: addresses(["10.1.0.1"], over) }]);
}

/** A host given by the user, with this RPC evidence at its one address. */
function withRpc(evidence: ReturnType<typeof rpc>): Evidence {
  return host(connected(evidence));
}

/** A host where RPC stayed silent, and one connect to an unlikely port came to this. */
function withControlPort(answer: string): Evidence {
  return host(
    connected(rpc(silent(), { plain: plainBind(silent()) }), { controlPort: { port: 47_001, answer } }),
  );
}

const A = lookup(found([ADDRESS]));
const AAAA = lookup(refuses("NOERROR", true), { family: 6 });
const at54 = { asked: { by: "resolver", resolver: resolver(54), exchange: exchange() } } as const;
const IN_HOSTS_FILE = { asked: { by: "hosts-file", path: "/etc/hosts" } } as const;
const MALFORMED = { outcome: "malformed", fault: { at: 0, what: "too short" }, elapsedMs: 1 } as const;

const UNREAD = {
  file: "/etc/resolv.conf",
  line: 2,
  text: "search a,b",
  about: "suffix",
  why: "'a,b' is no domain: separate suffixes by blanks",
} as const;

/** What DNS64 makes of ADDRESS. */
const MADE = "64:ff9b::a01:1";

/** A listed host with this one attempt, and this said about its addresses. */
function atAddress(attempt: AttemptEvidence, over: Parameters<typeof addresses>[1]): Evidence {
  return zone([{ ...kms1, attempts: [attempt], address: addresses([attempt.address], over) }]);
}

/** What came for a name that nobody has. */
function nobody(values: string[]): AddressEvidence["nobody"] {
  return { name: "kmsprobe-0.corp.example", resolver: resolver(), rcode: "NOERROR", found: values };
}

type Case = { shows: [Evidence, string, string]; spares: Evidence };

/** Per code: evidence that shows it (with what is said of it), and evidence that comes close and does not. */
const CASES: Partial<Record<FindingCode, Case>> = {
  "run-configuration-unread": {
    shows: [
      zone([kms1], { configuration: { unread: [UNREAD], noResolver: false } }),
      "/configuration/unread/0",
      "/etc/resolv.conf line 2, \"search a,b\": 'a,b' is no domain: separate suffixes by blanks",
    ],
    spares: zone([kms1], { configuration: { unread: [], noResolver: true } }),
  },
  "srv-resolvers-disagree": {
    shows: [
      domain([says(ONE), says(denies("NXDOMAIN"), other)], [kms1]),
      "/srv",
      "10.0.0.53:53 lists kms1.corp.example:1688; 10.0.0.54:53 says NXDOMAIN",
    ],
    spares: domain([says(ONE), says(ONE, other)], [kms1]),
  },
  "srv-resolver-failed": {
    shows: [
      domain([says(ONE), says(unanswered("deadline"), other)], [kms1]),
      "/srv/1",
      "10.0.0.54:53 gave no usable answer, while another resolver lists hosts",
    ],
    spares: domain([says(unanswered("deadline"))], []),
  },
  "srv-alias-target": {
    shows: [
      withAddress({ lookups: [lookup(found([ADDRESS], ["a.corp.example", "b.corp.example"])), AAAA] }),
      "/endpoints/0/address",
      "kms1.corp.example is an alias of a.corp.example, then b.corp.example",
    ],
    // An alias is no fault in a name that the user gave.
    spares: host(connected(serving())),
  },
  "srv-answers-ignored": {
    shows: [
      domain([says(ONE, { exchange: exchange({ ignored: ignored({ source: 1, malformed: 2 }) }) })], [kms1]),
      "/srv/0",
      "10.0.0.53:53: answers ignored: 1 from elsewhere, 2 that are no DNS",
    ],
    spares: domain([says(ONE)], [kms1]),
  },
  "srv-records-dropped": {
    shows: [
      domain([says(lists([record("kms1.corp.example")], { dropped: 3 }))], [kms1]),
      "/srv/0",
      '10.0.0.53:53: 3 records not used (beyond the limit, port 0, Target ".", or of another name)',
    ],
    spares: domain([says(ONE)], [kms1]),
  },
  "srv-published-elsewhere": {
    shows: [
      domain([says(denies("NXDOMAIN"), { controls: [BARE] })], []),
      "/srv/0",
      "10.0.0.53:53 lists kms1.corp.example:1688 as _vlmcs._tcp, without a suffix: no client looks there",
    ],
    // A resolver that answers every name lists hosts under any of them.
    spares: domain(
      [says(denies("NXDOMAIN"), { controls: [BARE, control("nobody", { found: ["198.18.0.1"] })] })],
      [],
    ),
  },
  "srv-unfinished": {
    shows: [
      domain([says(lists([record("kms1.corp.example", { port: 1, weight: 0, ttlSeconds: 0 })]))], [kms1]),
      "/srv/0",
      "10.0.0.53:53 lists kms1.corp.example with port 1 and TTL 0, as dnsmasq does of an srv-host line without a port",
    ],
    spares: domain([says(lists([record("kms1.corp.example", { port: 1, ttlSeconds: 600 })]))], [kms1]),
  },
  "srv-edns-refused": {
    shows: [
      domain([says(ONE, { exchange: exchange({ edns: false, tries: 2 }) })], [kms1]),
      "/srv/0",
      "10.0.0.53:53 takes the question over udp without EDNS(0) only",
    ],
    spares: domain([says(ONE, { exchange: exchange({ tries: 2 }) })], [kms1]),
  },
  "address-glue-differs": {
    shows: [
      withAddress({ lookups: [A, AAAA], glue: [ADDRESS, "10.1.0.99"] }),
      "/endpoints/0/address",
      "kms1.corp.example: 10.1.0.99 came with the SRV answer; asked for the host, no resolver says so",
    ],
    spares: withAddress({ lookups: [A, AAAA], glue: [ADDRESS] }),
  },
  "address-resolvers-disagree": {
    shows: [
      withAddress({ lookups: [A, lookup(found(["10.1.0.2"]), at54)] }),
      "/endpoints/0/address",
      "kms1.corp.example: the resolvers give different addresses: 10.1.0.1; 10.1.0.2",
    ],
    spares: withAddress({
      lookups: [
        lookup(found(["10.1.0.1", "10.1.0.2"])),
        lookup(found(["10.1.0.2", "10.1.0.1"]), at54),
        lookup(found(["fd00::1"]), { family: 6 }),
      ],
    }),
  },
  "address-dropped": {
    shows: [
      withAddress({ lookups: [A, AAAA], dropped: 4 }),
      "/endpoints/0/address",
      "kms1.corp.example: 4 more addresses were not probed",
    ],
    spares: withAddress({ lookups: [A, AAAA] }),
  },
  "address-special": {
    shows: [
      withAddress({ lookups: [A], special: [{ address: "127.0.1.1", use: "loopback" }] }),
      "/endpoints/0/address",
      "kms1.corp.example: DNS gives 127.0.1.1 (loopback, not probed)",
    ],
    spares: withAddress({ lookups: [A, AAAA] }),
  },
  "address-by-wildcard": {
    shows: [
      atAddress(isRefused({}), { nobody: nobody([ADDRESS]) }),
      "/endpoints/0/address",
      "kms1.corp.example: 10.0.0.53:53 gives 10.1.0.1 for kmsprobe-0.corp.example as well, which nobody has",
    ],
    spares: atAddress(isRefused({}), { nobody: nobody(["10.1.0.2"]) }),
  },
  "address-synthesised": {
    shows: [
      atAddress(isSilent({ address: MADE, family: 6 }), { lookups: [A] }),
      "/endpoints/0/address",
      "kms1.corp.example: 64:ff9b::a01:1 was made by DNS64 from 10.1.0.1",
    ],
    spares: atAddress(isServing({ address: MADE, family: 6 }), { lookups: [A] }),
  },
  "address-unicode-name": {
    shows: [
      zone([{ ...kms1, endpoint: { host: "büro.corp.example", port: 1688 } }]),
      "/endpoints/0/address",
      "büro.corp.example has letters outside ASCII: it was asked for as it stands",
    ],
    spares: zone([{ ...kms1, endpoint: { host: "b\ufffdro.corp.example", port: 1688 } }]),
  },
  "rpc-reads-rpc": {
    shows: [
      withRpc(
        rpc(silent(), {
          plain: plainBind(accepted("0/0")),
          control: { by: "alter-context", answer: "rejected" },
        }),
      ),
      "/endpoints/0/attempts/0/rpc/plain",
      "10.1.0.1:1688 passes a plain bind and not the one a Windows client sends",
    ],
    spares: withRpc(rpc(silent(), { plain: plainBind(silent()) })),
  },
  "rpc-accepts-anything": {
    shows: [
      withRpc(controlled("accepted")),
      "/endpoints/0/attempts/0/rpc/control",
      "10.1.0.1:1688 accepts an unknown interface UUID",
    ],
    spares: withRpc(controlled("rejected")),
  },
  "rpc-control-unanswered": {
    shows: [
      withRpc(controlled("silent")),
      "/endpoints/0/attempts/0/rpc/control",
      "10.1.0.1:1688: the control was not answered (silent)",
    ],
    spares: withRpc(controlled("rejected", "bind")),
  },
  "rpc-other-port": {
    shows: [
      withRpc(serving({ bind: bind(saysPort("1689")) })),
      "/endpoints/0/attempts/0/rpc",
      "10.1.0.1:1688: the server says that it listens on port 1689",
    ],
    spares: withRpc(serving({ bind: bind(saysPort("")) })),
  },
  "tcp-answers-every-port": {
    shows: [
      withControlPort("connected"),
      "/endpoints/0/attempts/0/controlPort",
      "10.1.0.1 accepts connections on port 47001 as well, where nobody listens",
    ],
    spares: withControlPort("ECONNREFUSED"),
  },
  "tcp-taken-here": {
    shows: [
      host(connected(rpc(silent()), { takenHere: 12_300 })),
      "/endpoints/0/attempts/0/takenHere",
      "10.1.0.1: the connection was taken by this machine itself, at its port 12300",
    ],
    spares: host(connected(rpc(silent()))),
  },
  "tcp-user-mode-gateway": {
    shows: [
      host(connected(serving(), { here: { ...NOTHING_HERE, userModeGateway: true } })),
      "/endpoints/0/attempts/0/here",
      "10.1.0.1 is the gateway that this container's network makes up: it stands for the loopback of the machine outside",
    ],
    spares: host(connected(serving(), { here: { ...NOTHING_HERE, noCarrier: true } })),
  },
};

/** Codes with a file of tests of their own. */
const ELSEWHERE = /^(?:ladder|lint|clock|trace)-/;

const CODES = findingCodes.flatMap((code) => {
  const known = CASES[code];
  return known === undefined ? [] : [[code, known] as const];
});

function saysPort(secondaryAddress: string): ReturnType<typeof accepted> {
  const facts = ack(contexts("0/0", "2/2", "3/3"), { secondaryAddress });
  return { outcome: "ok", facts, elapsedMs: 3 };
}

/** A serving host whose two resolvers agree on its one address; the first has it as glue, too. */
function clean(n: number): typeof kms1 {
  const lookups = [undefined, at54].flatMap((asked) => [
    lookup(found([`10.1.0.${n}`]), asked),
    lookup(refuses("NOERROR", true), { family: 6, ...asked }),
  ]);
  const glued = n === 1 ? ["10.1.0.1"] : [];
  return { ...listed(n, isServing), address: addresses([`10.1.0.${n}`], { lookups, glue: glued }) };
}

describe("findings", () => {
  it("have each a case here, or a file of tests of their own", () => {
    const here = findingCodes.filter((code) => !ELSEWHERE.test(code));
    expect(CODES.map(([code]) => code)).toEqual(here);
  });

  it.each(CODES)("%s is found where it is, with its subject", (code, { shows }) => {
    const [evidence, subject, observed] = shows;
    const mine = findings(evidence).filter((finding) => finding.code === code);
    expect(mine.map(({ subject: where, observed: words }) => [where, words])).toEqual([[subject, observed]]);
  });

  it.each(CODES)("%s is not found in what only comes close", (code, { spares }) => {
    expect(findings(spares).map((finding) => finding.code)).not.toContain(code);
  });

  it("are none in a clean zone of two hosts, seen alike by two resolvers", () => {
    const records = [record("kms1.corp.example"), record("kms2.corp.example")];
    const glue = [{ name: "kms1.corp.example", address: "10.1.0.1" }];
    const evidence = domain(
      [says(lists(records, { glue })), says(lists(records), other)],
      [clean(1), clean(2)],
    );
    expect(findings(evidence)).toEqual([]);
  });

  it("are none for a host given as a literal that serves", () => {
    const literal = endpoint([connected(serving())], { address: addresses([ADDRESS], { literal: true }) });
    expect(findings(list([literal]))).toEqual([]);
  });
});

describe("findings about resolvers", () => {
  it.each([unanswered("deadline"), unanswered("ECONNREFUSED"), MALFORMED])(
    "a resolver that fails beside one that lists hosts is named (case %#)",
    (answer) => {
      const codes = findings(domain([says(ONE), says(answer, other)], [kms1])).map(({ code }) => code);
      expect(codes).toEqual(["srv-resolver-failed"]);
    },
  );

  it.each([
    { outcome: "skipped", reason: "interrupted" },
    { outcome: "not-sent", errno: "EMFILE" },
  ] as const)("a resolver that we did not ask is not blamed (case %#)", (answer) => {
    expect(findings(domain([says(ONE), says(answer, other)], [kms1]))).toEqual([]);
  });

  it("hosts beyond the limit are counted at the endpoints", () => {
    const [finding, ...rest] = findings(domain([says(ONE)], [kms1], { recordsDropped: 12 }));
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      code: "srv-records-dropped",
      subject: "/endpoints",
      observed: "12 more listed hosts were not probed",
    });
  });
});

describe("findings about addresses", () => {
  it("an alias of a host that the user named is nobody's fault", () => {
    const aliased = endpoint([connected(serving())], {
      address: addresses([ADDRESS], { lookups: [lookup(found([ADDRESS], ["a.corp.example"]))] }),
    });
    expect(findings(list([aliased]))).toEqual([]);
  });

  it("glue is not compared where nobody answered for the host", () => {
    const lookups = [lookup(unanswered("deadline"))];
    expect(findings(withAddress({ lookups, glue: [ADDRESS] }))).toEqual([]);
  });

  it("the hosts file is no resolver to disagree with", () => {
    const lookups = [A, lookup(found(["10.1.0.2"]), IN_HOSTS_FILE)];
    expect(findings(withAddress({ lookups }))).toEqual([]);
  });

  it("families that differ are no disagreement", () => {
    const lookups = [A, lookup(found(["fd00::1"]), { family: 6 })];
    expect(findings(withAddress({ lookups }))).toEqual([]);
  });
});

describe("findings about RPC", () => {
  it.each(["fault", "closed", "silent", "malformed", "not-asked"] as const)(
    "a control that got %s is noted, with little weight",
    (answer) => {
      expect(findings(withRpc(controlled(answer)))).toMatchObject([
        { code: "rpc-control-unanswered", severity: "note" },
      ]);
    },
  );

  it.each(["1688", "", "\\PIPE\\x", "16 88"])("a secondary address %j is no other port", (said) => {
    expect(findings(withRpc(serving({ bind: bind(saysPort(said)) })))).toEqual([]);
  });

  it("are none where no bind was accepted", () => {
    const evidence = rpc(silent(), { control: { by: "alter-context", answer: "silent" } });
    expect(findings(withRpc(evidence))).toEqual([]);
  });

  it("stand beside the plain bind's own answer, its port included", () => {
    const evidence = rpc(silent(), {
      plain: plainBind(saysPort("1700")),
      control: { by: "bind", answer: "accepted" },
    });
    expect(findings(withRpc(evidence)).map(({ code }) => code)).toEqual([
      "rpc-reads-rpc",
      "rpc-accepts-anything",
      "rpc-other-port",
    ]);
  });
});

it("counts hosts that are published in the domain above, where clients with that suffix do look", () => {
  const hosts = Array.from({ length: 13 }, (_, index) => `kms${index}.example:1688`);
  const parent = control("parent", { rcode: "NOERROR", name: "_vlmcs._tcp.example", found: hosts });
  const judged = judge(domain([says(denies("NXDOMAIN"), { controls: [parent] })], []), 21_000);
  expect(judged.findings.map(({ observed }) => observed)).toContain(
    "10.0.0.53:53 lists kms0.example:1688, kms1.example:1688, kms2.example:1688 and 10 more as _vlmcs._tcp.example, in the domain above: clients of this domain don't look there",
  );
});
