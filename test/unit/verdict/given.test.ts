/** Addresses that DNS gave and no record of the host holds: what failed there is no fault of the host. */
import { describe, expect, it } from "vitest";
import type { AddressEvidence } from "../../../src/model/dns.ts";
import type { AttemptEvidence, EndpointEvidence } from "../../../src/model/evidence.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { judgeEndpoint } from "../../../src/verdict/endpoint.ts";
import * as b from "./builders.ts";

function judged(attempt: AttemptEvidence, over: Partial<AddressEvidence>): Verdict {
  const host = b.listed(1, () => attempt);
  return judgeEndpoint({ ...host, address: b.addresses([attempt.address], over) }, "").verdict;
}

const wildcard = (...found: string[]): Partial<AddressEvidence> => ({
  nobody: { name: "kmsprobe-0.corp.example", resolver: b.resolver(), rcode: "NOERROR", found },
});
const fakeIp = (address: string): Partial<AddressEvidence> => ({
  special: [{ address, use: "benchmarking" }],
});
const another = b.connected(b.rpc(b.rejected("2/1", "2/1")));

describe("an address by a wildcard", () => {
  it.each([
    ["refused", b.isRefused({}), "tcp-refused"],
    ["silent", b.isSilent({}), "tcp-no-answer"],
    ["another service", b.connected(b.rpc(b.garbage("http"))), "rpc-not-dcerpc"],
    ["another RPC server", another, "rpc-interface-unknown"],
  ] as const)(
    "%s: the wildcard is the first cause, and nobody is sent to the KMS host",
    (_, attempt, code) => {
      const verdict = judged(attempt, wildcard(attempt.address));
      expect(verdict.code).toBe(code);
      expect(verdict.causes[0]).toMatch(/^kms1\.corp\.example has no record of its own: a wildcard/);
      expect(verdict.next[0]?.text).toContain("Give kms1.corp.example an address record of its own");
      expect(verdict.next.map(({ where }) => where)).not.toContain("kms-host");
    },
  );

  it("is none where the name that nobody has gets another address, or none", () => {
    for (const found of [[], ["10.1.0.99"]])
      expect(judged(b.isRefused({}), wildcard(...found)).causes[0]).toMatch(/^the host is there/);
  });
});

/** The commands of a host that refuses, named by the user. */
const steps = (host: string, over: Partial<EndpointEvidence> = {}): (string | null)[] => {
  const evidence = {
    ...b.listed(1, () => b.isRefused({})),
    endpoint: { host, port: 1688 },
    address: b.addresses(["10.1.0.1"], { lookups: [b.lookup(b.found(["10.1.0.1"]))] }),
    listedBy: [],
    ...over,
  };
  return judgeEndpoint(evidence, "").verdict.next.map(({ command }) => command);
};
const question = (suffix: string): unknown =>
  expect.stringMatching(
    new RegExp(`^dig @\\S+ -p \\d+ _vlmcs\\._tcp\\.${suffix.replaceAll(".", String.raw`\.`)} SRV$`),
  );

describe("a host that refuses, and that the user named", () => {
  it("may be listed at another port: the question for that is a step", () => {
    expect(steps("kms1.corp.example")).toContainEqual(question("corp.example"));
    expect(steps("kms1.eu.corp.example")).toContainEqual(question("eu.corp.example"));
  });

  it("is listed by nobody where its suffix is a top-level domain, or none, and was asked for where DNS lists it", () => {
    const any = expect.stringContaining("_vlmcs._tcp");
    for (const host of ["kms1", "kms1.example"]) expect(steps(host)).not.toContainEqual(any);
    const { listedBy } = b.listed(1, () => b.isRefused({}));
    expect(listedBy).not.toEqual([]);
    expect(steps("kms1.corp.example", { listedBy })).not.toContainEqual(any);
    expect(steps("10.1.0.1", { address: b.addresses(["10.1.0.1"], { literal: true }) })).not.toContainEqual(
      any,
    );
  });
});

describe("an address that no network is given", () => {
  it.each([
    ["192.0.2.9", "documentation"],
    ["2001:db8::9", "documentation"],
    ["240.0.0.9", "reserved"],
  ] as const)("%s is a placeholder: no firewall and no host is asked for it", (address, use) => {
    const verdict = judged(b.isSilent({ address }), { special: [{ address, use }] });
    expect(verdict.causes[0]).toMatch(/a placeholder that was never replaced$/);
    expect(verdict.next[0]).toMatchObject({
      where: "dns",
      text: "Put the host's own address into its record",
    });
    const places = verdict.next.map(({ where }) => where);
    expect(places).not.toContain("firewall");
    expect(places).not.toContain("kms-host");
  });
});

describe("an address that a proxy makes up", () => {
  it("is told where DNS gives it", () => {
    const { causes, next } = judged(b.isSilent({ address: "198.18.0.5" }), fakeIp("198.18.0.5"));
    expect(causes[0]).toContain("(fake-ip, 198.18.0.0/15)");
    expect(next[0]?.text).toContain("--resolver");
    expect(next.map(({ command }) => command ?? "").join()).not.toContain("permit tcp");
  });

  it("is none where the user wrote it: somebody's laboratory", () => {
    const attempt = b.isSilent({ address: "198.18.0.5" });
    expect(judged(attempt, { literal: true }).causes.join()).not.toContain("fake-ip");
  });
});

describe("an address that DNS64 makes up", () => {
  const lookups = [b.lookup(b.found(["10.9.0.5"]))];

  it("is told with the address it was made from", () => {
    const { causes, next } = judged(b.isSilent({ address: "64:ff9b::a09:5", family: 6 }), { lookups });
    expect(causes[0]).toBe(
      "DNS64 made 64:ff9b::a09:5 up from 10.9.0.5: the NAT64 gateway of this network doesn't answer, or there is none",
    );
    expect(next[0]?.command).toBe("kmsprobe check 10.9.0.5:1688");
    expect(next.map(({ command }) => command ?? "").join()).not.toContain("permit tcp");
  });

  it("of another prefix may as well be a number of the network's own: the rule is offered, too", () => {
    const { causes, next } = judged(b.isSilent({ address: "fd64::a09:5", family: 6 }), { lookups });
    expect(causes[0]).toMatch(/^fd64::a09:5 has 10\.9\.0\.5 in it: where DNS64 made it up/);
    expect(next.map(({ command }) => command ?? "").join()).toContain("permit tcp");
  });

  it("is not blamed where this machine has no way for it", () => {
    const attempt = b.unsent("ENETUNREACH", {
      address: "64:ff9b::a09:5",
      family: 6,
      routeErrno: "ENETUNREACH",
    });
    expect(judged(attempt, { lookups }).causes.join()).not.toContain("DNS64");
  });
});
