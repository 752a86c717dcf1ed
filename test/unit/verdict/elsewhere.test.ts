/** What one source saw is evidence for every other: causes that it refutes are struck, and what refutes them is named. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../../src/model/diagnosis.ts";
import type { AttemptEvidence, Evidence } from "../../../src/model/evidence.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { judgeAll, judgeRun } from "../../../src/verdict/judge.ts";
import { anyEvidence } from "./arbitrary.ts";
import {
  CLIENT_TIMEOUT_MS,
  connected,
  denies,
  domain,
  garbage,
  hungUp,
  isRefused,
  isServing,
  isSilent,
  listed,
  lists,
  record,
  rejected,
  resolver,
  rpc,
  saying,
  says,
  silent,
  unanswered,
  unconnected,
  zone,
} from "./builders.ts";
import { resolvePointer } from "./pointer.ts";
import { runs } from "../runs.ts";

type Make = (over: Partial<AttemptEvidence>) => AttemptEvidence;

const hangs: Make = (over) =>
  connected(
    rpc(silent({ state: "ESTABLISHED", unacknowledgedBytes: 0, retransmissions: 0, probesWindow: false })),
    over,
  );
const closes: Make = (over) => connected(rpc(hungUp("closed")), over);
const speaksHttp: Make = (over) => connected(rpc(garbage("http")), over);
const isAnother: Make = (over) => connected(rpc(rejected("2/1", "2/1")), over);
const unreachable: Make = (over) => unconnected("EHOSTUNREACH", 20, over);
const nobodyThere: Make = (over) => unconnected("EHOSTUNREACH", 3_100, over);

const viaOf = (source: string) => ({
  address: `10.7.${source.length}.9`,
  interface: source,
  link: "ethernet" as const,
  owner: null,
});

/** kms1 as each source sees it. */
function seenFrom(makes: Readonly<Record<string, Make>>): Diagnosis[] {
  return judgeAll(
    Object.entries(makes).map(([source, make]) => ({
      ...zone([listed(1, (over) => make({ ...over, via: viaOf(source) }))]),
      source,
    })),
    CLIENT_TIMEOUT_MS,
  );
}

/** The verdict at the second source, where the first sees it so. */
function besides(first: Make, second: Make): Verdict {
  const [, diagnosis] = seenFrom({ hq0: first, vpn0: second });
  if (diagnosis === undefined) throw new Error("two sources were given");
  return diagnosis.verdict;
}

const said = ({ causes }: Verdict): string => causes.join("\n");
const steps = ({ next }: Verdict): string => next.map(({ text }) => text).join("\n");

/** Ends each connection by itself. */
const resetsAtOnce: Make = (over) =>
  connected(rpc(hungUp("ECONNRESET"), { unprompted: { end: "reset", elapsedMs: 3 } }), over);

const anyPort: Make = (over) =>
  connected(rpc(silent()), { ...over, controlPort: { port: 1689, answer: "connected" } });

