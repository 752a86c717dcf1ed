import { describe, expect, it } from "vitest";
import type { AttemptEvidence, EndpointEvidence } from "../../../src/model/evidence.ts";
import {
  addresses,
  connected,
  denies,
  domain,
  endpoint,
  found,
  garbage,
  isRefused,
  isServing,
  isSilent,
  list,
  listed,
  lists,
  lookup,
  record,
  refuses,
  resolver,
  rpc,
  says,
  serving,
  unanswered,
  unsent,
  zone,
} from "../verdict/builders.ts";
import { expecting, policyOf } from "./policies.ts";
import { closedAt, resultOf, verificationIn } from "./worlds.ts";
import type { World } from "./worlds.ts";

const isOurs = (over: Partial<AttemptEvidence>): AttemptEvidence => unsent("EMFILE", over);

function hosts(...makes: ((over: Partial<AttemptEvidence>) => AttemptEvidence)[]): World {
  return { targets: [zone(makes.map((make, index) => listed(index + 1, make)))] };
}

function named(...endpoints: EndpointEvidence[]): World {
  return { targets: [list(endpoints)] };
}

describe("serve", () => {
  it.each([
    ["all", [isServing, isServing], "met", "2 of 2 hosts serve"],
    ["all", [isServing, isSilent], "failed", "1 of 2 hosts serves"],
    ["any", [isServing, isSilent], "met", "1 of 2 hosts serves"],
    ["any", [isRefused, isSilent], "failed", "0 of 2 hosts serve"],
    ["2", [isServing, isServing, isSilent], "met", "2 of 3 hosts serve"],
    ["3", [isServing, isServing, isSilent], "failed", "2 of 3 hosts serve"],
    ["3", [isServing, isServing], "failed", "2 of 2 hosts serve"],
  ] as const)("%s of %#", (require, makes, status, observed) => {
    expect(resultOf(hosts(...makes), `serve: { require: ${require} }`)).toMatchObject({ status, observed });
  });

  it.each([
    ["all", [isServing, isOurs], "error"],
    ["all", [isSilent, isOurs], "failed"],
    ["any", [isOurs, isServing], "met"],
    ["any", [isSilent, isOurs], "error"],
    ["2", [isServing, isSilent, isOurs], "error"],
    ["3", [isServing, isSilent, isOurs], "failed"],
  ] as const)("%s is not checked where our own machine could tip it: %#", (require, makes, status) => {
    expect(resultOf(hosts(...makes), `serve: { require: ${require} }`).status).toBe(status);
  });

  it("tells of each address its verdict, what does not serve first, and the rule to ask for", () => {
    const { details } = resultOf(hosts(isServing, isSilent), "serve: {}");
    expect(details.map(({ about, holds, code }) => ({ about, holds, code }))).toEqual([
      { about: "kms2.corp.example:1688 at 10.1.0.2", holds: false, code: "tcp-no-answer" },
      { about: "kms1.corp.example:1688 at 10.1.0.1", holds: true, code: "rpc-serves" },
    ]);
    expect(details[0]?.certainty).toBe("ambiguous");
    expect(details[0]?.next).toContainEqual(
      expect.objectContaining({
        where: "firewall",
        command: "permit tcp from 10.8.0.6 to 10.1.0.2 port 1688",
      }),
    );
    expect(details[0]?.pointer).toBe("/report/diagnoses/0/endpoints/1/attempts/0/tcp");
  });

  it("counts each domain for itself", () => {
    const world: World = {
      targets: [
        zone([listed(1, isServing), listed(2, isServing)]),
        zone([listed(3, isSilent)], { named: "branch.example" }),
      ],
    };
    const both = "serve: { domains: [corp.example, branch.example], require: any }";
    expect(resultOf(world, both)).toMatchObject({ status: "failed", observed: "2 of 3 hosts serve" });
  });

  it("fails where a domain lists nobody, with the resolver's own verdict", () => {
    const world: World = { targets: [domain([says(denies("NXDOMAIN"))], [])] };
    const result = resultOf(world, "serve: {}");
    expect(result).toMatchObject({ status: "failed", observed: "corp.example: no such SRV name" });
    expect(result.details[0]).toMatchObject({ about: "corp.example", code: "srv-nxdomain" });
  });

  it("is not checked where this machine could not ask", () => {
    const world: World = { targets: [domain([says({ outcome: "not-sent", errno: "EMFILE" })], [])] };
    expect(resultOf(world, "serve: { require: any }").status).toBe("error");
  });

  it("takes a host that serves at one address only, unless every address is asked for", () => {
    const half = endpoint([connected(serving()), isRefused({ address: "10.1.0.9" })], {
      endpoint: { host: "kms1.corp.example", port: 1688 },
    });
    const line = "serve: { hosts: kms1.corp.example }";
    expect(resultOf(named(half), line).status).toBe("met");
    expect(resultOf(named(half), "serve: { hosts: kms1.corp.example, every-address: true }").status).toBe(
      "failed",
    );
  });

  it("looks at the hosts of the resolvers it names only", () => {
    const world: World = {
      targets: [
        domain(
          [says(lists([record("kms1.corp.example")])), says(denies("NXDOMAIN"), { resolver: resolver(54) })],
          [listed(1, isServing)],
        ),
      ],
      resolvers: [resolver(), resolver(54)],
    };
    expect(resultOf(world, "{ serve: {}, resolvers: 10.0.0.53 }").status).toBe("met");
    const other = resultOf(world, "{ serve: {}, resolvers: 10.0.0.54 }");
    expect(other).toMatchObject({ status: "failed", observed: "corp.example: no such SRV name" });
  });
});

