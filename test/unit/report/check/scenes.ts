/** Whole runs for the golden reports: evidence as a prober would hand it over, judged, under a fixed header. */
import type { Evidence } from "../../../../src/model/evidence.ts";
import type { Report } from "../../../../src/model/report.ts";
import type { Requirement } from "../../../../src/model/settings.ts";
import type { Source } from "../../../../src/model/source.ts";
import { DEFAULT_SETTINGS } from "../../../../src/run/settings.ts";
import { causesOf } from "../../../../src/verdict/causes.ts";
import { concludeRun } from "../../../../src/compare/conclude.ts";
import { judgeAll, judgeRun } from "../../../../src/verdict/judge.ts";
import {
  accepted,
  ack,
  addresses,
  bind,
  connected,
  contexts,
  controlled,
  denies,
  domain,
  endpoint,
  exchange,
  found,
  garbage,
  hungUp,
  ignored,
  isRefused,
  isServing,
  isSilent,
  list,
  listed,
  lists,
  lookup,
  nak,
  noSuffix,
  plainBind,
  record,
  refuses,
  rejected,
  resolver,
  rpc,
  says,
  serving,
  silent,
  unanswered,
  unconnected,
} from "../../verdict/builders.ts";

/** The report of these targets, with a header that never changes. */
export function reportOf(
  targets: readonly Evidence[],
  over: { require?: Requirement; interrupted?: boolean; sources?: Source[] } = {},
): Report {
  const { require = "any", sources = [] } = over;
  const diagnoses = judgeAll(targets, DEFAULT_SETTINGS.clientTimeoutMs);
  const report: Report = {
    schemaVersion: "1.0",
    tool: { name: "kmsprobe", version: "0.0.0" },
    startedAt: "2026-01-02T03:04:05.678Z",
    elapsedMs: 4_321.5,
    from: { host: "jump1", platform: "linux" },
    sources,
    networks: [],
    settings: { ...DEFAULT_SETTINGS, require },
    interrupted: over.interrupted ?? false,
    diagnoses,
    ...judgeRun(diagnoses, require),
    causes: causesOf(diagnoses),
    conclusions: [],
  };
  return { ...report, conclusions: concludeRun(report) };
}

type Listed = ReturnType<typeof listed>;

/** The host again, as both resolvers list it, with what was asked for its addresses. */
function known(n: number, host: Listed, priority = 0, weight = 0): Listed {
  const { address: first = "" } = host.attempts[0] ?? {};
  const asked = [resolver(), resolver(54)].flatMap((each) => {
    const by = { by: "resolver", resolver: each, exchange: exchange() } as const;
    const name = host.endpoint.host;
    return [
      lookup(found([first]), { asked: by, name }),
      lookup(refuses("NOERROR", true), { asked: by, name, family: 6 }),
    ];
  });
  return {
    ...host,
    listedBy: [resolver(), resolver(54)].map((each) => {
      return { resolver: each, priority, weight, ttlSeconds: 600 };
    }),
    address: addresses([`10.1.0.${n}`], { lookups: asked }),
  };
}

function allServing(): Report {
  const hosts = [
    known(1, listed(1, isServing), 0, 10),
    known(2, listed(2, isServing), 0, 30),
    known(3, listed(3, isServing), 10, 0),
  ];
  const records = hosts.map(({ endpoint: { host }, listedBy: [first] }) =>
    record(host, { priority: first?.priority ?? 0, weight: first?.weight ?? 0 }),
  );
  const answers = [resolver(), resolver(54)].map((each) => says(lists(records), { resolver: each }));
  return reportOf([domain(answers, hosts)], { require: "all" });
}

const HTTP = "485454502f312e31203430302042616420526571756573740d0a";

/** What the README shows: one host serves, at the other a web server has the port, seen through a VPN. */
function readme(): Report {
  const isWeb = listed(2, (over) =>
    connected(rpc(garbage("http"), { bind: bind(garbage("http"), { received: HTTP }) }), over),
  );
  const hosts = [known(1, listed(1, isServing), 0, 50), known(2, isWeb, 0, 50)];
  const records = hosts.map(({ endpoint: { host } }) => record(host, { weight: 50 }));
  return reportOf([domain([says(lists(records))], hosts)]);
}

