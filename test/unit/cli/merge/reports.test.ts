import { describe, expect, it } from "vitest";
import { mergeReports } from "../../../../src/cli/merge/reports.ts";
import type { Merged, MergeOptions } from "../../../../src/cli/merge/reports.ts";
import { renderSweepLine } from "../../../../src/report/sweep/json.ts";
import { sweepReportSchema } from "../../../../src/sweep/model.ts";
import type { SweepLine } from "../../../../src/sweep/model.ts";
import { end, line, measured, net, plan, start } from "../../sweep/builders.ts";

const shard = (index: number) => ({ index, count: 2 });
const partOf = (index: number): SweepLine[] => [
  start({ shard: shard(index), plan: plan({ addresses: 20 }) }),
  line(`10.1.0.${index}`),
  measured(`10.1.0.${index}`),
  end([net("10.1.0.0/24", { "rpc-serves": 1, "tcp-no-answer": 9 }, { planned: 20 })], {
    shard: shard(index),
  }),
];
const textOf = (lines: readonly SweepLine[]): string => lines.map(renderSweepLine).join("");

async function merge(
  files: Readonly<Record<string, string>>,
  over: Partial<MergeOptions> = {},
): Promise<Merged & { text: string }> {
  async function* open(file: string): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(files[file]);
  }
  const options: MergeOptions = { format: "text", verbose: false, color: false, width: 100, ...over };
  const merged = await mergeReports(Object.keys(files), open, options);
  return { ...merged, text: merged.ok ? [...merged.output].join("") : "" };
}

describe("merging files", () => {
  const files = { "one.ndjson": textOf(partOf(1)), "two.ndjson": textOf(partOf(2)) };

  it("joins the shards of one sweep", async () => {
    const merged = await merge(files);
    expect(merged).toMatchObject({
      ok: true,
      notes: [],
      report: { serving: 2, coverage: { complete: true } },
    });
    expect(merged.text).toMatch(/^✓ 2 of 20 addresses answer as KMS hosts\n/);
  });

  it("takes a file twice, a run within another's file, and several runs of one shard", async () => {
    const once = await merge(files, { format: "json" });
    const again = await merge(
      { a: textOf([...partOf(2), ...partOf(1)]), b: textOf(partOf(1)), c: textOf(partOf(2)) },
      { format: "json" },
    );
    expect(again.text).toBe(once.text);
    expect(sweepReportSchema.parse(JSON.parse(once.text))).toMatchObject({ serving: 2 });
  });

  it("writes lines that come to the same report", async () => {
    const lines = await merge(files, { format: "ndjson" });
    expect(lines.text.split("\n").slice(0, -1)).toHaveLength(8);
    const again = await merge({ "whole.ndjson": lines.text }, { format: "ndjson" });
    expect(again.text).toBe(lines.text);
    const report = await merge({ "whole.ndjson": lines.text }, { format: "json" });
    expect(report.text).toBe((await merge(files, { format: "json" })).text);
  });

  it("writes a row for each host", async () => {
    const { text } = await merge(files, { format: "csv" });
    expect(text.split("\r\n").map((row) => row.split(",")[1])).toEqual([
      "address",
      "10.1.0.1",
      "10.1.0.2",
      undefined,
    ]);
  });

  it("notes what a killed run left, and what is missing", async () => {
    const killed = textOf(partOf(2).slice(0, 2)) + textOf(partOf(2).slice(2)).slice(0, 80);
    const merged = await merge({ "one.ndjson": files["one.ndjson"], "bad\u001b[2J.ndjson": killed });
    expect(merged).toMatchObject({
      ok: true,
      notes: ["bad\\u{1b}[2J.ndjson: the last line of a run is not whole, and left out: the run was killed"],
    });
    expect(merged.text).toContain(
      "! shard 2 of 2 was killed, and how far it came of 10 addresses is not known",
    );
    expect(merged.text).toContain("2 addresses answer as KMS hosts, 10 addresses not looked at");
  });

  it("names a shard that is missing as a gap, also where there is only one other", async () => {
    const { text } = await merge({ "one.ndjson": files["one.ndjson"] });
    expect(text).toMatch(/^! 1 of 10 addresses answers as a KMS host, 10 addresses not looked at\n/);
    expect(text).toContain("Not looked at\n  ! shard 2 of 2 is missing: 10 addresses\n");
    expect(text).not.toContain("merge joins");
  });

  it("loses nothing but a line that a full disk spoilt, and says which", async () => {
    const [first, host, figures, last] = partOf(2).map((each) => renderSweepLine(each));
    const spoilt = `${first}${host?.slice(0, 60)}\n${host}${figures}${last}`;
    const merged = await merge({ "one.ndjson": files["one.ndjson"], "two.ndjson": spoilt });
    expect(merged).toMatchObject({
      ok: true,
      notes: ["two.ndjson: line 2 is not JSON, and left out; all others count"],
      report: { serving: 2, coverage: { complete: true } },
      lost: 1,
    });
  });

  it("notes that shards waited differently", async () => {
    const [first, ...rest] = partOf(2);
    if (first?.type !== "start") throw new Error("a run begins with its start");
    const hasty = textOf([{ ...first, settings: { ...first.settings, retries: 0 } }, ...rest]);
    const merged = await merge({ "one.ndjson": files["one.ndjson"], "two.ndjson": hasty });
    expect(merged).toMatchObject({ notes: [expect.stringMatching(/^the runs differ in retries: /)] });
  });
});

describe("what merging refuses", () => {
  const one = textOf(partOf(1));
  const other = textOf([start({ plan: plan({ digest: "other" }) })]);

  it.each<[string, Record<string, string>, string]>([
    [
      "another sweep",
      { "one.ndjson": one, "other.ndjson": other },
      "other.ndjson is of another sweep than one.ndjson: its addresses, ports or seed differ",
    ],
    [
      "two sweeps in one file",
      { "both.ndjson": one + other },
      "both.ndjson is of another sweep than what it begins with: its addresses, ports or seed differ",
    ],
    [
      "another sweep than that of standard input",
      { "-": one, "other.ndjson": other },
      "other.ndjson is of another sweep than standard input: its addresses, ports or seed differ",
    ],
    [
      "another division",
      { "one.ndjson": one, "whole.ndjson": textOf([start()]) },
      "whole.ndjson is of another division into shards than one.ndjson: merge the parts of one",
    ],
    [
      "a shard that can't be",
      { "one.ndjson": textOf([start({ shard: { index: 3, count: 2 } })]) },
      "one.ndjson is of a shard that can't be: its number is larger than their count",
    ],
    ["an empty file", { "-": "" }, "standard input is empty"],
    [
      "what is no line, in text fit for print",
      { "a\u0007.ndjson": `${one}{"type":"\\u001b[2J"}\n` },
      "a\\u{7}.ndjson line 5 is of the type '\\u{1b}[2J', which this kmsprobe does not know: merge with the one that wrote it",
    ],
  ])("%s", async (_, files, fault) => {
    expect(await merge(files)).toEqual({ ok: false, fault, text: "" });
  });

  it("more hosts that serve than there can be", async () => {
    const host = renderSweepLine(measured("10.1.0.1"));
    async function* open(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode(renderSweepLine(start()));
      const many = new TextEncoder().encode(host.repeat(1_000));
      for (let at = 0; at < 201; at++) yield many;
    }
    const options: MergeOptions = { format: "text", verbose: false, color: false, width: 100 };
    expect(await mergeReports(["x"], open, options)).toEqual({
      ok: false,
      fault: "x brings the lines of hosts that serve to more than 200,000: no network has so many",
    });
  }, 30_000);
});
