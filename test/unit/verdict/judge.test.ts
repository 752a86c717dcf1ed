import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../../src/model/diagnosis.ts";
import type { SrvAnswer, SrvEvidence } from "../../../src/model/dns.ts";
import type { Evidence } from "../../../src/model/evidence.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { judge, judgeRun } from "../../../src/verdict/judge.ts";
import {
  CLIENT_TIMEOUT_MS,
  connected,
  controlled,
  denies,
  domain,
  endpoint,
  exchange,
  host,
  isRefused,
  isServing,
  isSilent,
  list,
  listed,
  lists,
  noSuffix,
  record,
  resolver,
  says,
  serving,
  unanswered,
  unconnected,
  unsent,
  zone,
} from "./builders.ts";

function judged(evidence: Evidence): Diagnosis {
  return judge(evidence, CLIENT_TIMEOUT_MS);
}

const V6 = { address: "fd00::1", family: 6 } as const;
const PARTLY = endpoint([connected(serving()), unconnected("ECONNREFUSED", 1, V6)], {
  endpoint: { host: "kms9.corp.example", port: 1688 },
});
const NO_SUFFIX = noSuffix("/etc/resolv.conf", "the host name");

describe("a domain with hosts", () => {
  it("serves for certain where all its hosts do", () => {
    const { verdict } = judged(zone([listed(1, isServing), listed(2, isServing)]));
    expect(verdict).toMatchObject({
      code: "rpc-serves",
      severity: "ok",
      because: "/endpoints/0/attempts/0/rpc/bind",
    });
  });

  it("serves where its hosts do, and one of them left the control unanswered", () => {
    const unsure = listed(1, (over) => connected(controlled("silent"), over));
    expect(judged(zone([unsure, listed(2, isServing)])).verdict.severity).toBe("ok");
  });

  it("is degraded where some hosts serve, and points to the first that does not", () => {
    const { verdict } = judged(zone([listed(1, isServing), listed(2, isSilent), listed(3, isRefused)]));
    expect(verdict).toMatchObject({
      code: "domain-partly-serves",
      because: "/endpoints/1",
      observed: "1 of 3 listed hosts serves.",
    });
  });

  it("is degraded where all hosts serve, one of them not at every address", () => {
    const { verdict } = judged(zone([listed(1, isServing), PARTLY]));
    expect(verdict).toMatchObject({
      code: "domain-partly-serves",
      because: "/endpoints/1",
      observed: "All 2 listed hosts serve, not all of them at every address.",
    });
  });

  it("is what its only host is", () => {
    expect(judged(zone([PARTLY])).verdict.code).toBe("endpoint-partly-serves");
    expect(judged(zone([listed(1, isRefused)])).verdict.code).toBe("tcp-refused");
  });

  it("is the host that got furthest where none serves", () => {
    const anything = listed(3, (over) => connected(controlled("accepted"), over));
    const { verdict } = judged(zone([listed(1, isRefused), listed(2, isSilent), anything]));
    expect(verdict).toMatchObject({
      code: "rpc-accepts-anything",
      because: "/endpoints/2/attempts/0/rpc/control",
    });
  });

  it("blames no host for what this machine lacks, where another host is reached", () => {
    const { verdict } = judged(zone([listed(1, (over) => unsent("EMFILE", over)), listed(2, isRefused)]));
    expect(verdict.code).toBe("tcp-refused");
  });
});

const unheard = (last: number): SrvAnswer => says(unanswered("deadline"), { resolver: resolver(last) });
const listing = (last: number): SrvAnswer =>
  says(lists([record("kms1.corp.example")]), { resolver: resolver(last) });

/** What a client waits for resolvers, where these are asked in this order. */
function waits(...srv: SrvAnswer[]): unknown {
  return judged(domain(srv, [listed(1, isServing)])).outlook?.resolverWaits;
}

