import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SweepLine } from "../../../src/sweep/model.ts";
import { readSweep } from "../../../src/sweep/read.ts";
import type { Limits, SweepReading } from "../../../src/sweep/read.ts";
import { HOSTILE } from "../verdict/arbitrary.ts";
import { end, line, measured, middlebox, net, start } from "./builders.ts";
import { runs } from "../runs.ts";

const LINES: SweepLine[] = [
  start(),
  line("10.1.0.1", "rpc-serves", { names: ["kms1.corp.example", "ünïcödé 🐟"] }),
  middlebox("10.1.3.0/24", ["10.1.3.1-10.1.3.20"], 20),
  measured("10.1.0.1"),
  end([net("10.1.0.0/24", { "rpc-serves": 1 })]),
];
const [START = "", HOST = "", , , END = ""] = LINES.map((each) => JSON.stringify(each));

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(
  text: string | Uint8Array,
  { size = 1_000, limits }: { size?: number; limits?: Limits } = {},
): Promise<{ reading: SweepReading; lines: SweepLine[] }> {
  const lines: SweepLine[] = [];
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const take = (found: SweepLine): null => {
    lines.push(found);
    return null;
  };
  return { reading: await readSweep(inPieces(bytes, size), take, limits), lines };
}

const textOf = (...lines: string[]): string => lines.map((each) => `${each}\n`).join("");
const WHOLE = textOf(...LINES.map((each) => JSON.stringify(each)));

describe("the lines of a sweep", () => {
  it.each([1, 2, 3, 7, 64, 1_000_000])(
    "are read in pieces of %d bytes as they were written",
    async (size) => {
      expect(await read(WHOLE, { size })).toEqual({
        reading: { ok: true, cutShort: false, spoilt: [] },
        lines: LINES,
      });
    },
  );

  it("may end with CRLF, begin with a byte order mark, and have empty lines between", async () => {
    const odd = `\uFEFF${WHOLE.replaceAll("\n", "\r\n\r\n")}  \r\n`;
    expect(await read(odd)).toEqual({ reading: { ok: true, cutShort: false, spoilt: [] }, lines: LINES });
  });

  it("need no end after the last", async () => {
    expect(await read(WHOLE.trimEnd())).toEqual({
      reading: { ok: true, cutShort: false, spoilt: [] },
      lines: LINES,
    });
  });

  it("may be cut anywhere, as a kill does: what is whole counts", async () => {
    const bytes = new TextEncoder().encode(WHOLE);
    const first = START.length + 1;
    for (let at = first; at <= bytes.length; at += 11) {
      const { reading, lines } = await read(bytes.subarray(0, at));
      const kept = new TextDecoder().decode(bytes.subarray(0, at)).split("\n");
      const last = kept.pop() ?? "";
      expect(reading).toEqual({ ok: true, cutShort: last !== "" && !isJson(last), spoilt: [] });
      expect(lines).toEqual(LINES.slice(0, kept.length + Number(isJson(last))));
    }
  });

  it("may be of several runs, one of them killed", async () => {
    const { reading, lines } = await read(textOf(START, HOST.slice(0, 99), START, END));
    expect(reading).toEqual({ ok: true, cutShort: true, spoilt: [] });
    expect(lines.map(({ type }) => type)).toEqual(["start", "start", "end"]);
  });
});

