import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { comparisonSchema } from "../../src/compare/comparison.ts";
import type { Comparison } from "../../src/compare/comparison.ts";
import { type Report, reportSchema } from "../../src/model/report.ts";
import { verdictOf } from "../../src/verdict/words.ts";
import { type Finished, run } from "./support/kmsprobe.ts";

const SCHEMA: unknown = JSON.parse(
  readFileSync(new URL("../../schema/compare-v1.json", import.meta.url), "utf8"),
);

let dir = "";
/** What the demo writes, twice. */
let first = "";
let second = "";

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kmsprobe-compare-"));
  first = await demo("first.json");
  second = await demo("second.json");
});

afterAll(async () => {
  await rm(dir, { recursive: true });
});

async function demo(name: string): Promise<string> {
  const finished = await run(["demo", "--quiet", "--format", "json", "-o", join(dir, name)]);
  expect(finished).toMatchObject({ code: 0, stderr: "" });
  return await readFile(join(dir, name), "utf8");
}

function compare(args: readonly string[], input?: string): Promise<Finished> {
  return run(["compare", ...args], { cwd: dir, ...(input === undefined ? {} : { input }) });
}

async function compareJson(args: readonly string[], input?: string): Promise<Comparison> {
  const { stdout, stderr } = await compare([...args, "--format", "json"], input);
  expect(stderr).toBe("");
  if (typeof SCHEMA !== "object" || SCHEMA === null) throw new Error("the published schema is no object");
  z.fromJSONSchema({ ...SCHEMA }).parse(JSON.parse(stdout));
  return comparisonSchema.parse(JSON.parse(stdout));
}

/** Addresses of the lab moved to where a network would have them, ports and all that was seen left as they were. */
function placed(text: string, via: string, change: (report: Report) => void = () => {}): string {
  const report = reportSchema.parse(JSON.parse(text));
  for (const { endpoints } of report.diagnoses) {
    endpoints.forEach((each, index) => {
      for (const attempt of each.attempts) {
        if (attempt.family === 4) attempt.address = `10.30.0.${10 + index}`;
        attempt.via = { address: via, interface: "eth0", link: "ethernet", owner: null };
      }
      each.address.addresses = each.attempts.map(({ address }) => address);
    });
  }
  change(report);
  return JSON.stringify(report);
}

/** Nothing gets through to any address. */
function closed(report: Report): void {
  report.from.host = "laptop";
  for (const { endpoints } of report.diagnoses) {
    for (const each of endpoints) {
      for (const attempt of each.attempts) {
        attempt.tcp = { outcome: "no-answer", cause: "deadline", elapsedMs: 4_000, tries: 2 };
        attempt.rpc = null;
        attempt.verdict = verdictOf("tcp-no-answer", "/endpoints", {});
      }
      if (each.attempts.length > 0) each.verdict = verdictOf("tcp-no-answer", "/endpoints", {});
    }
  }
}

function sourceOf(label: string): Report["sources"][number] {
  return { label, ipv4: null, ipv6: null, interface: label, link: "ethernet" };
}

