import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import {
  EXIT,
  exitCodeOf,
  exitCodeOfMerge,
  exitCodeOfReport,
  exitCodeOfSweep,
  exitCodeOfVerification,
  exitCodeOfWatch,
} from "../../../src/cli/exit.ts";
import type { AddressEvidence, AddressLookup } from "../../../src/model/dns.ts";
import type { EndpointEvidence, Evidence } from "../../../src/model/evidence.ts";
import type { Requirement } from "../../../src/model/settings.ts";
import { assemble } from "../../../src/sweep/assemble.ts";
import type { SweepLine } from "../../../src/sweep/model.ts";
import { createWatchState } from "../../../src/watch/state.ts";
import { CannotRun, UsageError } from "../../../src/targets/usage-error.ts";
import { judgeEndpoint } from "../../../src/verdict/endpoint.ts";
import { scenes, reportOf } from "../report/check/scenes.ts";
import { end, line, nameless, net, permitted, plan, start } from "../sweep/builders.ts";
import { isoOf, lookInto } from "../watch/rounds.ts";
import {
  addresses,
  connected,
  denies,
  domain,
  endpoint,
  exchange,
  host,
  isRefused,
  isServing,
  list,
  listed,
  lookup,
  noSuffix,
  refuses,
  resolver,
  saying,
  says,
  serving,
  unanswered,
  unconnected,
  unsent,
  zone,
} from "../verdict/builders.ts";

const SERVES = zone([listed(1, isServing)]);
const NO_ROUTE = unconnected("ENETUNREACH", 1, { routeErrno: "ENETUNREACH", via: null });
const OPEN_AND_REFUSED = zone([listed(1, (over) => unsent("EMFILE", over)), listed(2, isRefused)]);
const OPEN_AND_SERVING = zone([listed(1, (over) => ({ ...NO_ROUTE, ...over })), listed(2, isServing)]);

/** A name whose resolver was sent so many questions, and gave no answer. */
function lookedUp(tries: number): AddressEvidence {
  const asked = { by: "resolver", resolver: resolver(), exchange: exchange({ tries }) } as const;
  return addresses([], {
    lookups: [lookup(unanswered(tries === 0 ? "EHOSTUNREACH" : "deadline"), { asked })],
  });
}

/** A host whose name a server has nothing to say of, which lists it itself unless the host was named. */
function foreign(
  answer: AddressLookup["answer"],
  { named = false, referral = null }: { named?: boolean; referral?: string | null } = {},
): EndpointEvidence {
  const asked = {
    by: "resolver",
    resolver: resolver(),
    exchange: saying({ soa: null, referral }),
  } as const;
  const listedBy = named ? [] : [{ resolver: resolver(), priority: 0, weight: 0, ttlSeconds: 600 }];
  return endpoint([], { listedBy, address: addresses([], { lookups: [lookup(answer, { asked })] }) });
}

const HALF = zone([listed(1, isServing), listed(2, isRefused)]);

