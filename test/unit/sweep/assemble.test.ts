import { describe, expect, it } from "vitest";
import { assemble, createAssembly } from "../../../src/sweep/assemble.ts";
import { sweepReportSchema } from "../../../src/sweep/model.ts";
import type { SweepLine, SweepReport } from "../../../src/sweep/model.ts";
import {
  end,
  line,
  many,
  measured,
  middlebox,
  nameless,
  net,
  permitted,
  plan,
  published,
  start,
} from "./builders.ts";

/** Assembled forwards and backwards, which must be the same, and held to the schema. */
function report(...lines: SweepLine[]): SweepReport {
  const found = assemble(lines);
  expect(assemble(lines.toReversed())).toEqual(found);
  expect(sweepReportSchema.parse(found)).toEqual(found);
  return found;
}

const placesOf = ({ hosts }: SweepReport): string[] =>
  hosts.map(({ attempts, endpoint }) => `${attempts[0]?.address ?? endpoint.host} ${endpoint.port}`);

describe("hosts", () => {
  it("stand in the order of their addresses, then ports; names without an address come last", () => {
    const found = report(
      start(),
      nameless("kms9.corp.example"),
      line("fd00::1"),
      line("10.1.0.10"),
      line("10.1.0.9", "rpc-closed", { port: 1700 }),
      line("10.1.0.9"),
    );
    expect(placesOf(found)).toEqual([
      "10.1.0.9 1688",
      "10.1.0.9 1700",
      "10.1.0.10 1688",
      "fd00::1 1688",
      "kms9.corp.example 1688",
    ]);
    expect(found.serving).toBe(3);
  });

  it.each([
    ["one that serves before one that does not", "rpc-serves", "rpc-closed", "rpc-serves"],
    ["a later layer before an earlier", "tcp-refused", "rpc-closed", "rpc-closed"],
    ["anything before what was not finished", "run-cut-short", "tcp-no-answer", "tcp-no-answer"],
  ] as const)("seen twice are one: %s", (_, first, second, kept) => {
    const found = report(start(), line("10.1.0.1", first), line("10.1.0.1", second));
    expect(found.hosts.map(({ verdict }) => verdict.code)).toEqual([kept]);
    expect(found.serving).toBe(kept === "rpc-serves" ? 1 : 0);
  });

  it("keep every name they were given", () => {
    const [host] = report(
      start(),
      line("10.1.0.1", "rpc-closed", { names: ["b.example", "a.example"] }),
      line("10.1.0.1", "rpc-serves", { names: ["c.example", "a.example"] }),
    ).hosts;
    expect(host?.names).toEqual(["a.example", "b.example", "c.example"]);
  });

  it("seen twice alike are one of the two, and always the same one", () => {
    const slow = line("10.1.0.1");
    const quick = { ...slow, verdict: { ...slow.verdict, observed: "another time" } };
    const quiet = measured("10.1.0.1");
    const later = { ...quiet, quiet: { ...quiet.quiet, tcpMs: [7, 8, 9] } };
    expect(report(start(), slow, quick, quiet, later).hosts).toHaveLength(1);
  });

  it("have their figures, the fuller ones where there are two", () => {
    const few = measured("10.1.0.1");
    const more = measured("10.1.0.1", { quiet: { ...few.quiet, tcpMs: [1, 2, 3, 4] } });
    const found = report(start(), line("10.1.0.1"), line("10.1.0.2"), few, more, measured("10.1.0.3"));
    expect(found.hosts.map(({ quiet }) => quiet?.tcpMs)).toEqual([[1, 2, 3, 4], undefined]);
    expect(found.hosts[1]).toMatchObject({ quiet: null, fingerprint: null });
  });
});

function limited(limit: number, given: readonly SweepLine[]): { found: SweepReport; notes: string[] } {
  const assembly = createAssembly(limit);
  expect(given.filter((each) => assembly.add(each) !== null)).toEqual([]);
  return { found: assembly.report(), notes: assembly.notes() };
}