describe("resolvers that do not say the same", () => {
  const other = { resolver: resolver(54) };
  const one = says(lists([record("kms1.corp.example")]));

  it("degrade a domain all of whose hosts serve", () => {
    const { verdict } = judged(domain([one, says(denies("NXDOMAIN"), other)], [listed(1, isServing)]));
    expect(verdict).toMatchObject({
      code: "srv-resolvers-disagree",
      serves: true,
      because: "/srv",
      observed:
        "The resolvers disagree about _vlmcs._tcp.corp.example: 10.0.0.53:53 lists kms1.corp.example:1688; 10.0.0.54:53 says NXDOMAIN.",
    });
  });

  it("come after a host that does not serve, where the believed one lists it", () => {
    const both = says(lists([record("kms1.corp.example"), record("kms2.corp.example")]));
    const two = says(lists([record("kms2.corp.example")]), other);
    const hosts = [listed(1, isServing), listed(2, isRefused)];
    expect(judged(domain([both, two], hosts)).verdict.code).toBe("domain-partly-serves");
    // A client that asks in this order never hears of kms2.
    expect(judged(domain([one, two], hosts)).verdict.code).toBe("srv-resolvers-disagree");
    expect(judged(domain([two, one], hosts)).verdict.code).toBe("tcp-refused");
  });

  it("fail a client whose first resolver says that there is none, and say where it would find some", () => {
    const hosts = [listed(1, isServing), listed(2, isServing)];
    const both = says(lists(hosts.map(({ endpoint: each }) => record(each.host))), other);
    const { verdict } = judged(domain([says(denies("NXDOMAIN")), both], hosts));
    expect(verdict).toMatchObject({
      code: "srv-nxdomain",
      serves: false,
      severity: "failed",
      because: "/srv/0",
    });
    expect(verdict.observed).toBe(
      "10.0.0.53:53 says NXDOMAIN: _vlmcs._tcp.corp.example does not exist. A client that asks 10.0.0.53:53 first finds no host; at 10.0.0.54:53 it would find 2.",
    );
    expect(verdict.causes).not.toContain("no KMS host publishes into corp.example");
    expect(verdict.refuted).toContainEqual({
      cause: "no KMS host publishes into corp.example",
      because: "/diagnoses/0/srv/1",
    });
    expect(verdict.next.map(({ text }) => text).join()).not.toMatch(/Publishing|add the record/);
  });

  it.each([denies("SERVFAIL"), denies("REFUSED"), unanswered("deadline"), unanswered("ECONNREFUSED")])(
    "let a client go on to the next where the first fails (case %#)",
    (failing) => {
      const { verdict, outlook } = judged(domain([says(failing), listing(54)], [listed(1, isServing)]));
      expect(verdict.serves).toBe(true);
      expect(outlook?.believed).toEqual(resolver(54));
    },
  );

  it("cost a client time where they stay silent, by its own system's schedule", () => {
    expect(waits(listing(53), unheard(54))).toEqual([]);
    expect(waits(unheard(53), listing(54))).toEqual([
      { system: "glibc", secondsLost: 5 },
      { system: "windows", secondsLost: 1 },
    ]);
    expect(waits(unheard(53), unheard(54), listing(55))).toEqual([
      { system: "glibc", secondsLost: 8 },
      { system: "windows", secondsLost: 2 },
    ]);
    // An error comes at once.
    expect(waits(says(denies("SERVFAIL")), listing(54))).toEqual([]);
  });

  it("do not matter where no host serves", () => {
    const { verdict } = judged(domain([one, says(denies("NXDOMAIN"), other)], [listed(1, isRefused)]));
    expect(verdict.code).toBe("tcp-refused");
  });

  it("do not disagree where one of them is silent", () => {
    const { verdict } = judged(domain([one, says(unanswered("deadline"), other)], [listed(1, isServing)]));
    expect(verdict.code).toBe("rpc-serves");
  });
});