describe("a line that is not JSON costs nothing but itself, and is named by its number", () => {
  it.each<[string, string, number[], string[]]>([
    ["between others", textOf(START, HOST.slice(0, 99), END), [2], ["start", "end"]],
    [
      "two that were joined",
      textOf(START, `${HOST.slice(0, 99)}${HOST}`, HOST, END),
      [2],
      ["start", "endpoint", "end"],
    ],
    ["the last, with its end", textOf(START, HOST, END.slice(0, 99)), [3], ["start", "endpoint"]],
    ["two in a row, and another run", textOf(START, "{", "{", START), [2], ["start", "start"]],
    [
      "NULs, as a power cut leaves them",
      textOf(START, "\0".repeat(512), HOST, END),
      [2],
      ["start", "endpoint", "end"],
    ],
  ])("%s", async (_, text, spoilt, types) => {
    const { reading, lines } = await read(text);
    expect(reading).toMatchObject({ ok: true, spoilt });
    expect(lines.map(({ type }) => type)).toEqual(types);
  });

  it("but a file of nothing else is refused", async () => {
    const { reading } = await read(textOf(START, ...Array.from({ length: 1_100 }, () => "{")));
    expect(reading).toEqual({ ok: false, fault: "has more than 1,000 lines that are not JSON" });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("what is no sweep is refused, by its line", () => {
  const changed = (from: string, to: string): string => {
    expect(HOST).toContain(from);
    return HOST.replace(from, to);
  };

  it.each<[string, string, string | RegExp]>([
    ["nothing", "", "is empty"],
    ["empty lines", "\n\r\n  \n", "is empty"],
    ["text", "3 of 256 addresses answer\n", "line 1 is not JSON: write the sweep with --format ndjson"],
    ["a start that was cut", START.slice(0, 50), "line 1 is not JSON: write the sweep with --format ndjson"],
    [
      "a report",
      '{\n  "schemaVersion": "1.0"\n}\n',
      "line 1 is not JSON: write the sweep with --format ndjson",
    ],
    ["a list", "[]\n", "line 1 is JSON, but no line of a sweep: it has no type"],
    [
      "a log of watch",
      '{"type":"start","at":"2026-10-20T10:00:00Z","tool":"kmsprobe 0.1.0","intervalMs":2000}\n',
      "line 1 begins a log of watch, which has events and no addresses to join",
    ],
    ["null", "null\n", "line 1 is JSON, but no line of a sweep: it has no type"],
    ["other JSON", '{"kind":"comparison"}\n', "line 1 is JSON, but no line of a sweep: it has no type"],
    [
      "a sweep without its start",
      textOf(HOST, END),
      "does not begin with the start line of a sweep: write it with --format ndjson",
    ],
    [
      "lines of a check",
      '{"type":"target","target":{}}\n',
      "line 1 is of the type 'target', which this kmsprobe does not know: merge with the one that wrote it",
    ],
    [
      "a type of the future",
      textOf(START, '{"type":"weather"}'),
      "line 2 is of the type 'weather', which this kmsprobe does not know: merge with the one that wrote it",
    ],
    [
      "another major",
      textOf(START.replace('"1.0"', '"2.0"')),
      "line 1 has schemaVersion 2.0: this kmsprobe reads 1.0",
    ],
    [
      "a port that is none",
      textOf(START, changed('"port":1688', '"port":99999')),
      /^line 2 is no endpoint line: endpoint\.port: /,
    ],
    [
      "a field too many",
      textOf(START, changed('"names":', '"more":1,"names":')),
      /^line 2 is no endpoint line: Unrecognized key: "more"/,
    ],
    [
      "an attempt without address",
      textOf(START, changed('"address":"10.1.0.1"', '"address":7')),
      /^line 2 is no endpoint line: attempts\[0\]\.address: /,
    ],
    [
      "a count below zero",
      textOf(START, END.replace('"rpc-serves":1', '"rpc-serves":-1')),
      /^line 2 is no end line: subnets\[0\]\.counts\.rpc-serves: /,
    ],
    [
      "a count of no code",
      textOf(START, END.replace('"rpc-serves":1', '"rpc-shines":1')),
      /^line 2 is no end line: subnets\[0\]\.counts/,
    ],
  ])("%s", async (_, text, fault) => {
    const { reading } = await read(text);
    expect(reading).toEqual({
      ok: false,
      fault: typeof fault === "string" ? fault : expect.stringMatching(fault),
    });
  });

  it("what its taker says", async () => {
    const taken: string[] = [];
    const bytes = new TextEncoder().encode(WHOLE);
    const reading = await readSweep(inPieces(bytes, 100), ({ type }) => {
      taken.push(type);
      return type === "middlebox" ? "is of another sweep" : null;
    });
    expect(reading).toEqual({ ok: false, fault: "is of another sweep" });
    expect(taken).toEqual(["start", "endpoint", "middlebox"]);
  });

  it("a line without end, before it is all there", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 1;
        yield new Uint8Array(1 << 20);
      }
    }
    const reading = await readSweep(endless(), () => null);
    expect(reading).toEqual({ ok: false, fault: "line 1 is longer than 32 MiB: no line of a sweep" });
    expect(given).toBeLessThan(40);
  });

  it("a long line among others, and a file without end", async () => {
    const limits = { lineBytes: 5 << 20, fileBytes: 20 << 20 };
    const long = await read(textOf(START, " ".repeat(6 << 20), END), { size: 1 << 16, limits });
    expect(long.reading).toEqual({ ok: false, fault: "line 2 is longer than 5 MiB: no line of a sweep" });
    const lines = `${START}\n`.repeat(Math.ceil((21 << 20) / START.length));
    const much = await read(lines, { size: 1 << 20, limits });
    expect(much.reading.ok).toBe(false);
    expect(much.reading).toMatchObject({
      fault: expect.stringMatching(/^line \d+ is beyond the first 20 MiB: /),
    });
  });

  it("anything, and never by throwing", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .record({
          at: fc.nat(WHOLE.length),
          text: fc.constantFrom(...HOSTILE, '"', "{", "\n", "null", "1e999"),
        })
        .map(({ at, text }) => new TextEncoder().encode(WHOLE.slice(0, at) + text + WHOLE.slice(at))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 300 }), async (given, size) => {
        const { reading } = await read(given, { size });
        expect(typeof reading.ok).toBe("boolean");
        if (!reading.ok) expect(reading.fault).not.toBe("");
      }),
      { seed: 7464, numRuns: runs(300) },
    );
  });
});