describe("the exit code of a report", () => {
  it.each<[string, Evidence[], Requirement, number]>([
    ["every host serves", [SERVES], "any", 0],
    ["every host serves, all required", [SERVES], "all", 0],
    ["one of two serves", [HALF], "any", 0],
    ["one of two serves, all required", [HALF], "all", 1],
    ["one of two serves, one required", [HALF], 1, 0],
    ["one of two serves, two required", [HALF], 2, 1],
    ["a given host serves", [host(connected(serving()))], "any", 0],
    ["a given host refuses", [host(unconnected("ECONNREFUSED", 1))], "any", 1],
    ["a given host is silent", [host(unconnected("deadline", 4_000))], "any", 1],
    ["no host is listed", [domain([says(denies("NXDOMAIN"))], [])], "any", 1],
    ["a domain serves and another lists nobody", [SERVES, domain([says(denies("NXDOMAIN"))], [])], "any", 0],
    ["the resolver is silent", [domain([says(unanswered("deadline"))], [])], "any", 1],
    ["this machine could not ask", [domain([says({ outcome: "not-sent", errno: "EMFILE" })], [])], "any", 3],
    ["this machine ran out", [host(unsent("EMFILE"))], "any", 3],
    [
      "this machine has no such address",
      [host(unsent("EADDRNOTAVAIL", { routeErrno: "EADDRNOTAVAIL" }))],
      "any",
      3,
    ],
    ["this machine has a blackhole route", [host(unsent("EINVAL", { routeErrno: "EINVAL" }))], "any", 3],
    ["this machine has no route", [host(NO_ROUTE)], "any", 3],
    ["a router has no route", [host(unconnected("ENETUNREACH", 20))], "any", 1],
    ["this machine may not connect", [host(unconnected("EACCES", 1))], "any", 3],
    ["over IPv6, a firewall may say so, too", [host(unconnected("EACCES", 1, { family: 6 }))], "any", 1],
    [
      "there is no IPv6 here, and IPv4 is refused",
      [list([endpoint([{ ...NO_ROUTE, family: 6 }, isRefused({})])])],
      "any",
      1,
    ],
    [
      "one of two addresses of a family has no route, and the other is refused",
      [list([endpoint([NO_ROUTE, isRefused({})])])],
      "any",
      3,
    ],
    ["this machine ran out at one host, and another refuses", [OPEN_AND_REFUSED], "any", 3],
    ["so of two hosts, both required", [OPEN_AND_REFUSED], "all", 1],
    ["so of two hosts, two required", [OPEN_AND_REFUSED], 2, 1],
    ["one serves and one has no route, two required", [OPEN_AND_SERVING], 2, 3],
    ["one serves and one has no route, all required", [OPEN_AND_SERVING], "all", 3],
    ["one serves and one has no route, three required", [OPEN_AND_SERVING], 3, 1],
    ["one serves and one has no route", [OPEN_AND_SERVING], "any", 0],
    ["this machine has no DNS suffix", [noSuffix("/etc/resolv.conf")], "any", 3],
    [
      "there is no way to the resolver",
      [domain([says(unanswered("ENETUNREACH", 1), { exchange: exchange({ tries: 0 }) })], [])],
      "any",
      3,
    ],
    ["a router has no way to it", [domain([says(unanswered("ENETUNREACH", 30))], [])], "any", 1],
    ["the name of a host can't be asked", [list([endpoint([], { address: lookedUp(0) })])], "any", 3],
    ["nobody answers for the name of a host", [list([endpoint([], { address: lookedUp(3) })])], "any", 1],
    ["who lists a host refuses its name", [list([foreign(refuses("REFUSED"))])], "any", 3],
    ["who lists a host fails for its name", [list([foreign(refuses("SERVFAIL"))])], "any", 1],
    ["who was named refuses a host's name", [list([foreign(refuses("REFUSED"), { named: true })])], "any", 1],
    ["a host's name is referred", [list([foreign(refuses("NOERROR", true), { referral: "." })])], "any", 3],
    ["the deadline passed", [host(connected(null))], "any", 3],
    ["no resolver is known", [domain([], [])], "any", 3],
    ["nothing was looked at", [], "any", 3],
  ])("where %s", (_, targets, require, code) => {
    expect(exitCodeOfReport(reportOf(targets, { require }))).toBe(code);
  });

  it.each([[[SERVES]], [[HALF]], [[]]])(
    "is 130 where it was interrupted, whatever is known (case %#)",
    (targets) => {
      expect(exitCodeOfReport(reportOf(targets, { interrupted: true }))).toBe(130);
    },
  );

  it("is told by the golden reports", () => {
    const codes = Object.entries(scenes).map(([name, report]) => [name, exitCodeOfReport(report)]);
    expect(codes).toEqual([
      ["all-serving", 0],
      ["readme", 0],
      ["mixed", 3],
      ["nothing-listed", 1],
      ["resolvers-disagree", 0],
      ["two-sources", 1],
      ["wrong-resolver-first", 1],
      ["interrupted", 130],
      ["hostile-names", 0],
      ["no-suffix", 3],
    ]);
  });
});

function begin(count = 1, index = 1): SweepLine {
  return start({ plan: plan({ addresses: 10 * count }), shard: { index, count } });
}

const REFUSES = host(unconnected("ECONNREFUSED", 1));

function fromSource(source: string, evidence: Evidence): Evidence {
  return { ...evidence, source };
}

describe("the exit code of a watch", () => {
  it.each<[string, Evidence[], number]>([
    ["a host serves at the end", [SERVES], 0],
    ["one of two serves", [HALF], 0],
    ["none does", [REFUSES], 1],
    ["no host is listed", [domain([says(denies("NXDOMAIN"))], [])], 1],
    ["there is no way to the only host", [host(NO_ROUTE)], 3],
    ["this machine has no DNS suffix", [noSuffix("/etc/resolv.conf")], 3],
    ["nothing was looked at", [], 3],
    ["each of two sources has a host that serves", [fromSource("hq0", SERVES), fromSource("vpn0", HALF)], 0],
    ["one of two sources has none", [fromSource("hq0", SERVES), fromSource("vpn0", REFUSES)], 1],
    [
      "one of two sources has no way to it",
      [fromSource("hq0", SERVES), fromSource("vpn0", host(NO_ROUTE))],
      3,
    ],
  ])("where %s", (_, evidence, code) => {
    const state = createWatchState(2_000, () => {});
    lookInto(state, evidence, { at: isoOf(0), nowMs: 0 });
    expect(exitCodeOfWatch(state.hosts())).toBe(code);
  });
});