describe("a domain without hosts", () => {
  const foreign = { exchange: exchange({ ignored: { source: 1, id: 0, question: 0, malformed: 0 } }) };
  const MALFORMED = { outcome: "malformed", fault: { at: 0, what: "too short" }, elapsedMs: 1 } as const;
  /** From the least to the most telling. */
  const ANSWERS = [
    ["run-cut-short", says({ outcome: "skipped", reason: "interrupted" })],
    ["srv-local-failure", says({ outcome: "not-sent", errno: "EMFILE" })],
    ["srv-resolver-unreachable", says(unanswered("ECONNREFUSED"))],
    ["srv-no-answer", says(unanswered("deadline"))],
    ["srv-malformed", says(MALFORMED)],
    ["srv-mismatched", says(MALFORMED, foreign)],
    ["srv-truncated", says(unanswered("deadline"), { exchange: exchange({ truncated: true }) })],
    ["srv-other-rcode", says(denies("NOTIMP"))],
    ["srv-refused", says(denies("REFUSED"))],
    ["srv-servfail", says(denies("SERVFAIL"))],
    ["srv-nxdomain", says(denies("NXDOMAIN"))],
    ["srv-nodata", says(denies("NOERROR", { nodata: true }))],
    ["srv-no-records", says(lists([]))],
    ["srv-not-offered", says(denies("NOERROR", { notOffered: true }))],
  ] as const;
  /** What ends a client's search: the first such answer is the one that it believes. */
  const ENDING = ANSWERS.slice(10);
  const FAILING = ANSWERS.slice(0, 10);
  const PAIRS = ANSWERS.slice(1, 11).map(([code, answer], index) => {
    const [less, before] = ANSWERS[index] ?? ANSWERS[0];
    return [code, less, answer, before] as const;
  });
  const second = { resolver: resolver(54) };

  it.each(PAIRS)("%s tells more than %s, whoever is asked first", (code, _, more, less) => {
    expect(judged(domain([more, { ...less, ...second }], [])).verdict).toMatchObject({
      code,
      because: "/srv/0",
    });
    expect(judged(domain([less, { ...more, ...second }], [])).verdict).toMatchObject({
      code,
      because: "/srv/1",
    });
  });

  it.each(ENDING)("%s ends a client's search: nobody asks the next resolver", (code, answer) => {
    for (const [, later] of ENDING) {
      const { verdict } = judged(domain([answer, { ...later, ...second }], []));
      expect(verdict).toMatchObject({ code, because: "/srv/0" });
    }
    for (const [, failing] of FAILING) {
      const { verdict } = judged(domain([failing, { ...answer, ...second }], []));
      expect(verdict).toMatchObject({ code, because: "/srv/1" });
    }
  });

  it("takes the first of two resolvers that say the same", () => {
    const both = [says(denies("NXDOMAIN")), says(denies("NXDOMAIN"), second)];
    expect(judged(domain(both, [])).verdict.observed).toContain("10.0.0.53:53");
  });

  it("says where it looked for a suffix", () => {
    expect(judged(NO_SUFFIX).verdict.observed).toBe(
      "This machine has no DNS suffix to look for KMS hosts under (looked at: /etc/resolv.conf, the host name).",
    );
  });
});

describe("the outlook of a domain", () => {
  it("counts a silent host's time-out, and none for a host that refuses", () => {
    const { outlook } = judged(zone([listed(1, isServing), listed(2, isSilent), listed(3, isRefused)]));
    expect(outlook?.clientTimeoutMs).toBe(21_000);
    const [view] = outlook?.views ?? [];
    expect(view?.models).toEqual([
      {
        model: "rfc2782",
        firstServes: 1 / 3,
        anyServes: true,
        expectedSecondsLost: 10.5,
        worstSecondsLost: 21,
      },
      {
        model: "random",
        firstServes: 1 / 3,
        anyServes: true,
        expectedSecondsLost: 10.5,
        worstSecondsLost: 21,
      },
    ]);
  });

  it("has one view for resolvers with the same list and another for each other list", () => {
    const same = [record("kms1.corp.example"), record("kms2.corp.example")];
    const { outlook } = judged(
      domain(
        [
          says(lists(same)),
          says(lists([record("kms2.corp.example")]), { resolver: resolver(54) }),
          says(lists(same.toReversed()), { resolver: resolver(55) }),
          says(denies("NXDOMAIN"), { resolver: resolver(56) }),
        ],
        [listed(1, isServing), listed(2, isRefused)],
      ),
    );
    expect(outlook?.views.map(({ resolvers }) => resolvers.map(({ address }) => address))).toEqual([
      ["10.0.0.53", "10.0.0.55"],
      ["10.0.0.54"],
    ]);
    expect(outlook?.views.map(({ models }) => models.map(({ firstServes }) => firstServes))).toEqual([
      [0.5, 0.5],
      [0, 0],
    ]);
  });

  it("leaves out listed hosts that were not probed", () => {
    const answer = says(lists([record("kms1.corp.example"), record("kms2.corp.example")]));
    const { outlook } = judged(domain([answer], [listed(1, isServing)]));
    expect(outlook?.views[0]?.hosts.map(({ endpoint: { host: name } }) => name)).toEqual([
      "kms1.corp.example",
    ]);
  });

  it.each([
    ["a list of hosts", host(connected(serving()))],
    ["a domain without hosts", domain([says(denies("NXDOMAIN"))], [])],
    ["no suffix", NO_SUFFIX],
  ])("is none for %s", (_, evidence) => {
    expect(judged(evidence).outlook).toBeNull();
  });
});