const at = (first: Parameters<typeof closedAt>[0][string], second: typeof first): World => ({
  targets: [],
  closed: closedAt({ "10.30.0.1:445": first, "10.30.0.2:445": second }),
});

describe("closed", () => {
  const line = "closed: { hosts: [10.30.0.1, 10.30.0.2], ports: 445 }";

  it.each([
    ["deadline", "ECONNREFUSED", "met", "of 2 1 does not answer, 1 refuses"],
    ["EHOSTUNREACH", "ENETUNREACH", "met", "of 2 2 refuse"],
    ["deadline", "connects", "failed", "of 2 1 connects, 1 does not answer"],
    ["ECONNREFUSED", "ENETUNREACH", "met", "of 2 2 refuse"],
    // The handshake was made: whether it is seen before the reset is chance.
    ["ECONNRESET", "ENETUNREACH", "failed", "of 2 1 connects, 1 refuses"],
    // Over IPv4 no message from the path is told so: it is a policy of this machine.
    ["ECONNREFUSED", "EACCES", "error", "of 2 1 refuses, 1 could not be tried"],
  ] as const)("%s and %s", (first, second, status, observed) => {
    expect(resultOf(at(first, second), line)).toMatchObject({ status, observed });
  });

  it.each([
    ["no-answer", "deadline", "deadline", "met"],
    ["no-answer", "deadline", "ECONNREFUSED", "failed"],
    ["refused", "ECONNREFUSED", "EHOSTUNREACH", "met"],
    ["refused", "ECONNREFUSED", "deadline", "failed"],
  ] as const)("%s is demanded of %s and %s", (answer, first, second, status) => {
    const demanded = `closed: { hosts: [10.30.0.1, 10.30.0.2], ports: 445, answer: ${answer} }`;
    expect(resultOf(at(first, second), demanded).status).toBe(status);
  });

  it("names the rule that would close it", () => {
    const [detail] = resultOf(at("connects", "deadline"), line).details;
    expect(detail).toMatchObject({ about: "10.30.0.1:445", holds: false, certainty: "certain" });
    expect(detail?.next[0]).toMatchObject({
      where: "firewall",
      command: "deny tcp from 10.8.0.6 to 10.30.0.1 port 445",
    });
  });

  it("does not call it open for sure where a device answers for every port", () => {
    const [detail] = resultOf(at("connects everywhere", "deadline"), line).details;
    expect(detail).toMatchObject({
      certainty: "ambiguous",
      observed: "10.30.0.1:445 accepts connections. So does port 47113, where nobody listens.",
    });
    expect(detail?.causes[0]).toMatch(/^a device on the path answers for every port/);
  });

  it.each([
    ["this machine has no way there", { noRoute: "ENETUNREACH" }],
    ["this machine has no descriptors left", { errno: "EMFILE" }],
    ["this machine has no address of the family", { errno: "EAFNOSUPPORT" }],
  ])("is not called closed where %s", (_, said) => {
    const result = resultOf(at("deadline", said), line);
    expect(result).toMatchObject({
      status: "error",
      observed: "of 2 1 does not answer, 1 could not be tried",
    });
    expect(result.details[0]?.observed).toContain(
      "Nothing left this machine, so nothing is known of a firewall.",
    );
    expect(resultOf(at("connects", said), line).status).toBe("failed");
  });

  it("takes a subnet by its addresses", () => {
    const world: World = {
      targets: [],
      closed: closedAt({
        "10.30.0.0:1688": "deadline",
        "10.30.0.1:1688": "deadline",
        "10.30.0.2:1688": "connects",
        "10.30.0.3:1688": "ECONNREFUSED",
      }),
    };
    const result = resultOf(world, "closed: { hosts: 10.30.0.0/30 }");
    expect(result).toMatchObject({
      name: "10.30.0.0/30 stays closed on port 1688",
      status: "failed",
      observed: "of 4 1 connects, 2 do not answer, 1 refuses",
    });
  });

  it("was not looked at where nothing was seen", () => {
    expect(resultOf({ targets: [] }, "closed: { hosts: 10.30.0.1 }")).toMatchObject({
      status: "error",
      details: [{ observed: "10.30.0.1:1688 was not looked at." }],
    });
  });
});

