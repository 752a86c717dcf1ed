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

/** Three whole batches, and nine addresses. */
const PLAN = planOf({ addresses: 3 * BATCH + 9 });

function open(
  over: { plan?: Plan; shard?: Shard; startedAt?: string; note?: (text: string) => void } = {},
): Promise<Journal> {
  return openJournal(stateFile(), {
    plan: PLAN,
    shard: { index: 1, count: 1 },
    codes: CODES,
    startedAt: "2026-11-24T10:00:00.000Z",
    ...over,
  });
}

const LINE = lineOf(isServing({ address: "10.1.0.7" }));
const OTHER = lineOf(isServing({ address: "10.1.0.8" }));
const MEASURED = measuredOf("10.1.0.7");
const OUTCOMES = Uint8Array.from({ length: BATCH }, (_, index) => (index % 40) + 1);

async function firstRun(): Promise<void> {
  const journal = await open();
  journal.line(LINE);
  journal.batch(0, OUTCOMES, { elapsedMs: 1_200, unsent: 0 });
  journal.batch(3, OUTCOMES.subarray(0, 9), { elapsedMs: 1_500, unsent: 4 });
  journal.measured(MEASURED);
  journal.close();
}

describe("the state of a sweep", () => {
  it("begins with nothing", async () => {
    const journal = await open();
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

  it("gives back what was found and finished", async () => {
    await firstRun();
    const { past, close } = await open({ startedAt: "2026-11-24T11:00:00.000Z" });
    close();
    expect(past.lines).toEqual([LINE]);
    expect(past.measured).toEqual([MEASURED]);
    expect(past.batches.map(({ batch, outcomes, unsent }) => [batch, [...outcomes], unsent])).toEqual([
      [0, [...OUTCOMES], 0],
      [3, [...OUTCOMES.subarray(0, 9)], 4],
    ]);
    expect([past.startedAt, past.runs, past.elapsedMs]).toEqual(["2026-11-24T10:00:00.000Z", 1, 1_500]);
  });

  it("adds up the time and the number of all runs", async () => {
    await firstRun();
    const second = await open();
    second.batch(1, OUTCOMES, { elapsedMs: 700, unsent: 0 });
    second.close();
    const third = await open();
    third.close();
    expect([third.past.runs, third.past.elapsedMs, third.past.batches.length]).toEqual([2, 2_200, 3]);
  });

  it("is read the same, cut anywhere by a kill: whole lines count, and the next run goes on behind them", async () => {
    await firstRun();
    const whole = fs.readFileSync(stateFile());
    const header = whole.indexOf(0x0a) + 1;
    for (let length = header; length <= whole.length; length += 61) {
      fs.writeFileSync(stateFile(), whole.subarray(0, length));
      const cut = await open();
      const lines = whole.subarray(0, length).toString("utf8").split("\n").slice(0, -1);
      expect(cut.past.lines.length).toBe(lines.filter((text) => text.startsWith('{"line"')).length);
      expect(cut.past.batches.length).toBe(lines.filter((text) => text.startsWith('{"batch"')).length);
      cut.line(OTHER);
      cut.close();
      const next = await open();
      next.close();
      expect(next.past.lines.length).toBe(cut.past.lines.length + 1);
    }
  });

  it("begins anew where a kill left less than its first line", async () => {
    await firstRun();
    fs.truncateSync(stateFile(), 20);
    const journal = await open();
    journal.line(LINE);
    journal.close();
    const next = await open();
    next.close();
    expect([journal.past.runs, next.past.runs, next.past.lines.length]).toEqual([0, 1, 1]);
  });

  it.each([
    ["other targets", { plan: planOf({ digest: "d2" }) }],
    ["another shard", { shard: { index: 2, count: 4 } }],
  ])("of %s is refused, and left as it is", async (_, over) => {
    await firstRun();
    const before = fs.readFileSync(stateFile(), "utf8");
    await expect(open(over)).rejects.toThrow(/is the state of another sweep/);
    expect(fs.readFileSync(stateFile(), "utf8")).toBe(before);
  });

  it.each([
    ["a text", "hosts\n10.1.0.1\n"],
    ["other JSON", '{"a":1}\n'],
    ["a list", "[1,2]\n"],
    ["a line without an end", "10.1.0.1"],
  ])("is never written over %s", async (_, text) => {
    fs.writeFileSync(stateFile(), text);
    await expect(open()).rejects.toThrow(/not the state of a sweep/);
    expect(fs.readFileSync(stateFile(), "utf8")).toBe(text);
  });

  it("leaves out a line that is no JSON, names it, and keeps the rest", async () => {
    await firstRun();
    const lines = fs.readFileSync(stateFile(), "utf8").split("\n");
    // Two lines in one, as a full disk leaves them that had room again.
    lines.splice(2, 2, `${lines[2]?.slice(0, 40)}${lines[3]}`);
    fs.writeFileSync(stateFile(), lines.join("\n"));
    const notes: string[] = [];
    const journal = await open({ note: (text) => notes.push(text) });
    journal.close();
    expect(notes).toEqual([
      expect.stringMatching(
        /sweep\.state: line 3 is not readable and left out; what stood there is done again$/,
      ),
    ]);
    expect(journal.past.lines).toEqual([]);
    expect(journal.past.batches.map(({ batch }) => batch)).toEqual([3]);
    expect(journal.past.measured).toEqual([MEASURED]);
  });

  it.each([
    ["a batch beyond the sweep", '{"batch":999999,"outcomes":"AAAA","elapsedMs":0}'],
    ["a batch below none", '{"batch":-1,"outcomes":"AAAA","elapsedMs":0}'],
    ["a batch of no number", '{"batch":"0","outcomes":"AAAA","elapsedMs":0}'],
    ["a batch without outcomes", '{"batch":1,"outcomes":null,"elapsedMs":0}'],
    ["a batch cut short", '{"batch":1,"outcomes":"AQEB","elapsedMs":0}'],
    ["an outcome that is none", `{"batch":3,"outcomes":"${"/".repeat(12)}","elapsedMs":0}`],
    ["a time that is none", `{"batch":3,"outcomes":"${"AQEB".repeat(3)}","elapsedMs":-1}`],
    ["no line", '{"line":null}'],
    ["an empty line", '{"line":{}}'],
    ["no figures", '{"measured":{"type":"measured"}}'],
    ["no run", '{"run":null}'],
    ["a run of no time", '{"run":{"startedAt":"soon"}}'],
  ])("with %s ends with its line, and is left as it is", async (_, line) => {
    await firstRun();
    fs.appendFileSync(stateFile(), `${line}\n`);
    const before = fs.readFileSync(stateFile(), "utf8");
    await expect(open()).rejects.toThrow(
      /^.*sweep\.state, line 7: no .*; name another file for --state, or remove this one$/,
    );
    expect(fs.readFileSync(stateFile(), "utf8")).toBe(before);
  });

  it("counts once what stands twice, and passes over what it does not know", async () => {
    await firstRun();
    const [, ...entries] = fs.readFileSync(stateFile(), "utf8").split("\n");
    fs.appendFileSync(stateFile(), `{}\n{"later":1}\n${entries.join("\n")}`);
    const journal = await open();
    journal.close();
    const { lines, measured, batches } = journal.past;
    expect([lines.length, measured.length, batches.length]).toEqual([1, 1, 2]);
  });

  it("is one run's at a time", async () => {
    const first = await open();
    await expect(open()).rejects.toThrow(
      /sweep\.state is in use by another run: let it end, or name another/,
    );
    first.close();
    const second = await open();
    second.close();
    expect(second.past.runs).toBe(1);
  });

  it("is a file, and no pipe or device", async () => {
    const asked = {
      plan: PLAN,
      shard: { index: 1, count: 1 },
      codes: CODES,
      startedAt: "2026-11-24T10:00:00.000Z",
    };
    await expect(openJournal("/dev/null", asked)).rejects.toThrow(
      /is a pipe or a device: name a file for --state/,
    );
  });

  it("names a folder that is not there", async () => {
    await expect(
      openJournal(path.join(folder, "none", "x"), {
        plan: planOf(),
        shard: { index: 1, count: 1 },
        codes: CODES,
        startedAt: "2026-11-24T10:00:00.000Z",
      }),
    ).rejects.toThrow(/can't use the state file .*ENOENT/);
  });

  it("is nothing where nobody asked for it", () => {
    const journal = noJournal();
    journal.line(LINE);
    journal.batch(0, OUTCOMES, { elapsedMs: 1, unsent: 0 });
    journal.close();
    expect(journal.past.batches).toEqual([]);
  });
});
