/** `--fast` and `--patient`: what they stand for, and what is said of a host that was looked at in haste. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFullQueue } from "../../src/demo/full-queue.ts";
import { run } from "./support/kmsprobe.ts";

type Waits = { timeoutMs: number; retries: number; rpcTimeoutMs: number; deadlineMs: number };

async function waitsOf(...flags: string[]): Promise<Waits> {
  const { stdout } = await run(["check", "127.0.0.1:1", "--format", "json", "--count", "0", ...flags]);
  const { settings }: { settings: Waits } = JSON.parse(stdout);
  const { timeoutMs, retries, rpcTimeoutMs, deadlineMs } = settings;
  return { timeoutMs, retries, rpcTimeoutMs, deadlineMs };
}

describe("how long is waited", () => {
  test("--fast is one connect of 1 s, and 2 s for RPC", async () => {
    expect(await waitsOf("--fast")).toMatchObject({ timeoutMs: 1_000, retries: 0, rpcTimeoutMs: 2_000 });
  });

  test("--patient is 21 s for both, and the time for it", async () => {
    expect(await waitsOf("--patient")).toEqual({
      timeoutMs: 21_000,
      retries: 1,
      rpcTimeoutMs: 21_000,
      deadlineMs: 90_000,
    });
  });

  test("what is named beside them counts, wherever it stands", async () => {
    expect(await waitsOf("--fast", "--retries", "2")).toMatchObject({ timeoutMs: 1_000, retries: 2 });
    expect(await waitsOf("--timeout", "3s", "--fast")).toMatchObject({ timeoutMs: 3_000, retries: 0 });
  });

  test("both at once is a usage error", async () => {
    const { code, stderr, stdout } = await run(["check", "127.0.0.1:1", "--fast", "--patient"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("--patient");
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("of a sweep it is the same", async () => {
    const { stdout } = await run(["sweep", "127.0.0.1:1", "--format", "ndjson", "-q", "--fast"]);
    const [start = ""] = stdout.split("\n");
    expect(JSON.parse(start)).toMatchObject({
      settings: { timeoutMs: 1_000, retries: 0, rpcTimeoutMs: 2_000 },
    });
  });
});

describe("a host that was silent", () => {
  let silent: Awaited<ReturnType<typeof startFullQueue>>;

  beforeAll(async () => {
    silent = await startFullQueue();
  });

  afterAll(async () => {
    await silent.stop();
  });

  test("to a fast look is said to have been asked once, with the way to ask again", async () => {
    const target = `127.0.0.1:${silent.port}`;
    const { code, stdout } = await run(["check", target, "--fast", "--color", "never"]);
    expect(code).toBe(1);
    const said = stdout.replaceAll(/\s+/g, " ");
    expect(said).toContain("a packet was lost, or the way is slow: it was asked once");
    expect(said).toContain(`kmsprobe check ${target}`);
  });

  test("with its evidence is said to be so, too", async () => {
    const args = ["check", `127.0.0.1:${silent.port}`, "--fast", "-v", "--color", "never"];
    const said = (await run(args)).stdout.replaceAll(/\s+/g, " ");
    expect(said).toContain("did not answer 1 connect of 1 s each: a fast look");
  });

  test("to two connects is not", async () => {
    const { stdout } = await run(["check", `127.0.0.1:${silent.port}`, "--timeout", "1s", "-v"]);
    expect(stdout).toContain("did not answer 2 connects");
    expect(stdout).not.toMatch(/fast\s+look|asked\s+once/);
  });
});