describe("latency", () => {
  const samples = Array.from({ length: 20 }, (_, index) => index + 1);
  const slow = named(
    endpoint([connected(serving({ latency: { asked: 20, samplesMs: samples } }))], {
      endpoint: { host: "kms1.corp.example", port: 1688 },
    }),
  );
  const bounded = (bounds: string): ReturnType<typeof resultOf> =>
    resultOf(slow, `latency: { hosts: kms1.corp.example, ${bounds} }`);

  it.each([
    ["median: 11ms", "met"],
    ["median: 10ms", "failed"],
    ["p95: 19ms", "met"],
    ["p95: 18ms", "failed"],
    ["connect: 3ms", "met"],
    ["connect: 2ms", "failed"],
    ["median: 11ms, p95: 18ms", "failed"],
  ] as const)("%s of the samples 1 to 20 ms and a connect of 2.25 ms", (bounds, status) => {
    expect(bounded(bounds).status).toBe(status);
  });

  it("says the figures", () => {
    const { observed, details } = bounded("median: 10ms, p95: 100ms");
    expect(observed).toBe("1 of 1 address out of bounds; at worst RPC median 10.5 ms, p95 19 ms over 20");
    expect(details[0]?.observed).toBe(
      "10.1.0.1:1688: RPC median 10.5 ms (over 10 ms), RPC p95 19 ms, TCP connect 2.3 ms; of 20 round trips.",
    );
  });

  it("takes the bind's own time of a server that answers nothing else", () => {
    const curt = named(
      endpoint([connected(serving({ latency: { asked: 3, samplesMs: [] } }))], {
        endpoint: { host: "kms1.corp.example", port: 1688 },
      }),
    );
    const { details, status } = resultOf(curt, "latency: { hosts: kms1.corp.example, p95: 4ms }");
    expect(status).toBe("met");
    expect(details[0]?.observed).toContain("of the bind alone.");
  });

  it("has no time of a host that does not serve, and does not fail for it", () => {
    const { status, observed, details } = resultOf(hosts(isServing, isRefused), "latency: { median: 1s }");
    expect(status).toBe("met");
    expect(observed).toMatch(/^at worst RPC median .*; no time of 1 of 2$/);
    expect(details.map((each) => each.observed)).toContain(
      "no time: kms2.corp.example:1688 at 10.1.0.2: refused.",
    );
    expect(details.flatMap(({ causes, next }) => [...causes, ...next])).toEqual([]);
  });

  it("is not checked where nothing serves, or our own machine is why", () => {
    expect(resultOf(hosts(isRefused), "latency: { median: 1s }")).toMatchObject({
      status: "error",
      observed: "no time: kms1.corp.example:1688 at 10.1.0.1: refused",
    });
    expect(resultOf(hosts(isOurs), "latency: { median: 1s }").status).toBe("error");
  });
});

const listing = (...names: string[]): World => ({
  targets: [
    domain(
      [says(lists(names.map((name) => record(name))))],
      names.map((_, n) => listed(n + 1, isServing)),
    ),
  ],
});