describe("the exit code of a sweep", () => {
  const counts = { "rpc-serves": 1, "tcp-no-answer": 9 } as const;
  const done = end([net("10.1.0.0/24", counts)]);
  const warned = { ...done, permitted: [permitted("10.9.9.9")] };
  const noted = { ...done, permitted: [permitted("10.1.0.1"), permitted("10.1.0.0/24")] };
  const stopped = { ...done, interrupted: true };
  const half = { ...stopped, covered: 5 };
  const shard = { ...done, shard: { index: 1, count: 2 } };
  const found = line("10.1.0.1");
  const unroutable = { ...end([net("10.1.0.0/24", { "tcp-net-unreachable": 10 })]), unsent: 10 };
  const nothing = start({ plan: plan({ addresses: 0 }) });
  const nobody = { ...end([]), planned: 0 };
  const named = endpoint([], { endpoint: { host: "kms.test", port: 1688 }, address: lookedUp(0) });
  const unasked: SweepLine = { type: "endpoint", names: ["kms.test"], ...judgeEndpoint(named, "") };

  it.each<[string, SweepLine[], { sweep: number; merge: number }]>([
    ["a host serves", [begin(), found, done], { sweep: 0, merge: 0 }],
    ["none serves", [begin(), line("10.1.0.1", "rpc-closed"), done], { sweep: 1, merge: 1 }],
    ["a host serves and is not permitted", [begin(), found, warned], { sweep: 1, merge: 1 }],
    ["a host serves and is permitted", [begin(), found, noted], { sweep: 0, merge: 0 }],
    ["it was interrupted", [begin(), found, half], { sweep: 130, merge: 3 }],
    ["it was interrupted when all was looked at", [begin(), found, stopped], { sweep: 130, merge: 0 }],
    ["it ended early", [begin(), found, { ...half, interrupted: false }], { sweep: 3, merge: 3 }],
    ["it was killed", [begin(), found], { sweep: 3, merge: 3 }],
    ["nothing left this machine", [begin(), unroutable], { sweep: 3, merge: 3 }],
    ["at some addresses nothing did", [begin(), { ...unroutable, unsent: 9 }], { sweep: 1, merge: 1 }],
    ["of a name no address could be asked for", [nothing, nobody, unasked], { sweep: 3, merge: 3 }],
    ["a name has no address", [nothing, nobody, nameless("kms.test")], { sweep: 1, merge: 1 }],
    ["a shard is done, and the other elsewhere", [begin(2), found, shard], { sweep: 0, merge: 3 }],
    ["a shard is done and finds nothing", [begin(2), shard], { sweep: 1, merge: 3 }],
    [
      "a shard is done, and the other was killed",
      [begin(2), begin(2, 2), found, shard],
      { sweep: 3, merge: 3 },
    ],
  ])("where %s", (_, lines, codes) => {
    const report = assemble(lines);
    expect({ sweep: exitCodeOfSweep(report), merge: exitCodeOfMerge(report) }).toEqual(codes);
  });
});

it("is 3 of a merge where a line can't be read: what it said is not known", () => {
  const report = assemble([begin(), line("10.1.0.1"), end([net("10.1.0.0/24", { "rpc-serves": 1 })])]);
  expect([exitCodeOfMerge(report, 0), exitCodeOfMerge(report, 1)]).toEqual([exitCodeOfSweep(report), 3]);
});

function told(error: unknown): { code: number; printed: string } {
  let printed = "";
  const code = exitCodeOf(error, (text) => (printed += text));
  return { code, printed };
}

describe("the exit code of a verification", () => {
  it.each([
    ["met", false, 0],
    ["warned", false, 0],
    ["failed", false, 1],
    ["error", false, 3],
    ["failed", true, 130],
  ] as const)("that ended as %s (interrupted: %s) is %d", (outcome, interrupted, code) => {
    expect(exitCodeOfVerification({ outcome }, interrupted)).toBe(code);
  });
});

describe("the exit code of what was thrown", () => {
  it.each([
    ["commander.help", 0, 0],
    ["commander.version", 0, 0],
    ["commander.unknownOption", 1, 2],
    ["commander.invalidArgument", 1, 2],
    ["commander.help", 1, 2],
  ])("%s with %d is %d, and commander has said why", (name, own, code) => {
    expect(told(new CommanderError(own, name, "said"))).toEqual({ code, printed: "" });
  });

  it("is 2 for a mistake in the usage, in one line", () => {
    expect(told(new UsageError("'x' is not a host"))).toEqual({
      code: 2,
      printed: "kmsprobe: 'x' is not a host\n",
    });
  });

  it("is 3 for what this machine can't do now, in one line", () => {
    expect(told(new CannotRun("can't write report.json (ENOSPC): no space"))).toEqual({
      code: 3,
      printed: "kmsprobe: can't write report.json (ENOSPC): no space\n",
    });
  });

  it("is 3 for anything else, with the stack and the wish to be told", () => {
    const { code, printed } = told(new TypeError("x is not a function"));
    expect(code).toBe(3);
    expect(printed).toMatch(
      /^kmsprobe \d+\.\d+\.\d+ failed by a mistake of its own; please report it with this text:\nTypeError: x is not a function\n {4}at /,
    );
  });

  it.each(["text", null, undefined, 42])("is 3 for %j, which is no error at all", (thrown) => {
    const { code, printed } = told(thrown);
    expect(code).toBe(3);
    expect(printed.endsWith(`\n${String(thrown)}\n`)).toBe(true);
  });
});

describe("the exit codes", () => {
  it("are the public contract", () => {
    expect(EXIT).toEqual({ ok: 0, wouldNotServe: 1, usage: 2, couldNotRun: 3, interrupted: 130 });
  });
});
