/** Programs that walk the path, and do not end when they should: scripts in place of mtr and traceroute. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tracePath } from "../../src/system/trace.ts";
import { withDeadline } from "../../src/transport/patience.ts";
import { abortSignalOf } from "../../src/transport/stop.ts";

const TO = { address: "127.0.0.1", port: 1688 };
const path = process.env["PATH"] ?? "";
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trace-"));
  process.env["PATH"] = folder;
});

afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true });
});

/** @param body of a shell script; it finds its process id noted in a file of its own name */
function install(name: string, body: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho $$ >> ${folder}/${name}.pid\n${body}\n`);
  chmodSync(file, 0o755);
}

const pids = (name: string): number[] =>
  readFileSync(join(folder, `${name}.pid`), "utf8")
    .trim()
    .split("\n")
    .map(Number);

const isAlive = (pid: number): boolean => {
  try {
    // A dead child that nobody has waited for yet is a zombie.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

async function trace(
  deadlineMs: number,
): Promise<{ said: Awaited<ReturnType<typeof tracePath>>; ms: number }> {
  const { signal, cancel } = withDeadline(new AbortController().signal, deadlineMs);
  const startedMs = performance.now();
  const said = await tracePath(TO, undefined, abortSignalOf(signal).signal);
  cancel();
  return { said, ms: performance.now() - startedMs };
}

describe("a program that hangs", () => {
  const hangs = "while :; do /bin/sleep 0.05; done";

  test.each([
    ["ends with SIGTERM", hangs],
    ["ignores SIGTERM", `trap '' TERM\n${hangs}`],
    ["leaves a child behind that keeps the pipe", `/bin/sleep 3 &\ntrap '' TERM\n${hangs}`],
  ])("and %s is dead soon after the deadline", async (_, body) => {
    install("mtr", body);
    install("traceroute", body);
    const { said, ms } = await trace(300);
    expect(said).toEqual({
      program: null,
      fault: "mtr was ended at the deadline",
      port: null,
      control: null,
    });
    expect(ms).toBeLessThan(1_500);
    await expect.poll(() => pids("mtr").some(isAlive)).toBe(false);
    expect(() => pids("traceroute"), "no second program is started").toThrow("ENOENT");
  });

  test("is read as far as it came", async () => {
    install("mtr", `trap '' TERM\necho 'h 0 10.0.0.1'\n${hangs}`);
    const { said } = await trace(300);
    expect(said).toMatchObject({
      program: "mtr",
      port: { hops: [{ ttl: 1, address: "10.0.0.1" }], reached: false },
    });
  });
});

test("a program that never stops talking is cut, and what it said is read", async () => {
  install("mtr", "while :; do echo 'h 0 10.0.0.1'; done");
  const { said, ms } = await trace(20_000);
  expect(said.port?.hops).toEqual([{ ttl: 1, address: "10.0.0.1" }]);
  expect(ms).toBeLessThan(15_000);
});

test("a program that fails is named, and the other one asked", async () => {
  install("mtr", "echo 'mtr-packet: Failure to open sockets' >&2; exit 1");
  install("traceroute", "echo ' 1  127.0.0.1  0.1 ms'");
  const { said } = await trace(5_000);
  expect(said).toMatchObject({ program: "traceroute", fault: null, port: { reached: true } });
});

test("nobody walks where neither is installed", async () => {
  const { said } = await trace(5_000);
  expect(said.fault).toBe("neither mtr nor traceroute is installed here");
});