describe("hosts beyond the limit", () => {
  const counts = { "rpc-closed": 30, "rpc-serves": 2, "tcp-refused": 20 } as const;
  const lines = [
    start(),
    ...many("10.1.1", 20, "tcp-refused"),
    ...many("10.1.2", 30, "rpc-closed"),
    line("10.1.3.1"),
    line("10.1.3.2"),
    line("10.1.1.99", "tcp-no-answer", { names: ["kms1.corp.example"] }),
    end([net("10.1.0.0/16", counts)]),
  ];

  it("are the ones least missed: those that serve stay, then named ones and those that connect, the lowest first", () => {
    for (const given of [lines, lines.toReversed()]) {
      const { found } = limited(5, given);
      expect(placesOf(found)).toEqual([
        "10.1.1.99 1688",
        "10.1.2.1 1688",
        "10.1.2.2 1688",
        "10.1.2.3 1688",
        "10.1.2.4 1688",
        "10.1.3.1 1688",
        "10.1.3.2 1688",
      ]);
      expect(found.serving).toBe(2);
    }
  });

  it("are counted, as far as they connect, and a note tells", () => {
    const { found, notes } = limited(5, lines);
    expect(found.hostsDropped).toBe(26);
    expect(notes).toEqual([expect.stringContaining("more than 5 addresses that do not serve have a line")]);
    const all = limited(1_000, lines);
    expect(all.found.hostsDropped).toBe(0);
    expect(all.notes).toEqual([]);
  });

  it("number 10,000 in a report", () => {
    // One is judged, and the others are what would come of them.
    const one = JSON.stringify(line("10.9.9.9", "rpc-closed"));
    const hosts = Array.from({ length: 10_050 }, (_, at): SweepLine =>
      JSON.parse(one.replaceAll("10.9.9.9", `10.${1 + (at >> 8)}.0.${at & 255}`)),
    );
    const found = assemble([start(), line("10.0.0.1"), ...hosts.toReversed()]);
    expect(found.hosts).toHaveLength(10_001);
    expect(found.hostsDropped).toBe(50);
    expect(placesOf(found).slice(0, 3)).toEqual(["10.0.0.1 1688", "10.1.0.0 1688", "10.1.0.1 1688"]);
  });
});

describe("counts", () => {
  const first = { index: 1, count: 2 };
  const second = { index: 2, count: 2 };

  it("are added up over shards, and made totals", () => {
    const found = report(
      start({ shard: first }),
      start({ shard: second }),
      end([net("10.1.0.0/24", { "rpc-serves": 1, "tcp-refused": 3 }, { planned: 9 })], { shard: first }),
      end(
        [
          net("10.1.0.0/24", { "tcp-refused": 2, "tcp-no-answer": 3 }, { planned: 9 }),
          net("9.1.0.0/24", { "tcp-no-answer": 7 }),
        ],
        { shard: second },
      ),
    );
    expect(found.subnets).toEqual([
      { subnet: "9.1.0.0/24", port: 1688, planned: 7, covered: 7, counts: { "tcp-no-answer": 7 } },
      {
        subnet: "10.1.0.0/24",
        port: 1688,
        planned: 9,
        covered: 9,
        counts: { "rpc-serves": 1, "tcp-refused": 5, "tcp-no-answer": 3 },
      },
    ]);
    expect(found.totals).toEqual({ "rpc-serves": 1, "tcp-refused": 5, "tcp-no-answer": 10 });
  });

  it("of one shard that ran twice are those of the run that covered most", () => {
    const half = end([net("10.1.0.0/24", { "tcp-refused": 512 })], { interrupted: true });
    const whole = end([net("10.1.0.0/24", { "tcp-refused": 1_024 })], { runs: 2, elapsedMs: 5 });
    const found = report(start(), half, whole, half);
    expect(found.coverage).toEqual({ planned: 1_024, covered: 1_024, complete: true, gaps: [] });
    expect(found).toMatchObject({ interrupted: false, elapsedMs: 5 });
  });

  it("of two runs that covered alike are those of the one that came to its end", () => {
    const stopped = end([net("10.1.0.0/24", { "tcp-refused": 1_024 })], { interrupted: true });
    expect(report(start(), stopped, { ...stopped, interrupted: false }).interrupted).toBe(false);
    expect(report(start(), stopped).interrupted).toBe(true);
  });

  it("of slowdowns are added up by cause, with the least concurrency", () => {
    const slow = (shard: typeof first, times: number, concurrency: number) =>
      end([], { shard, slowdowns: [{ cause: "EMFILE", times, concurrency }] });
    const conntrack = { cause: "conntrack", times: 1, concurrency: 9 };
    const found = report(start({ shard: first }), slow(first, 12, 220), {
      ...slow(second, 3, 300),
      slowdowns: [conntrack, ...slow(second, 3, 300).slowdowns],
    });
    expect(found.slowdowns).toEqual([{ cause: "EMFILE", times: 15, concurrency: 220 }, conntrack]);
  });
});

