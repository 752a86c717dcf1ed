/** The exporter over days: what reloads, stops, clocks and shortages do to it, and what its metrics say of them. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { startDnsServer } from "../../src/demo/dns-server.ts";
import { labZone } from "../../src/demo/zone.ts";
import { needs, programPath, SYSTEM_PYTHON } from "./servers/available.ts";
import { withClockFile } from "./servers/faketime.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { configurationFor, get, startExporter, until, valueOf } from "./support/exporter.ts";
import type { Served } from "./support/exporter.ts";
import { PROGRAM, run, start, startProgram } from "./support/kmsprobe.ts";
import type { RunOptions } from "./support/kmsprobe.ts";
import { startSilentPeer } from "./support/peers.ts";
import { startOffice } from "./verify-docs/office.ts";
import type { Office } from "./verify-docs/office.ts";

let office: Office;
let dir: string;
const running: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  office = await startOffice();
});
afterAll(async () => {
  await office.stop();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "kmsprobe-life-"));
});
afterEach(async () => {
  for (const stop of running.splice(0).toReversed()) await stop();
  await rm(dir, { recursive: true, force: true });
});

async function serve(
  given: object,
  flags: readonly string[] = [],
  options: RunOptions = {},
): Promise<Served> {
  const served = await startExporter(dir, given, flags, options);
  running.push(served.stop);
  return served;
}

/** As systemd does it: listens, and starts the program again whenever it has ended. Prints the id of each. */
const SOCKET_UNIT = `
import os, signal, socket, subprocess, sys
address, port = sys.argv[1].split(":")
listening = socket.create_server((address, int(port)), backlog=16)
os.dup2(listening.fileno(), 3)
running = None
def stop(*_):
    running.kill()
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
script = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
while True:
    running = subprocess.Popen(["sh", "-c", script, "sh", *sys.argv[2:]], pass_fds=[3])
    print(running.pid, flush=True)
    running.wait()
`;