describe("listed", () => {
  it.each([
    ["must: kms1.corp.example", ["kms1.corp.example", "kms2.corp.example"], "met"],
    ["must: kms1.corp.example:1700", ["kms1.corp.example"], "failed"],
    ["must: [kms1.corp.example, kms9.corp.example]", ["kms1.corp.example"], "failed"],
    ["may: kms1.corp.example", ["kms1.corp.example"], "met"],
    ["may: kms1.corp.example", ["kms1.corp.example", "kms2.corp.example"], "failed"],
    ["must: kms1.corp.example, may: kms2.corp.example", ["kms1.corp.example", "kms2.corp.example"], "met"],
    [
      "must: kms1.corp.example, may: kms2.corp.example",
      ["kms1.corp.example", "rogue.corp.example"],
      "failed",
    ],
  ] as const)("%s of %j", (demand, names, status) => {
    expect(resultOf(listing(...names), `listed: { ${demand} }`).status).toBe(status);
  });

  it("names who is listed and may not be", () => {
    const { details, observed } = resultOf(
      listing("kms1.corp.example", "rogue.corp.example"),
      "listed: { may: kms1.corp.example }",
    );
    expect(observed).toBe("10.0.0.53:53 lists rogue.corp.example:1688, which may not be listed");
    expect(details[0]).toMatchObject({
      about: "rogue.corp.example:1688 at 10.0.0.53:53",
      pointer: "/report/diagnoses/0/srv/0",
    });
  });

  it("of a resolver that does not answer is known only that what must be listed is missing", () => {
    const silent: World = { targets: [domain([says(unanswered("deadline"))], [])] };
    expect(resultOf(silent, "listed: { must: kms1.corp.example }").status).toBe("failed");
    expect(resultOf(silent, "listed: { may: kms1.corp.example }").status).toBe("error");
  });

  it("of a zone without hosts nobody is listed who may not be", () => {
    const empty: World = { targets: [domain([says(denies("NXDOMAIN"))], [])] };
    expect(resultOf(empty, "listed: { may: kms1.corp.example }").status).toBe("met");
    expect(resultOf(empty, "listed: { must: kms1.corp.example }").status).toBe("failed");
  });
});

describe("agree", () => {
  const [kms1, kms2] = [record("kms1.corp.example"), record("kms2.corp.example")];
  const both = [resolver(), resolver(54)];
  const saying = (...answers: Parameters<typeof says>[0][]): World => ({
    targets: [
      domain(
        answers.map((answer, index) => says(answer, { resolver: resolver(53 + index) })),
        [listed(1, isServing)],
      ),
    ],
    resolvers: both,
  });

  it.each([
    ["the same", saying(lists([kms1]), lists([kms1])), "met"],
    ["the same in another order", saying(lists([kms1, kms2]), lists([kms2, kms1])), "met"],
    ["another host", saying(lists([kms1]), lists([kms2])), "failed"],
    ["another priority", saying(lists([kms1]), lists([{ ...kms1, priority: 5 }])), "failed"],
    ["nothing", saying(lists([kms1]), denies("NXDOMAIN")), "failed"],
    ["no answer", saying(lists([kms1]), unanswered("deadline")), "failed"],
    [
      "that this machine could not ask",
      saying(lists([kms1]), { outcome: "not-sent", errno: "EMFILE" }),
      "error",
    ],
  ] as const)("two resolvers, of which the second says %s", (_, world, status) => {
    expect(resultOf(world, "agree: {}").status).toBe(status);
  });

  it("takes two to agree", () => {
    expect(resultOf({ ...saying(lists([kms1])), resolvers: [resolver()] }, "agree: {}")).toMatchObject({
      status: "error",
      observed: "corp.example was asked at 1 resolver: to agree, there must be two",
    });
  });

  it("about addresses where it is asked for", () => {
    const split = endpoint([connected(serving())], {
      listedBy: both.map((each) => ({ resolver: each, priority: 0, weight: 0, ttlSeconds: 600 })),
      address: addresses(["10.1.0.1", "10.1.0.2"], {
        lookups: [
          lookup(found(["10.1.0.1"])),
          lookup(found(["10.1.0.2"]), {
            asked: { by: "resolver", resolver: resolver(54), exchange: says(lists([])).exchange },
          }),
        ],
      }),
    });
    const world: World = {
      targets: [
        domain(
          both.map((each) => says(lists([kms1]), { resolver: each })),
          [split],
        ),
      ],
      resolvers: both,
    };
    expect(resultOf(world, "agree: {}").status).toBe("met");
    expect(resultOf(world, "agree: { addresses: true }")).toMatchObject({
      status: "failed",
      details: expect.arrayContaining([
        expect.objectContaining({ code: "address-resolvers-disagree", holds: false }),
      ]),
    });
  });
});