describe("silence at one source", () => {
  it("is not a host that is off, stopped or overloaded where it serves another", () => {
    const verdict = besides(isServing, isSilent);
    expect(verdict.causes).toEqual([
      "filtered on the path, without an answer",
      "filtered on the host, without an answer",
      "the answer finds no way back (routing, VPN without a return route)",
      "this machine's own firewall drops it",
    ]);
    expect(verdict.refuted).toEqual(
      [
        "nobody listens, and Windows Firewall's stealth mode hides that",
        "the host is off or its address belongs to nobody",
        "the host is overloaded: its queue of new connections is full",
      ].map((cause) => ({ cause, because: "/diagnoses/0/endpoints/0/attempts/0/rpc/bind" })),
    );
    expect(steps(verdict)).not.toMatch(/service listens|off by default/);
    expect(verdict.next[0]?.where).toBe("firewall");
  });

  it("is not a host that is off where it refuses another, and whether it listens is still to be seen", () => {
    const verdict = besides(isRefused, isSilent);
    expect(said(verdict)).not.toMatch(/host is off|stealth|overloaded/);
    expect(verdict.refuted.map(({ because }) => because)).toEqual(
      verdict.refuted.map(() => "/diagnoses/0/endpoints/0/attempts/0/tcp"),
    );
    expect(steps(verdict)).toContain("See whether the service listens");
  });

  it("stays as open as it was where the other is as silent", () => {
    const [alone] = seenFrom({ vpn0: isSilent });
    const verdict = besides(isSilent, isSilent);
    expect(verdict.causes).toEqual(alone?.verdict.causes);
    expect(verdict.refuted).toEqual([]);
  });

  it("is not refuted by a device that answers for every port", () => {
    expect(besides(anyPort, isSilent).refuted).toEqual([]);
  });

  it("is not a tunnel that leads nowhere, where a neighbour is reached through it", () => {
    const [diagnosis] = judgeAll([zone([listed(1, isSilent), listed(2, isServing)])], CLIENT_TIMEOUT_MS);
    const { causes = [], refuted = [] } = diagnosis?.endpoints[0]?.verdict ?? {};
    expect(causes.join()).not.toContain("leads nowhere");
    expect(refuted).toEqual([
      {
        cause:
          "the tunnel is up here and leads nowhere (its other end is gone or filtered, or doesn't take that network)",
        because: "/diagnoses/0/endpoints/1/attempts/0/rpc/bind",
      },
    ]);
  });
});

