import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BATCH } from "../../../../src/run/sweep/board.ts";
import { noJournal, openJournal } from "../../../../src/run/sweep/journal.ts";
import type { Journal } from "../../../../src/run/sweep/journal.ts";
import { CODES } from "../../../../src/run/sweep/tally.ts";
import type { Plan, Shard } from "../../../../src/sweep/model.ts";
import { isServing } from "../../verdict/builders.ts";
import { lineOf, measuredOf, planOf } from "./builders.ts";

let folder = "";

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kmsprobe-journal-"));
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

const stateFile = (): string => path.join(folder, "sweep.state");

function open(over: { plan?: Plan; shard?: Shard; startedAt?: string } = {}): Journal {
  return openJournal(stateFile(), {
    plan: planOf(),
    shard: { index: 1, count: 1 },
    codes: CODES,
    startedAt: "2026-11-24T10:00:00.000Z",
    ...over,
  });
}

const LINE = lineOf(isServing({ address: "10.1.0.7" }));
const MEASURED = measuredOf("10.1.0.7");
const OUTCOMES = Uint8Array.from({ length: BATCH }, (_, index) => (index % 40) + 1);

function firstRun(): void {
  const journal = open();
  journal.line(LINE);
  journal.batch(3, OUTCOMES, 1_200);
  journal.batch(0, OUTCOMES.subarray(0, 9), 1_500);
  journal.measured(MEASURED);
  journal.close();
}

describe("the state of a sweep", () => {
  it("begins with nothing", () => {
    const journal = open();
    journal.close();
    expect(journal.past).toEqual({
      startedAt: null,
      runs: 0,
      elapsedMs: 0,
      lines: [],
      measured: [],
      batches: [],
    });
  });

  it("gives back what was found and finished", () => {
    firstRun();
    const { past, close } = open({ startedAt: "2026-11-24T11:00:00.000Z" });
    close();
    expect(past.lines).toEqual([LINE]);
    expect(past.measured).toEqual([MEASURED]);
    expect(past.batches.map(({ batch, outcomes }) => [batch, [...outcomes]])).toEqual([
      [3, [...OUTCOMES]],
      [0, [...OUTCOMES.subarray(0, 9)]],
    ]);
    expect([past.startedAt, past.runs, past.elapsedMs]).toEqual(["2026-11-24T10:00:00.000Z", 1, 1_500]);
  });

  it("adds up the time and the number of all runs", () => {
    firstRun();
    const second = open();
    second.batch(1, OUTCOMES, 700);
    second.close();
    const third = open();
    third.close();
    expect([third.past.runs, third.past.elapsedMs, third.past.batches.length]).toEqual([2, 2_200, 3]);
  });

  it("is read the same, cut anywhere by a kill: whole lines count, and the next run goes on behind them", () => {
    firstRun();
    const whole = fs.readFileSync(stateFile());
    const header = whole.indexOf(0x0a) + 1;
    for (let length = header; length <= whole.length; length += 61) {
      fs.writeFileSync(stateFile(), whole.subarray(0, length));
      const cut = open();
      const lines = whole.subarray(0, length).toString("utf8").split("\n").slice(0, -1);
      expect(cut.past.lines.length).toBe(lines.filter((text) => text.startsWith('{"line"')).length);
      expect(cut.past.batches.length).toBe(lines.filter((text) => text.startsWith('{"batch"')).length);
      cut.line(LINE);
      cut.close();
      const next = open();
      next.close();
      expect(next.past.lines.length).toBe(cut.past.lines.length + 1);
    }
  });

  it("begins anew where a kill left less than its first line", () => {
    firstRun();
    fs.truncateSync(stateFile(), 20);
    const journal = open();
    journal.line(LINE);
    journal.close();
    const next = open();
    next.close();
    expect([journal.past.runs, next.past.runs, next.past.lines.length]).toEqual([0, 1, 1]);
  });

  it.each([
    ["other targets", { plan: planOf({ digest: "d2" }) }],
    ["another shard", { shard: { index: 2, count: 4 } }],
  ])("of %s is refused, and left as it is", (_, over) => {
    firstRun();
    const before = fs.readFileSync(stateFile(), "utf8");
    expect(() => open(over)).toThrow(/is the state of another sweep/);
    expect(fs.readFileSync(stateFile(), "utf8")).toBe(before);
  });

  it.each([
    ["a text", "hosts\n10.1.0.1\n"],
    ["other JSON", '{"a":1}\n'],
    ["a list", "[1,2]\n"],
    ["a line without an end", "10.1.0.1"],
  ])("is never written over %s", (_, text) => {
    fs.writeFileSync(stateFile(), text);
    expect(() => open()).toThrow(/not the state of a sweep/);
    expect(fs.readFileSync(stateFile(), "utf8")).toBe(text);
  });

  it("says which line is spoilt", () => {
    firstRun();
    const lines = fs.readFileSync(stateFile(), "utf8").split("\n");
    lines[2] = "{oops";
    fs.writeFileSync(stateFile(), lines.join("\n"));
    expect(() => open()).toThrow(/sweep\.state, line 3: not the state of a sweep/);
  });

  it("names a folder that is not there", () => {
    expect(() =>
      openJournal(path.join(folder, "none", "x"), {
        plan: planOf(),
        shard: { index: 1, count: 1 },
        codes: CODES,
        startedAt: "2026-11-24T10:00:00.000Z",
      }),
    ).toThrow(/can't use the state file .*ENOENT/);
  });

  it("is nothing where nobody asked for it", () => {
    const journal = noJournal();
    journal.line(LINE);
    journal.batch(0, OUTCOMES, 1);
    journal.close();
    expect(journal.past.batches).toEqual([]);
  });
});
