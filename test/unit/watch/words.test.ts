import { afterEach, describe, expect, test } from "vitest";
import { createStyle } from "../../../src/report/style.ts";
import { renderEvent, renderLogLine } from "../../../src/report/watch/lines.ts";
import { renderSummary, summaryOf } from "../../../src/report/watch/summary.ts";
import type { HostSummary } from "../../../src/report/watch/summary.ts";
import { paceWords, tell, timeWords } from "../../../src/report/watch/words.ts";
import type { Happening, WatchEvent } from "../../../src/watch/event.ts";
import { createWatchState } from "../../../src/watch/state.ts";
import { isRefused, isServing, listed, zone } from "../verdict/builders.ts";
import { isoOf, lookInto } from "./rounds.ts";

const PLAIN = createStyle(false);
const SUBJECT = { host: "kms1.corp.example", port: 1688, address: "10.1.0.1", source: null };

const REFUSED: Happening = {
  kind: "verdict",
  subject: SUBJECT,
  from: "rpc-serves",
  to: "tcp-refused",
  severity: "failed",
  serves: false,
  observed: "10.1.0.1 port 1688 refused the connection after 1.2 ms (ECONNREFUSED).",
};

const WORDS: [Happening, string][] = [
  [
    REFUSED,
    "kms1.corp.example:1688 (10.1.0.1)  serves → refused: 10.1.0.1 port 1688 refused the connection after 1.2 ms (ECONNREFUSED).",
  ],
  [
    { ...REFUSED, from: null, to: "rpc-serves", severity: "ok", observed: "it does" },
    "kms1.corp.example:1688 (10.1.0.1)  serves",
  ],
  [
    { ...REFUSED, from: null, to: "srv-no-suffix", observed: "This machine has no DNS suffix." },
    "kms1.corp.example:1688 (10.1.0.1)  no DNS suffix known: This machine has no DNS suffix. Name one with -d, or wait until this machine has one.",
  ],
  [
    { kind: "unlisted", subject: { ...SUBJECT, host: "fd00::1", address: "fd00::1", source: "tun0" } },
    "[fd00::1]:1688 from tun0  is not in DNS any more, and not probed any longer",
  ],
  [
    {
      kind: "dns",
      asked: "10.0.0.53:53",
      name: "_vlmcs._tcp.corp.example",
      recordType: "SRV",
      added: ["a", "b", "c", "d", "e", "f"],
      removed: ["z"],
      answer: null,
    },
    "DNS at 10.0.0.53:53: _vlmcs._tcp.corp.example SRV without z; now a, b, c, d and 2 more",
  ],
  [
    {
      kind: "dns",
      asked: "10.0.0.53:53",
      name: "kms1.corp.example",
      recordType: "A",
      added: [],
      removed: [],
      answer: { from: "records", to: "no answer" },
    },
    "DNS at 10.0.0.53:53: kms1.corp.example A records → no answer",
  ],
  [
    { kind: "configuration", what: "resolvers", from: [], to: ["10.8.0.53 53"] },
    "resolvers of this machine: none → 10.8.0.53 53",
  ],
  [
    {
      kind: "rate-limit",
      subject: SUBJECT,
      turns: [
        { passed: true, connects: 5, ms: 4_000 },
        { passed: false, connects: 2, ms: 8_000 },
        { passed: true, connects: 1, ms: 0 },
        { passed: false, connects: 2, ms: 8_000 },
        { passed: true, connects: 1, ms: 0 },
      ],
      connectsPerMinute: 33,
      sourceConnectsPerMinute: 93.2,
    },
    "kms1.corp.example:1688 (10.1.0.1)  connects pass and meet silence by turns: 5 passed, silence for 8 s, 1 passed, silence for 8 s, 1 passed. Possible cause: a limit on new connections (of a firewall or an IPS). This watch itself makes 33 a minute to the address, 93 from here to all hosts: see whether it goes with a longer --interval. A path or a host that comes and goes looks alike.",
  ],
  [{ kind: "network", what: "interface", change: "went", name: "tun0" }, "interface tun0 went"],
  [
    { kind: "gap", gap: { kind: "slept", ms: 3_725_000 } },
    "this machine slept for 1 h 2 min 5 s (or its clock was set forward); that round is not counted",
  ],
  [
    { kind: "gap", gap: { kind: "clock-set-back", ms: 61_000 } },
    "this machine's clock was set back by 1 min 1 s",
  ],
];

