/** Who denied, and why: the same rcode with another section behind it is another cause. */
import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../../src/model/diagnosis.ts";
import type {
  AddressEvidence,
  AddressLookup,
  DnsExchange,
  DnsSaid,
  SrvEvidence,
} from "../../../src/model/dns.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { judge } from "../../../src/verdict/judge.ts";
import { judgeSrvAnswer } from "../../../src/verdict/srv.ts";
import * as b from "./builders.ts";

const NODATA = b.denies("NOERROR", { nodata: true });

function srv(answer: SrvEvidence, exchange: DnsExchange, at = "10.0.0.53", domain = "corp.example"): Verdict {
  const said = {
    resolver: { address: at, port: 53 },
    name: `_vlmcs._tcp.${domain}`,
    exchange,
    answer,
    controls: [],
    sourceFault: null,
  };
  const verdict = judgeSrvAnswer(said, domain, "/srv/0");
  if (verdict === null) throw new Error("it lists hosts");
  return verdict;
}

describe("a denial of the SRV record", () => {
  it.each([
    ["the zone's own", NODATA, b.saying(), "certain", /^the name holds another type/],
    ["nobody's: a filter", NODATA, b.saying({ soa: null }), "likely", /^this resolver filters SRV questions/],
    [
      "the root's: a public resolver",
      b.denies("NXDOMAIN"),
      b.saying({ soa: "." }),
      "certain",
      /^a public resolver was asked/,
    ],
    [
      "the zone's: the record is missing",
      b.denies("NXDOMAIN"),
      b.saying(),
      "certain",
      /^no KMS host publishes/,
    ],
    [
      "nobody's: a rule",
      b.denies("NXDOMAIN"),
      b.saying({ soa: null }),
      "likely",
      /^the resolver answers for corp.example by a rule/,
    ],
    [
      "with records beside it: validation",
      b.denies("SERVFAIL"),
      b.saying({ records: 1 }),
      "likely",
      /^DNSSEC validation fails at this resolver/,
    ],
    ["REFUSED by policy", b.denies("REFUSED"), b.saying({ soa: null }), "certain", /^its policy/],
    [
      "REFUSED with a network error",
      b.denies("REFUSED"),
      b.saying({ soa: null, errors: [{ code: 23, text: "" }] }),
      "likely",
      /^the resolver reaches none of its own upstreams/,
    ],
  ] as const)("%s", (_, answer, exchange, certainty, first) => {
    const verdict = srv(answer, exchange);
    expect(verdict.certainty).toBe(certainty);
    expect(verdict.causes[0]).toMatch(first);
  });

  it("by systemd-resolved of a name under .local is a stub's, and no policy to be changed", () => {
    const refused = b.saying({ soa: null, authoritative: true, udpSize: 65_494 });
    const verdict = srv(b.denies("REFUSED"), refused, "127.0.0.53", "corp.local");
    expect(verdict.certainty).toBe("likely");
    expect(verdict.causes[0]).toMatch(/^a stub resolver such as systemd-resolved keeps \.local/);
    expect(verdict.next[0]?.command).toBe("resolvectl domain LINK corp.local");
    expect(JSON.stringify(verdict.next)).not.toContain("allow-query");
  });

  it("shows what the resolver says of its reasons", () => {
    const blocked = b.saying({ soa: null, errors: [{ code: 15, text: "by policy" }] });
    expect(srv(b.denies("NXDOMAIN"), blocked).observed).toContain('(extended error 15 "by policy")');
  });

  it.each([
    ["names the policy by which it was made", { policy: "rpz" }],
    ["says that it blocks", { errors: [{ code: 15, text: "" }] }],
  ])("that %s is a rule's: nobody is told to publish", (_, said) => {
    const { certainty, causes, next } = srv(b.denies("NXDOMAIN"), b.saying({ soa: null, ...said }));
    expect(certainty).toBe("likely");
    expect(causes).toEqual([
      expect.stringMatching(/^a rule of this resolver takes _vlmcs\._tcp\.corp\.example out/),
    ]);
    expect(JSON.stringify(next)).not.toMatch(/sppsvc|Add-DnsServer/);
  });

  it("puts no line into a step that can't be pasted", () => {
    for (const rcode of ["REFUSED", "SERVFAIL", "NXDOMAIN"]) {
      for (const { command } of srv(b.denies(rcode), b.exchange()).next)
        expect(command ?? "").not.toContain("this machine");
    }
  });
});