function mixed(): Report {
  const hosts = [
    endpoint([connected(serving()), unconnected("ECONNREFUSED", 1.25, { address: "fd00::1", family: 6 })], {
      address: addresses(["10.1.0.1", "fd00::1"], {
        lookups: [
          lookup(found(["10.1.0.1"], ["real.corp.example"])),
          lookup(found(["fd00::1"], ["real.corp.example"]), { family: 6 }),
        ],
      }),
    }),
    listed(2, isSilent),
    listed(3, isRefused),
    listed(4, (over) => unconnected("ENETUNREACH", 0.1, { ...over, via: null, routeErrno: "ENETUNREACH" })),
    listed(5, (over) => connected(rpc(hungUp("closed"), { plain: plainBind(hungUp("ECONNRESET")) }), over)),
    listed(6, (over) => {
      const kernel = {
        state: "ESTABLISHED",
        unacknowledgedBytes: 160,
        retransmissions: 5,
        probesWindow: false,
      };
      return connected(rpc(silent(kernel), { plain: plainBind(silent(kernel)) }), over);
    }),
    listed(7, (over) =>
      connected(rpc(garbage("http"), { bind: bind(garbage("http"), { received: HTTP }) }), over),
    ),
    listed(8, (over) => connected(rpc(rejected("2/1", "2/1", "3/3")), over)),
    listed(9, (over) => connected(controlled("accepted"), over)),
    listed(10, (over) => {
      const control = { by: "alter-context", answer: "rejected" } as const;
      return connected(rpc(silent(), { plain: plainBind(accepted("0/0")), control }), over);
    }),
    endpoint([], {
      endpoint: { host: "old-kms.corp.example", port: 1700 },
      address: addresses([], {
        lookups: [lookup(refuses("NXDOMAIN")), lookup(refuses("NXDOMAIN"), { family: 6 })].map((each) => {
          return { ...each, name: "old-kms.corp.example" };
        }),
      }),
    }),
    endpoint([connected(rpc(nak(2)), { address: "10.1.0.12" })], {
      endpoint: { host: "kms12.corp.example", port: 1700 },
    }),
  ].map((host, index) => ({
    ...host,
    listedBy: [{ resolver: resolver(), priority: index < 6 ? 0 : 10, weight: index * 5, ttlSeconds: 600 }],
  }));
  const records = hosts.map(({ endpoint: { host, port }, listedBy: [first] }) =>
    record(host, { port, priority: first?.priority ?? 0, weight: first?.weight ?? 0 }),
  );
  const answers = [
    says(lists(records, { dropped: 2 }), {
      exchange: exchange({ transport: "tcp", truncated: true, tries: 2 }),
    }),
    says(unanswered("deadline"), { resolver: resolver(54), exchange: exchange({ tries: 3 }) }),
  ];
  return reportOf([domain(answers, hosts)], { require: 2 });
}

function nothingListed(): Report {
  const [conf, name] = ["/etc/resolv.conf (search)", "_vlmcs._tcp.dev.example"];
  return reportOf([
    domain(
      [says(denies("NXDOMAIN")), says(unanswered("ECONNREFUSED", 0.5), { resolver: resolver(54) })],
      [],
      { suffixFrom: conf },
    ),
    domain(
      [
        says(denies("SERVFAIL"), { name }),
        says(
          {
            outcome: "malformed",
            fault: { at: 0, what: "only answers to other questions came, or from elsewhere" },
            elapsedMs: 5_000,
          },
          { name, resolver: resolver(54), exchange: exchange({ tries: 3, ignored: ignored({ source: 3 }) }) },
        ),
      ],
      [],
      { suffixFrom: conf, named: "dev.example" },
    ),
  ]);
}

function listedAt(last: number): Listed["listedBy"][number] {
  return { resolver: resolver(last), priority: 0, weight: 0, ttlSeconds: 600 };
}

function resolversDisagree(): Report {
  const kms = record("kms1.corp.example");
  return reportOf([
    domain(
      [
        says(lists([kms, record("kms2.corp.example")])),
        says(lists([kms]), { resolver: { address: "fd00::53", port: 5353 } }),
        says(denies("NXDOMAIN"), { resolver: resolver(55) }),
      ],
      [
        { ...listed(1, isServing), listedBy: [listedAt(53), listedAt(54)] },
        { ...listed(2, isServing), listedBy: [listedAt(53)] },
      ],
    ),
  ]);
}