describe("what happened, in words", () => {
  test.each(WORDS)("%j", (happening, words) => {
    expect(tell(happening).text).toBe(words);
  });

  test("one line: the time, a sign that needs no colour, the words", () => {
    expect(renderEvent({ at: isoOf(0), ...REFUSED }, PLAIN)).toMatch(
      /^2026-01-31T12:00:00\.000Z ✗ kms1\.corp\.example:1688 \(10\.1\.0\.1\) {2}serves → refused: .*\n$/,
    );
  });

  test("no event can break out of its line, in the text or in the log", () => {
    const evil = "a\n\u001b[2J\u202e\u2028b";
    const subject = { host: evil, port: 1, address: evil, source: evil };
    const happenings: Happening[] = [
      { ...REFUSED, subject, observed: evil },
      { kind: "unlisted", subject },
      {
        kind: "dns",
        asked: evil,
        name: evil,
        recordType: "SRV",
        added: [evil],
        removed: [evil],
        answer: null,
      },
      { kind: "configuration", what: "suffixes", from: [evil], to: [evil] },
      { kind: "network", what: "route", change: "came", name: evil },
    ];
    for (const happening of happenings) {
      const event: WatchEvent = { at: isoOf(0), ...happening };
      const line = renderEvent(event, PLAIN);
      expect(line.slice(0, -1)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(line).toContain("\\u{1b}");
      const logged = renderLogLine({ type: "event", ...event });
      expect(logged).toMatch(/^[\x20-\x7e]+\n$/);
      expect(JSON.parse(logged)).toEqual({ type: "event", ...event });
    }
  });
});

/** Two addresses of one host that was watched for a while, and a host with a long name. */
const ended = (name: string): HostSummary[] =>
  ["10.1.0.1", "10.1.0.2", "fd00:1:2:3::4"].map((address, index) => ({
    subject: { host: index < 2 ? "kms1.corp.example" : name, port: 1688, address, source: null },
    listed: true,
    verdict: index === 1 ? "tcp-no-answer" : "rpc-serves",
    since: isoOf(0),
    rounds: 8 - index,
    served: 8 - index,
    changes: 2,
    everyMs: 2_014,
    limit: null,
    tcp: null,
    rpc: { count: 8, lastMs: 9, minMs: 8.25, medianMs: 9.5, p95Ms: 112.25, jitterMs: 1 },
  }));

describe("the summary", () => {
  test("a line a host: rounds, share served, figures, changes, the last verdict", () => {
    const state = createWatchState(1_000, () => {});
    const rounds = [
      zone([listed(1, isServing), listed(2, isRefused)]),
      zone([listed(1, isServing), listed(2, isServing)]),
      zone([listed(1, isServing)]),
    ];
    rounds.forEach((each, index) => lookInto(state, [each], { at: isoOf(index), nowMs: index * 2_000 }));
    const text = renderSummary(state.hosts().map(summaryOf), { elapsedMs: 6_100 }, Infinity, PLAIN);
    expect(text.split("\n")).toEqual([
      "3 rounds in 6.1 s",
      "  HOST                               ROUNDS  EVERY  SERVED  MIN ms  MEDIAN  P95  CHANGES  AT THE END",
      "✓ kms1.corp.example:1688 (10.1.0.1)       3    2 s   100 %     0.5     1.0  1.5        0  serves",
      "✓ kms2.corp.example:1688 (10.1.0.2)       2    2 s    50 %     0.5     1.0  1.5        1  serves (not listed any more)",
      "",
    ]);
  });

  test.each([60, 70, 80, 100, 120])("fits into %d columns, addresses whole", (width) => {
    for (const name of ["kms2.corp.example", `${"kms2-of-a-department".repeat(3)}.corp.example`]) {
      const lines = renderSummary(ended(name), { elapsedMs: 16_600 }, width, PLAIN).trimEnd().split("\n");
      expect(lines.filter((line) => line.length > width)).toEqual([]);
      expect(lines).toHaveLength(5);
      for (const address of ["(10.1.0.1)", "(10.1.0.2)", "(fd00:1:2:3::4)"])
        expect(lines.filter((line) => line.includes(address))).toHaveLength(1);
      expect(lines[1]).toContain("SERVED");
    }
  });

  test("does without figures before it cuts a name, and says the unit of those that are left", () => {
    const hosts = ended("kms2.corp.example");
    const at = (width: number) => renderSummary(hosts, { elapsedMs: 1 }, width, PLAIN);
    expect(at(120)).toMatch(
      /ROUNDS {2}EVERY {2}SERVED {2}MIN ms {2}MEDIAN {4}P95 {2}CHANGES {2}AT THE END\n/,
    );
    expect(at(80)).toBe(at(80).replace("…", ""));
    expect(at(80)).toMatch(/HOST +ROUNDS {2}SERVED {2}MEDIAN ms {2}AT THE END\n/);
    expect(at(60)).toMatch(/HOST +SERVED {2}AT THE END\n/);
  });

  test("counts the rounds that a host had, and no more", () => {
    expect(renderSummary(ended("kms2.corp.example"), { elapsedMs: 16_600 }, 100, PLAIN)).toMatch(
      /^8 rounds in 16\.6 s\n/,
    );
  });

  test("one lost round in thousands is not all of them, and nothing to watch is said", () => {
    const figures = { tcp: null, rpc: null };
    const host = {
      subject: SUBJECT,
      listed: true,
      verdict: "rpc-serves",
      since: isoOf(0),
      changes: 0,
      everyMs: null,
      limit: null,
      ...figures,
    } as const;
    const lost = renderSummary(
      [{ ...host, rounds: 10_000, served: 9_999 }],
      { elapsedMs: 1 },
      Infinity,
      PLAIN,
    );
    expect(lost).toContain("99.9 %");
    expect(renderSummary([], { elapsedMs: 1 }, 80, PLAIN)).toBe(
      "0 rounds in 1 ms\nEnded before any host was looked at.\n",
    );
  });
});

describe("times and paces", () => {
  const zoneHere = process.env["TZ"];

  afterEach(() => {
    if (zoneHere === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zoneHere;
  });

  test.each([
    ["UTC", "2026-01-31T12:00:00.000Z", "2026-01-31 12:00:00 UTC"],
    ["Europe/Berlin", "2026-01-31T12:00:00.000Z", "2026-01-31 12:00:00 UTC (13:00:00+01:00 here)"],
    ["Europe/Berlin", "2026-07-31T23:30:00.000Z", "2026-07-31 23:30:00 UTC (2026-08-01 01:30:00+02:00 here)"],
    ["America/St_Johns", "2026-01-31T12:00:00.000Z", "2026-01-31 12:00:00 UTC (08:30:00-03:30 here)"],
  ])("in %s %s is %s", (place, iso, words) => {
    process.env["TZ"] = place;
    expect(timeWords(iso)).toBe(words);
  });

  test("the real pace is told where it is clearly slower than what was asked for", () => {
    expect(paceWords(1_000, null)).toBe("every 1 s");
    expect(paceWords(1_000, 1_120)).toBe("every 1 s");
    expect(paceWords(1_000, 8_012)).toBe("every 1 s, the slowest every 8 s");
  });
});
