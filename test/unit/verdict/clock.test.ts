import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findingSchema } from "../../../src/model/finding.ts";
import type { ClockEvidence, ClockReading, OwnClockEvidence } from "../../../src/model/clock.ts";
import type { Finding } from "../../../src/model/finding.ts";
import { judgeClock, judgeOwnClock, ownClockOf } from "../../../src/verdict/clock.ts";
import { clockCatalog } from "../../../src/verdict/findings/clock-catalog.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const ABOUT = { host: "kms1.corp.example", address: "10.1.0.1", subject: "/endpoints/0/attempts/0/clock" };
const COMPARED = "This compares the machine that probes with the KMS host, not a client with it";

/** What each signal can tell, over a path of some milliseconds. */
const EXACT = { smb2: 20, sntp: 2, http: 1_005 } as const;
const PORT = { smb2: 445, sntp: 123, http: 80 } as const;

function shows(
  by: ClockReading["by"],
  offsetMs: number,
  uncertaintyMs: number = EXACT[by],
  detail: string | null = null,
): ClockReading {
  const at = "2026-03-01T12:00:00.000Z";
  const facts = { offsetMs, uncertaintyMs, at, detail };
  return { by, port: PORT[by], answer: { outcome: "ok", facts, elapsedMs: 3 } };
}

function silent(by: ClockReading["by"], port: number = PORT[by]): ClockReading {
  return { by, port, answer: { outcome: "no-answer", cause: "deadline", elapsedMs: 3_000 } };
}

function judged(readings: ClockReading[], own: OwnClockEvidence | null = null): Finding[] {
  const found = judgeClock({ readings }, ABOUT, own);
  for (const finding of found) expect(findingSchema.parse(finding)).toEqual(finding);
  return found;
}

function codes(readings: ClockReading[], own: OwnClockEvidence | null = null): string[] {
  return judged(readings, own).map(({ code }) => code);
}

/** Resolvers 10.0.0.1, 10.0.0.2 and so on, each as far off as given; null shows no clock. */
function resolvers(...offsets: (number | null)[]): OwnClockEvidence {
  return {
    peers: offsets.map((offset, index) => ({
      address: `10.0.0.${index + 1}`,
      clock: { readings: [offset === null ? silent("sntp") : shows("sntp", offset)] },
    })),
  };
}

describe("the four-hour rule", () => {
  test.each([
    ["level", 0, null],
    ["59 min 59 s", HOUR - SECOND, null],
    ["1 h", HOUR, "clock-off"],
    ["3 h 59 min 57 s", 4 * HOUR - 3 * SECOND, "clock-off"],
    ["4 h", 4 * HOUR, "clock-off"],
    ["4 h 0 min 3 s", 4 * HOUR + 3 * SECOND, "clock-beyond-four-hours"],
    ["a day", 24 * HOUR, "clock-beyond-four-hours"],
  ])("%s ahead or behind", (_, offset, code) => {
    for (const by of ["smb2", "sntp", "http"] as const) {
      for (const sign of [1, -1])
        expect(codes([shows(by, sign * offset)])).toEqual(code === null ? [] : [code]);
    }
  });

  test.each([
    ["within", 4 * HOUR - 21, "within the four hours that a KMS host tolerates"],
    ["perhaps beyond", 4 * HOUR - 19, "which may be beyond the four hours that a KMS host tolerates"],
    ["perhaps within", 4 * HOUR + 20, "which may be beyond the four hours that a KMS host tolerates"],
    ["beyond", 4 * HOUR + 21, "more than the four hours from which on a KMS host refuses"],
  ])("near the limit the uncertainty decides: %s", (_, offset, words) => {
    for (const sign of [1, -1]) {
      const [finding] = judged([shows("smb2", sign * offset, 20)]);
      expect(finding?.observed).toContain(words);
      expect(finding?.code === "clock-beyond-four-hours").toBe(offset > 4 * HOUR + 20);
    }
  });

  test("the finding says which way, by what, how exactly, and what was compared", () => {
    expect(judged([shows("smb2", -5 * HOUR - 2 * SECOND)])).toEqual([
      {
        code: "clock-beyond-four-hours",
        severity: "warning",
        subject: ABOUT.subject,
        observed: `10.1.0.1 is 5 h 2 s behind this machine by SMB2 on 445/tcp (± 20 ms), more than the four hours from which on a KMS host refuses. ${COMPARED}`,
        next: "On a client: w32tm /stripchart /computer:kms1.corp.example /samples:3 /dataonly; then set the clock that is wrong. A host refuses clients more than four hours off: 0xC004F06C in their event 12288, 0xC004F074 on screen",
        fix: null,
      },
    ]);
    const [ahead] = judged([shows("http", 3 * HOUR)]);
    expect(ahead?.observed).toBe(
      `10.1.0.1 is 3 h ahead of this machine by HTTP on 80/tcp (± 1 s), within the four hours that a KMS host tolerates. ${COMPARED}`,
    );
  });

  test("a clock that nobody sets counts, and is called so", () => {
    const [finding] = judged([shows("sntp", 30 * HOUR, 2, "by its own word set by nobody")]);
    expect(finding?.observed).toContain(
      "1 d 6 h ahead of this machine by SNTP on 123/udp, by its own word set by nobody (± 2 ms)",
    );
  });
});