function interrupted(): Report {
  const cut = { outcome: "skipped", reason: "interrupted" } as const;
  return reportOf(
    [
      list([
        endpoint([connected(serving())], {
          endpoint: { host: "10.1.0.1", port: 1688 },
          address: addresses(["10.1.0.1"], { literal: true }),
        }),
        endpoint([connected(null, { address: "10.1.0.2", via: null, tcp: cut })], {
          endpoint: { host: "10.1.0.2", port: 1688 },
          address: addresses(["10.1.0.2"], { literal: true }),
        }),
        endpoint([connected(rpc(cut), { address: "10.1.0.3" })], {
          endpoint: { host: "10.1.0.3", port: 1688 },
          address: addresses(["10.1.0.3"], { literal: true }),
        }),
        endpoint([], {
          endpoint: { host: "kms4.corp.example", port: 1688 },
          address: addresses([], { lookups: [lookup(cut), lookup(cut, { family: 6 })] }),
        }),
      ]),
    ],
    { interrupted: true },
  );
}

function hostileNames(): Report {
  const names = [
    "\u001b[2J\u001b]0;pwned\u0007.example",
    "\u202emoc.elgoog\u202c.example",
    "nul\u0000byte\u200b.example",
    "=cmd|' /C calc'!A0",
    'line\r\nbreak,"quoted".example',
    "🐟.example",
  ];
  const hosts = names.map((host, index) =>
    endpoint(index % 2 === 0 ? [] : [isServing({ address: `10.1.0.${index}` })], {
      endpoint: { host, port: 1688 },
      listedBy: [{ resolver: resolver(), priority: 0, weight: 0, ttlSeconds: 600 }],
      address: addresses([], { validName: index % 2 !== 0 }),
    }),
  );
  const facts = ack(contexts("0/0", "2/2", "3/3"), { secondaryAddress: "\u001b[31m1688" });
  const last = endpoint([connected(serving({ bind: bind({ outcome: "ok", facts, elapsedMs: 3.5 }) }))], {
    listedBy: [{ resolver: resolver(), priority: 0, weight: 0, ttlSeconds: 600 }],
    address: addresses(["10.1.0.1"], { lookups: [lookup(found(["10.1.0.1"], ["\u009b31malias.example"]))] }),
  });
  const records = [...hosts, last].map(({ endpoint: { host } }) => record(host));
  return reportOf([
    domain([says(lists(records, { aliases: ["a\u0007.example"] }))], [...hosts, last], {
      suffixFrom: "/etc/resolv.conf\u001b[0m",
    }),
  ]);
}

const seenFrom = (source: string, address: string, second: typeof isServing): Evidence => {
  const via = { address, interface: "eth0", link: "ethernet" as const, owner: null };
  const hosts = [
    listed(1, (over) => isServing({ ...over, via })),
    listed(2, (over) => second({ ...over, via })),
    listed(3, (over) => isRefused({ ...over, via })),
  ].map((host, index) => known(index + 1, host));
  const records = hosts.map(({ endpoint: { host } }) => record(host));
  return domain([says(lists(records)), says(lists(records), { resolver: resolver(54) })], hosts, {
    source,
  });
};

const sourceOf = (label: string, ipv4: string): Source => {
  return { label, ipv4, ipv6: null, interface: label, link: "ethernet" };
};

/** The VPN is closed to kms2, which serves the head office; kms3 refuses both; the VPN's resolver is asked second. */
function twoSources(): Report {
  return reportOf([seenFrom("hq0", "10.7.1.10", isServing), seenFrom("vpn0", "10.7.8.10", isSilent)], {
    require: 2,
    sources: [sourceOf("hq0", "10.7.1.10"), sourceOf("vpn0", "10.7.8.10")],
  });
}

/** The first resolver knows nothing, the second lists two hosts that serve. */
function wrongResolverFirst(): Report {
  const hosts = [known(1, listed(1, isServing)), known(2, listed(2, isServing))].map((host) => {
    return { ...host, listedBy: host.listedBy.slice(1) };
  });
  const records = hosts.map(({ endpoint: { host } }) => record(host));
  const gone = says(unanswered("deadline"), { resolver: resolver(52) });
  const second = says(lists(records), { resolver: resolver(54) });
  return reportOf([domain([gone, says(denies("NXDOMAIN")), second], hosts)]);
}

export const scenes = {
  "all-serving": allServing(),
  readme: readme(),
  mixed: mixed(),
  "nothing-listed": nothingListed(),
  "resolvers-disagree": resolversDisagree(),
  "two-sources": twoSources(),
  "wrong-resolver-first": wrongResolverFirst(),
  interrupted: interrupted(),
  "hostile-names": hostileNames(),
  "no-suffix": reportOf([noSuffix("/etc/resolv.conf", "the host name", "/etc/hosts")]),
} as const satisfies Record<string, Report>;
