/** What the first signal does to each command, where it is known what the command is at. */
import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import type { RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { needs } from "./servers/available.ts";
import { loopbackAddress } from "./servers/free-port.ts";
import { PROGRAM, run, start } from "./support/kmsprobe.ts";
import type { Finished } from "./support/kmsprobe.ts";
import { startSilentPeer } from "./support/peers.ts";

const { skip } = needs("linux");

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A third of what each of them would wait for otherwise, and room for a machine that has other things to do. */
const LATE_MS = 10_000;

/** More than the kernel holds for who does not read. */
const MUCH = `${" ".repeat(99_999)}\n`.repeat(9);

let folder = "";

beforeAll(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), "kmsprobe-signals-"));
  await run(["check", "127.0.0.1:1", "--format", "json", "-o", "one.json"], { cwd: folder });
});

afterAll(async () => {
  if (folder !== "") await rm(folder, { recursive: true });
});

describe.skipIf(skip)("a signal while standard input is waited for", () => {
  test.each([
    "show -",
    "compare one.json -",
    "merge -",
    "explain -",
    "verify -",
    "check -f -",
    "check --with -",
    "sweep -f -",
  ])("ends the program at once, with 130 and nothing on standard output: %s", async (line) => {
    const child = spawn(process.execPath, [PROGRAM, ...line.split(" ")], {
      cwd: folder,
      timeout: 40_000,
      killSignal: "SIGKILL",
    });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    child.stdin.on("error", () => {});
    // It reads once all of this has found room.
    await new Promise((resolve) => child.stdin.write(MUCH, resolve));
    const startedMs = performance.now();
    child.kill("SIGINT");
    const [code, signal] = await once(child, "close");
    expect({ code, signal }).toEqual({ code: 130, signal: null });
    expect(performance.now() - startedMs).toBeLessThan(LATE_MS);
    if (!line.startsWith("check")) expect(printed).toBe("");
  });
});

