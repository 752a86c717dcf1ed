import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLab } from "../../src/demo/lab.ts";
import type { Lab } from "../../src/demo/lab.ts";
import { listen } from "../../src/demo/loopback.ts";
import { createResponder } from "../../src/demo/responder.ts";
import { KMS_INTERFACE } from "../../src/protocol/dcerpc/syntax.ts";
import { needs } from "./servers/available.ts";
import { PROGRAM, run, start } from "./support/kmsprobe.ts";

const FAST = ["--timeout", "500ms", "--rpc-timeout", "300ms", "--retries", "0", "--dns-timeout", "1s"];
const KMS = { serves: KMS_INTERFACE, prefersNdr64: true, closesOnSeveral: false };

let lab: Lab;
let dir: string;

beforeAll(async () => {
  lab = await startLab();
  dir = mkdtempSync(join(tmpdir(), "kmsprobe-watch-"));
});

afterAll(async () => {
  await lab.stop();
  rmSync(dir, { recursive: true });
});

function labArgs(): string[] {
  const [resolver] = lab.resolvers;
  if (resolver === undefined) throw new Error("the lab has no resolver");
  return ["-d", lab.domain, "-r", `${resolver.address}:${resolver.port}`, ...FAST];
}

type LogLine = {
  type: string;
  at: string;
  kind?: string;
  from?: string | null;
  to?: string;
  rounds?: number;
};