describe("several signals", () => {
  test("that agree: the most exact one speaks", () => {
    const found = judged([
      shows("smb2", 2 * HOUR),
      shows("sntp", 2 * HOUR + 5),
      shows("http", 2 * HOUR - 300),
    ]);
    expect(found.map(({ code }) => code)).toEqual(["clock-off"]);
    expect(found[0]?.observed).toContain("by SNTP on 123/udp (± 2 ms)");
  });

  test("a second or two apart are no contradiction", () => {
    expect(codes([shows("smb2", 0), shows("http", 2_900)])).toEqual([]);
    expect(codes([shows("smb2", 0), shows("http", 3_100)])).toEqual(["clock-signals-differ"]);
    expect(codes([shows("smb2", 0), shows("sntp", 2_021)])).toEqual([]);
    expect(codes([shows("smb2", 0), shows("sntp", 2_023)])).toEqual(["clock-signals-differ"]);
  });

  test("two against one: the majority speaks, however exact the other is", () => {
    const found = judged([shows("smb2", -5 * HOUR), shows("sntp", 0), shows("http", -5 * HOUR)]);
    expect(found.map(({ code }) => code)).toEqual(["clock-beyond-four-hours", "clock-signals-differ"]);
    expect(found[0]?.observed).toContain("by SMB2 on 445/tcp");
    expect(found[1]?.observed).toBe(
      "10.1.0.1 shows different clocks: 5 h behind this machine by SMB2 on 445/tcp (± 20 ms); level with this machine by SNTP on 123/udp (± 2 ms); 5 h behind this machine by HTTP on 80/tcp (± 1 s)",
    );
    expect(found[1]?.severity).toBe("note");
  });

  test("two against one that is off: the majority is right, and the contradiction is said", () => {
    expect(codes([shows("smb2", 0), shows("sntp", 9 * HOUR), shows("http", 0)])).toEqual([
      "clock-signals-differ",
    ]);
  });

  test("one against one: the worse may be true, whatever the order", () => {
    for (const readings of [
      [shows("smb2", -5 * HOUR), shows("sntp", 0)],
      [shows("sntp", 0), shows("smb2", -5 * HOUR)],
    ]) {
      const [off, differ] = judged(readings);
      expect([off?.code, differ?.code]).toEqual(["clock-off", "clock-signals-differ"]);
      expect(off?.observed).toContain("which may be beyond the four hours");
    }
  });

  test("an uncertain signal that fits both sides does not settle it", () => {
    const readings = [
      shows("smb2", 0, 20),
      shows("http", 5 * SECOND, 6 * SECOND),
      shows("sntp", 12 * SECOND),
    ];
    expect(codes(readings)).toEqual(["clock-signals-differ"]);
    expect(codes(readings.toReversed())).toEqual(["clock-signals-differ"]);
  });

  test("silence beside a signal is not worth a word", () => {
    expect(codes([silent("smb2"), shows("sntp", 0), silent("http")])).toEqual([]);
  });
});