describe("a denial of what an alias leads to", () => {
  const aliases = ["gone.corp.example"];

  it("is the alias's fault first, and leaves the suffix alone", () => {
    const { causes, next } = srv(b.denies("NXDOMAIN", { aliases }), b.saying());
    expect(causes.slice(0, 2)).toEqual([
      "the alias is old or misspelt: gone.corp.example, to which it leads, doesn't exist",
      "no KMS host publishes under gone.corp.example, to which the alias leads",
    ]);
    expect(causes.join()).not.toMatch(/suffix is wrong|publishes into/);
    expect(next[0]?.text).toMatch(/^Correct the alias/);
  });

  it("that has no SRV record may be a host's name", () => {
    const { causes } = srv(b.denies("NOERROR", { nodata: true, aliases: ["kms1.corp.example"] }), b.saying());
    expect(causes[0]).toMatch(/^the alias leads to a host's name in place of an SRV record/);
  });
});

describe("a referral", () => {
  it("denies nothing: the server looks nothing up for others", () => {
    const exchange = b.saying({ soa: null, referral: "example" });
    const { code, certainty, observed, causes, next } = srv(NODATA, exchange);
    expect({ code, certainty }).toEqual({ code: "srv-nodata", certainty: "likely" });
    expect(observed).toContain(
      "says nothing of _vlmcs._tcp.corp.example, and refers to the servers of example",
    );
    expect(causes[0]).toMatch(/^this server looks nothing up for others/);
    expect(JSON.stringify([causes, next])).not.toMatch(/scavenged|filters SRV|sppsvc|Add-DnsServer/);
  });
});

describe("a record under another name at the same resolver", () => {
  it("is the cause, and shows that the resolver knows the zone", () => {
    const misspelt = b.control("misspelt", { rcode: "NOERROR", found: ["kms1.corp.example:1688"] });
    const said = b.says(b.denies("NXDOMAIN"), { exchange: b.saying(), controls: [misspelt] });
    const causes = judgeSrvAnswer(said, "corp.example", "/srv/0")?.causes ?? [];
    expect(causes[0]).toBe(`the record was published under another name: ${misspelt.name}`);
    expect(causes.join()).not.toContain("doesn't know the internal zone");
  });
});

it("DNS over TCP that is taken and ended is not filtered", () => {
  const { code, causes, next } = srv(
    b.unanswered("closed"),
    b.exchange({ transport: "tcp", truncated: true }),
  );
  expect(code).toBe("srv-truncated");
  expect(causes).toEqual([expect.stringMatching(/takes TCP connections and ends them without an answer/)]);
  expect(next.some(({ where }) => where === "firewall")).toBe(false);
});

describe("silence", () => {
  it("of a resolver that takes TCP is a forwarder's before a filter's", () => {
    const verdict = srv(b.unanswered("deadline"), b.exchange({ tries: 3, overTcp: "connected" }));
    expect(verdict.code).toBe("srv-no-answer");
    expect(verdict.causes[0]).toMatch(/^it is a forwarder or balancer whose own upstreams don't answer/);
    expect(verdict.causes.join()).not.toContain("machine is off");
  });

  it("on both stays what it was", () => {
    const verdict = srv(b.unanswered("deadline"), b.exchange({ tries: 3, overTcp: "silent" }));
    expect(verdict.causes[0]).toMatch(/^port 53 is filtered/);
  });
});

it.each([
  ["loop", "back to itself"],
  ["too-long", "on and on, past 8 of them"],
] as const)("a chain of aliases that ends in a %s is no NODATA", (chain, words) => {
  const aliases = Array.from({ length: 8 }, (_, at) => `c${at}.corp.example`);
  const verdict = srv(b.denies("NOERROR", { chain, aliases }), b.saying({ soa: null }));
  expect(verdict).toMatchObject({ code: "srv-alias-chain", certainty: "likely" });
  expect(verdict.observed).toContain(words);
});

describe("an answer over TCP that is cut", () => {
  it("is truncated, and not malformed", () => {
    const cut: SrvEvidence = { outcome: "malformed", fault: { at: 2, what: "TC is set" }, elapsedMs: 1 };
    const verdict = srv(cut, b.exchange({ transport: "tcp", truncated: true }));
    expect(verdict.code).toBe("srv-truncated");
    expect(verdict.causes).toEqual([
      expect.stringMatching(/^what answers over TCP can't give the whole answer/),
    ]);
  });
});

const HOST = "kms1.corp.example";

function lookup(family: 4 | 6, answer: AddressLookup["answer"], said: Partial<DnsSaid> = {}): AddressLookup {
  return {
    family,
    asked: { by: "resolver", resolver: b.resolver(), exchange: b.saying(said) },
    name: HOST,
    answer,
  };
}

/** @param named by the user, and listed nowhere */
function diagnosed(over: Partial<AddressEvidence>, named = false): Diagnosis {
  const address = b.addresses([], over);
  const attempts = address.addresses.map((each) => b.connected(b.serving(), { address: each }));
  const listedBy = named ? [] : [{ resolver: b.resolver(), priority: 0, weight: 0, ttlSeconds: 600 }];
  const endpoint = { endpoint: { host: HOST, port: 1688 }, listedBy, address, attempts };
  const answers = named ? [] : [b.says(b.lists([b.record(HOST)]))];
  const target = named
    ? ({ kind: "list", source: "the command line" } as const)
    : ({ kind: "domain", domain: "corp.example", source: "the command line" } as const);
  return judge(
    {
      target,
      source: null,
      srv: answers,
      udpTwin: [],
      configuration: null,
      ownClock: null,
      recordsDropped: 0,
      endpoints: [endpoint],
    },
    b.CLIENT_TIMEOUT_MS,
  );
}

const NONE = b.refuses("NOERROR", true);

describe("a host without an address", () => {
  it("whose A is denied by nobody and its AAAA by the zone meets rebind protection first", () => {
    const { verdict, findings } = diagnosed({ lookups: [lookup(4, NONE, { soa: null }), lookup(6, NONE)] });
    expect(verdict).toMatchObject({ code: "address-none", certainty: "likely" });
    expect(verdict.causes[0]).toMatch(/^rebind protection takes private addresses out/);
    expect(verdict.next[0]?.text).toContain("rebind-domain-ok");
    expect(JSON.stringify([verdict.next, findings])).not.toMatch(/[Rr]emove/);
  });

  it("meets it by the resolver's own word, too", () => {
    const blocked = { soa: null, errors: [{ code: 15, text: "" }] };
    const { verdict } = diagnosed({ lookups: [lookup(4, NONE, blocked), lookup(6, NONE, blocked)] });
    expect(verdict.causes[0]).toMatch(/^rebind protection/);
  });

  it("whose A and AAAA are both denied by nobody may be hidden: no record is to be removed before the zone is asked", () => {
    const lookups = [lookup(4, NONE, { soa: null }), lookup(6, NONE, { soa: null })];
    const { verdict, findings } = diagnosed({ lookups });
    expect(verdict).toMatchObject({ code: "address-none", certainty: "likely" });
    expect(verdict.causes.join()).toContain("DNS rebind protection");
    expect(verdict.next[0]?.text).toMatch(/^Ask a DNS server of the zone itself/);
    expect(findings.map(({ code }) => code)).not.toContain("lint-dangling-target");
    expect(diagnosed({ lookups }, true).verdict.causes.join()).toContain("DNS rebind protection");
    const nowhere = [lookup(4, b.refuses("NXDOMAIN"), { soa: null })];
    expect(diagnosed({ lookups: nowhere }).verdict.certainty).toBe("certain");
  });

  it("by the zone's own word is retired first, for certain", () => {
    const { verdict, findings } = diagnosed({ lookups: [lookup(4, NONE), lookup(6, NONE)] });
    expect(verdict).toMatchObject({ code: "address-none", certainty: "certain" });
    expect(verdict.causes[0]).toMatch(/^the host was retired/);
    expect(findings.map(({ code }) => code)).toContain("lint-dangling-target");
  });

  it("that is an alias of nothing is the alias's fault first", () => {
    const gone = b.refuses("NXDOMAIN", false, ["old.corp.example"]);
    const { verdict } = diagnosed({ lookups: [lookup(4, gone), lookup(6, gone)] });
    expect(verdict.observed).toContain("NXDOMAIN for old.corp.example, of which it is an alias");
    expect(verdict.causes[0]).toMatch(
      /^kms1\.corp\.example is an alias, and old\.corp\.example, .* has no address/,
    );
  });

  it("that the resolver refuses, which lists it, is not refused for who asks", () => {
    const refused = b.refuses("REFUSED");
    const lookups = [lookup(4, refused, { soa: null }), lookup(6, refused, { soa: null })];
    const listed = diagnosed({ lookups }).verdict;
    expect(listed.code).toBe("address-lookup-failed");
    expect(listed.causes.join()).not.toContain("let this machine ask");
    expect(diagnosed({ lookups }, true).verdict.causes.join()).toContain("let this machine ask");
  });

  it("at a server that refers to others is not known to have none", () => {
    const referral = { soa: null, referral: "." };
    const { verdict } = diagnosed({ lookups: [lookup(4, NONE, referral), lookup(6, NONE, referral)] });
    expect(verdict).toMatchObject({ code: "address-lookup-failed", severity: "inconclusive" });
    expect(verdict.causes).toEqual([expect.stringMatching(/^it looks nothing up for others/)]);
  });

  it("that the user named is told of without an SRV record", () => {
    const { verdict } = diagnosed({ lookups: [lookup(4, NONE), lookup(6, NONE)] }, true);
    expect(JSON.stringify([verdict.causes, verdict.next])).not.toContain("SRV");
    expect(verdict.causes).toContain("an internal zone of that name hides the public one");
  });
});

describe("glue", () => {
  const glued = { addresses: ["10.1.0.1"], glue: ["10.1.0.1"] };

  it("beside a denied question is a finding, and serves not for certain", () => {
    const { verdict, findings } = diagnosed({
      ...glued,
      lookups: [lookup(4, NONE, { soa: null }), lookup(6, NONE)],
    });
    expect(verdict).toMatchObject({ code: "rpc-serves", certainty: "likely" });
    // One family is denied by nobody, the other by the zone: somebody takes private addresses out.
    const next = findings.find(({ code }) => code === "address-glue-differs")?.next;
    expect(next).toContain("rebind-domain-ok");
    expect(next).toContain("delete nothing");
  });

  it("that the resolver confirms is neither", () => {
    const { verdict, findings } = diagnosed({
      ...glued,
      lookups: [lookup(4, b.found(["10.1.0.1"])), lookup(6, NONE)],
    });
    expect(verdict).toMatchObject({ code: "rpc-serves", certainty: "certain" });
    expect(findings.map(({ code }) => code)).not.toContain("address-glue-differs");
  });
});

it("an address at one resolver and a denial at another is a disagreement", () => {
  const other = { by: "resolver", resolver: b.resolver(54), exchange: b.saying({ soa: null }) } as const;
  const denied = { ...lookup(4, NONE), asked: other };
  const found = lookup(4, b.found(["10.1.0.1"]));
  const { findings } = diagnosed({ addresses: ["10.1.0.1"], lookups: [found, denied] });
  expect(findings.find(({ code }) => code === "address-resolvers-disagree")?.observed).toContain(
    "10.1.0.1; none (says 10.0.0.54:53)",
  );
});

it("a host with a good address and one of its own is served in part", () => {
  const special = [{ address: "::", use: "unspecified" as const }];
  const { verdict } = diagnosed({
    addresses: ["10.1.0.1"],
    special,
    lookups: [lookup(4, b.found(["10.1.0.1"]))],
  });
  expect(verdict).toMatchObject({ code: "endpoint-partly-serves", severity: "degraded" });
});

it("an address for documents that serves is a finding, and decides nothing", () => {
  const { verdict, findings } = diagnosed({
    addresses: ["10.1.0.1"],
    special: [{ address: "10.1.0.1", use: "documentation" }],
    lookups: [lookup(4, b.found(["10.1.0.1"]))],
  });
  expect(verdict.code).toBe("rpc-serves");
  expect(findings.map(({ code }) => code)).toContain("address-special");
});