describe("another failure at one source, of a host that serves another", () => {
  it.each<[string, Make, RegExp, RegExp]>([
    [
      "a refusal",
      isRefused,
      /nothing listens|belongs to another/,
      /rejects with a TCP reset[^]*overlapping networks/,
    ],
    ["an unreachable host", unreachable, /says that the host doesn't answer/, /on this way the last router/],
    ["an address nobody has", nobodyThere, /no machine/, /gateway doesn't answer[^]*wrong place/],
    ["RPC that stays silent", hangs, /hangs|another service/, /lost on the way back/],
    ["a close", closes, /another service|doesn't know the KMS/, /access list/],
    ["another protocol", speaksHttp, /SRV record/, /proxy or captive portal[^]*overlapping/],
    [
      "an RPC server without KMS",
      isAnother,
      /isn't enabled|another RPC service/,
      /another machine than what serves/,
    ],
  ])("%s is not blamed on the service", (_, make, gone, left) => {
    const verdict = besides(isServing, make);
    expect(said(verdict)).not.toMatch(gone);
    expect(said(verdict)).toMatch(left);
    expect(steps(verdict)).not.toMatch(/service (listens|runs|hangs)|KMS host at all|Correct the port/);
    expect(verdict.refuted.map(({ cause }) => cause).join("\n")).toMatch(gone);
    expect(verdict.next.length).toBeGreaterThan(0);
  });
});

describe("a rule for certain remote addresses", () => {
  it.each<[string, Make]>([
    ["closes", closes],
    ["resets at once", resetsAtOnce],
  ])("is not looked for where TCP connects, and the peer %s", (_, make) => {
    for (const other of [make, isServing])
      expect(steps(besides(other, make))).not.toMatch(/remote addresses/);
    expect(steps(besides(isServing, isSilent))).toMatch(/remote addresses/);
  });
});

describe("steps after a bind that the peer acknowledged", () => {
  it("do not begin with a firewall that reads RPC: the bytes came through", () => {
    const [diagnosis] = seenFrom({ hq0: hangs });
    expect(diagnosis?.verdict.code).toBe("rpc-no-answer");
    expect(steps(diagnosis?.verdict ?? besides(hangs, hangs))).not.toContain("RPC inspection");
  });
});

describe("a suffix that one source is told nothing of", () => {
  it("has KMS hosts all the same, where another source is told of them", () => {
    const lists1 = says(lists([record("kms1.corp.example")]));
    const [, vpn] = judgeAll(
      [
        domain([lists1], [listed(1, isServing)], { source: "hq0" }),
        domain([says(denies("NXDOMAIN"))], [], { source: "vpn0" }),
      ],
      CLIENT_TIMEOUT_MS,
    );
    expect(vpn?.verdict.causes.join("\n")).not.toContain("no KMS host publishes");
    expect(vpn?.verdict.refuted[0]).toEqual({
      cause: "no KMS host publishes into corp.example",
      because: "/diagnoses/0/srv/0",
    });
    expect(steps(vpn?.verdict ?? besides(hangs, hangs))).not.toMatch(/Publishing|by hand/);
  });
});

const three = (source: string, ...makes: Make[]): Evidence => ({
  ...zone(makes.map((make, index) => listed(index + 1, make))),
  source,
});

describe("counting", () => {
  const all = three("hq0", isServing, isServing, isRefused);
  const none = three("vpn0", isSilent, isSilent, isSilent);

  it("is of hosts, at each source", () => {
    const { requirement, verdict } = judgeRun(judgeAll([all, none], CLIENT_TIMEOUT_MS), 2);
    expect(requirement).toEqual({
      require: 2,
      at: "each",
      serving: 2,
      listed: 3,
      met: false,
      bySource: [
        { source: "hq0", serving: 2, listed: 3, met: true },
        { source: "vpn0", serving: 0, listed: 3, met: false },
      ],
    });
    expect(verdict).toMatchObject({
      code: "run-partly-serves",
      because: "/requirement/bySource/1",
      observed: "hq0: 2 of 3 hosts serve; vpn0: 0 of 3.",
    });
  });

  it.each([
    ["any", false],
    ["all", false],
    [1, false],
  ] as const)("fails %s where one source has none", (require, met) => {
    expect(judgeRun(judgeAll([all, none], CLIENT_TIMEOUT_MS), require).requirement.met).toBe(met);
  });

  it("takes one source for enough where that is asked for", () => {
    const diagnoses = judgeAll([all, none], CLIENT_TIMEOUT_MS);
    expect(judgeRun(diagnoses, 2, "any").requirement.met).toBe(true);
    expect(judgeRun(diagnoses, 3, "any").requirement.met).toBe(false);
  });

  it("counts none where the resolver that is believed lists none", () => {
    const hosts = [listed(1, isServing)];
    const second = says(lists([record("kms1.corp.example")]), { resolver: resolver(54) });
    const diagnoses = judgeAll([domain([says(denies("NXDOMAIN")), second], hosts)], CLIENT_TIMEOUT_MS);
    expect(judgeRun(diagnoses, "any").requirement).toMatchObject({ serving: 0, listed: 0, met: false });
  });
});

const words = (verdict: Verdict): unknown => ({
  ...verdict,
  because: "",
  refuted: verdict.refuted.map(({ cause }) => cause),
});

/** What of a run does not depend on the order of its sources. */
function settled(diagnoses: readonly Diagnosis[]): unknown {
  const { requirement } = judgeRun(diagnoses, 2);
  return {
    requirement: {
      ...requirement,
      bySource: requirement.bySource.map((each) => JSON.stringify(each)).toSorted(),
    },
    looks: diagnoses
      .map(({ source, verdict, endpoints }) =>
        JSON.stringify([
          source,
          words(verdict),
          endpoints.map((host) => [
            words(host.verdict),
            host.attempts.map((attempt) => words(attempt.verdict)),
          ]),
        ]),
      )
      .toSorted(),
  };
}

const MAKES = [
  isServing,
  isSilent,
  isRefused,
  hangs,
  closes,
  speaksHttp,
  isAnother,
  unreachable,
  nobodyThere,
];
const anySource = fc.record({
  makes: fc.array(fc.constantFrom(...MAKES), { minLength: 1, maxLength: 4 }),
  from: fc.constantFrom("hq0", "vpn0", "branch0", "wg0"),
});
const runOf = (sources: readonly { makes: Make[]; from: string }[]): Evidence[] =>
  sources.map(({ makes, from }) => ({
    ...zone(makes.map((make, index) => listed(index + 1, make))),
    source: from,
  }));

describe("any run", { timeout: 60_000 }, () => {
  it("is judged the same in any order of its sources", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anySource, { selector: ({ from }) => from, maxLength: 4 }), (sources) => {
        const forth = judgeAll(runOf(sources), CLIENT_TIMEOUT_MS);
        const back = judgeAll(runOf(sources.toReversed()), CLIENT_TIMEOUT_MS);
        expect(settled(back)).toEqual(settled(forth));
      }),
      { seed: 1688, numRuns: runs(500) },
    );
  });

  it("never has a cause again that a source refutes, whoever else looks", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anySource, { selector: ({ from }) => from, minLength: 1, maxLength: 3 }),
        fc.array(fc.constantFrom(...MAKES), { minLength: 1, maxLength: 4 }),
        (sources, makes) => {
          const before = judgeAll(runOf(sources), CLIENT_TIMEOUT_MS);
          const after = judgeAll(runOf([...sources, { makes, from: "late0" }]), CLIENT_TIMEOUT_MS);
          before.forEach((diagnosis, target) => {
            diagnosis.endpoints.forEach((host, index) => {
              const [was, is] = [host.verdict, after[target]?.endpoints[index]?.verdict];
              // What was refuted stays so, what was a cause is one still or is refuted now.
              for (const { cause } of was.refuted) expect(is?.causes).not.toContain(cause);
              const known = [...(is?.causes ?? []), ...(is?.refuted ?? []).map(({ cause }) => cause)];
              expect(known).toEqual(expect.arrayContaining(was.causes));
              for (const { cause } of is?.refuted ?? []) expect(is?.causes).not.toContain(cause);
              expect([is?.code, is?.certainty, is?.serves]).toEqual([was.code, was.certainty, was.serves]);
            });
          });
        },
      ),
      { seed: 1689, numRuns: runs(500) },
    );
  });

  it("points to what refutes, and strikes nothing that nobody refutes", () => {
    const anyTargets = fc.array(anyEvidence, { minLength: 1, maxLength: 3 });
    // Of evidence that is put together by chance, one run in fifty has anything that refutes.
    const anyRun = fc.uniqueArray(anySource, { selector: ({ from }) => from, maxLength: 4 }).map(runOf);
    let seen = 0;
    fc.assert(
      fc.property(fc.oneof(anyTargets, anyRun), (targets) => {
        const diagnoses = judgeAll(targets, CLIENT_TIMEOUT_MS);
        for (const { endpoints, verdict } of diagnoses) {
          for (const { because } of [verdict, ...endpoints.map((host) => host.verdict)].flatMap(
            ({ refuted }) => refuted,
          )) {
            resolvePointer({ diagnoses }, because);
            seen += 1;
          }
        }
      }),
      { seed: 1691, numRuns: runs(6_000) },
    );
    expect(seen).toBeGreaterThan(20);
  }, 60_000);
});

describe("a resolver that is silent to one source, and answers another", () => {
  const unheard: Evidence = {
    ...domain(
      [says(unanswered("deadline"), { exchange: { ...saying(), said: null, from: "10.7.4.9" } })],
      [],
    ),
    source: "vpn0",
  };
  const [, diagnosis] = judgeAll(
    [{ ...zone([listed(1, isServing)]), source: "hq0" }, unheard],
    CLIENT_TIMEOUT_MS,
  );

  it("is not off: what it said is what refutes that", () => {
    expect(diagnosis?.verdict.code).toBe("srv-no-answer");
    expect(diagnosis?.verdict.causes.join()).not.toContain("is off");
    expect(diagnosis?.verdict.refuted).toEqual([
      {
        cause: "the resolver's machine is off, or its address belongs to nobody",
        because: "/diagnoses/0/srv/0",
      },
    ]);
  });

  it("is asked by hand from the source that it is silent to, and a rule names that source", () => {
    const commands = diagnosis?.verdict.next.map(({ command }) => command);
    expect(commands).toContain("dig @10.0.0.53 -p 53 -b 10.7.4.9 . NS +tries=1");
    expect(commands).toContain("permit udp and tcp from 10.7.4.9 to 10.0.0.53 port 53");
  });
});