function readLog(file: string): LogLine[] {
  const text = readFileSync(file, "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line): LogLine => JSON.parse(line));
}

describe("watch in lines", () => {
  test("names every host of the lab by its state, then nothing until the summary", async () => {
    const { code, stdout, stderr } = await run([
      "watch",
      ...labArgs(),
      "--plain",
      "--rounds",
      "3",
      "--interval",
      "200ms",
    ]);
    const lines = stdout.trimEnd().split("\n");
    const summaryAt = lines.findIndex((line) => line.startsWith("3 rounds in "));
    const told = lines.slice(0, summaryAt);
    for (const { host, port } of lab.hosts)
      expect(told.some((line) => line.includes(` ${host}:${port}`))).toBe(true);
    for (const line of told) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [✓✗!?] \S/);
    expect(told.filter((line) => line.includes("→"))).toEqual([]);
    expect(lines.slice(summaryAt + 1).filter((line) => line.includes("kms1.lab.test"))[0]).toMatch(
      / 3 +\d+(\.\d)? m?s +100 % .* 0 {2}serves$/,
    );
    expect(stderr).toBe("kmsprobe: each address every 200 ms; Ctrl-C ends it\n");
    expect(code).toBe(0);
  });

  test("has its first line within a second and a half, beside a host that stays silent", async () => {
    const silent = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = silent.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const serving = await listen(createResponder(KMS));
    // Longer than the bound, had anybody to wait for it.
    const slow = ["--rpc-timeout", "4s", "--interval", "1s", "--plain", "--for", "20s"];
    const took: number[] = [];
    // A second and a half, or on a busy machine what a few starts of the program take there.
    const beganMs = performance.now();
    await run(["--version"]);
    const boundMs = Math.max(1_500, 5 * (performance.now() - beganMs));
    // It may be late once; a watch that waits for the silent host is late each time.
    while (took.length < 3 && !took.some((ms) => ms < boundMs)) {
      const startedMs = performance.now();
      const { process: child, finished } = start([
        "watch",
        `127.0.0.1:${address.port}`,
        `127.0.0.1:${serving.port}`,
        ...slow,
      ]);
      await new Promise((resolve) => child.stdout.once("data", resolve));
      took.push(performance.now() - startedMs);
      child.kill("SIGINT");
      const { stdout } = await finished;
      expect(stdout.split("\n")[0]).toMatch(new RegExp(`:${serving.port} {2}serves$`));
    }
    silent.close();
    await serving.stop();
    expect(Math.min(...took)).toBeLessThan(boundMs);
  });

  test("tells a host that goes and comes back, in the lines and in the log", async () => {
    const first = await listen(createResponder(KMS));
    const log = join(dir, "flap.ndjson");
    writeFileSync(log, '{"type":"earlier"}\n');
    const host = `127.0.0.1:${first.port}`;
    const { process: child, finished } = start([
      "watch",
      host,
      ...FAST,
      "--interval",
      "100ms",
      "--plain",
      "--log",
      log,
    ]);
    let printed = "";
    child.stdout.on("data", (chunk: string) => (printed += chunk));
    const until = async (words: string): Promise<void> => {
      while (!printed.includes(words) && child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await until("serves\n");
    await first.stop();
    await until("serves → refused");
    const second = await listen(createResponder(KMS), { address: "127.0.0.1", port: first.port });
    await until("refused → serves");
    child.kill("SIGINT");
    const { code, stdout } = await finished;
    await second.stop();
    const changes = stdout.split("\n").filter((line) => line.includes("→"));
    expect(changes).toHaveLength(2);
    expect(changes[0]).toContain(`✗ ${host}  serves → refused: 127.0.0.1 port ${first.port} refused`);
    expect(changes[1]).toContain(`✓ ${host}  refused → serves: `);
    expect(stdout).toMatch(/ 2 {2}serves\n$/);
    const logged = readLog(log);
    expect(logged.map(({ type }) => type)).toEqual(["earlier", "start", "event", "event", "event", "end"]);
    expect(logged.slice(2, 5).map(({ from, to }) => `${from} ${to}`)).toEqual([
      "null rpc-serves",
      "rpc-serves tcp-refused",
      "tcp-refused rpc-serves",
    ]);
    expect(logged.at(-1)?.rounds).toBeGreaterThanOrEqual(3);
    expect(code).toBe(0);
  });

  test("ends with 1 where nobody serves, and by time", async () => {
    const closed = lab.hosts.find(({ expected }) => expected === "tcp-refused");
    const { code, stdout } = await run([
      "watch",
      `127.0.0.1:${closed?.port}`,
      ...FAST,
      "--interval",
      "100ms",
      "--for",
      "450ms",
    ]);
    expect(stdout).toContain("refused: ");
    expect(stdout).toMatch(/\d rounds in \d{3} ms\n/);
    expect(code).toBe(1);
  });

  test("a domain that nobody lists is told once, and watched on", async () => {
    const { code, stdout } = await run([
      "watch",
      ...labArgs(),
      "-d",
      "nowhere.lab.test",
      "--rounds",
      "2",
      "--interval",
      "100ms",
      "--dns-interval",
      "50ms",
    ]);
    expect(stdout.match(/nowhere\.lab\.test {2}no such SRV name/g)).toHaveLength(1);
    expect(code).toBe(0);
  });

  test("the second Ctrl-C ends it at once", async () => {
    const silent = net.createServer((socket) => socket.resume());
    const { port, stop } = await listen(silent);
    const { process: child, finished } = start(["watch", `127.0.0.1:${port}`, "--plain"]);
    child.stderr.once("data", () => {
      child.kill("SIGINT");
      child.kill("SIGINT");
    });
    const { code } = await finished;
    await stop();
    // The two may arrive as one: then nothing was checked yet, or the host was.
    expect([130, 3, 1]).toContain(code);
  });

  test("says what is wrong before anything is sent", async () => {
    const log = join(dir, "no", "such", "folder.ndjson");
    const { code, stderr } = await run(["watch", "127.0.0.1", "--log", log]);
    expect(stderr).toContain(`can't write ${log} (ENOENT)`);
    expect(code).toBe(2);
    expect((await run(["watch", "127.0.0.1", "--interval", "soon"])).code).toBe(2);
    expect((await run(["watch", "-r", "nobody"])).code).toBe(2);
  });
});

/** Host names of the table, in order. */
function tableOf(screen: string): string[] {
  const table = screen.split("\n\n")[1] ?? "";
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.slice(2).split(".")[0] ?? "");
}

describe.skipIf(needs("tmux").skip)("watch on a terminal", () => {
  /** Each terminal is a server of its own: one that is just ending would take the next one with it. */
  let opened = 0;

  function tmux(...args: string[]): string {
    return execFileSync("tmux", ["-L", `kmsprobe-${process.pid}-${opened}`, "-f", "/dev/null", ...args], {
      encoding: "utf8",
    });
  }

  function open(args: readonly string[], env = ""): void {
    opened += 1;
    const command = [process.execPath, PROGRAM, "watch", ...args].join(" ");
    tmux(
      "new-session",
      "-d",
      "-x",
      "120",
      "-y",
      "32",
      `env -u CI ${env} ${command}; echo "code $?"; exec sleep 30`,
    );
  }

  /** What the screen shows as soon as it has `words`. */
  async function screenWith(words: string | RegExp): Promise<string> {
    for (let tries = 0; tries < 150; tries++) {
      const screen = tmux("capture-pane", "-p");
      if (typeof words === "string" ? screen.includes(words) : words.test(screen)) return screen;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`never on the screen: ${String(words)}\n${tmux("capture-pane", "-p")}`);
  }

  test("shows the table and the log, pauses, sorts, shows details, fits a new size, and gives the terminal back", async () => {
    open([...labArgs(), "--interval", "500ms"]);
    try {
      const first = await screenWith(/of 14 serve/);
      expect(first).toContain("kmsprobe watch");
      expect(first).toMatch(/\d of 14 serve/);
      expect(tableOf(first)[0]).toBe("kms1");
      expect(tableOf(first)).toHaveLength(14);
      expect(first).toMatch(/✓ kms1\.lab\.test:\d+ .* serves .* 0\.0%/);
      expect(first).toMatch(
        /\d\d:\d\d:\d\dZ ✗ silent\.lab\.test:\d+ \(127\.0\.0\.1\) {2}connects, RPC silent: /,
      );

      tmux("send-keys", "s");
      const sorted = await screenWith("s sort: state");
      const serving = ["kms1", "kms2", "alias", "half"];
      expect(tableOf(sorted).slice(-4).toSorted()).toEqual(serving.toSorted());

      tmux("send-keys", "p");
      const paused = await screenWith("PAUSED");
      const round = /round (\d+)/.exec(paused)?.[1];
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      // The round that was under way may have ended.
      expect(Number(/round (\d+)/.exec(tmux("capture-pane", "-p"))?.[1]) - Number(round)).toBeLessThanOrEqual(
        1,
      );

      for (let down = 0; down < tableOf(sorted).indexOf("refused"); down++) tmux("send-keys", "Down");
      tmux("send-keys", "Enter");
      const details = await screenWith("What to do, most useful first");
      expect(details).toContain("refused.lab.test");
      expect(details).toContain("[tcp-refused, ambiguous]");
      expect(details).toContain("→ on the KMS host: ");
      // The evidence comes last, and is scrolled to.
      for (let down = 0; down < 40; down++) tmux("send-keys", "Down");
      await screenWith("tcp: ECONNREFUSED after ");
      tmux("send-keys", "Enter");
      await screenWith("s sort: state");

      tmux("send-keys", "p");
      await screenWith(/kmsprobe watch {2,}round/);

      tmux("resize-window", "-x", "70", "-y", "18");
      const small = await screenWith(/^.{0,70}$/m);
      await screenWith("q quit");
      expect(small.split("\n").every((line) => line.length <= 70)).toBe(true);
      expect(tmux("capture-pane", "-p").trimEnd().split("\n").length).toBeLessThanOrEqual(18);

      tmux("resize-window", "-x", "120", "-y", "32");
      tmux("send-keys", "q");
      const ended = await screenWith("code 0");
      expect(ended).toMatch(/\d+ rounds in /);
      expect(ended).not.toContain("q quit");
      expect(tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").trim()).toBe("0 1");
    } finally {
      tmux("kill-server");
    }
  });

  test("says what it waits for before anything has answered, and that nothing was looked at", async () => {
    const silent = createSocket("udp4").bind(0, "127.0.0.1");
    await once(silent, "listening");
    open(["-d", "corp.test", "-r", `127.0.0.1:${silent.address().port}`]);
    try {
      const screen = await screenWith("Asking DNS for hosts and addresses");
      expect(screen).toContain("no answer yet");
      expect(screen).not.toContain("0 of 0 serve");
      tmux("resize-window", "-x", "40", "-y", "10");
      await screenWith(/^round .* no answer yet\n[^]*^enter details {2}p pause {2}q quit$/m);
      tmux("send-keys", "q");
      await screenWith("code 3");
    } finally {
      tmux("kill-server");
      silent.close();
    }
  });

  test("has no colour with NO_COLOR, and has some without", async () => {
    const [host] = lab.hosts;
    const target = `127.0.0.1:${host?.port}`;
    const foreground = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*3[0-7]m`);
    for (const [env, colored] of [
      ["NO_COLOR=1", false],
      ["COLORTERM=", true],
    ] as const) {
      open([target, "--interval", "500ms"], env);
      try {
        await screenWith(/✓ 127\.0\.0\.1/);
        expect(foreground.test(tmux("capture-pane", "-p", "-e"))).toBe(colored);
      } finally {
        tmux("kill-server");
      }
    }
  });

  test("Ctrl-C ends it like q", async () => {
    const [host] = lab.hosts;
    open([`127.0.0.1:${host?.port}`]);
    try {
      await screenWith("1 of 1 serve");
      tmux("send-keys", "C-c");
      const ended = await screenWith("code 0");
      expect(ended).toContain("AT THE END");
      expect(tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").trim()).toBe("0 1");
    } finally {
      tmux("kill-server");
    }
  });

  test("--plain on a terminal takes nothing over", async () => {
    const [host] = lab.hosts;
    open([`127.0.0.1:${host?.port}`, "--plain", "--rounds", "1"]);
    try {
      expect(await screenWith("code 0")).toMatch(/Z ✓ 127\.0\.0\.1:\d+ {2}serves\n/);
    } finally {
      tmux("kill-server");
    }
  });
});
