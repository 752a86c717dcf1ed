/** What the questions beside the question come to. */
import { describe, expect, it } from "vitest";
import type { SrvControl, SrvEvidence } from "../../../src/model/dns.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { judgeSrvAnswer } from "../../../src/verdict/srv.ts";
import * as b from "./builders.ts";

const NODATA = b.denies("NOERROR", { nodata: true });
const NXDOMAIN = b.denies("NXDOMAIN");
const ZONE = "corp.example";
const silent = { rcode: null };

function judged(answer: SrvEvidence, controls: SrvControl[], soa: string | null = null): Verdict {
  const verdict = judgeSrvAnswer(b.says(answer, { exchange: b.saying({ soa }), controls }), ZONE, "/srv/0");
  if (verdict === null) throw new Error("it lists hosts");
  return verdict;
}

/** All five questions about who denies, denied by nobody unless told otherwise. */
function who(over: Partial<Record<SrvControl["purpose"], Partial<SrvControl>>>): SrvControl[] {
  const purposes = ["zone", "address", "same-name", "other-service", "nobody"] as const;
  return purposes.map((purpose) => b.control(purpose, over[purpose] ?? {}));
}

describe("a denial that no zone stands behind", () => {
  it.each([
    [
      "the zone is known, the record is missing",
      who({ zone: { found: [ZONE] } }),
      "certain",
      /^no KMS host publishes/,
    ],
    [
      "another service is listed: the record is missing",
      who({ "other-service": { found: ["dc1.corp.example:389"] } }),
      "certain",
      /^no KMS host publishes/,
    ],
    [
      "addresses come, and no SRV",
      who({ address: { rcode: "NOERROR", found: ["10.0.0.1"] } }),
      "likely",
      /^this resolver carries no SRV records/,
    ],
    [
      "the zone denies the address, and not the SRV",
      who({ "same-name": { rcode: "NOERROR", soa: ZONE } }),
      "likely",
      /^this resolver carries no SRV records/,
    ],
    [
      "an address for a name that nobody has",
      who({ nobody: { rcode: "NOERROR", found: ["198.18.0.9"] }, address: { found: ["198.18.0.8"] } }),
      "likely",
      /^this resolver answers every name/,
    ],
    ["nothing of the zone is known", who({}), "likely", /^this resolver knows no zone corp\.example/],
    [
      "nobody answers in time: nothing more is said",
      who({ zone: silent, address: silent, "same-name": silent, "other-service": silent, nobody: silent }),
      "likely",
      /^the resolver answers for corp\.example by a rule of its own/,
    ],
    [
      "half of it is unanswered",
      who({ zone: silent, "other-service": silent }),
      "likely",
      /^the resolver answers for corp\.example by a rule of its own/,
    ],
  ] as const)("%s", (_, controls, certainty, first) => {
    const verdict = judged(NXDOMAIN, [...controls]);
    expect(verdict.certainty).toBe(certainty);
    expect(verdict.causes[0]).toMatch(first);
  });

  it("tells what was asked, and what came", () => {
    const asked = who({ address: { rcode: "NOERROR", found: ["10.0.0.1"] }, zone: silent });
    expect(judged(NXDOMAIN, asked).observed).toContain(
      "Asked beside it: A of the domain: 10.0.0.1; A of the same name: NXDOMAIN; SRV of _ldap._tcp: NXDOMAIN;",
    );
  });

  it("has no step that mends a record where the resolver carries none", () => {
    const filtered = judged(NODATA, who({ address: { found: ["10.0.0.1"] } }));
    const commands = filtered.next.map(({ command }) => command ?? "").join();
    expect(commands).not.toMatch(/sppsvc|Add-DnsServer/);
    expect(filtered.next[0]?.text).toContain("Ask a DNS server of the zone itself");
  });
});

const HOST = "kms1.corp.example";

function of(soa: string, controls: SrvControl[], over: Parameters<typeof b.denies>[1] = {}): Verdict {
  const said = { exchange: b.saying({ soa }), controls, name: `_vlmcs._tcp.${HOST}` };
  const verdict = judgeSrvAnswer(b.says(b.denies("NXDOMAIN", over), said), HOST, "/srv/0");
  if (verdict === null) throw new Error("it lists hosts");
  return verdict;
}