describe("no signal", () => {
  test("is a note that names each port and what came of it", () => {
    const [finding, ...more] = judged([
      silent("smb2"),
      { by: "sntp", port: 123, answer: { outcome: "no-answer", cause: "ECONNREFUSED", elapsedMs: 1 } },
      {
        by: "http",
        port: 80,
        answer: { outcome: "denied", denial: { what: "answers without a date" }, elapsedMs: 1 },
      },
      {
        by: "http",
        port: 5985,
        answer: { outcome: "malformed", fault: { at: 0, what: "no status line" }, elapsedMs: 1 },
      },
      { by: "http", port: 8080, answer: { outcome: "not-sent", errno: "EMFILE" } },
    ]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      code: "clock-no-signal",
      severity: "note",
      observed:
        "10.1.0.1 shows no clock: 445/tcp is silent, 123/udp ECONNREFUSED, 80/tcp answers without a date, 5985/tcp no status line, 8080/tcp not sent (EMFILE)",
    });
    expect(finding?.next).toContain("w32tm /stripchart /computer:kms1.corp.example /samples:3 /dataonly");
  });

  test("where nothing was asked, or the run was cut short, nothing is found", () => {
    const cut: ClockReading = {
      by: "sntp",
      port: 123,
      answer: { outcome: "skipped", reason: "interrupted" },
    };
    expect(judgeClock(null, ABOUT)).toEqual([]);
    expect(codes([])).toEqual([]);
    expect(codes([cut, cut])).toEqual([]);
    expect(codes([cut, shows("smb2", 5 * HOUR)])).toEqual(["clock-beyond-four-hours"]);
  });
});

function judgedOwn(evidence: OwnClockEvidence | null): Finding[] {
  return judgeOwnClock(evidence, "/ownClock");
}

describe("this machine's own clock", () => {
  test("is well where the resolvers show the same, or nothing", () => {
    for (const evidence of [
      null,
      resolvers(),
      resolvers(null),
      resolvers(0),
      resolvers(4 * MINUTE, null),
      resolvers(5 * MINUTE),
      resolvers(-5 * MINUTE - 2),
    ])
      expect(judgedOwn(evidence)).toEqual([]);
  });

  test("is off from five minutes, which Kerberos tolerates, and one resolver may itself be the culprit", () => {
    expect(judgedOwn(resolvers(-5 * MINUTE - 3))).toHaveLength(1);
    expect(judgedOwn(resolvers(-2 * HOUR))).toEqual([
      {
        code: "clock-own-off",
        severity: "warning",
        subject: "/ownClock",
        observed:
          "This machine is 2 h ahead of the clock of 10.0.0.1 (± 2 ms): one resolver shows a clock: this machine's is off, or that one",
        next: "Compare on this machine with a clock you trust (timedatectl; on Windows w32tm /stripchart /computer:10.0.0.1 /samples:3 /dataonly) and set it: every difference to a host is measured with it",
        fix: null,
      },
    ]);
  });

  test("is off for certain where several say so; one that disagrees is outvoted", () => {
    const [finding] = judgedOwn(resolvers(2 * HOUR, 0, 2 * HOUR));
    expect(finding?.observed).toBe(
      "This machine is 2 h behind the clocks of 10.0.0.1, 10.0.0.3 (± 2 ms): 2 of the 3 resolvers that show a clock say so",
    );
    expect(findingSchema.parse(finding)).toEqual(finding);
  });

  test("has a vote: with one resolver for it and one against, it is well", () => {
    expect(judgedOwn(resolvers(0, 3 * HOUR))).toEqual([]);
    expect(judgedOwn(resolvers(3 * HOUR, 0))).toEqual([]);
    expect(ownClockOf(resolvers(3 * HOUR, 0))?.agreeing).toEqual(["10.0.0.2"]);
  });

  test("is not judged by resolvers that contradict each other and it", () => {
    expect(ownClockOf(resolvers(3 * HOUR, -3 * HOUR))).toBeNull();
  });

  test("a resolver whose own signals contradict each other has no vote", () => {
    const both: ClockEvidence = { readings: [shows("smb2", 0), shows("sntp", 3 * HOUR)] };
    expect(ownClockOf({ peers: [{ address: "10.0.0.1", clock: both }] })).toBeNull();
  });
});