const begunAt = (index: number, host: string, startedAt: string) =>
  start({ shard: { index, count: 2 }, from: { host, platform: "linux" }, startedAt });

const notesOf = (...lines: SweepLine[]): string[] => {
  const assembly = createAssembly();
  for (const each of lines) assembly.add(each);
  return assembly.notes();
};

function linesOf(...lines: SweepLine[]): Generator<SweepLine> {
  const assembly = createAssembly();
  for (const each of lines) assembly.add(each);
  return assembly.lines();
}

describe("the run", () => {
  it("began with the first shard, took as long as the longest, and lists every place once", () => {
    const found = report(
      begunAt(2, "b", "2026-01-02T03:00:00.000Z"),
      begunAt(1, "a", "2026-01-02T03:00:01.000Z"),
      begunAt(1, "a", "2026-01-02T03:00:02.000Z"),
      end([], { shard: { index: 1, count: 2 }, elapsedMs: 7 }),
      end([], { shard: { index: 2, count: 2 }, elapsedMs: 9 }),
    );
    expect(found).toMatchObject({
      startedAt: "2026-01-02T03:00:00.000Z",
      elapsedMs: 9,
      from: [
        { host: "a", platform: "linux" },
        { host: "b", platform: "linux" },
      ],
      shards: [
        { index: 1, count: 2 },
        { index: 2, count: 2 },
      ],
    });
  });

  it("that was begun twice began the first time", () => {
    const [early, late] = ["2026-01-02T03:00:00.000Z", "2026-01-03T03:00:00.000Z"];
    expect(report(start({ startedAt: late }), start({ startedAt: early })).startedAt).toBe(early);
    expect(Array.from(linesOf(start({ startedAt: late }), start({ startedAt: early })))).toHaveLength(1);
  });

  it("tells where shards waited differently, and not where they were only faster", () => {
    const { settings } = start();
    const faster = { ...settings, rate: 0, concurrency: 9, workers: 2 };
    expect(notesOf(start(), start({ settings: faster }))).toEqual([]);
    expect(notesOf(start(), start({ settings: { ...settings, retries: 0, timeoutMs: 300 } }))).toEqual([
      "the runs differ in timeoutMs, retries: what one of them calls silent, another may have waited for",
    ]);
  });

  it("is one sweep: lines of another are not taken", () => {
    const assembly = createAssembly();
    expect(assembly.add(start({ shard: { index: 1, count: 2 } }))).toBe(null);
    expect(assembly.add(start({ plan: plan({ digest: "other" }) }))).toBe("other-plan");
    expect(assembly.add(end([], { plan: "other" }))).toBe("other-plan");
    expect(assembly.add(start({ shard: { index: 1, count: 3 } }))).toBe("other-division");
    expect(assembly.add(start({ shard: { index: 3, count: 2 } }))).toBe("impossible-shard");
    expect(assembly.report().shards).toEqual([{ index: 1, count: 2 }]);
    expect(() => assemble([start(), end([], { plan: "other" })])).toThrow("other-plan");
  });

  it("needs a start line", () => {
    expect(() => assemble([end([])])).toThrow("no line says which sweep this is");
  });
});