/** Where the step adds the record. */
function added({ next }: Verdict): string {
  return next.flatMap(({ command }) => /-ZoneName \S+ -Name \S+/.exec(command ?? "")?.[0] ?? []).join();
}

function leads(to: string): string {
  return added(of("corp.example", [], { aliases: [to] }));
}

describe("a denial by a zone above the domain", () => {
  it.each([
    ["corp.example", "-ZoneName corp.example -Name _vlmcs._tcp.kms1"],
    [HOST, `-ZoneName ${HOST} -Name _vlmcs._tcp`],
    [`_tcp.${HOST}`, `-ZoneName _tcp.${HOST} -Name _vlmcs`],
    [`_vlmcs._tcp.${HOST}`, `-ZoneName _vlmcs._tcp.${HOST} -Name @`],
    // A top-level domain is nobody's to publish in; another zone is not above the name.
    ["example", `-ZoneName ${HOST} -Name _vlmcs._tcp`],
    [".", `-ZoneName ${HOST} -Name _vlmcs._tcp`],
    ["rp.example", `-ZoneName ${HOST} -Name _vlmcs._tcp`],
    ["$(reboot).example", `-ZoneName ${HOST} -Name _vlmcs._tcp`],
  ])("by %s: the record goes into the zone that is there", (soa, command) => {
    expect(added(of(soa, []))).toBe(command);
  });

  it("puts the record where an alias leads, and no name unfit for a command into one", () => {
    expect(leads("kms.hosts.corp.example")).toBe("-ZoneName corp.example -Name kms.hosts");
    expect(leads("$(reboot).corp.example")).toBe(`-ZoneName ${HOST} -Name _vlmcs._tcp`);
  });

  it("says of a domain with an address that it is most likely a host", () => {
    const found = b.control("address", { rcode: "NOERROR", found: ["10.0.0.1"] });
    const verdict = of("corp.example", [found]);
    expect(verdict.causes[0]).toContain(`${HOST} has an address`);
    expect(verdict.observed).toContain("Asked beside it: A of the domain: 10.0.0.1.");
    expect(verdict.next[0]?.command).toBe(`kmsprobe check ${HOST} --resolver 10.0.0.53:53`);
  });

  it.each([
    ["corp.example", {}],
    [HOST, { rcode: "NOERROR", found: ["10.0.0.1"] }],
  ])("by %s, and its address %j: nothing of a host is said", (soa, over) => {
    const verdict = of(soa, [b.control("address", over)]);
    expect(verdict.causes[0]).toMatch(/^no KMS host publishes/);
    expect(verdict.next.map(({ command }) => command).join()).not.toContain("kmsprobe check");
  });
});

it.each([
  ["NOERROR", /^a wildcard of the zone/],
  ["NXDOMAIN", /^the name holds another type/],
  [null, /^the name holds another type/],
])("NODATA by the zone, and %s for a name that nobody has", (rcode, first) => {
  const verdict = judged(NODATA, [b.control("nobody", { rcode, soa: ZONE })], ZONE);
  expect(verdict.certainty).toBe("certain");
  expect(verdict.causes[0]).toMatch(first);
});

it.each([
  ["REFUSED", "REFUSED", /^its policy doesn't let/],
  ["REFUSED", "NOERROR", /^a rule refuses names under/],
  ["REFUSED", "SERVFAIL", /^a rule refuses names under/],
  ["REFUSED", null, /^its policy doesn't let/],
  ["SERVFAIL", "SERVFAIL", /^the resolver lives, and reaches none/],
  ["SERVFAIL", "NOERROR", /^the resolver can't reach the zone's own servers/],
  ["SERVFAIL", null, /^the resolver can't reach the zone's own servers/],
])("%s, and %s for the root", (rcode, root, first) => {
  expect(judged(b.denies(rcode), [b.control("root", { rcode: root })]).causes[0]).toMatch(first);
});