/** Whether a process has the file of that name open. */
function hasOpen(pid: number, name: string): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`).endsWith(`/${name}`);
    } catch {
      // Closed meanwhile.
      return false;
    }
  });
}

describe.skipIf(skip || needs("mkfifo").skip)("a signal while nobody is at the other end of a pipe", () => {
  test.each([
    "show PIPE",
    "compare one.json PIPE",
    "merge PIPE",
    "explain PIPE",
    "verify PIPE",
    "verify policy.yaml --baseline PIPE",
    "check -f PIPE",
    "check 127.0.0.1:1 --with PIPE",
    "check 127.0.0.1:1 -o PIPE",
    "check 127.0.0.1:1 -q --report json=PIPE",
    "sweep -f PIPE",
    "sweep 127.0.0.1:1 --format ndjson -o PIPE",
    "watch 127.0.0.1:1 --plain --log PIPE",
    "serve --listen 127.0.0.1:0 --config PIPE",
  ])("ends the program at once, with 130: %s", async (line) => {
    const pipe = `${line.replaceAll(/\W+/g, "-")}.pipe`;
    execFileSync("mkfifo", [pipe], { cwd: folder });
    await writeFile(
      join(folder, "policy.yaml"),
      'version: 1\nhosts: ["127.0.0.1:1"]\nexpect: [{ serve: {} }]\n',
    );
    const { process: child, finished } = start(line.replace("PIPE", pipe).split(" "), { cwd: folder });
    let said = "";
    child.stderr.on("data", (text: string) => (said += text));
    // Who reads has opened it by then, and who writes says that nobody reads.
    while (!said.includes(`nobody reads ${pipe}`) && !hasOpen(child.pid ?? 0, pipe)) {
      expect(child.exitCode).toBe(null);
      await setTimeout(20);
    }
    const startedMs = performance.now();
    child.kill("SIGTERM");
    const { code, stderr } = await finished;
    expect({ code, stack: /^ +at /m.test(stderr) }).toEqual({ code: 130, stack: false });
    expect(performance.now() - startedMs).toBeLessThan(LATE_MS);
  });
});

describe.skipIf(skip)("a signal while a host is silent", () => {
  test.each(
    SIGNALS.flatMap((name) =>
      (["sweep", "verify", "watch"] as const).map((command) => [name, command] as const),
    ),
  )("%s: what is known is told at once: %s", async (name, command) => {
    const peer = await startSilentPeer();
    onTestFinished(peer.stop);
    const at = `${peer.address}:${peer.port}`;
    const policy = `version: 1\nsettings: { rpc-timeout: 30s }\nhosts: ["${at}"]\nexpect: [{ serve: {} }]\n`;
    await writeFile(join(folder, `${name}.yaml`), policy);
    const lines = {
      sweep: `sweep ${at} --rpc-timeout 30s --format json`,
      verify: `verify ${name}.yaml --format json`,
      watch: `watch ${at} --rpc-timeout 30s --log - --plain`,
    };
    const line = lines[command];
    const { process: child, finished } = start(line.split(" "), { cwd: folder });
    await peer.heard;
    const startedMs = performance.now();
    child.kill(name);
    const { code, stdout, stderr } = await finished;
    expect(performance.now() - startedMs).toBeLessThan(LATE_MS);
    expect(stderr).not.toMatch(/^ +at /m);
    // The first Ctrl-C is the usual end of a watch: its code is what is known of its hosts, which is nothing.
    expect(code).toBe(command === "watch" ? 3 : 130);
    if (command === "watch") expect(stdout).toMatch(/"type":"end".*\n$/);
    else expect(JSON.parse(stdout)).toMatchObject({ interrupted: true });
  });
});

/** Interrupts the program as soon as it listens to signals: nothing has been read by then. */
const AT_ONCE = `const wait = setInterval(() => {
  if (process.listenerCount("SIGTERM") === 0) return;
  clearInterval(wait);
  process.kill(process.pid, "SIGTERM");
}, 0);
wait.unref();
`;

async function early(line: string): Promise<Finished> {
  await writeFile(join(folder, "at-once.cjs"), AT_ONCE);
  await writeFile(join(folder, "config.yaml"), "timeout: 3s\n");
  await writeFile(
    join(folder, "early.yaml"),
    'version: 1\nhosts: ["127.0.0.1:1"]\nexpect: [{ serve: {} }]\n',
  );
  const env = {
    NODE_OPTIONS: `--require=${join(folder, "at-once.cjs")}`,
    KMSPROBE_CONFIG: join(folder, "config.yaml"),
  };
  return await run(line.split(" "), { cwd: folder, env });
}

describe.skipIf(skip)("a signal before anything was looked at", () => {
  test.each([
    "check 127.0.0.1:1 --format json -o early-check.json",
    "verify early.yaml -q --report json=early-verify.json",
  ])("leaves the report that was asked for, which says so: %s", async (line) => {
    const { code, stderr } = await early(line);
    expect({ code, stack: /^ +at /m.test(stderr) }).toEqual({ code: 130, stack: false });
    const [file = ""] = /early-\w+\.json/.exec(line) ?? [];
    expect(JSON.parse(await readFile(join(folder, file), "utf8"))).toMatchObject({ interrupted: true });
  });

  test("ends a sweep with a word, whether it has its targets yet or not", async () => {
    const { code, stdout, stderr } = await early("sweep 127.0.0.1:1");
    expect(code).toBe(130);
    if (stdout === "") expect(stderr).toContain("interrupted before the sweep began: nothing was sent");
    else expect(stderr).toContain("Interrupted. ");
  });

  test("leaves no policy, and says so", async () => {
    const { code, stdout, stderr } = await early("verify --init 127.0.0.1:1 -o first.yaml");
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toContain("kmsprobe: interrupted: no policy was written\n");
    await expect(readFile(join(folder, "first.yaml"))).rejects.toThrow("ENOENT");
  });
});

/** Sends whoever asks datagrams that answer nothing, as fast as it can, until it is stopped. */
async function startFlood(): Promise<{ resolver: string; sent: () => number; stop: () => Promise<void> }> {
  const socket = createSocket("udp4");
  let sent = 0;
  let flooding = true;
  const flood = ({ port, address }: Pick<RemoteInfo, "port" | "address">, datagram: Uint8Array): void => {
    if (!flooding) return;
    for (let count = 0; count < 20; count += 1) socket.send(datagram, port, address);
    sent += 20;
    setImmediate(flood, { port, address }, datagram);
  };
  socket.once("message", (query, from) => {
    // The question again, with another id: an answer to somebody else.
    const datagram = Buffer.from(query);
    datagram.writeUInt16BE(datagram.readUInt16BE(0) ^ 1, 0);
    datagram[2] = 0x81;
    flood(from, datagram);
  });
  const address = loopbackAddress();
  socket.bind(0, address);
  await once(socket, "listening");
  const stop = async (): Promise<void> => {
    flooding = false;
    socket.close();
    await once(socket, "close");
  };
  return { resolver: `${address}:${socket.address().port}`, sent: () => sent, stop };
}

describe.skipIf(skip)("a signal while a resolver floods", () => {
  test.each(SIGNALS)("%s: is heard, and what is known is told", async (name) => {
    const { resolver, sent, stop } = await startFlood();
    onTestFinished(stop);
    const line = `check -d flood.test -r ${resolver} --dns-timeout 30s --deadline 60s --format json`;
    const { process: child, finished } = start(line.split(" "), { cwd: folder });
    while (sent() < 2_000) await setTimeout(20);
    const startedMs = performance.now();
    child.kill(name);
    const { code, stdout, stderr } = await finished;
    expect(performance.now() - startedMs).toBeLessThan(LATE_MS);
    expect({ code, stack: /^ +at /m.test(stderr) }).toEqual({ code: 130, stack: false });
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true });
  });
});