const reading = (offsetMs: number, uncertaintyMs: number): AttemptEvidence["clock"] => ({
  readings: [
    {
      by: "smb2",
      port: 445,
      answer: {
        outcome: "ok",
        facts: { offsetMs, uncertaintyMs, at: "2026-01-02T03:04:05.000Z", detail: null },
        elapsedMs: 2,
      },
    },
  ],
});

const off = (clock: AttemptEvidence["clock"]): World =>
  hosts((over) => connected(serving(), { ...over, clock }));

describe("clock", () => {
  it.each([
    [60_000, 10, "met"],
    [-60_000, 10, "met"],
    [300_100, 200, "met"],
    [300_100, 50, "failed"],
    [-3_600_000, 1_000, "failed"],
  ] as const)("%i ms off, ± %i ms, within five minutes", (offsetMs, uncertaintyMs, status) => {
    expect(resultOf(off(reading(offsetMs, uncertaintyMs)), "clock: { within: 5m }").status).toBe(status);
  });

  it("is not checked where no clock is seen, unless that is fine", () => {
    expect(resultOf(off({ readings: [] }), "clock: { within: 5m }")).toMatchObject({
      status: "error",
      observed: "no clock was seen at 1 of 1 address",
    });
    expect(resultOf(off({ readings: [] }), "clock: { within: 5m, unseen: accept }").status).toBe("met");
  });

  it("is told by the sign", () => {
    const { details } = resultOf(off(reading(-7_200_000, 1_000)), "clock: { within: 5m }");
    expect(details[0]?.observed).toBe("10.1.0.1 is 2 h behind this machine's clock (± 1 s, by smb2).");
  });
});

const namesWith = (second: string): ReadonlyMap<string, readonly string[]> =>
  new Map([
    ["kms1.corp.example", ["10.1.0.1"]],
    ["kms2.corp.example", [second]],
  ]);

describe("permitted", () => {
  it.each([
    ["10.1.0.0/24", "met"],
    ["[10.1.0.1, 10.1.0.2]", "met"],
    ["10.1.0.1", "failed"],
    ["['10.1.0.1:1688', '10.1.0.2:1700']", "failed"],
  ] as const)("%s of two listed hosts, of which one is silent", (allow, status) => {
    expect(resultOf(hosts(isServing, isSilent), `permitted: { allow: ${allow} }`).status).toBe(status);
  });

  it("by name goes by the addresses that this machine finds for it", () => {
    const line = "permitted: { allow: [kms1.corp.example, kms2.corp.example] }";
    expect(resultOf({ ...hosts(isServing, isServing), names: namesWith("10.1.0.2") }, line).status).toBe(
      "met",
    );
    expect(resultOf({ ...hosts(isServing, isServing), names: namesWith("10.9.9.9") }, line)).toMatchObject({
      status: "failed",
      details: [
        { observed: "kms2.corp.example:1688 at 10.1.0.2 is listed and serves, and is not permitted." },
        {},
      ],
    });
  });

  it("does not mind a named host that does not serve", () => {
    const world = named(
      endpoint([isRefused({ address: "10.1.0.7" })], { endpoint: { host: "10.1.0.7", port: 1688 } }),
    );
    expect(resultOf(world, "permitted: { hosts: 10.1.0.7, allow: 10.9.0.1 }").status).toBe("met");
  });

  it("minds a listed name without an address", () => {
    const gone = endpoint([], {
      endpoint: { host: "old.corp.example", port: 1688 },
      listedBy: [{ resolver: resolver(), priority: 0, weight: 0, ttlSeconds: 600 }],
      address: addresses([], { lookups: [lookup(refuses("NXDOMAIN"))] }),
    });
    const world: World = { targets: [zone([gone])] };
    expect(resultOf(world, "permitted: { allow: 10.1.0.0/24 }").status).toBe("failed");
    expect(resultOf(world, "permitted: { allow: old.corp.example }").status).toBe("met");
  });
});

