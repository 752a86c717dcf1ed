import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { renderSweepLine } from "../../src/report/sweep/json.ts";
import {
  type SweepLine,
  type SweepReport,
  sweepLineSchema,
  sweepReportSchema,
} from "../../src/sweep/model.ts";
import { end, line, measured, net, permitted, plan, start } from "../unit/sweep/builders.ts";
import { type Finished, run } from "./support/kmsprobe.ts";

const COUNT = 4;
const FILES = ["part1.ndjson", "part2.ndjson", "part3.ndjson", "part4.ndjson"];

let dir = "";

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kmsprobe-merge-"));
  for (const [index, file] of FILES.entries()) await writeFile(join(dir, file), textOf(shard(index + 1)));
});

afterAll(async () => {
  await rm(dir, { recursive: true });
});

/** A quarter of a /24: each has a host that serves, and the third one that nobody permits. */
function shard(index: number): SweepLine[] {
  const at = { index, count: COUNT };
  const address = `10.1.3.${index}`;
  return [
    start({ shard: at, plan: plan({ targets: ["10.1.3.0/24"], addresses: 256 }) }),
    line(address),
    line(`10.1.3.${index + 100}`, "rpc-closed"),
    measured(address),
    end(
      [
        net(
          "10.1.3.0/24",
          { "rpc-serves": 1, "rpc-closed": 1, "tcp-refused": 3, "tcp-no-answer": 59 },
          { planned: 256 },
        ),
      ],
      { shard: at },
    ),
  ];
}

function textOf(lines: readonly SweepLine[]): string {
  return lines.map(renderSweepLine).join("");
}

function merge(args: readonly string[], input?: string): Promise<Finished> {
  return run(["merge", ...args], { cwd: dir, ...(input === undefined ? {} : { input }) });
}

/** Held to the published schema, as a reader would who has nothing else. */
function published(name: string): z.ZodType {
  const schema: unknown = JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), "utf8"));
  if (typeof schema !== "object" || schema === null) throw new Error("the published schema is no object");
  return z.fromJSONSchema({ ...schema });
}

async function mergeJson(args: readonly string[], input?: string): Promise<SweepReport> {
  const { stdout, stderr } = await merge([...args, "--format", "json"], input);
  expect(stderr).toBe("");
  published("sweep-v1.json").parse(JSON.parse(stdout));
  return sweepReportSchema.parse(JSON.parse(stdout));
}

