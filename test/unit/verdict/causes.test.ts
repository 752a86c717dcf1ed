/** The eight usual causes: what each kind of evidence makes of them, and that nothing unseen is ever ruled out. */
import { describe, expect, it } from "vitest";
import { causeNames } from "../../../src/model/causes.ts";
import type { Cause } from "../../../src/model/causes.ts";
import type { Diagnosis } from "../../../src/model/diagnosis.ts";
import type { AttemptEvidence, Evidence, Target } from "../../../src/model/evidence.ts";
import type { Finding } from "../../../src/model/finding.ts";
import { causesOf } from "../../../src/verdict/causes.ts";
import { judge, judgeRun } from "../../../src/verdict/judge.ts";
import {
  addresses,
  CLIENT_TIMEOUT_MS,
  connected,
  controlled,
  denies,
  domain,
  endpoint,
  garbage,
  hungUp,
  isRefused,
  isServing,
  isSilent,
  list,
  listed,
  lists,
  lookup,
  nak,
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
  unsent,
  zone,
} from "./builders.ts";
import { resolvePointer } from "./pointer.ts";

function judged(...targets: Evidence[]): Diagnosis[] {
  return targets.map((evidence) => judge(evidence, CLIENT_TIMEOUT_MS));
}

function causeIn(diagnoses: readonly Diagnosis[], name: Cause["cause"]): Cause {
  const found = causesOf(diagnoses).find(({ cause }) => cause === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function state(name: Cause["cause"], ...targets: Evidence[]): Cause["state"] {
  return causeIn(judged(...targets), name).state;
}

/** A host that the zone lists, with this at its one address. */
const only = (attempt: AttemptEvidence): Evidence => zone([listed(1, () => attempt)]);
/** The same beside a host that serves. */
const beside = (attempt: AttemptEvidence): Evidence =>
  zone([listed(1, isServing), listed(2, () => ({ ...attempt, address: "10.1.0.2" }))]);

const ethernet = { address: "10.0.0.9", interface: "eth0", link: "ethernet", owner: null } as const;
const tunnel = { address: "10.8.0.6", interface: "tun0", link: "tunnel", owner: null } as const;
const fine = isServing({ via: ethernet });
const S = { out: "ruled-out", yes: "confirmed", may: "possible", blind: "not-visible-from-here" } as const;

describe("the list", () => {
  it("has the eight of them in their order, in every run", () => {
    for (const targets of [[], [only(fine)], [domain([], [])], [list([])]])
      expect(causesOf(judged(...targets)).map(({ cause }) => cause)).toEqual(causeNames);
  });

  it("is in what a run is judged to be", () => {
    const diagnoses = judged(only(fine));
    expect(judgeRun(diagnoses, "any").causes).toEqual(causesOf(diagnoses));
  });

  it("of nothing tried says nothing but what to do", () => {
    for (const cause of causesOf([])) {
      expect(cause).toMatchObject({ state: S.blind, pointer: null });
      expect(cause.step?.command).toMatch(/./);
    }
  });
});

/** What one attempt says of connectivity and of the host: alone, and beside a host that serves. */
const ATTEMPTS: [string, AttemptEvidence, Cause["state"], Cause["state"]][] = [
  ["a host that serves", fine, S.out, S.out],
  ["silence", isSilent({}), S.may, S.may],
  ["a refusal", isRefused({}), S.may, S.may],
  ["host unreachable", unconnected("EHOSTUNREACH", 3), S.may, S.may],
  ["net unreachable", unconnected("ENETUNREACH", 3), S.yes, S.blind],
  ["a firewall that says no", unconnected("EACCES", 3), S.yes, S.blind],
  ["a blackhole route here", unsent("EINVAL", { routeErrno: "EINVAL" }), S.yes, S.blind],
  ["no descriptors left here", unsent("EMFILE"), S.blind, S.blind],
  ["no address of that family here", unsent("EAFNOSUPPORT"), S.blind, S.blind],
  [
    "an interrupted run",
    connected(null, { tcp: { outcome: "skipped", reason: "interrupted" } }),
    S.blind,
    S.blind,
  ],
  ["TCP open, RPC silent", connected(rpc(silent(), { plain: plainBind(silent()) })), S.may, S.may],
  ["a close", connected(rpc(hungUp("closed"), { plain: plainBind(hungUp("closed")) })), S.may, S.may],
  ["another service, or a portal", connected(rpc(garbage("http"))), S.may, S.may],
  ["an RPC server without KMS", connected(rpc(rejected("2/1", "2/1", "3/3"))), S.out, S.yes],
  ["a bind_nak", connected(rpc(nak(2))), S.out, S.may],
  ["what accepts anything", connected(controlled("accepted")), S.may, S.may],
  [
    "a device that reads RPC",
    connected(serving({ bind: rpc(silent()).bind, plain: plainBind(serving().bind.answer) })),
    S.may,
    S.out,
  ],
];

/** What a host that serves leaves of a state: it makes up for any fault of another. */
function weaker(alone: Cause["state"]): Cause["state"] {
  if (alone === S.yes) return S.may;
  return alone === S.blind ? S.out : alone;
}

describe("connectivity and the host", () => {
  it.each(ATTEMPTS)("%s", (_, attempt, connectivity, host) => {
    expect([state("connectivity", only(attempt)), state("kms-host", only(attempt))]).toEqual([
      connectivity,
      host,
    ]);
  });

  it.each(ATTEMPTS)(
    "%s, beside a host that serves, is no more than possible",
    (_, attempt, connectivity, host) => {
      expect([state("connectivity", beside(attempt)), state("kms-host", beside(attempt))]).toEqual([
        weaker(connectivity),
        weaker(host),
      ]);
    },
  );

  it("count looks where two sources looked at the same addresses, and addresses where all is well", () => {
    const bad = beside(isRefused({}));
    const twice = [...judged(bad), ...judged(bad)];
    expect(causeIn(twice, "connectivity").evidence).toMatch(/^2 of 4 looks: 10\.1\.0\.2 port 1688 refused/);
    const well = [...judged(beside(isServing({}))), ...judged(beside(isServing({})))];
    expect(causeIn(well, "connectivity").evidence).toMatch(/^2 addresses answered RPC/);
  });

  it("say how much of it was seen, where, and the command for that address", () => {
    const diagnoses = judged(beside(isRefused({})));
    const cause = causeIn(diagnoses, "connectivity");
    expect(cause).toMatchObject({
      pointer: "/diagnoses/0/endpoints/1/attempts/0",
      step: { where: "client", command: "Test-NetConnection 10.1.0.2 -Port 1688" },
    });
    expect(cause.evidence).toMatch(/^1 of 2 addresses: 10\.1\.0\.2 port 1688 refused/);
  });

  it("don't count a family that this machine lacks, where the host serves by the other", () => {
    const both = endpoint([
      fine,
      unsent("ENETUNREACH", { address: "fd00::1", family: 6, routeErrno: "ENETUNREACH" }),
    ]);
    expect(state("connectivity", list([both]))).toBe(S.out);
  });

  it("put no name into a command that a shell could take for more", () => {
    const hostile = endpoint([isSilent({ address: "$(reboot)" })]);
    expect(causeIn(judged(list([hostile])), "connectivity").step?.command).toBe(
      "Test-NetConnection <kms host> -Port 1688",
    );
  });
});

const R54 = { resolver: resolver(54) };
const ONE = says(lists([record("kms1.corp.example")]));
const kms1 = listed(1, isServing);
const nameless = {
  ...kms1,
  attempts: [],
  address: addresses([], {
    lookups: [lookup(refuses("NXDOMAIN")), lookup(refuses("NXDOMAIN"), { family: 6 })],
  }),
};
const search = { suffixFrom: "/etc/resolv.conf", named: "example" };

describe("DNS", () => {
  it.each<[string, Evidence[], Cause["state"]]>([
    ["hosts, each with an address", [domain([ONE], [kms1])], S.out],
    ["hosts that are silent", [domain([ONE], [listed(1, isSilent)])], S.out],
    ["no such name", [domain([says(denies("NXDOMAIN"))], [])], S.yes],
    ["a resolver that fails", [domain([says(denies("SERVFAIL"))], [])], S.yes],
    ["a resolver that is silent", [domain([says(unanswered("deadline"))], [])], S.may],
    ["one of two silent", [domain([ONE, says(unanswered("deadline"), R54)], [kms1])], S.may],
    ["one of two without hosts", [domain([ONE, says(denies("NXDOMAIN"), R54)], [kms1])], S.may],
    ["a host without an address", [domain([ONE], [nameless])], S.may],
    [
      "a record that warns",
      [
        domain(
          [says(lists([record("kms1.corp.example"), record("kms1.corp.example", { weight: 1 })]))],
          [kms1],
        ),
      ],
      S.may,
    ],
    [
      "a suffix of a search list without hosts beside one with",
      [domain([ONE], [kms1]), domain([says(denies("NXDOMAIN"))], [], search)],
      S.out,
    ],
    ["only suffixes without hosts", [domain([says(denies("NXDOMAIN"))], [], search)], S.yes],
    [
      "no suffix at all",
      [{ ...domain([], []), target: { kind: "no-suffix", looked: ["/etc/resolv.conf"] } }],
      S.may,
    ],
    ["hosts given as addresses", [list([endpoint([fine])])], S.blind],
    ["a given name without an address", [list([nameless])], S.yes],
    [
      "a resolver that we could not ask",
      [domain([says({ outcome: "not-sent", errno: "EMFILE" })], [])],
      S.blind,
    ],
  ])("%s", (_, targets, expected) => {
    expect(state("dns", ...targets)).toBe(expected);
  });

  it("is settled on a client, under the domain that was asked", () => {
    const { step } = causeIn(judged(domain([says(denies("NXDOMAIN"))], [])), "dns");
    expect(step).toMatchObject({
      where: "client",
      command: "Resolve-DnsName -Type SRV _vlmcs._tcp.corp.example",
    });
  });
});

/** The diagnosis of a host that serves, with these findings. */
function withFindings(...codes: Finding["code"][]): Diagnosis[] {
  return judged(only(fine)).map((diagnosis) => ({
    ...diagnosis,
    findings: codes.map((code) => {
      return { code, severity: "warning", subject: "", observed: `seen: ${code}`, next: "", fix: null };
    }),
  }));
}

describe("the clock", () => {
  it.each<[Finding["code"][], Cause["state"]]>([
    [[], S.blind],
    [["clock-no-signal"], S.blind],
    [["clock-off"], S.may],
    [["clock-no-signal", "clock-own-off"], S.may],
    [["clock-signals-differ", "clock-beyond-four-hours"], S.yes],
  ])("with the findings %j is %s", (codes, expected) => {
    const cause = causeIn(withFindings(...codes), "clock");
    expect(cause.state).toBe(expected);
    expect(cause.step?.command).toBe("w32tm /stripchart /computer:kms1.corp.example /samples:3 /dataonly");
  });

  it.each([
    ["shown by every host", ["ok", "ok"], S.out],
    ["shown by one of two", ["ok", "no-answer"], S.blind],
  ] as const)("asked for and %s, without a finding", (_, answers, expected) => {
    const clocks = answers.map((outcome, index) => {
      const facts = {
        offsetMs: 5,
        uncertaintyMs: 1,
        at: "2026-01-02T03:04:05Z",
        roundTripMs: 1,
        detail: null,
      };
      const answer =
        outcome === "ok"
          ? ({ outcome, facts, elapsedMs: 1 } as const)
          : ({ outcome, cause: "deadline", elapsedMs: 1 } as const);
      return isServing({
        address: `10.1.0.${index + 1}`,
        clock: { readings: [{ by: "sntp", port: 123, answer }] },
      });
    });
    expect(state("clock", list(clocks.map((attempt) => endpoint([attempt]))))).toBe(expected);
  });
});

function through(attempt: AttemptEvidence): Evidence {
  return list([endpoint([{ ...attempt, via: tunnel }])]);
}

function past(attempt: AttemptEvidence): Evidence {
  return list([endpoint([{ ...attempt, via: ethernet }])]);
}

describe("the VPN", () => {
  const elsewhere = past(isServing({ address: "10.1.0.7" }));

  it.each<[string, Evidence[], Cause["state"]]>([
    ["nothing through a tunnel", [past(isServing({}))], S.blind],
    ["nothing through a tunnel, and silence", [past(isSilent({}))], S.blind],
    ["no way at all", [list([endpoint([unsent("ENETUNREACH")])])], S.blind],
    ["served through it", [through(isServing({}))], S.out],
    ["no KMS host behind it", [through(connected(rpc(rejected("2/1", "2/1", "3/3"))))], S.out],
    ["silence behind it", [through(isSilent({}))], S.may],
    ["silence behind it, and another host outside", [through(isSilent({})), elsewhere], S.may],
    ["silence behind it, and the same host outside", [through(isSilent({})), past(isServing({}))], S.yes],
    ["cut short", [through(connected(null, { tcp: { outcome: "skipped", reason: "deadline" } }))], S.blind],
  ])("%s", (_, targets, expected) => {
    expect(state("vpn", ...targets)).toBe(expected);
  });
});

describe("what shows elsewhere only", () => {
  it.each([
    ["activation-threshold", "slmgr.vbs /dlv"],
    ["host-key", "slmgr.vbs /dlv all"],
  ] as const)("%s is never seen from here, and has its command for the host", (name, command) => {
    for (const target of [only(fine), only(isSilent({})), domain([says(denies("NXDOMAIN"))], [])])
      expect(causeIn(judged(target), name)).toMatchObject({
        state: S.blind,
        step: { where: "kms-host", command },
      });
  });

  it("a crowd of hosts is pointed to under the threshold", () => {
    const crowd = judged(zone([1, 2, 3, 4].map((n) => listed(n, isServing))));
    const { pointer } = causeIn(crowd, "activation-threshold");
    expect(resolvePointer({ diagnoses: crowd }, pointer ?? "")).toMatchObject({ code: "lint-many-hosts" });
  });

  it("the client's settings are possible where this machine itself has no suffix", () => {
    const target: Target = { kind: "no-suffix", looked: [] };
    const cause = causeIn(judged({ ...domain([], []), target }), "client-configuration");
    expect(cause).toMatchObject({ state: S.may, pointer: "/diagnoses/0/target" });
    expect(state("client-configuration", only(fine))).toBe(S.blind);
  });
});