describe("lint", () => {
  const dirty = hosts(isServing, isSilent);

  it.each([
    ["{}", "failed"],
    ["{ allow: lint-not-answering }", "met"],
    ["{ allow: lint-ttl }", "failed"],
  ] as const)("%s of a zone with a host that does not answer", (demand, status) => {
    expect(resultOf(dirty, `lint: ${demand}`).status).toBe(status);
  });

  it("minds notes where it is asked to", () => {
    const other: World = {
      targets: [zone([{ ...listed(1, isServing), endpoint: { host: "kms1.corp.example", port: 1700 } }])],
    };
    expect(resultOf(other, "lint: {}").status).toBe("met");
    expect(resultOf(other, "lint: { notes: true }")).toMatchObject({
      status: "failed",
      details: [{ code: "lint-other-port" }],
    });
  });

  it("has nothing to look at where nothing is listed", () => {
    expect(resultOf({ targets: [domain([says(denies("NXDOMAIN"))], [])] }, "lint: {}")).toMatchObject({
      status: "error",
      observed: "there are no records to look at",
    });
  });
});

describe("results", () => {
  it("are one for each source, and blame no host for a source that is not there", () => {
    const policy = policyOf(
      "version: 1\ndomains: corp.example\nexpect:\n  - serve: {}\n    from: [eth0, wg0]\n",
    );
    const world: World = {
      targets: [zone([listed(1, isServing)], { source: "eth0" })],
      missing: new Map([["wg0", "this machine has no interface or address wg0"]]),
    };
    const { results, outcome } = verificationIn(world, policy);
    expect(results.map(({ source, status, observed }) => ({ source, status, observed }))).toEqual([
      { source: "eth0", status: "met", observed: "1 of 1 host serves" },
      { source: "wg0", status: "error", observed: "this machine has no interface or address wg0" },
    ]);
    expect(outcome).toBe("error");
  });

  it("look at what their own source saw", () => {
    const policy = policyOf(
      "version: 1\ndomains: corp.example\nexpect:\n  - serve: {}\n    from: [eth0, wg0]\n",
    );
    const world: World = {
      targets: [
        zone([listed(1, isServing)], { source: "eth0" }),
        zone([listed(1, isSilent)], { source: "wg0" }),
      ],
    };
    expect(verificationIn(world, policy).results.map(({ status }) => status)).toEqual(["met", "failed"]);
  });

  it("of other places are skipped, and count for nothing", () => {
    const policy = policyOf(
      "version: 1\ndomains: corp.example\nexpect:\n  - serve: {}\n    places: vpn\nplaces: { vpn: {}, jump: {} }\n",
      { place: "jump" },
    );
    const { results, outcome, counts } = verificationIn({ targets: [zone([listed(1, isSilent)])] }, policy);
    expect(results).toMatchObject([{ status: "skipped", observed: "for the place vpn", source: null }]);
    expect({ outcome, counts }).toEqual({
      outcome: "met",
      counts: { met: 0, failed: 0, warned: 0, error: 0, skipped: 1 },
    });
  });

  it.each([
    [["serve: {}"], hosts(isServing), "met"],
    [["{ serve: {}, level: warning }"], hosts(isSilent), "warned"],
    [["serve: {}", "{ serve: {}, level: warning }"], hosts(isSilent), "failed"],
    [["serve: {}", "{ agree: {}, level: warning }"], hosts(isServing), "warned"],
    [["{ serve: {}, level: warning }", "agree: {}"], hosts(isSilent), "error"],
  ] as const)("%j come to what they should: %#", (lines, world, outcome) => {
    expect(verificationIn(world, expecting(...lines)).outcome).toBe(outcome);
  });

  it("have 64 details at most, and count the rest", () => {
    const many = Array.from({ length: 70 }, (_, index) =>
      listed(index + 1, index < 3 ? isServing : isSilent),
    );
    const { details, detailsDropped } = resultOf({ targets: [zone(many)] }, "serve: {}");
    expect(details).toHaveLength(64);
    expect(detailsDropped).toBe(6);
    expect(details.every(({ holds }) => !holds)).toBe(true);
  });

  it("keep what answered in another language apart from what did not answer", () => {
    const web = hosts((over) => connected(rpc(garbage("http")), over));
    expect(resultOf(web, "serve: {}").details[0]).toMatchObject({
      code: "rpc-not-dcerpc",
      certainty: "certain",
    });
  });
});
