import { describe, expect, it } from "vitest";
import type { AttemptEvidence, EndpointEvidence, Evidence } from "../../../src/model/evidence.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";
import { compareWithBaseline } from "../../../src/verify/baseline/compare.ts";
import type { Compared } from "../../../src/verify/baseline/compare.ts";
import { baselineSchema, readBaseline } from "../../../src/verify/baseline/file.ts";
import { observe } from "../../../src/verify/baseline/observe.ts";
import type { Observations } from "../../../src/verify/baseline/observe.ts";
import { countLook, settle, tallyOf, undecided } from "../../../src/verify/baseline/settle.ts";
import { baselineOf } from "../../../src/verify/baseline/write.ts";
import type { ClosedEvidence } from "../../../src/verify/model.ts";
import {
  connected,
  denies,
  domain,
  endpoint,
  isRefused,
  isServing,
  isSilent,
  list,
  listed,
  lists,
  record,
  resolver,
  says,
  serving,
  unanswered,
  unsent,
  zone,
} from "../verdict/builders.ts";
import { policyOf } from "./policies.ts";
import { closedAt, verificationIn } from "./worlds.ts";

const POLICY = policyOf("version: 1\ndomains: corp.example\n");
const NOISE = { ratio: 0.5, floorMs: 5 };

type Look = { targets: readonly Evidence[]; closed?: readonly ClosedEvidence[] };

function compared(before: Look, after: Look): Compared {
  const baseline = baselineOf(verificationIn(before, POLICY));
  return compareWithBaseline(baseline, seenIn(after), NOISE);
}

function seenIn(look: Look): Observations {
  const { report, closed } = verificationIn(look, POLICY);
  return observe({ report, closed, names: new Map() });
}

/** What is told, in one line each. */
function told(before: Look, after: Look): string[] {
  return compared(before, after).differences.map(
    ({ what, direction, about, before: old, after: now }) => `${direction} ${what} ${about}: ${old} → ${now}`,
  );
}

function answering(...samplesMs: number[]): Look {
  const answers = serving({ latency: { asked: samplesMs.length, samplesMs } });
  return { targets: [zone([listed(1, (over) => connected(answers, over))])] };
}

function at(...makes: ((over: Partial<AttemptEvidence>) => AttemptEvidence)[]): Look {
  return { targets: [zone(makes.map((make, index) => listed(index + 1, make)))] };
}

const KMS1 = "kms1.corp.example:1688 at 10.1.0.1";
const isOurs = (over: Partial<AttemptEvidence>): AttemptEvidence => unsent("EMFILE", over);

const moved = (address: string, make: typeof isServing): Look => ({
  targets: [list([endpoint([make({ address })])])],
});

const withSecond = (second: typeof isServing): Look => ({
  targets: [list([endpoint([isServing({ address: "10.1.0.1" }), second({ address: "10.1.0.2" })])])],
});

