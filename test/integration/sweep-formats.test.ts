import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type EndLine,
  type EndpointLine,
  sweepLineSchema,
  sweepReportSchema,
} from "../../src/sweep/model.ts";
import { startAnswerer } from "./servers/answerer.ts";
import { needs } from "./servers/available.ts";
import { freePort } from "./servers/free-port.ts";
import { makeServerDir, removeServerDir, type RunningProcess } from "./servers/process.ts";
import { type Finished, run } from "./support/kmsprobe.ts";

const BLOCK = "127.73.4.0/24";
const SERVING = ["127.73.4.3", "127.73.4.77", "127.73.4.78", "127.73.4.201"];
const SILENT = ["127.73.4.9"];
const CLOSING = ["127.73.4.20", "127.73.4.21"];
const ANYTHING = ["127.73.4.99"];

function read(text: string): { endpoints: EndpointLine[]; end: EndLine } {
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => sweepLineSchema.parse(JSON.parse(line)));
  const end = lines.at(-1);
  if (end?.type !== "end") throw new Error("no end line");
  return { endpoints: lines.flatMap((line) => (line.type === "endpoint" ? [line] : [])), end };
}

// No root, no namespace: the kernel refuses what nobody listens on.
describe.skipIf(needs("linux").skip)("a sweep of a /24 of loopback", () => {
  let port: number;
  let answerer: RunningProcess;

  beforeAll(async () => {
    port = await freePort(...SERVING);
    const addresses = { serves: SERVING, silent: SILENT, closes: CLOSING, anything: ANYTHING };
    answerer = await startAnswerer({ addresses, port });
  });

  afterAll(() => answerer.stop());

  function sweep(...args: readonly string[]): Promise<Finished> {
    const quick = ["--rate", "0", "--rpc-timeout", "200ms", "--port", String(port), "--count", "2"];
    return run(["sweep", BLOCK, ...quick, ...args]);
  }

  test("finds what serves, ten times out of ten", async () => {
    for (let time = 0; time < 10; time += 1) {
      const { code, stdout } = await sweep("-q", "--count", "0", "--seed", String(time));
      const { endpoints, end } = read(stdout);
      const serving = endpoints.filter(({ verdict }) => verdict.serves).map(({ endpoint }) => endpoint.host);
      expect(serving.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))).toEqual(SERVING);
      expect(end.subnets).toHaveLength(1);
      expect(end.subnets[0]?.counts).toEqual({
        "rpc-serves": 4,
        "rpc-no-answer": 1,
        "rpc-closed": 2,
        "rpc-accepts-anything": 1,
        "tcp-refused": end.planned - 8,
      });
      expect(code).toBe(0);
    }
  });

  test("says the same as one report, as lines in a file, as CSV and in words", async () => {
    const dir = await makeServerDir("sweep-formats");
    onTestFinished(() => removeServerDir(dir));
    const report = sweepReportSchema.parse(JSON.parse((await sweep("--format", "json")).stdout));
    expect(report.serving).toBe(4);
    expect(report.hosts.map(({ endpoint }) => endpoint.host)).toEqual(
      [...SERVING, ...SILENT, ...CLOSING, ...ANYTHING].toSorted((a, b) =>
        a.localeCompare(b, "en", { numeric: true }),
      ),
    );
    const serving = report.hosts.filter(({ verdict }) => verdict.serves);
    for (const { quiet, fingerprint } of serving) {
      expect(quiet?.tcpMs.length).toBeGreaterThan(0);
      expect(fingerprint?.text).not.toMatch(/genuine/i);
    }
    const file = join(dir, "lines.ndjson");
    const written = await sweep("-q", "-o", file);
    expect(written).toMatchObject({ code: 0, stdout: "" });
    expect(read(readFileSync(file, "utf8")).endpoints).toHaveLength(8);
    const csv = (await sweep("--format", "csv")).stdout;
    const text = (await sweep("--format", "text")).stdout;
    for (const address of SERVING) {
      expect(csv).toContain(address);
      expect(text).toContain(address);
    }
    expect(text).toMatch(/4 serve/);
  });

  test("--dry-run says what would be touched, and touches nothing", async () => {
    const { code, stdout } = await sweep("--dry-run");
    expect(code).toBe(0);
    expect(stdout).toMatch(/127\.73\.4\.0\b.*256 addresses/);
    expect(stdout).toContain("Nothing was touched");
  });

  test("a large range is not swept unless that is said", async () => {
    const large = await run(["sweep", "127.0.0.0/15"]);
    expect(large).toMatchObject({ code: 2, stdout: "" });
    expect(large.stderr).toContain("--yes");
  });
});