describe("two reports of the lab", () => {
  it("differ in nothing when they are one and the same", async () => {
    const { code, stdout, stderr } = await compare(["first.json", "first.json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^= No difference in what serves$/m);
    expect(stdout).toContain("Nothing differs");
    const { differences, places } = await compareJson(["first.json", "first.json"]);
    expect(differences).toEqual([]);
    expect(places.map(({ label }) => label)).toEqual(["first", "first (2)"]);
  });

  it("have their hosts on other ports: nothing is the same host, and the suffix serves at both", async () => {
    const { serving, suffixes } = await compareJson(["first.json", "second.json"]);
    expect(serving).toBe("same");
    expect(suffixes).toMatchObject([{ domain: "lab.test" }]);
  });

  it("name the subnet that is closed to one of them", async () => {
    await writeFile(join(dir, "office.json"), placed(first, "10.1.0.9"));
    await writeFile(join(dir, "vpn.json"), placed(first, "10.8.0.6", closed));
    const { code, stdout } = await compare(["office.json", "vpn.json", "--network", "servers=10.30.0.0/24"]);
    expect(code).toBe(1);
    const plain = stdout.replace(/\s+/g, " ");
    expect(plain).toMatch(/From vpn nothing reaches servers \(10\.30\.0\.0\/24\) \(\d hosts, no answer\)/);
    expect(plain).toMatch(/ask for 10\.8\.0\.0\/24 → 10\.30\.0\.0\/24 tcp\/\d+/);
    expect(plain).toMatch(/\d hosts serve from nowhere, each not for one reason/);
    const { conclusions, serving } = await compareJson(["office.json", "vpn.json"]);
    expect(serving).toBe("differs");
    const blocked = conclusions.find(({ rule }) => rule === "blocked");
    expect(blocked).toMatchObject({
      places: ["vpn"],
      asks: [{ place: "vpn", from: "10.8.0.0/24", to: ["10.30.0.0/24"] }],
    });
  });

  it("are written as Markdown to a file", async () => {
    await writeFile(join(dir, "office.json"), placed(first, "10.1.0.9"));
    await writeFile(join(dir, "vpn.json"), placed(first, "10.8.0.6", closed));
    const args = ["office.json", "vpn.json", "--label", "HQ | main", "--format", "markdown", "-o", "out.md"];
    expect(await compare(args)).toEqual({ code: 1, stdout: "", stderr: "" });
    const markdown = await readFile(join(dir, "out.md"), "utf8");
    expect(markdown).toMatch(
      /^# KMS hosts seen from HQ \\\| main and vpn\n\n\*\*What serves differs by place\.\*\*\n/,
    );
    expect(markdown).toContain("|  | host | address | HQ \\| main | vpn |\n|---|---|---|---|---|\n");
  });

  it("come from standard input too, under the machine's name", async () => {
    const { places } = await compareJson(["first.json", "-"], placed(second, "10.8.0.6", closed));
    expect(places.map(({ label, file }) => [label, file])).toEqual([
      ["first", "first.json"],
      ["laptop", "-"],
    ]);
  });

  it("are two places in one file where a check looked from two sources", async () => {
    const both = placed(first, "10.1.0.9", (report) => {
      report.sources = [sourceOf("eth0"), sourceOf("wg0")];
      const [seen] = report.diagnoses;
      if (seen === undefined) throw new Error("the demo looks at one suffix");
      report.diagnoses = [
        { ...seen, source: "eth0" },
        { ...seen, source: "wg0" },
      ];
    });
    await writeFile(join(dir, "both.json"), both);
    const { places, differences } = await compareJson(["both.json"]);
    expect(places.map(({ label }) => label)).toEqual(["eth0", "wg0"]);
    expect(differences).toEqual([]);
  });

  it("colour the text on demand only", async () => {
    // oxlint-disable-next-line no-control-regex
    const escape = /\u001b\[/;
    expect((await compare(["first.json", "first.json"])).stdout).not.toMatch(escape);
    expect((await compare(["first.json", "first.json", "--color", "always"])).stdout).toMatch(escape);
  });
});

describe("what compare refuses, in one line, with exit code 2", () => {
  beforeAll(async () => {
    await mkdir(join(dir, "folder"));
    await writeFile(join(dir, "text.json"), "kms1 serves\n");
    await writeFile(join(dir, "cut.json"), first.slice(0, first.length / 2));
    await writeFile(
      join(dir, "major.json"),
      first.replace('"schemaVersion": "1.0"', '"schemaVersion": "2.0"'),
    );
    await writeFile(join(dir, "odd.json"), first.replace('"port": ', '"port": "x", "was": '));
    await writeFile(join(dir, "bad\u001b[2Jname.json"), "no");
  });

  it.each<[string, string[], string]>([
    [
      "a file that isn't there",
      ["first.json", "none.json"],
      "can't read the report none.json (ENOENT): there is no such file or folder: check the path",
    ],
    [
      "a folder",
      ["first.json", "folder"],
      "can't read the report folder (EISDIR): it is a folder: name a file",
    ],
    ["text", ["text.json", "first.json"], "text.json is not JSON: write the report with --format json"],
    ["half a report", ["cut.json", "first.json"], "cut.json is cut short: the JSON ends too early"],
    [
      "another major",
      ["major.json", "first.json"],
      "major.json has schemaVersion 2.0: this kmsprobe reads 1.x",
    ],
    ["an empty standard input", ["first.json", "-"], "standard input is empty"],
    ["one place", ["first.json"], "one report from one place: name another to compare it with"],
    [
      "too many labels",
      ["first.json", "first.json", "--label", "a", "--label", "b", "--label", "c"],
      "3 labels for 2 reports: one --label a report, in their order",
    ],
    [
      "a label twice",
      ["first.json", "first.json", "--label", "a", "--label", "a"],
      "two reports have the same --label",
    ],
    ["an empty label", ["first.json", "--label", " "], "a --label has 1 to 40 characters"],
    ["standard input twice", ["-", "-"], "- is named twice: there is one standard input"],
    ["33 reports", Array.from({ length: 33 }, () => "first.json"), "33 reports: 32 at most at a time"],
    [
      "no subnet",
      ["first.json", "first.json", "--network", "hq"],
      "--network 'hq' is not NAME=SUBNET, as in hq=10.20.0.0/16",
    ],
    [
      "a name that is no name",
      ["bad\u001b[2Jname.json", "first.json"],
      "bad\\u{1b}[2Jname.json is not JSON: write the report with --format json",
    ],
  ])("%s", async (_, args, said) => {
    expect(await compare(args)).toEqual({ code: 2, stdout: "", stderr: `kmsprobe: ${said}\n` });
  });

  it("a report with something odd, and says where", async () => {
    const { code, stderr } = await compare(["odd.json", "first.json"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^kmsprobe: odd\.json is no report: diagnoses\[0\]\.[\w.[\]]*port: [^\n]+\n$/);
  });

  it("a file without end", async () => {
    const { code, stderr } = await compare(["first.json", "/dev/zero"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "kmsprobe: /dev/zero is larger than 64 MiB: no report\n",
    });
  });

  it("no report at all", async () => {
    const { code, stderr } = await compare([]);
    expect(code).toBe(2);
    expect(stderr).toContain("as in kmsprobe compare ");
  });
});