describe("a host since the baseline", () => {
  it.each([
    ["the same", at(isServing), at(isServing), []],
    ["fails", at(isServing), at(isSilent), [`worse host ${KMS1}: serves → no answer`]],
    ["serves again", at(isRefused), at(isServing), [`better host ${KMS1}: refused → serves`]],
    ["fails in another way", at(isRefused), at(isSilent), [`changed host ${KMS1}: refused → no answer`]],
    ["could not be looked at now", at(isServing), at(isOurs), []],
    ["could not be looked at then", at(isOurs), at(isSilent), []],
    [
      "is listed since, and serves",
      at(isServing),
      at(isServing, isServing),
      [
        "better host kms2.corp.example:1688 at 10.1.0.2: not there → serves",
        "changed listing corp.example at 10.0.0.53:53: lists kms1.corp.example:1688 → lists kms1.corp.example:1688, kms2.corp.example:1688",
      ],
    ],
    [
      "is listed since, and does not serve",
      at(isServing),
      at(isServing, isSilent),
      [
        "worse host kms2.corp.example:1688 at 10.1.0.2: not there → no answer",
        "changed listing corp.example at 10.0.0.53:53: lists kms1.corp.example:1688 → lists kms1.corp.example:1688, kms2.corp.example:1688",
      ],
    ],
  ])("%s", (_, before, after, lines) => {
    expect(told(before, after)).toEqual(lines);
  });

  it("counts what is as before, and what could not be compared", () => {
    expect(compared(at(isServing, isSilent), at(isServing, isSilent))).toMatchObject({
      unchanged: 3,
      notCompared: 0,
    });
    expect(compared(at(isServing, isServing), at(isServing, isOurs))).toMatchObject({
      unchanged: 2,
      notCompared: 1,
    });
    expect(compared({ targets: [list([named("10.1.0.9", isServing)])] }, { targets: [] })).toMatchObject({
      differences: [],
      notCompared: 1,
    });
  });

  it("names the step that belongs to what got worse, and points to it", () => {
    const [difference] = compared(at(isServing), at(isSilent)).differences;
    expect(difference?.next).toContainEqual(
      expect.objectContaining({ command: "permit tcp from 10.8.0.6 to 10.1.0.1 port 1688" }),
    );
    expect(difference?.pointer).toBe("/report/diagnoses/0/endpoints/0/attempts/0");
  });

  it("with other addresses is judged by whether it still serves", () => {
    expect(told(moved("10.1.0.1", isServing), moved("10.1.0.2", isServing))).toEqual([
      "changed host kms1.corp.example:1688: 10.1.0.1 serves → 10.1.0.2 serves",
    ]);
    expect(told(moved("10.1.0.1", isServing), moved("10.1.0.2", isSilent))).toEqual([
      "worse host kms1.corp.example:1688: 10.1.0.1 serves → 10.1.0.2 no answer",
    ]);
    expect(told(moved("10.1.0.1", isServing), { targets: [list([endpoint([])])] })).toEqual([
      expect.stringMatching(/^worse host kms1.corp.example:1688: 10.1.0.1 serves → no address /),
    ]);
  });

  it("that loses one address of two is told once", () => {
    expect(told(withSecond(isServing), withSecond(isSilent))).toEqual([
      "worse host kms1.corp.example:1688 at 10.1.0.2: serves → no answer",
    ]);
  });

  it("that two domains list is one host", () => {
    const twice: Look = {
      targets: [zone([listed(1, isServing)]), zone([listed(1, isServing)], { named: "branch.example" })],
    };
    const rows = observe({ ...verificationIn(twice, POLICY), names: new Map() }).hosts;
    expect(rows).toHaveLength(1);
  });
});

function named(host: string, make: typeof isServing): EndpointEvidence {
  return endpoint([make({ address: host })], { endpoint: { host, port: 1688 } });
}

describe("latency since the baseline", () => {
  it.each([
    ["the same", answering(10, 11, 12), answering(10, 11, 12), []],
    ["within the tolerance", answering(10, 10, 10), answering(14.9, 14.9, 14.9), []],
    ["beyond it, and within the floor", answering(1, 1, 1), answering(5, 5, 5), []],
    [
      "beyond both",
      answering(10, 10, 10),
      answering(16, 16, 16),
      [`worse latency ${KMS1}: RPC median 10 ms → RPC median 16 ms`],
    ],
    ["within the baseline's own spread", answering(10, 10, 40), answering(30, 30, 30), []],
    ["one slow sample", answering(10, 10, 10), answering(10, 10, 900), []],
    ["most of them slow, as on a busy machine", answering(10, 10, 10), answering(10, 900, 900), []],
    [
      "four of five slow",
      answering(10, 10, 10, 10),
      answering(10, 30, 30, 30, 30),
      [`worse latency ${KMS1}: RPC median 10 ms → RPC median 30 ms`],
    ],
    [
      "faster",
      answering(100, 100, 100),
      answering(10, 10, 10),
      [`better latency ${KMS1}: RPC median 100 ms → RPC median 10 ms`],
    ],
  ])("%s", (_, before, after, lines) => {
    expect(told(before, after)).toEqual(lines);
  });
});

const saying = (answer: Parameters<typeof says>[0], ...endpoints: EndpointEvidence[]): Look => ({
  targets: [domain([says(answer)], endpoints)],
});

