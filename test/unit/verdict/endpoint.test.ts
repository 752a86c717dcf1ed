import { describe, expect, it } from "vitest";
import type { AddressLookup } from "../../../src/model/dns.ts";
import type { AttemptEvidence, EndpointEvidence } from "../../../src/model/evidence.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { bestOf, judgeEndpoint } from "../../../src/verdict/endpoint.ts";
import { verdictOf } from "../../../src/verdict/words.ts";
import {
  addresses,
  connected,
  controlled,
  endpoint,
  exchange,
  found,
  garbage,
  hungUp,
  lookup,
  plainBind,
  refuses,
  resolver,
  rpc,
  serving,
  unanswered,
  unconnected,
  unsent,
} from "./builders.ts";

const V6 = { address: "fd00::1", family: 6 } as const;

function judged(attempts: AttemptEvidence[], over: Partial<EndpointEvidence> = {}): Verdict {
  return judgeEndpoint(endpoint(attempts, over), "/endpoints/2").verdict;
}

describe("a host that somebody typed", () => {
  const web = connected(rpc(garbage("http")));
  const typed = { listedBy: [], address: { ...addresses([]), literal: true } };

  it("has no SRV record to be corrected", () => {
    const verdict = judged([web], typed);
    expect(verdict.code).toBe("rpc-not-dcerpc");
    expect([...verdict.causes, ...verdict.next.map(({ text }) => text)].join("\n")).not.toContain("SRV");
    expect(verdict.causes[0]).toBe("another service has the port, or a port forwarding leads to it");
  });

  it("has one where DNS lists it", () => {
    const listedBy = [{ resolver: resolver(), priority: 0, weight: 0, ttlSeconds: 600 }];
    const verdict = judged([web], { listedBy });
    expect(verdict.causes[0]).toBe("the SRV record or a port forwarding points at another service");
    expect(verdict.next.map(({ text }) => text)).toContain(
      "Correct the port or the target in the SRV record",
    );
  });
});

describe("an endpoint is what its best address is", () => {
  it("serves where its one address serves, and points there", () => {
    expect(judged([connected(serving())])).toMatchObject({
      code: "rpc-serves",
      because: "/endpoints/2/attempts/0/rpc/bind",
    });
  });

  it("gets as far as the address that got furthest", () => {
    const closed = connected(rpc(hungUp("closed"), { plain: plainBind(hungUp("closed")) }), V6);
    expect(judged([unconnected("ECONNREFUSED", 1), closed])).toMatchObject({
      code: "rpc-closed",
      because: "/endpoints/2/attempts/1/rpc/bind",
    });
  });

  it("takes what the network did before what our own machine did", () => {
    expect(judged([unsent("EMFILE"), unconnected("deadline", 4_000, V6)]).code).toBe("tcp-no-answer");
  });

  it("takes the first of equals", () => {
    expect(judged([unconnected("ECONNREFUSED", 1), unconnected("deadline", 4_000, V6)]).because).toBe(
      "/endpoints/2/attempts/0/tcp",
    );
  });

  it("gives every address a verdict of its own", () => {
    const evidence = endpoint([connected(serving()), unconnected("ECONNREFUSED", 1, V6)]);
    const { attempts } = judgeEndpoint(evidence, "/endpoints/0");
    expect(attempts.map(({ verdict }) => verdict.code)).toEqual(["rpc-serves", "tcp-refused"]);
  });
});