/** A host of a domain of its own, behind something that counts connections and may be slow. */
async function startCounted(delayMs = 0) {
  const address = loopbackAddress();
  const [backend = ""] = office.addresses;
  const [first = ""] = office.kms;
  const backendPort = Number(first.slice(first.lastIndexOf(":") + 1));
  let connections = 0;
  const forwarder = createServer((socket) => {
    connections += 1;
    const onward = connect(backendPort, backend);
    for (const each of [socket, onward]) each.on("error", () => {});
    socket.on("data", (chunk) => onward.write(chunk)).on("close", () => onward.destroy());
    onward
      .on("data", (chunk) => void sleep(delayMs).then(() => socket.write(chunk)))
      .on("close", () => socket.destroy());
  });
  await new Promise<void>((resolve) => forwarder.listen(0, address, resolve));
  const bound = forwarder.address();
  const port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
  const hosts = [
    { host: "kms.slow.test", port, priority: 0, weight: 0, addresses: [address], aliasOf: null },
  ];
  const dns = await startDnsServer(labZone("slow.test", hosts));
  running.push(dns.stop, () => new Promise((resolve) => forwarder.close(resolve)));
  const resolvers = [`127.0.0.1:${dns.port}`];
  return { host: `${address}:${port}`, resolvers, connections: () => connections };
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

/** Looks that ended, whatever they came to. */
async function looksOf({ url }: Served): Promise<number> {
  const { text } = await get(`${url}/metrics`);
  return Array.from(text.matchAll(/^kms_serve_looks_total\{.*\} (\d+)$/gm), ([, count]) =>
    Number(count),
  ).reduce((sum, each) => sum + each, 0);
}

describe("a reload", () => {
  test("and whoever asks connects to no host sooner than the minimum interval", async () => {
    const { host, resolvers, connections } = await startCounted();
    const given = {
      version: 1,
      modules: { kms: { resolvers } },
      targets: [{ target: "slow.test", interval: "1m" }],
      allow: ["slow.test", "127.71.0.0/16"],
      "min-interval": "1m",
    };
    const { url, hangUp, log } = await serve(given);
    const asking = ["slow.test", host, "kms.slow.test:1"].flatMap((target) =>
      Array.from({ length: 5 }, () => get(`${url}/probe?target=${target}`)),
    );
    await Promise.all(asking.slice(0, 10));
    await until(async () => valueOf((await get(`${url}/metrics`)).text, "kms_probe_success{") === 1, 15_000);
    const before = connections();
    expect(before).toBeGreaterThan(0);
    // One look at it, however many domains, names and askers lead to it.
    expect(before).toBeLessThanOrEqual(2);
    await writeFile(join(dir, "serve.yaml"), stringify({ ...given, place: "branch" }));
    hangUp();
    await until(async () => log().includes("configuration read again"));
    expect((await get(`${url}/probe?target=slow.test`)).text).toMatch(/^kms_probe_success\{.*\} 1$/m);
    expect((await get(`${url}/probe?target=${host}`)).text).toMatch(/^kms_probe_success\{.*\} 1$/m);
    expect(connections()).toBe(before);
    await Promise.all(asking);
  });

  test("leaves the series of what is looked at as before, and ends those of what is gone", async () => {
    const [first = "", second = ""] = office.kms.map((each, index) =>
      each.replace(/^.*:/, `${office.addresses[index] ?? ""}:`),
    );
    const targets = [first, second].map((target) => ({ target, interval: "1m" }));
    const { url, hangUp, log } = await serve(configurationFor(office, { targets, "min-interval": "1m" }));
    const successOf = async (target: string): Promise<number | null> =>
      valueOf((await get(`${url}/metrics`)).text, `kms_probe_success{place="hq",target="${target}"`);
    await until(async () => (await successOf(first)) === 1 && (await successOf(second)) === 1);
    const next = configurationFor(office, { targets: targets.slice(0, 1), "min-interval": "1m" });
    await writeFile(join(dir, "serve.yaml"), stringify(next));
    hangUp();
    await until(async () => log().includes("configuration read again"));
    expect([await successOf(first), await successOf(second)]).toEqual([1, null]);
    expect((await get(`${url}/metrics`)).text).not.toContain(`target="${second}"`);
  });
});

describe.skipIf(needs("linux").skip)("what happens to a process", () => {
  test("stopped and continued, it goes on, says so, and takes nothing that it missed for silence", async () => {
    // In the middle of a look nearly always.
    const { resolvers } = await startCounted(300);
    const served = await serve({
      version: 1,
      modules: { kms: { resolvers, "rpc-timeout": "1s", retries: 0 } },
      targets: [{ target: "slow.test", interval: "1s" }],
      allow: ["127.71.0.0/16"],
      "min-interval": "500ms",
    });
    const { url, pid } = served;
    await until(async () => (await looksOf(served)) > 0);
    process.kill(pid, "SIGSTOP");
    await sleep(4_000);
    process.kill(pid, "SIGCONT");
    const looks = await looksOf(served);
    await until(async () => {
      const { text } = await get(`${url}/metrics`);
      if (valueOf(text, "kms_probe_complete{") === 1) expect(valueOf(text, "kms_probe_success{")).toBe(1);
      return (await looksOf(served)) > looks + 2;
    });
    const { text } = await get(`${url}/metrics`);
    expect(valueOf(text, "kms_serve_stalls_total ")).toBeGreaterThanOrEqual(1);
    expect(valueOf(text, "kms_serve_stalled_seconds_total ")).toBeGreaterThan(2);
    expect(served.log()).toContain("this process stood still");
  });

  test("stopped while somebody asks, it counts the wait as their time", async () => {
    const silent = await startSilentPeer();
    running.push(silent.stop);
    const modules = { kms: { "rpc-timeout": "30s", retries: 0 } };
    const { url, pid } = await serve(configurationFor(office, { modules, "min-interval": "100ms" }));
    const scrapeMs = 2_000;
    const took: number[] = [];
    // A busy machine only ever adds to a time.
    while (took.length < 5 && took.every((ms) => ms >= scrapeMs)) {
      process.kill(pid, "SIGSTOP");
      const startedMs = performance.now();
      const asked = get(`${url}/probe?target=${silent.address}:${silent.port}`, {
        "X-Prometheus-Scrape-Timeout-Seconds": String(scrapeMs / 1_000),
      });
      await sleep(900);
      process.kill(pid, "SIGCONT");
      const { status, text } = await asked;
      took.push(performance.now() - startedMs);
      expect([status, valueOf(text, "kms_probe_complete{")]).toEqual([200, 0]);
    }
    expect(Math.min(...took)).toBeLessThan(scrapeMs);
  });

  test("whoever has less time than others for the same look gets an answer that is not complete", async () => {
    const silent = await startSilentPeer();
    running.push(silent.stop);
    const modules = { kms: { "rpc-timeout": "4s", retries: 0 } };
    const { url } = await serve(configurationFor(office, { modules, "min-interval": "1m" }));
    const probe = (query: string, seconds: string): ReturnType<typeof get> =>
      get(`${url}/probe?target=${silent.address}:${silent.port}${query}`, {
        "X-Prometheus-Scrape-Timeout-Seconds": seconds,
      });
    const whole = probe("", "30");
    await silent.heard;
    const [hasty, words] = await Promise.all([probe("", "0.5"), probe("&debug=true", "0.5")]);
    expect(hasty.status).toBe(200);
    expect(valueOf(hasty.text, "kms_probe_complete{")).toBe(0);
    expect(valueOf(hasty.text, "kms_probe_success{")).toBe(0);
    // Of hosts nothing is said.
    expect(hasty.text).not.toContain("kms_host_");
    expect([words.status, words.text]).toEqual([504, expect.stringContaining("still being looked at")]);
    const { text } = await whole;
    expect(valueOf(text, "kms_probe_complete{")).toBe(1);
    expect(text).toMatch(/^kms_host_verdict\{.*verdict="rpc-no-answer"/m);
  });

  test("a module whose time is short cuts nothing short for another that looks in the same way", async () => {
    const silent = await startSilentPeer();
    running.push(silent.stop);
    const same = { "rpc-timeout": "3s", retries: 0 };
    const modules = { hasty: { ...same, "max-time": "500ms" }, patient: same };
    const { url } = await serve(configurationFor(office, { modules, "min-interval": "1m" }));
    const probe = (module: string): ReturnType<typeof get> =>
      get(`${url}/probe?target=${silent.address}:${silent.port}&module=${module}`);
    const hasty = probe("hasty");
    await silent.heard;
    const patient = probe("patient");
    expect(valueOf((await hasty).text, "kms_probe_complete{")).toBe(0);
    const { text } = await patient;
    expect(valueOf(text, "kms_probe_complete{")).toBe(1);
    expect(text).toMatch(/^kms_host_verdict\{.*verdict="rpc-no-answer"/m);
  });

  test("looks that wait for a place are late, and not cut short; whoever asks meanwhile is answered in time", async () => {
    const silent = await startSilentPeer();
    running.push(silent.stop);
    // Alike but for their names, so that each is a look of its own; and of its own settings, so that none shares an attempt.
    const names = Array.from({ length: 8 }, (_, index) => `m${index}`);
    const modules = Object.fromEntries(
      names.map((name, index) => [
        name,
        { "rpc-timeout": `${1_000 + index}ms`, retries: 0, "max-time": "3s" },
      ]),
    );
    const target = `${silent.address}:${silent.port}`;
    const targets = names.map((module) => ({ target, module, interval: "1s" }));
    // Room for one look at a time.
    const wrapper = [programPath("bash"), "-c", 'ulimit -n 40; exec "$@"', "bash"];
    const served = await serve(configurationFor(office, { modules, targets }), [], { wrapper });
    await until(async () => (await looksOf(served)) >= 10, 40_000);
    const startedMs = performance.now();
    const asked = await get(`${served.url}/probe?target=127.71.79.1:1&module=m0`, {
      "X-Prometheus-Scrape-Timeout-Seconds": "1",
    });
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect([asked.status, valueOf(asked.text, "kms_probe_complete{")]).toEqual([200, 0]);
    const { text } = await get(`${served.url}/metrics`);
    expect(text).not.toMatch(/result="(cut_short|failed)"/);
    expect(text).toMatch(/^kms_host_verdict\{.*verdict="rpc-no-answer"/m);
    expect(valueOf(text, "kms_serve_schedule_lag_seconds ")).toBeGreaterThan(3);
  });

  test.skipIf(needs("faketime").skip)(
    "a clock that jumps moves the times it tells, and no look",
    async () => {
      const file = join(dir, "clock");
      await writeFile(file, "+0");
      const env = withClockFile(file);
      const targets = [{ target: office.domain, interval: "1s" }];
      const served = await serve(configurationFor(office, { targets }), [], { env });
      const startedAt = async (): Promise<number> =>
        valueOf((await get(`${served.url}/metrics`)).text, "kms_probe_start_timestamp_seconds{") ?? 0;
      await until(async () => (await startedAt()) > 0);
      const hour = 3_600;
      for (const seconds of [hour, -hour, 10 * 24 * hour, -24 * hour]) {
        await writeFile(file, `${seconds > 0 ? "+" : ""}${seconds}`);
        const before = await looksOf(served);
        const startedMs = performance.now();
        await until(async () => (await looksOf(served)) >= before + 3);
        // Two whole intervals at least: nothing is made up for, and nothing comes in a burst.
        expect(performance.now() - startedMs).toBeGreaterThan(1_700);
        expect(Math.abs((await startedAt()) - Date.now() / 1000 - seconds)).toBeLessThan(60);
        // So do the lines of its log, and the time of a reload.
        served.hangUp();
        const lines = (): string[] => served.log().trimEnd().split("\n");
        const readAgain = "kms_serve_config_last_reload_success_timestamp_seconds ";
        const reloadedAt = async (): Promise<number> =>
          (valueOf((await get(`${served.url}/metrics`)).text, readAgain) ?? 0) - Date.now() / 1000 - seconds;
        await until(async () => Math.abs(await reloadedAt()) < 60);
        const { ts } = z.object({ ts: z.iso.datetime() }).parse(JSON.parse(lines().at(-1) ?? ""));
        expect(Math.abs(Date.parse(ts) - Date.now() - seconds * 1_000)).toBeLessThan(60_000);
      }
      // A jump is no standstill, though a busy machine may have had one.
      const { text } = await get(`${served.url}/metrics`);
      expect(valueOf(text, "kms_serve_stalled_seconds_total ")).toBeLessThan(hour / 2);
      expect(valueOf((await get(`${served.url}/metrics`)).text, "kms_probe_success{")).toBe(1);
      expect(
        valueOf((await get(`${served.url}/metrics`)).text, "kms_serve_schedule_lag_seconds "),
      ).toBeLessThan(5);
    },
  );

  test("with few descriptors it answers, whoever holds on to connections, and takes no host for silent", async () => {
    const targets = [{ target: office.domain, interval: "1s" }];
    const wrapper = [programPath("bash"), "-c", 'ulimit -n 48; exec "$@"', "bash"];
    const served = await serve(configurationFor(office, { targets }), [], { wrapper });
    await until(async () => (await looksOf(served)) > 0);
    const { hostname, port } = new URL(served.url);
    const held: Socket[] = [];
    for (let count = 0; count < 200; count += 1)
      held.push(connect(Number(port), hostname).on("error", () => {}));
    const asked = Array.from({ length: 40 }, (_, index) =>
      get(`${served.url}/probe?target=127.71.77.${index + 1}:1`).catch(() => null),
    );
    await Promise.all(asked);
    for (const each of held) each.destroy();
    const before = await until(async () => (await looksOf(served)) > 0).then(() => looksOf(served));
    await until(async () => (await looksOf(served)) > before + 1);
    const { text } = await get(`${served.url}/metrics`);
    expect(valueOf(text, "kms_probe_success{")).toBe(1);
    expect(text).not.toMatch(/result="(not_met|cut_short|failed)"/);
  });

  test.skipIf(needs("prlimit").skip)(
    "with fewer of them from one moment to the next it goes on",
    async () => {
      const targets = [{ target: office.domain, interval: "1s" }];
      const served = await serve(configurationFor(office, { targets }));
      await until(async () => (await looksOf(served)) > 0);
      const limit = async (files: string): Promise<void> => {
        const args = ["--pid", String(served.pid), `--nofile=${files}`];
        expect((await startProgram(programPath("prlimit"), args).finished).code).toBe(0);
      };
      await limit("26:4096");
      const asked = Array.from({ length: 40 }, (_, index) =>
        get(`${served.url}/probe?target=127.71.78.${index + 1}:1`).catch(() => null),
      );
      await Promise.all(asked);
      const before = await looksOf(served);
      await until(async () => (await looksOf(served)) > before + 1);
      // Of a host nothing is said that its answer did not say.
      expect((await get(`${served.url}/metrics`)).text).not.toMatch(
        /^kms_host_verdict\{.*verdict="(tcp-no-answer|tcp-refused|rpc-)/m,
      );
      await limit("4096:4096");
      await until(async () => valueOf((await get(`${served.url}/metrics`)).text, "kms_probe_success{") === 1);
    },
  );

  test.skipIf(needs("root", "unshare").skip)(
    "a full disk costs lines of its log, which it counts, and no more",
    async () => {
      const disk = join(dir, "disk");
      await mkdir(disk);
      const script = `mount -t tmpfs -o size=16k none ${disk} && exec "$@" 2>> ${disk}/log`;
      const wrapper = [programPath("unshare"), "--mount", programPath("bash"), "-c", script, "bash"];
      const at = `${loopbackAddress()}:${await freePort("127.0.0.1")}`;
      const { process: child, finished } = start(["serve", "--listen", at, "--enable-reload"], { wrapper });
      running.push(async () => {
        child.kill("SIGTERM");
        await finished;
      });
      const url = `http://${at}`;
      const lost = async (): Promise<number | null> =>
        valueOf((await get(`${url}/metrics`)).text, "kms_serve_log_lines_lost_total ");
      await until(async () => (await get(`${url}/-/healthy`).catch(() => null))?.status === 200);
      expect(await lost()).toBe(0);
      const reload = async (): Promise<void> => {
        expect((await fetch(`${url}/-/reload`, { method: "POST" })).status).toBe(200);
      };
      for (let tries = 0; tries < 1_000 && (await lost()) === 0; tries += 1) await reload();
      await reload();
      const lines = await lost();
      expect(lines).toBeGreaterThan(0);
      // As a rotation does; that folder is where the program sees it.
      const log = `/proc/${child.pid}/root${disk}/log`;
      await writeFile(log, "");
      await reload();
      const said = await readFile(log, "utf8");
      expect(said).toContain(`msg="lines of this log were lost" lines=${lines}\n`);
      expect(said.trimEnd().split("\n").at(-1)).toContain('msg="configuration read again"');
      expect(await lost()).toBe(lines);
    },
  );

  test("read again and again while many ask, it answers all of them", async () => {
    const targets = [{ target: office.domain, interval: "1s" }];
    const given = configurationFor(office, { targets, "min-interval": "100ms" });
    const served = await serve(given);
    await until(async () => (await looksOf(served)) > 0);
    const state = { over: false };
    const reloads = (async () => {
      for (let count = 0; count < 60; count += 1) {
        // Every third is half written.
        const text = stringify({ ...given, place: `p${count}` });
        await writeFile(join(dir, "serve.yaml"), count % 3 === 2 ? `${text}allo` : text);
        served.hangUp();
        await sleep(50);
      }
      state.over = true;
    })();
    const answers: string[] = [];
    const ask = async (path: string): Promise<void> => {
      while (!state.over) {
        const { status, text } = await get(`${served.url}${path}`);
        if (status !== 200) answers.push(`${path} ${status} ${text}`);
      }
    };
    const probe = `/probe?target=${office.domain}`;
    await Promise.all([reloads, ...["/metrics", probe, probe, "/sd", "/", "/-/healthy"].map(ask)]);
    expect(answers).toEqual([]);
    await writeFile(join(dir, "serve.yaml"), stringify(given));
    served.hangUp();
    await until(async () => {
      const { text } = await get(`${served.url}/metrics`);
      return valueOf(text, `kms_probe_success{place="hq"`) === 1;
    });
    // One schedule is left of sixty: a look a second.
    const before = await looksOf(served);
    await sleep(4_000);
    expect((await looksOf(served)) - before).toBeLessThanOrEqual(6);
    const { text } = await get(`${served.url}/metrics`);
    expect(text).not.toMatch(/place="p\d/);
    expect(valueOf(text, "kms_serve_config_last_reload_successful ")).toBe(1);
  }, 60_000);

  test.skipIf(needs("python3").skip)(
    "a socket of systemd outlives it: who asks meanwhile waits for the next one",
    async () => {
      const at = `${loopbackAddress()}:${await freePort("127.0.0.1")}`;
      const program = [process.execPath, PROGRAM, "serve"];
      const { process: systemd, finished } = startProgram(SYSTEM_PYTHON, ["-c", SOCKET_UNIT, at, ...program]);
      let pids = "";
      systemd.stdout.on("data", (chunk: Buffer) => (pids += chunk.toString()));
      const pid = (index: number): number => Number(pids.trim().split("\n")[index]);
      running.push(async () => {
        systemd.kill("SIGTERM");
        await finished;
      });
      const url = `http://${at}/-/healthy`;
      await until(async () => (await get(url).catch(() => null))?.status === 200);
      for (const [index, signal] of (["SIGTERM", "SIGKILL"] as const).entries()) {
        process.kill(pid(index), signal);
        await until(async () => pids.trim().split("\n").length === index + 2);
        // At once: the program is only starting.
        expect((await get(url)).status).toBe(200);
      }
    },
  );

  test("of 10,000 targets none leaves a series or much memory behind, and a list of them is refused", async () => {
    const { url, pid } = await serve(configurationFor(office, { "min-interval": "100ms" }), [], {
      limitMs: 120_000,
    });
    // Nobody listens there.
    const permitted = Array.from({ length: 100 }, (_, index) => `127.71.${index >> 8}.${index & 255}:1`);
    const others = Array.from({ length: 9_900 }, (_, index) => `h${index}.evil.test`);
    const names = [
      ...others.map((name) => [name, 403] as const),
      ...permitted.map((name) => [name, 200] as const),
    ];
    const ask = async (): Promise<void> => {
      for (let next = names.pop(); next !== undefined; next = names.pop())
        expect([next[0], (await get(`${url}/probe?target=${next[0]}`)).status]).toEqual(next);
    };
    const someMb = residentMb(pid);
    await Promise.all(Array.from({ length: 32 }, ask));
    const { text } = await get(`${url}/metrics`);
    // Nothing is scheduled: what was asked for once has no series here.
    expect(text).not.toMatch(/target="|evil|127\.71\./);
    expect(residentMb(pid) - someMb).toBeLessThan(300);
    const targets = Array.from({ length: 10_000 }, (_, index) => ({ target: `h${index}.test:1688` }));
    await writeFile(join(dir, "many.yaml"), stringify({ version: 1, targets }));
    const { code, stderr } = await run(["serve", "--config", "many.yaml", "--check-config"], { cwd: dir });
    expect([code, stderr.trimEnd().split("\n").length]).toEqual([2, 1]);
    expect(stderr).toMatch(/many\.yaml:3:3: write 2,000 at most/);
  }, 150_000);

  test("clients that ask and never read are closed, with bounded memory, and keep nobody out", async () => {
    const { url, pid } = await serve(configurationFor(office));
    await get(`${url}/metrics`);
    const before = residentMb(pid);
    const { hostname, port } = new URL(url);
    const clients = 24;
    const asked = `GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(2_000);
    const ended = Array.from({ length: clients }, () => {
      const socket = connect(Number(port), hostname, () => socket.write(asked));
      running.push(async () => void socket.destroy());
      // Nothing listens for data, and so nothing is read; that it was closed shows at the next write.
      return new Promise<void>((resolve) => {
        const poke = setInterval(() => socket.write("\r\n"), 500);
        socket
          .on("error", () => {})
          .on("close", () => {
            clearInterval(poke);
            resolve();
          });
      });
    });
    await until(
      async () => valueOf((await get(`${url}/metrics`)).text, "kms_serve_unread_answers_total") === clients,
      60_000,
    );
    expect(residentMb(pid) - before).toBeLessThan(128);
    await Promise.all(ended);
    expect((await get(`${url}/-/healthy`)).status).toBe(200);
  }, 120_000);

  test("clients that hold on to connections and ask for nothing keep nobody out, and cut off nobody who asks", async () => {
    const silent = await startSilentPeer();
    running.push(silent.stop);
    const modules = { kms: { "rpc-timeout": "4s", retries: 0 } };
    const { url } = await serve(configurationFor(office, { modules }));
    const { hostname, port } = new URL(url);
    const asked = get(`${url}/probe?target=${silent.address}:${silent.port}`);
    await silent.heard;
    const held: Socket[] = [];
    running.push(async () => held.forEach((socket) => socket.destroy()));
    const hold = (count: number, says: string): void => {
      for (let index = 0; index < count; index += 1) {
        const socket = connect(Number(port), hostname, () => socket.write(says));
        held.push(socket.on("error", () => {}));
      }
    };
    // Half a request, a whole one on a connection that stays, and nothing at all.
    for (const says of ["GET /metrics HTTP/1.1\r\nHost: x\r\nX: ", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", ""]) {
      hold(300, says);
      await sleep(500);
      for (let scrape = 0; scrape < 5; scrape += 1) {
        hold(60, says);
        // As a scraper that was not connected yet.
        const { status } = await get(`${url}/-/healthy`, { Connection: "close" });
        expect(status).toBe(200);
      }
    }
    const { text } = await get(`${url}/metrics`);
    expect(valueOf(text, "kms_serve_crowded_connections_total ")).toBeGreaterThan(1_000);
    expect(valueOf((await asked).text, "kms_probe_complete{")).toBe(1);
  });

  test("a source that is not there is told, and everything else goes on", async () => {
    const modules = {
      kms: { resolvers: office.resolvers },
      gone: { resolvers: office.resolvers, source: "nobody0" },
    };
    const targets = ["kms", "gone"].map((module) => ({ target: office.domain, module, interval: "1s" }));
    const served = await serve(configurationFor(office, { modules, targets }));
    const labels = (module: string): string => `place="hq",target="${office.domain}",module="${module}"`;
    await until(async () => {
      const { text } = await get(`${served.url}/metrics`);
      const failed = valueOf(text, `kms_serve_looks_total{${labels("gone")},result="failed"}`) ?? 0;
      return failed >= 2 && valueOf(text, `kms_probe_success{${labels("kms")}}`) === 1;
    });
    expect((await get(`${served.url}/metrics`)).text).not.toContain(`kms_probe_success{${labels("gone")}}`);
    expect(served.log()).toMatch(/"could not look".*nobody0 is no address|nobody0' is no address/);
    // Nobody asked for anything wrong: service discovery keeps its last list, as where DNS is in trouble.
    for (const path of ["probe", "sd"]) {
      const { status, text } = await get(`${served.url}/${path}?target=${office.domain}&module=gone`);
      expect([status, text]).toEqual([503, expect.stringContaining("nobody0")]);
    }
  });
});

/** Clients that the exporter must not wait for when it is to end: what each of them sends once it is connected. */
const SLOW_CLIENTS = {
  "says nothing": "",
  "has said half of what it asks": "GET /metrics HTTP/1.1\r\nHost: a\r\n",
  "waits for a look": "GET /probe?target=SILENT HTTP/1.1\r\nHost: a\r\n\r\n",
  "asks again and again, and reads nothing": "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(800),
};

describe.skipIf(needs("linux", "openssl").skip)("a signal while a client holds a connection that", () => {
  const clients = Object.entries(SLOW_CLIENTS).flatMap(([name, sent]) =>
    ["http", "https"].map((scheme) => [name, scheme, sent] as const),
  );
  test.each(clients)("%s ends the exporter, over %s", async (_, scheme, sent) => {
    const silent = await startSilentPeer();
    running.push(silent.stop);
    const flags: string[] = [];
    if (scheme === "https") {
      await selfSigned(dir);
      const file = join(dir, "web.yml");
      await writeFile(file, stringify({ tls_server_config: { cert_file: "a.pem", key_file: "a.key" } }));
      flags.push("--web-config", file);
    }
    const given = configurationFor(office, { modules: { kms: { "rpc-timeout": "30s", retries: 0 } } });
    const served = await serve(given, flags);
    const { hostname, port } = new URL(served.url);
    // Whoever says nothing shakes no hands, either.
    const shakes = scheme === "https" && sent !== "";
    const at = { host: hostname, port: Number(port) };
    const client = shakes ? tls.connect({ ...at, rejectUnauthorized: false }) : connect(at);
    client.on("error", () => {}).pause();
    await once(client, shakes ? "secureConnect" : "connect");
    client.write(sent.replace("SILENT", `${silent.address}:${silent.port}`));
    if (sent.includes("SILENT")) await silent.heard;
    // It has accepted the connection by the time it answers the next.
    else if (scheme === "http") await get(`${served.url}/-/healthy`);
    else
      await once(
        tls.connect({ ...at, rejectUnauthorized: false }).on("error", () => {}),
        "secureConnect",
      );
    const startedMs = performance.now();
    expect(await served.stop()).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    client.destroy();
  });
});

test.skipIf(needs("openssl").skip)(
  "over TLS, too, clients that ask for nothing keep nobody out, and cut off nobody who asks",
  async () => {
    const silent = await startSilentPeer();
    running.push(silent.stop);
    await selfSigned(dir);
    const file = join(dir, "web.yml");
    await writeFile(file, stringify({ tls_server_config: { cert_file: "a.pem", key_file: "a.key" } }));
    const modules = { kms: { "rpc-timeout": "4s", retries: 0 } };
    const { url } = await serve(configurationFor(office, { modules }), ["--web-config", file]);
    const { hostname, port } = new URL(url);
    const at = { host: hostname, port: Number(port), rejectUnauthorized: false };
    const ask = async (query: string): Promise<string> => {
      const client = tls.connect(at, () => client.write(`GET ${query} HTTP/1.0\r\n\r\n`));
      let text = "";
      client.on("data", (chunk: Buffer) => (text += chunk.toString()));
      await once(client, "close");
      return text;
    };
    const asked = ask(`/probe?target=${silent.address}:${silent.port}`);
    await silent.heard;
    // Most shake no hands, some do and say nothing more.
    const held = Array.from({ length: 400 }, (_, index) => {
      const socket = index % 20 === 0 ? tls.connect(at) : connect(at);
      return socket.on("error", () => {});
    });
    running.push(async () => held.forEach((socket) => socket.destroy()));
    await sleep(500);
    expect(await ask("/-/healthy")).toMatch(/^HTTP\/1.1 200 /);
    expect(valueOf(await ask("/metrics"), "kms_serve_crowded_connections_total ")).toBeGreaterThan(140);
    expect(valueOf(await asked, "kms_probe_complete{")).toBe(1);
  },
);

async function selfSigned(folder: string): Promise<void> {
  const made = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=a -keyout a.key -out a.pem";
  await startProgram(programPath("openssl"), made.split(" "), { cwd: folder }).finished;
}