describe("what DNS says since the baseline", () => {
  const [kms1, kms2] = [record("kms1.corp.example"), record("kms2.corp.example")];
  const both = (make: typeof isServing): Look =>
    saying(lists([kms1, kms2]), listed(1, isServing), listed(2, make));
  const WHERE = "corp.example at 10.0.0.53:53";

  it.each([
    [
      "a host that served is not listed any more",
      both(isServing),
      saying(lists([kms1]), listed(1, isServing)),
      [
        `worse listing ${WHERE}: lists kms1.corp.example:1688, kms2.corp.example:1688 → lists kms1.corp.example:1688`,
      ],
    ],
    [
      "a host that did not serve is not listed any more",
      both(isSilent),
      saying(lists([kms1]), listed(1, isServing)),
      [
        `better listing ${WHERE}: lists kms1.corp.example:1688, kms2.corp.example:1688 → lists kms1.corp.example:1688`,
      ],
    ],
    [
      "the zone is gone",
      both(isServing),
      saying(denies("NXDOMAIN")),
      [`worse listing ${WHERE}: lists kms1.corp.example:1688, kms2.corp.example:1688 → says NXDOMAIN`],
    ],
    [
      "the resolver does not answer",
      saying(lists([kms1]), listed(1, isServing)),
      saying(unanswered("deadline")),
      [`worse resolver ${WHERE}: lists kms1.corp.example:1688 → resolver does not answer`],
    ],
    [
      "the resolver answers again",
      saying(unanswered("deadline")),
      saying(denies("NXDOMAIN")),
      [`better resolver ${WHERE}: resolver does not answer → says NXDOMAIN`],
    ],
    [
      "this machine could not ask",
      saying(lists([kms1]), listed(1, isServing)),
      saying({ outcome: "not-sent", errno: "EMFILE" }),
      [],
    ],
  ])("%s", (_, before, after, lines) => {
    expect(told(before, after)).toEqual(lines);
  });
});

const closed = (said: Parameters<typeof closedAt>[0][string]): Look => ({
  targets: [],
  closed: closedAt({ "10.30.0.1:445": said }),
});

describe("what must stay closed, since the baseline", () => {
  it.each([
    ["deadline", "deadline", []],
    ["deadline", "connects", ["worse closed 10.30.0.1:445: no answer → accepts connections"]],
    ["connects", "ECONNREFUSED", ["better closed 10.30.0.1:445: accepts connections → refuses"]],
    ["deadline", "ECONNREFUSED", ["changed closed 10.30.0.1:445: no answer → refuses"]],
    ["deadline", { errno: "EMFILE" }, []],
  ] as const)("%s, then %j", (before, after, lines) => {
    expect(told(closed(before), closed(after))).toEqual(lines);
  });

  it("names the rule that would close it again", () => {
    const [difference] = compared(closed("deadline"), closed("connects")).differences;
    expect(difference?.next[0]?.command).toBe("deny tcp from 10.8.0.6 to 10.30.0.1 port 445");
  });
});