describe("an endpoint that serves at some of its addresses", () => {
  it.each([
    ["refuses", unconnected("ECONNREFUSED", 1, V6), "fd00::1: refused"],
    ["is silent", unconnected("deadline", 4_000, V6), "fd00::1: no answer"],
    ["accepts anything", connected(controlled("accepted"), V6), "fd00::1: accepts any interface"],
  ] as const)("is degraded where another address %s", (_, other, said) => {
    expect(judged([connected(serving()), other])).toMatchObject({
      code: "endpoint-partly-serves",
      severity: "degraded",
      serves: true,
      because: "/endpoints/2/attempts/1",
      observed: `kms1.corp.example port 1688 serves at some of its addresses: not at ${said}.`,
    });
  });

  it("points to the first address that does not serve, and names all of them", () => {
    const third = unconnected("deadline", 4_000, { address: "10.1.0.3" });
    expect(judged([unconnected("ECONNREFUSED", 1, V6), connected(serving()), third])).toMatchObject({
      because: "/endpoints/2/attempts/0",
      observed:
        "kms1.corp.example port 1688 serves at some of its addresses: not at fd00::1: refused; 10.1.0.3: no answer.",
    });
  });

  it.each([
    ["ENETUNREACH", unconnected("ENETUNREACH", 0.2, { ...V6, via: null, routeErrno: "ENETUNREACH" })],
    ["EADDRNOTAVAIL", unsent("EADDRNOTAVAIL", { ...V6, routeErrno: "EADDRNOTAVAIL" })],
    ["EAFNOSUPPORT", unsent("EAFNOSUPPORT", { ...V6, routeErrno: "EAFNOSUPPORT" })],
  ] as const)("is not degraded by a family that this machine has not (%s)", (_, other) => {
    expect(judged([connected(serving()), other])).toMatchObject({ code: "rpc-serves", severity: "ok" });
  });

  it.each([
    ["ran out", unsent("EMFILE", V6)],
    ["was interrupted", connected(null, { ...V6, tcp: { outcome: "skipped", reason: "interrupted" } })],
  ] as const)("is not degraded by an address at which this machine %s", (_, other) => {
    expect(judged([connected(serving()), other]).code).toBe("rpc-serves");
  });

  it("is degraded by a missing route to one of two addresses of one family", () => {
    const over = { address: "10.9.0.1", via: null, routeErrno: "ENETUNREACH" };
    const other = unconnected("ENETUNREACH", 0.2, over);
    expect(judged([connected(serving()), other]).code).toBe("endpoint-partly-serves");
  });

  it("is degraded by a network that a router on the path calls unreachable", () => {
    const other = unconnected("ENETUNREACH", 12, V6);
    expect(judged([connected(serving()), other]).code).toBe("endpoint-partly-serves");
  });

  it("fails by the missing family where no address serves", () => {
    const other = unconnected("ENETUNREACH", 0.2, { ...V6, via: null, routeErrno: "ENETUNREACH" });
    expect(judged([other])).toMatchObject({ code: "tcp-net-unreachable", certainty: "certain" });
  });
});

/** Of an address beside one at which the host serves. */
function beside(other: AttemptEvidence): Verdict {
  const { attempts } = judgeEndpoint(endpoint([connected(serving()), other]), "/endpoints/0");
  const verdict = attempts[1]?.verdict;
  if (verdict === undefined) throw new Error("two addresses were given");
  return verdict;
}

function stepsOf({ next }: Verdict): string[] {
  return next.map(({ text }) => text);
}

describe("an address that fails beside another of the same host that serves", () => {
  it("refuses, in the other family, since the service listens on one alone, or the record is another machine's", () => {
    const verdict = beside(unconnected("ECONNREFUSED", 1, V6));
    expect(verdict).toMatchObject({ code: "tcp-refused", certainty: "likely" });
    expect(verdict.causes.slice(0, 2)).toEqual([
      "the service listens on IPv4 only",
      "the AAAA record is old, or wrong: fd00::1 is another machine's",
    ]);
    expect(verdict.causes.join()).not.toMatch(/service stopped|now belongs to another/);
    expect(stepsOf(verdict).slice(0, 2)).toEqual([
      "See on which addresses it listens: 0.0.0.0 is every IPv4 address, [::] every IPv6 one",
      "See whether fd00::1 is that host's own; correct its AAAA record if it is another machine's",
    ]);
    expect(stepsOf(verdict).join()).not.toMatch(/service runs|KMS host at all|whether the service listens/);
  });

  it("refuses, in the same family, for one address of several", () => {
    const verdict = beside(unconnected("ECONNREFUSED", 1, { address: "10.1.0.9" }));
    expect(verdict).toMatchObject({ code: "tcp-refused", certainty: "ambiguous" });
    expect(verdict.causes.slice(0, 2)).toEqual([
      "the service listens on some of the host's addresses only",
      "the A record is old, or wrong: 10.1.0.9 is another machine's",
    ]);
  });

  it("is no other machine's where it is this machine's own", () => {
    const verdict = beside(unconnected("ECONNREFUSED", 1, { address: "::1", family: 6 }));
    expect(verdict.causes[0]).toBe("the service listens on IPv4 only");
    expect(verdict.causes.join()).not.toContain("another machine");
  });

  it("is silent by a rule for one family, and never because the host is off", () => {
    const verdict = beside(unconnected("deadline", 4_000, V6));
    expect(verdict).toMatchObject({ code: "tcp-no-answer", certainty: "ambiguous" });
    expect(verdict.causes).toContain("a firewall on the path or on the host permits IPv4 only");
    expect(verdict.causes.join()).not.toMatch(/is off|overloaded/);
  });

  it("takes the family that serves by its name", () => {
    const v6 = connected(serving(), V6);
    const { attempts } = judgeEndpoint(endpoint([unconnected("ECONNREFUSED", 1), v6]), "/endpoints/0");
    expect(attempts[0]?.verdict.causes[0]).toBe("the service listens on IPv6 only");
  });
});