describe("middleboxes", () => {
  it("take the lines of their subnet, also those that only all shards together show", () => {
    const lines = many("10.1.3", 20, "rpc-closed");
    const shards = [1, 2].flatMap((index) => {
      const shard = { index, count: 2 };
      const own = lines.filter((_, place) => place % 2 === index - 1);
      return [start({ shard }), ...own, end([net("10.1.3.0/24", { "rpc-closed": 10 })], { shard })];
    });
    const found = report(...shards, line("10.1.4.1"));
    expect(found.middleboxes).toMatchObject([{ accepted: 20, addresses: ["10.1.3.1-10.1.3.20"] }]);
    expect(placesOf(found)).toEqual(["10.1.4.1 1688"]);
    expect(found).toMatchObject({ serving: 1, hostsDropped: 0 });
  });

  it("do not count as hosts that serve, though they all do", () => {
    const found = report(
      start(),
      ...many("10.1.3", 20, "rpc-serves"),
      end([net("10.1.3.0/24", { "rpc-serves": 20 })]),
    );
    expect(found).toMatchObject({ serving: 0, hosts: [], totals: { "rpc-serves": 20 } });
  });

  it("that a run tells of take the lines it wrote before it knew", () => {
    const found = report(
      start(),
      line("10.1.3.5", "rpc-closed"),
      middlebox("10.1.3.0/24", ["10.1.3.1-10.1.3.254"], 254),
      end([net("10.1.3.0/24", { "rpc-closed": 254 })]),
    );
    expect(found.hosts).toEqual([]);
    expect(found.middleboxes).toMatchObject([{ accepted: 254, addresses: ["10.1.3.1-10.1.3.254"] }]);
  });
});

const half = (index: number) => ({ index, count: 2 });

describe("the comparison with DNS and with what is permitted", () => {
  it("is left out where no run asked", () => {
    expect(report(start(), line("10.1.0.1"), end([])).reconcile).toBe(null);
  });

  it("takes together what the shards were told", () => {
    const one = published({ "kms1.corp.example": ["10.1.0.1"] });
    const other = published({
      "kms1.corp.example": ["10.1.0.1", "fd00::1"],
      "kms2.corp.example": ["10.1.0.2"],
    });
    const found = report(
      start({ shard: half(1) }),
      line("10.1.0.1"),
      line("10.1.0.3"),
      end([], { shard: half(1), published: [one], permitted: [permitted("10.1.0.1")] }),
      end([], { shard: half(2), published: [other], permitted: null }),
    );
    expect(found.reconcile?.domains).toEqual(["corp.example"]);
    const rows = found.reconcile?.rows.map((row) => [row.address, row.published, row.answers, row.permitted]);
    expect(rows).toEqual(
      expect.arrayContaining([
        ["10.1.0.1", true, "serves", true],
        ["10.1.0.2", true, "not-swept", false],
        ["10.1.0.3", false, "serves", false],
        ["fd00::1", true, "not-swept", false],
      ]),
    );
    expect(rows).toHaveLength(4);
  });

  it("knows that an address behind a middlebox was looked at, and asks nothing of its neighbours", () => {
    const listed = [published({ "kms1.corp.example": ["10.1.3.7"] })];
    const whole = report(
      start(),
      middlebox("10.1.3.0/24", ["10.1.3.1-10.1.3.20"], 20),
      end([net("10.1.3.0/24", { "rpc-closed": 20 })], { published: listed }),
    );
    const lines = report(
      start(),
      ...many("10.1.3", 20, "rpc-closed"),
      end([net("10.1.3.0/24", { "rpc-closed": 20 })], { published: listed }),
    );
    for (const { reconcile } of [whole, lines]) {
      expect(reconcile?.rows.map(({ address, answers, code }) => [address, answers, code])).toEqual([
        ["10.1.3.7", "does-not-serve", "rpc-closed"],
      ]);
    }
  });

  it("goes by an address's own line where there is one, be it behind a middlebox", () => {
    const { reconcile } = report(
      start(),
      line("10.1.3.7", "rpc-no-answer"),
      middlebox("10.1.3.0/24", ["10.1.3.1-10.1.3.20"], 20),
      end([net("10.1.3.0/24", { "rpc-closed": 19, "rpc-no-answer": 1 })], {
        published: [published({ "kms1.corp.example": ["10.1.3.7"] })],
      }),
    );
    expect(reconcile?.rows.map(({ address, code }) => [address, code])).toEqual([
      ["10.1.3.7", "rpc-no-answer"],
    ]);
  });
});