describe("the parts of a sweep", () => {
  it("are one report, whatever their order, and however often", async () => {
    const { code, stdout, stderr } = await merge(FILES);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(
      "✓ 4 of 256 addresses answer as KMS hosts, 4 more connect and would not serve\n",
    );
    expect(stdout).toContain("  10.1.3.0/24  256: 4 serve, 4 connect and close, 12 refused, 236 no answer\n");
    const report = await mergeJson(FILES);
    expect(report.coverage).toEqual({ planned: 256, covered: 256, complete: true, gaps: [] });
    expect(report.hosts.map(({ endpoint }) => endpoint.host)).toEqual([
      "10.1.3.1",
      "10.1.3.2",
      "10.1.3.3",
      "10.1.3.4",
      "10.1.3.101",
      "10.1.3.102",
      "10.1.3.103",
      "10.1.3.104",
    ]);
    expect(await mergeJson([...FILES.toReversed(), "part2.ndjson"])).toEqual(report);
    expect(
      await mergeJson(["part1.ndjson", "-", "part4.ndjson"], textOf([...shard(3), ...shard(2)])),
    ).toEqual(report);
  });

  it("are named where they are missing, and the exit code tells", async () => {
    const { code, stdout } = await merge(["part4.ndjson", "part1.ndjson"]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/128 addresses not\s+looked at/);
    expect(stdout).toContain("Not looked at\n  ! shards 2 to 3 of 4 are missing: 128 addresses\n");
  });

  it("may be killed: what is whole counts, and stderr tells", async () => {
    const cut = textOf(shard(3)).slice(0, -80);
    const { code, stdout, stderr } = await merge(["part1.ndjson", "part2.ndjson", "part4.ndjson", "-"], cut);
    expect(code).toBe(3);
    expect(stdout).toMatch(/shard 3 of 4 was killed, and how far it came of 64 addresses is not known/);
    expect(stderr).toBe(
      "kmsprobe: standard input: the last line of a run is not whole, and left out: the run was killed\n",
    );
    const quiet = await merge(["part1.ndjson", "part2.ndjson", "part4.ndjson", "-", "-q"], cut);
    expect(quiet).toEqual({ code: 3, stdout: "", stderr: "" });
  });

  it("exit with 1 where a host serves that nobody permits", async () => {
    const [first, ...rest] = shard(1);
    if (first === undefined) throw new Error("a shard has lines");
    const told = [first, ...rest].map((each) =>
      each.type === "end" ? { ...each, permitted: [permitted("10.1.3.0/30")] } : each,
    );
    const { code, stdout } = await merge(["-", ...FILES.slice(1)], textOf(told));
    expect(code).toBe(1);
    expect(stdout).toMatch(
      / 1 ! answers, and is not permitted: 10\.1\.3\.4:1688 \[not-permitted-answering\]\n/,
    );
    expect(
      (await merge(["-", ...FILES.slice(1)], textOf(told.filter(({ type }) => type !== "endpoint")))).code,
    ).toBe(1);
  });

  it("become one file of lines, which merges to the same", async () => {
    expect(await merge([...FILES, "--format", "ndjson", "-o", "whole.ndjson"])).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
    const text = await readFile(join(dir, "whole.ndjson"), "utf8");
    const schema = published("sweep-line-v1.json");
    const lines = text
      .split("\n")
      .slice(0, -1)
      .map((each): unknown => JSON.parse(each));
    expect(lines).toHaveLength(20);
    for (const each of lines) {
      schema.parse(each);
      expect(sweepLineSchema.parse(each)).toEqual(each);
    }
    expect(await mergeJson(["whole.ndjson"])).toEqual(await mergeJson(FILES));
    expect((await merge(["whole.ndjson", "--format", "ndjson"])).stdout).toBe(text);
  });

  it("become a table, and colours on demand only", async () => {
    const { code, stdout } = await merge([...FILES, "--format", "csv"]);
    expect(code).toBe(0);
    expect(stdout.split("\r\n")).toHaveLength(10);
    // oxlint-disable-next-line no-control-regex
    const escape = /\u001b\[/;
    expect((await merge(FILES)).stdout).not.toMatch(escape);
    expect((await merge([...FILES, "--color", "always"])).stdout).toMatch(escape);
  });

  it("may be many: 60,000 lines in a few seconds and a bounded memory", async () => {
    // Two are judged, and the others are what would come of them.
    const [serves, other] = (["rpc-serves", "rpc-not-dcerpc"] as const).map((answer) =>
      renderSweepLine(line("10.9.9.9", answer)),
    );
    const hosts = Array.from({ length: 60_000 }, (_, at) => {
      const like = at % 500 === 0 ? serves : other;
      return (like ?? "").replaceAll("10.9.9.9", `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
    });
    await writeFile(join(dir, "large.ndjson"), [renderSweepLine(start()), ...hosts].join(""));
    const { code, stdout, stderr } = await run(["merge", "large.ndjson", "--format", "json"], {
      cwd: dir,
      env: { NODE_OPTIONS: "--max-old-space-size=700" },
    });
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    const report = sweepReportSchema.parse(JSON.parse(stdout));
    expect(report).toMatchObject({ serving: 120, hostsDropped: 49_880 });
    expect(report.hosts).toHaveLength(10_120);
  });
});

describe("what merge refuses, in one line, with exit code 2", () => {
  beforeAll(async () => {
    await mkdir(join(dir, "folder"));
    await writeFile(join(dir, "text.ndjson"), "4 of 256 addresses\n");
    await writeFile(join(dir, "other.ndjson"), textOf([start({ plan: plan({ digest: "other" }) })]));
    await writeFile(join(dir, "bad\u001b[2Jname.ndjson"), "no");
  });

  it.each<[string, string[], string]>([
    [
      "a file that isn't there",
      ["part1.ndjson", "none.ndjson"],
      "can't read none.ndjson (ENOENT): there is no such file or folder: check the path",
    ],
    ["a folder", ["folder"], "can't read folder (EISDIR): it is a folder: name a file"],
    ["text", ["text.ndjson"], "text.ndjson line 1 is not JSON: write the sweep with --format ndjson"],
    ["an empty standard input", ["part1.ndjson", "-"], "standard input is empty"],
    [
      "another sweep",
      ["part1.ndjson", "other.ndjson"],
      "other.ndjson is of another sweep than part1.ndjson: its addresses, ports or seed differ",
    ],
    ["standard input twice", ["-", "-"], "- is named twice: there is one standard input"],
    [
      "1,025 files",
      Array.from({ length: 1_025 }, () => "part1.ndjson"),
      "1,025 files: 1,024 at most at a time",
    ],
    [
      "a name that is no name",
      ["bad\u001b[2Jname.ndjson"],
      "bad\\u{1b}[2Jname.ndjson line 1 is not JSON: write the sweep with --format ndjson",
    ],
    [
      "a place where it can't write",
      ["part1.ndjson", "-o", "folder"],
      "can't write folder (EISDIR): it is a folder: name a file",
    ],
  ])("%s", async (_, args, said) => {
    expect(await merge(args)).toEqual({ code: 2, stdout: "", stderr: `kmsprobe: ${said}\n` });
  });

  it("a file without end", async () => {
    expect(await merge(["/dev/zero"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "kmsprobe: /dev/zero line 1 is longer than 32 MiB: no line of a sweep\n",
    });
  });

  it("no file at all", async () => {
    const { code, stderr } = await merge([]);
    expect(code).toBe(2);
    expect(stderr).toContain("as in kmsprobe merge ");
  });
});
