/** `check --format ndjson`: what is known of a host is there as soon as it is, for whoever reads along. */
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { run, start } from "./support/kmsprobe.ts";
import { startSilentPeer } from "./support/peers.ts";
import { peer, placeOf } from "./support/serving.ts";

const lineSchema = z.looseObject({
  type: z.enum(["endpoint", "target", "run"]),
  source: z.string().nullable().optional(),
  endpoint: z.object({ host: z.string(), port: z.int() }).optional(),
});

function parsed(line: string): z.infer<typeof lineSchema> {
  return lineSchema.parse(JSON.parse(line));
}

async function silent(): Promise<string> {
  const started = await startSilentPeer();
  onTestFinished(started.stop);
  return placeOf(started);
}

const LATE = ["--rpc-timeout", "3s", "--count", "0"];

describe("check --format ndjson", () => {
  test("has the line of a host that serves while it still waits for one that is silent", async () => {
    const serving = await peer();
    const { process: child, finished } = start([
      "check",
      await silent(),
      placeOf(serving),
      ...LATE,
      "--format",
      "ndjson",
    ]);
    const [first]: unknown[] = await once(createInterface(child.stdout), "line");
    const running = child.exitCode === null;
    expect(parsed(String(first))).toMatchObject({
      type: "endpoint",
      source: null,
      endpoint: { host: serving.address, port: serving.port },
      verdict: { code: "rpc-serves" },
    });
    const { code, stdout } = await finished;
    const lines = stdout.trimEnd().split("\n").map(parsed);
    expect({ running, code }).toEqual({ running: true, code: 0 });
    expect(lines.map(({ type }) => type)).toEqual(["endpoint", "endpoint", "target", "run"]);
  });

  test("waits for the end where one source may see what strikes causes at another; a file is whole", async () => {
    const serving = await peer();
    const folder = await mkdtemp(join(tmpdir(), "kmsprobe-stream-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "report.ndjson");
    const sources = ["--source", "127.0.0.1", "--source", "127.0.0.2"];
    const common = ["check", placeOf(serving), await silent(), ...LATE, ...sources, "--format", "ndjson"];
    const { stdout } = await run(common);
    await run([...common, "-o", file]);
    for (const text of [stdout, await readFile(file, "utf8")]) {
      const lines = text.trimEnd().split("\n").map(parsed);
      expect(lines.map(({ type, source }) => [type, source])).toEqual([
        ["endpoint", "127.0.0.1"],
        ["endpoint", "127.0.0.1"],
        ["target", "127.0.0.1"],
        ["endpoint", "127.0.0.2"],
        ["endpoint", "127.0.0.2"],
        ["target", "127.0.0.2"],
        ["run", undefined],
      ]);
    }
  });
});