describe("what was required of the run", () => {
  const both = zone([listed(1, isServing), listed(2, isServing)]);
  const half = zone([listed(1, isServing), listed(2, isRefused)]);
  const none = zone([listed(1, isRefused), listed(2, isSilent)]);
  const empty = domain([says(denies("NXDOMAIN"))], [], { named: "dev.example" });
  const emptyHere = search(denies("NXDOMAIN"));
  const given = list([endpoint([connected(serving())]), PARTLY]);

  it.each([
    ["any", [both], 2, 2, true],
    ["any", [half], 1, 2, true],
    ["any", [none], 0, 2, false],
    ["any", [empty], 0, 0, false],
    ["any", [half, empty], 1, 2, true],
    ["all", [both], 2, 2, true],
    ["all", [half], 1, 2, false],
    ["all", [none], 0, 2, false],
    ["all", [empty], 0, 0, false],
    ["all", [both, empty], 2, 2, false],
    ["all", [both, emptyHere], 2, 2, true],
    ["all", [given], 2, 2, true],
    // kms1 is listed and given: one host.
    ["all", [both, given], 3, 3, true],
    [1, [half], 1, 2, true],
    [2, [half], 1, 2, false],
    [2, [both], 2, 2, true],
    [3, [both], 2, 2, false],
    // Under two suffixes a host is still one.
    [2, [both, half], 2, 2, true],
    [3, [both, half], 2, 2, false],
    ["any", [NO_SUFFIX], 0, 0, false],
    ["all", [NO_SUFFIX], 0, 0, false],
    ["all", [NO_SUFFIX, given], 2, 2, false],
    ["any", [], 0, 0, false],
    ["all", [], 0, 0, false],
  ] as const)("%s of %#: %j", (require, targets, serves, listedHosts, met) => {
    expect(judgeRun(targets.map(judged), require).requirement).toEqual({
      require,
      at: "each",
      serving: serves,
      listed: listedHosts,
      met,
      bySource: targets.length === 0 ? [] : [{ source: null, serving: serves, listed: listedHosts, met }],
    });
  });
});

/** A suffix of this machine under which no host is listed. */
function search(answer: SrvEvidence): Evidence {
  return domain([says(answer)], [], { named: "dev.example", suffixFrom: "/etc/resolv.conf (search)" });
}

function run(...targets: Evidence[]): Verdict {
  return judgeRun(targets.map(judged), "any").verdict;
}

describe("the run as a whole", () => {
  const good = zone([listed(1, isServing)]);
  const bad = zone([listed(2, isRefused)], { named: "dev.example" });

  it("is its one target, pointed to from the report", () => {
    expect(run(good)).toMatchObject({
      code: "rpc-serves",
      because: "/diagnoses/0/endpoints/0/attempts/0/rpc/bind",
    });
  });

  it.each([denies("NXDOMAIN"), denies("NOERROR", { nodata: true }), unanswered("deadline")])(
    "stays ok where another suffix of this machine has no hosts (case %#)",
    (answer) => {
      expect(run(search(answer), good)).toMatchObject({ code: "rpc-serves", severity: "ok" });
    },
  );

  it("is degraded where another domain that the user named has no hosts", () => {
    const named = domain([says(denies("NXDOMAIN"))], [], { named: "dev.example" });
    expect(run(good, named)).toMatchObject({
      code: "run-partly-serves",
      because: "/diagnoses/1",
      observed: "1 of 1 listed host serves, in 2 places looked at.",
    });
  });

  it("is degraded where a suffix of this machine lists a host that does not serve", () => {
    const here = {
      ...bad,
      target: { kind: "domain", domain: "dev.example", source: "the host name" },
    } as const;
    expect(run(good, here)).toMatchObject({
      code: "run-partly-serves",
      because: "/diagnoses/1",
      observed: "1 of 2 listed hosts serves, in 2 places looked at.",
    });
  });

  it("is degraded where a domain serves in part, and the other in full", () => {
    const half = zone([listed(3, isServing), listed(4, isRefused)]);
    expect(run(good, half)).toMatchObject({ code: "run-partly-serves", because: "/diagnoses/1" });
  });

  it("is the target that got furthest where none serves", () => {
    expect(run(search(denies("NXDOMAIN")), bad)).toMatchObject({
      code: "tcp-refused",
      because: "/diagnoses/1/endpoints/0/attempts/0/tcp",
    });
  });

  it("is not finished where nothing was looked at", () => {
    expect(run()).toMatchObject({ code: "run-cut-short", because: "/diagnoses" });
  });
});