describe("a host judged where this machine's clock is off", () => {
  test("has the resolvers' time: nothing is wrong with it", () => {
    expect(codes([shows("smb2", 5 * HOUR)], resolvers(5 * HOUR, 5 * HOUR))).toEqual([]);
    expect(codes([shows("smb2", 5 * HOUR)], resolvers(5 * HOUR))).toEqual([]);
  });

  test("has this machine's time, and two resolvers another: the host is off as well", () => {
    const [finding] = judged([shows("smb2", 0)], resolvers(5 * HOUR, 5 * HOUR));
    expect(finding?.code).toBe("clock-beyond-four-hours");
    expect(finding?.observed).toBe(
      "10.1.0.1 is 5 h behind the clock of 10.0.0.1, 10.0.0.2 by SMB2 on 445/tcp (± 22 ms), more than the four hours from which on a KMS host refuses. This compares the resolvers' clocks with the KMS host, not a client with it: this machine's own clock is off",
    );
  });

  test("has this machine's time, and one resolver another: rather that resolver is off", () => {
    expect(codes([shows("smb2", 0)], resolvers(5 * HOUR))).toEqual([]);
  });

  test("agrees with nobody: the smaller difference counts where one resolver stands against us", () => {
    const [finding] = judged([shows("smb2", 9 * HOUR)], resolvers(5 * HOUR));
    expect(finding?.code).toBe("clock-off");
    expect(finding?.observed).toContain("4 h ahead of the clock of 10.0.0.1");
  });

  test("is a resolver itself: its own word says nothing for it", () => {
    const itself: OwnClockEvidence = {
      peers: [{ address: ABOUT.address, clock: { readings: [shows("smb2", 5 * HOUR)] } }],
    };
    expect(codes([shows("smb2", 5 * HOUR)], itself)).toEqual(["clock-beyond-four-hours"]);
  });

  test("nothing is corrected where this machine's clock is well", () => {
    const [finding] = judged([shows("smb2", 5 * HOUR)], resolvers(MINUTE, MINUTE));
    expect(finding?.observed).toContain("5 h ahead of this machine");
  });
});

describe("durations as they are read", () => {
  test.each([
    [0.4, "1 ms"],
    [999, "999 ms"],
    [1_000, "1 s"],
    [59_400, "59.4 s"],
    [59_960, "1 min"],
    [59_500, "59.5 s"],
    [3_599_000, "59 min 59 s"],
    [86_399_400, "23 h 59 min 59 s"],
    [90_000_000, "1 d 1 h"],
  ])("%d ms is %s", (ms, words) => {
    const [finding] = judged([shows("smb2", 10 * 24 * HOUR, ms)]);
    expect(finding?.observed).toContain(`(± ${words})`);
  });
});

test("every code of the catalogue says what to run, and only the host's name is filled in", () => {
  for (const { next } of Object.values(clockCatalog)) {
    expect(next).toContain("w32tm /stripchart /computer:{host} /samples:3 /dataonly");
    expect(next.match(/\{\w+\}/g)).toEqual(["{host}"]);
  }
});

test("any three signals give at most one finding of a limit, and never one without a cause", () => {
  // With fractions, as they are measured: figures that are rounded must not part a signal from itself.
  const offset = fc.double({ min: -6 * HOUR, max: 6 * HOUR, noNaN: true });
  const reading = fc
    .tuple(fc.constantFrom("smb2", "sntp", "http"), offset, fc.double({ min: 0, max: 5_000, noNaN: true }))
    .map(([by, ms, exact]) => shows(by, ms, exact));
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 3 }), (readings) => {
      const found = codes(readings);
      const offsets = readings.flatMap(({ answer }) =>
        answer.outcome === "ok" ? [Math.abs(answer.facts.offsetMs)] : [],
      );
      const limits = found.filter((code) => code === "clock-off" || code === "clock-beyond-four-hours");
      expect(limits.length).toBeLessThanOrEqual(1);
      if (limits.length === 1) expect(Math.max(...offsets)).toBeGreaterThanOrEqual(HOUR);
      if (limits[0] === "clock-beyond-four-hours") expect(Math.max(...offsets)).toBeGreaterThan(4 * HOUR);
      if (Math.min(...offsets) >= HOUR) expect(limits.length).toBe(1);
      expect(found).not.toContain("clock-no-signal");
      expect(codes(readings.toReversed()).toSorted()).toEqual(found.toSorted());
    }),
    { numRuns: 2_000 },
  );
});
