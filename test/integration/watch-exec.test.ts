/** `watch --exec`: what the user's program is told, and what it can't do to the watch. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createExecutor, EXEC_LIMITS } from "../../src/cli/watch/exec.ts";
import { listen } from "../../src/demo/loopback.ts";
import { createResponder } from "../../src/demo/responder.ts";
import { KMS_INTERFACE } from "../../src/protocol/dcerpc/syntax.ts";
import type { WatchEvent } from "../../src/watch/event.ts";
import { start } from "./support/kmsprobe.ts";

const FAST = ["--timeout", "500ms", "--rpc-timeout", "300ms", "--retries", "0"];
const KMS = { serves: KMS_INTERFACE, prefersNdr64: true, closesOnSeveral: false };

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "kmsprobe-exec-"));
});

afterAll(() => rmSync(dir, { recursive: true }));

/** A program of ours that a test can look into: this text, run by Node. */
function program(name: string, text: string): string {
  const file = join(dir, `${name}.cjs`);
  writeFileSync(file, `#!${process.execPath}\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

const NOTES = `
let text = "";
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", () => {
  const env = Object.entries(process.env).filter(([name]) => name.startsWith("KMSPROBE_"));
  const told = { args: process.argv.slice(2), env: Object.fromEntries(env), event: JSON.parse(text) };
  require("node:fs").appendFileSync(process.argv[2], JSON.stringify(told) + "\\n");
});`;

function changeOf(host: string): Extract<WatchEvent, { kind: "verdict" }> {
  return {
    at: "2026-01-31T12:00:00.000Z",
    kind: "verdict",
    subject: { host, port: 1688, address: null, source: null },
    from: "rpc-serves",
    to: "tcp-refused",
    severity: "failed",
    serves: false,
    observed: `${host} refused`,
  };
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("watch --exec", () => {
  test("runs at each change of a verdict, with the event in the environment and on standard input", async () => {
    const first = await listen(createResponder(KMS));
    const notes = join(dir, "notes.ndjson");
    const host = `127.0.0.1:${first.port}`;
    const { process: child, finished } = start([
      "watch",
      host,
      ...FAST,
      "--interval",
      "100ms",
      "--exec",
      `${program("notes", NOTES)} ${notes} '$(touch ${join(dir, "expanded")})'`,
    ]);
    let printed = "";
    child.stdout.on("data", (chunk: string) => (printed += chunk));
    await until(() => printed.includes("serves\n") || child.exitCode !== null);
    await first.stop();
    await until(() => printed.includes("serves → refused") || child.exitCode !== null);
    child.kill("SIGINT");
    const { code, stderr } = await finished;
    expect(code).toBe(1);
    expect(stderr).toBe("kmsprobe: each address every 100 ms; Ctrl-C ends it\n");
    const told = readFileSync(notes, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    // What was so from the beginning is no change.
    expect(told).toHaveLength(1);
    expect(told[0].args).toEqual([notes, `$(touch ${join(dir, "expanded")})`]);
    expect(told[0].event).toMatchObject({
      type: "event",
      kind: "verdict",
      from: "rpc-serves",
      to: "tcp-refused",
    });
    expect(told[0].env).toEqual({
      KMSPROBE_AT: told[0].event.at,
      KMSPROBE_HOST: "127.0.0.1",
      KMSPROBE_PORT: String(first.port),
      KMSPROBE_ADDRESS: "127.0.0.1",
      KMSPROBE_SOURCE: "",
      KMSPROBE_FROM: "rpc-serves",
      KMSPROBE_TO: "tcp-refused",
      KMSPROBE_SEVERITY: "failed",
      KMSPROBE_SERVES: "false",
      KMSPROBE_OBSERVED: told[0].event.observed,
    });
    expect(existsSync(join(dir, "expanded"))).toBe(false);
  });

  test("names from the network reach no shell, and are one line in the environment", async () => {
    const notes = join(dir, "hostile.ndjson");
    const evil = `kms1; touch ${dir}/owned\n$(touch ${dir}/owned)\u001b[2J`;
    const executor = createExecutor(`${program("hostile", NOTES)} ${notes}`, () => {});
    executor.tell(changeOf(evil));
    await executor.close();
    const told = JSON.parse(readFileSync(notes, "utf8"));
    expect(told.event.subject.host).toBe(evil);
    expect(told.env.KMSPROBE_HOST).toBe(`kms1; touch ${dir}/owned\\u{a}$(touch ${dir}/owned)\\u{1b}[2J`);
    expect(existsSync(join(dir, "owned"))).toBe(false);
  });

  test("so many at a time and no more, each for so long; what goes wrong is told once", async () => {
    const marks = join(dir, "marks");
    const slow = program(
      "slow",
      `const fs = require("node:fs");
       fs.mkdirSync(process.argv[2], { recursive: true });
       fs.writeFileSync(process.argv[2] + "/" + process.pid, "");
       setTimeout(() => { fs.rmSync(process.argv[2] + "/" + process.pid); process.exit(3); }, 400);`,
    );
    const complaints: string[] = [];
    const executor = createExecutor(`${slow} ${marks}`, (text) => complaints.push(text));
    let most = 0;
    const look = setInterval(() => {
      most = Math.max(most, existsSync(marks) ? readdirSync(marks).length : 0);
    }, 20);
    for (let n = 0; n < 7; n++) executor.tell(changeOf(`kms${n}`));
    await until(() => most > 0);
    await executor.close();
    clearInterval(look);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(EXEC_LIMITS.running);
    expect(complaints).toEqual([`kmsprobe: --exec ${slow}: ended with 3; the watch goes on\n`]);
  });

  test(
    "more changes than can wait are left out, and one that hangs is ended",
    { timeout: 40_000 },
    async () => {
      const complaints: string[] = [];
      const hangs = program("hangs", `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);`);
      const executor = createExecutor(hangs, (text) => complaints.push(text));
      const startedMs = performance.now();
      for (let n = 0; n < EXEC_LIMITS.running; n++) executor.tell(changeOf(`kms${n}`));
      for (let n = 0; n < EXEC_LIMITS.waiting + 2; n++) executor.tell(changeOf(`kms${n}`));
      expect(complaints).toEqual([
        `kmsprobe: --exec ${hangs}: ${EXEC_LIMITS.waiting} changes wait for it already, and a further one is left out; the watch goes on\n`,
      ]);
      await executor.close();
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(EXEC_LIMITS.timeoutMs - 50);
      // Those that came next are ended as well; what could not even begin by then is not waited for.
      expect(performance.now() - startedMs).toBeLessThan(3 * EXEC_LIMITS.timeoutMs);
      expect(complaints.join("")).toContain(
        `kmsprobe: --exec ${hangs}: was ended after 10 s; the watch goes on\n`,
      );
      expect(complaints.join("")).toMatch(/\d\d changes left out, for it takes too long/);
    },
  );
});