describe("two of three", () => {
  const worse = compared(at(isServing), at(isSilent));
  const fine = compared(at(isServing), at(isServing));
  const baseline = baselineOf(verificationIn(at(isServing), POLICY));

  /** What becomes of a host that failed in the first look, when these are the next ones. */
  function settled(...looks: Compared[]): { direction: string | undefined; looks: unknown; asked: number } {
    const tally = tallyOf(worse);
    let asked = 0;
    for (const look of looks) {
      const open = undecided(tally);
      if (open.length === 0) break;
      asked += 1;
      countLook(tally, open, look, seenIn(at(isServing)));
    }
    const [change] = settle(tally, baseline, "baseline.json").changes;
    return { direction: change?.direction, looks: change?.looks, asked };
  }

  it.each([
    ["worse again", [worse, worse], { direction: "worse", looks: { worse: 2, of: 2 }, asked: 1 }],
    ["fine, then worse", [fine, worse], { direction: "worse", looks: { worse: 2, of: 3 }, asked: 2 }],
    ["fine, then fine", [fine, fine], { direction: "flapping", looks: { worse: 1, of: 3 }, asked: 2 }],
    [
      "stopped before it could look again",
      [],
      { direction: "flapping", looks: { worse: 1, of: 1 }, asked: 0 },
    ],
  ])("%s", (_, looks, expected) => {
    expect(settled(...looks)).toEqual(expected);
  });

  /** A host that failed in the first look, and a second look at it. */
  function secondLook(first: Look, second: Look, before = at(isServing)): unknown {
    const tally = tallyOf(compared(before, first));
    countLook(tally, undecided(tally), compared(before, second), seenIn(second));
    return settle(tally, baseline, "baseline.json").changes.map(({ what, direction, looks }) => [
      what,
      direction,
      looks,
    ]);
  }

  it("does not take for a look what did not come to it", () => {
    const nobody = { targets: [zone([], { srv: [says(unanswered("deadline"))] })] };
    expect(secondLook(at(isSilent), nobody)).toEqual([["host", "flapping", { worse: 1, of: 1 }]]);
  });

  it("counts a host that is down as slow", () => {
    expect(secondLook(answering(90, 90, 90), at(isSilent), answering(3, 3, 3))).toEqual([
      ["latency", "worse", { worse: 2, of: 2 }],
    ]);
  });

  it("does not ask again for what got better or only changed", () => {
    const mixed = compared(at(isRefused, isRefused), at(isServing, isSilent));
    expect(mixed.differences.map(({ direction }) => direction)).toEqual(["better", "changed"]);
    expect(undecided(tallyOf(mixed))).toEqual([]);
  });

  it("puts what got worse first, and keeps no steps for what flaps", () => {
    const tally = tallyOf(compared(at(isRefused, isServing, isServing), at(isServing, isSilent, isSilent)));
    const [first] = undecided(tally);
    if (first === undefined) throw new Error("nothing is undecided");
    const seen = seenIn(at(isServing, isServing, isServing));
    countLook(tally, undecided(tally), { ...fine, differences: [first] }, seen);
    countLook(tally, undecided(tally), fine, seen);
    const { changes, file } = settle(tally, baseline, "baseline.json");
    expect(file).toBe("baseline.json");
    expect(changes.map(({ direction, about, next }) => [direction, about, next.length > 0])).toEqual([
      ["worse", "kms2.corp.example:1688 at 10.1.0.2", true],
      ["flapping", "kms3.corp.example:1688 at 10.1.0.3", false],
      ["better", "kms1.corp.example:1688 at 10.1.0.1", false],
    ]);
  });
});

describe("the file", () => {
  const baseline = baselineOf(
    verificationIn({ ...at(isServing, isSilent), closed: closedAt({ "10.30.0.1:445": "deadline" }) }, POLICY),
  );
  const text = JSON.stringify(baseline);

  it("is what its schema says, and is read back as it was", () => {
    expect(baselineSchema.parse(baseline)).toEqual(baseline);
    expect(readBaseline(text, "b.json", null)).toEqual(baseline);
  });

  it("has rows in one order, whatever the order of a run", () => {
    const turned = baselineOf(
      verificationIn(
        {
          targets: [zone([listed(2, isSilent), listed(1, isServing)])],
          closed: closedAt({ "10.30.0.1:445": "deadline" }),
        },
        POLICY,
      ),
    );
    expect(JSON.stringify(turned)).toBe(text);
  });

  it.each([
    ["", "b.json is not JSON: write a baseline with --write-baseline"],
    ["{}", "b.json is no baseline (schemaVersion: "],
    [JSON.stringify({ ...baseline, kind: "comparison" }), "b.json is no baseline (kind: "],
    [
      JSON.stringify({ ...baseline, hosts: [{ ...baseline.hosts[0], port: 0 }] }),
      "b.json is no baseline (hosts.0.port: ",
    ],
  ])("%# is refused", (wrong, message) => {
    expect(() => readBaseline(wrong, "b.json", null)).toThrow(UsageError);
    expect(() => readBaseline(wrong, "b.json", null)).toThrow(message);
  });

  it("of another place is no baseline for this one", () => {
    expect(() => readBaseline(text, "b.json", "vpn")).toThrow(
      "b.json was written at no place, and this is place 'vpn': write a baseline for each",
    );
  });

  it("keeps who was asked at which resolver apart", () => {
    const two: Look = {
      targets: [domain([says(lists([])), says(denies("NXDOMAIN"), { resolver: resolver(54) })], [])],
    };
    expect(baselineOf(verificationIn(two, POLICY)).listings.map((row) => row.resolver)).toEqual([
      "10.0.0.53:53",
      "10.0.0.54:53",
    ]);
  });
});