/** An A and an AAAA question in turn, answered like this. */
function lookups(...answers: AddressLookup["answer"][]): Partial<EndpointEvidence> {
  const asked = answers.map((answer, index) => lookup(answer, { family: index % 2 === 0 ? 4 : 6 }));
  return { address: addresses([], { lookups: asked }) };
}

describe("an endpoint without an address", () => {
  const nodata = refuses("NOERROR", true);
  const malformed = {
    outcome: "malformed",
    fault: { at: 12, what: "QNAME: a label of unknown type" },
    elapsedMs: 1,
  } as const;

  it.each([
    [[nodata, nodata], "address-none", "kms1.corp.example has no address: no A record, no AAAA record."],
    [
      [refuses("NXDOMAIN"), refuses("NXDOMAIN")],
      "address-none",
      "kms1.corp.example has no address: NXDOMAIN for kms1.corp.example.",
    ],
    [
      [nodata, refuses("SERVFAIL")],
      "address-lookup-failed",
      "The address of kms1.corp.example could not be had: no A record, SERVFAIL for kms1.corp.example.",
    ],
    [
      [unanswered("deadline"), unanswered("ECONNREFUSED")],
      "address-lookup-failed",
      "The address of kms1.corp.example could not be had: A: no answer, AAAA: ECONNREFUSED.",
    ],
    [
      [malformed, { outcome: "not-sent", errno: "EMFILE" }],
      "address-lookup-failed",
      "The address of kms1.corp.example could not be had: A: QNAME: a label of unknown type, AAAA: EMFILE here.",
    ],
    [
      [found(["10.1.0.1"]), nodata],
      "address-lookup-failed",
      "The address of kms1.corp.example could not be had: A: not probed, no AAAA record.",
    ],
    [
      [],
      "address-lookup-failed",
      "The address of kms1.corp.example could not be had: nobody could be asked.",
    ],
  ] as const)("lookups of case %# are %s", (answers, code, observed) => {
    expect(judged([], lookups(...answers))).toMatchObject({
      code,
      observed,
      because: "/endpoints/2/address",
    });
  });

  it.each([
    ["ECONNREFUSED", 53, unanswered("ECONNREFUSED"), /^nothing listens on port 53 of 10\.0\.0\.53/],
    ["ENETUNREACH", 53, unanswered("ENETUNREACH"), /^there is no route to 10\.0\.0\.53/],
    ["silence", 5353, unanswered("deadline"), /^port 5353 is filtered/],
    ["SERVFAIL", 53, refuses("SERVFAIL"), /^the resolver can't reach the zone/],
    ["REFUSED", 53, refuses("REFUSED"), /^its policy doesn't let this machine/],
    ["no DNS", 5353, malformed, /^what came over port 5353 of 10\.0\.0\.53/],
    ["nothing sent", 53, { outcome: "not-sent", errno: "EMFILE" }, /^this machine itself could not ask/],
    ["another error", 53, refuses("NOTIMP"), /^the resolver doesn't answer for that zone/],
  ] as const)(
    "%s at port %d has its own causes, and is asked again where it was",
    (_, port, answer, first) => {
      const asked = { by: "resolver", resolver: { ...resolver(), port }, exchange: exchange() } as const;
      const verdict = judged([], { address: addresses([], { lookups: [lookup(answer, { asked })] }) });
      expect(verdict.causes[0]).toMatch(first);
      expect(verdict.causes.join()).not.toContain("no resolver is known");
      expect(verdict.next.map(({ command }) => command)).toEqual([
        `dig @10.0.0.53 -p ${port} kms1.corp.example A; dig @10.0.0.53 -p ${port} kms1.corp.example AAAA`,
      ]);
    },
  );

  const local = {
    by: "resolver",
    resolver: { address: "127.0.0.53", port: 53 },
    exchange: exchange(),
  } as const;
  const deadStub = { lookups: [lookup(unanswered("ECONNREFUSED"), { asked: local })] };

  it("blames the stub of this machine where that refuses", () => {
    const verdict = judged([], { address: addresses([], deadStub) });
    expect(verdict.causes).toEqual([
      "the stub resolver of this machine doesn't run (systemd-resolved, dnsmasq, unbound), or listens elsewhere",
    ]);
    expect(verdict.next[0]?.command).toContain("systemctl status systemd-resolved");
  });

  it("blames this machine's configuration where that names no resolver", () => {
    const none = endpoint([], { address: addresses([], deadStub) });
    const { verdict } = judgeEndpoint(none, "", undefined, ["no-resolver"]);
    expect(verdict.certainty).toBe("certain");
    expect(verdict.causes).toEqual([expect.stringContaining("this machine names no resolver")]);
    expect(verdict.next.map(({ command }) => command)).toEqual(["cat /etc/resolv.conf; resolvectl dns"]);
  });

  it("asks by hand at the resolver that gave the address, and nobody where the hosts file did", () => {
    const null4 = { ...addresses([]), special: [{ address: "0.0.0.0", use: "unspecified" as const }] };
    const at = {
      by: "resolver",
      resolver: { address: "127.0.0.1", port: 5353 },
      exchange: exchange(),
    } as const;
    const file = { by: "hosts-file", path: "/etc/hosts" } as const;
    const steps = (asked: AddressLookup[]): (string | null)[] =>
      judged([], { address: { ...null4, lookups: asked } }).next.map(({ command }) => command);
    expect(steps([lookup(refuses("NXDOMAIN")), lookup(found(["0.0.0.0"]), { asked: at })])[0]).toBe(
      "dig @127.0.0.1 -p 5353 kms1.corp.example A; dig @127.0.0.1 -p 5353 kms1.corp.example AAAA",
    );
    expect(steps([lookup(found(["0.0.0.0"]), { asked: file })])[0]).toBeNull();
  });

  it("is not finished where a lookup was cut short", () => {
    expect(judged([], lookups(nodata, { outcome: "skipped", reason: "deadline" }))).toMatchObject({
      code: "run-cut-short",
      observed: "Not finished: the deadline for this address passed.",
      because: "/endpoints/2/address",
    });
  });

  it("has a target that is no host name", () => {
    expect(judged([], { address: addresses([], { validName: false }) }).code).toBe("address-invalid-target");
  });
});

describe("the verdict that got furthest", () => {
  const VALUES = {};
  const of = (...codes: Verdict["code"][]): Verdict["code"] | undefined =>
    bestOf(codes.map((code) => verdictOf(code, "", VALUES)))?.code;

  it.each([
    [["tcp-refused", "rpc-serves"], "rpc-serves"],
    [["endpoint-partly-serves", "rpc-serves"], "rpc-serves"],
    [["rpc-closed", "endpoint-partly-serves"], "endpoint-partly-serves"],
    [["address-none", "tcp-no-answer"], "tcp-no-answer"],
    [["rpc-reset", "tcp-no-answer"], "rpc-reset"],
    [["tcp-local-resources", "srv-nxdomain"], "srv-nxdomain"],
    [["run-cut-short", "tcp-local-resources"], "tcp-local-resources"],
    [["srv-nxdomain", "address-none"], "address-none"],
  ] as const)("of %j is %s, in either order", (codes, best) => {
    expect(of(...codes)).toBe(best);
    expect(of(...codes.toReversed())).toBe(best);
  });

  it("of nothing is nothing", () => {
    expect(bestOf([])).toBeNull();
  });
});
