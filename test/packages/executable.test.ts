/** The single executable for Linux, by itself: what lies beside kmsprobe.cjs otherwise is within. */
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hashSync } from "bcryptjs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { startTcpPeer, type TcpPeer } from "../integration/scripted/peers.ts";
import { needs, SYSTEM_PYTHON } from "../integration/servers/available.ts";
import { freePort, loopbackAddress } from "../integration/servers/free-port.ts";
import { run, startProgram } from "../integration/support/kmsprobe.ts";
import type { Finished } from "../integration/support/kmsprobe.ts";
import { placeOf, SERVING } from "../integration/support/serving.ts";
import { makeEmptyRoot } from "./empty-root.ts";
import { verdictsOf } from "./verdicts.ts";

const EXECUTABLE = path.join(inject("packages"), "kmsprobe-linux-x64");
const ON_TERMINAL = path.join(import.meta.dirname, "../integration/support/on-terminal.py");
const { skip } = needs("linux", "root", "python3");

describe.skipIf(skip)("the executable for Linux", () => {
  let folder = "";
  let serving: TcpPeer;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kmsprobe-executable-"));
    serving = await startTcpPeer(SERVING);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
    await serving.stop();
  });

  function execute(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return startProgram(EXECUTABLE, args, { cwd: folder, env }).finished;
  }

  test("runs the demo and a check in a root that holds the C libraries and nothing else", async () => {
    const root = await makeEmptyRoot(EXECUTABLE);
    try {
      await copyFile(EXECUTABLE, path.join(root.folder, "kmsprobe-linux-x64"));
      const demo = await root.run("/kmsprobe-linux-x64", "demo", "--format", "json");
      expect(demo.stdout, demo.stderr).not.toBe("");
      const usual = await run(["demo", "--format", "json"]);
      expect(verdictsOf(demo.stdout)).toEqual(verdictsOf(usual.stdout));
      expect(demo.code).toBe(usual.code);
      const check = await root.run("/kmsprobe-linux-x64", "check", placeOf(serving), "--format", "json");
      expect(check).toMatchObject({ code: 0, stderr: "" });
      expect(verdictsOf(check.stdout)).toEqual([expect.stringContaining("rpc-serves certain")]);
      // By its name alone, as a shell calls it: without /proc that is all that it knows of where it lies.
      await mkdir(path.join(root.folder, "usr/bin"), { recursive: true });
      await copyFile(EXECUTABLE, path.join(root.folder, "usr/bin/kmsprobe"));
      expect(await root.run("kmsprobe", "--version")).toMatchObject({ code: 0, stderr: "" });
    } finally {
      await root.remove();
    }
  });

  test("has the code cache of its own engine, and leaves none in the user's folder", async () => {
    const home = path.join(folder, "home");
    await mkdir(home);
    for (const args of [["check", placeOf(serving)], ["--version"]])
      expect((await execute(args, { HOME: home })).code).toBe(0);
    expect(await readdir(home)).toEqual([]);
  });

  test("is not led by what NODE_OPTIONS says to another program", async () => {
    const env = { NODE_OPTIONS: "--require /nowhere/at-all.cjs" };
    expect(await execute(["--version"], env)).toMatchObject({ code: 0, stderr: "" });
  });

  test("sweeps on as many threads as it is told", async () => {
    expect((await threadsOf("3")) - (await threadsOf("1"))).toBeGreaterThanOrEqual(2);
  });

  /** The most that the process had at a time. */
  async function threadsOf(workers: string): Promise<number> {
    // More than one batch: one alone is the main thread's.
    const args = ["sweep", "127.72.0.0/20", "--workers", workers, "--rate", "3000", "--format", "json", "-q"];
    const { process: child, finished } = startProgram(EXECUTABLE, args, { cwd: folder });
    let most = 0;
    const ended = once(child, "exit").then(() => true);
    while (!(await Promise.race([ended, sleep(20).then(() => false)]))) {
      const status = await readFile(`/proc/${child.pid ?? 0}/status`, "utf8").catch(() => "");
      most = Math.max(most, Number(/^Threads:\s*(\d+)$/m.exec(status)?.[1] ?? 0));
    }
    const { stdout, stderr } = await finished;
    const { plan } = z
      .looseObject({ plan: z.looseObject({ addresses: z.number() }) })
      .parse(JSON.parse(stdout));
    expect(plan.addresses, stderr).toBe(4096);
    return most;
  }

  test("has the live view", async () => {
    const args = [EXECUTABLE, "watch", placeOf(serving), "--interval", "1s"];
    const terminal = ["-I", ON_TERMINAL, "24", "100", "20"];
    const until = ["/usr/bin/timeout", "--foreground", "--preserve-status", "-s", "TERM", "6"];
    const { stdout } = await startProgram(SYSTEM_PYTHON, [...terminal, ...until, ...args], {
      env: { TERM: "xterm-256color" },
    }).finished;
    const { written } = z.looseObject({ written: z.string() }).parse(JSON.parse(stdout));
    expect(written).not.toContain("mistake of its own");
    // Keys are told by the view alone.
    expect(written).toMatch(/\bq\b.*quit/s);
  });

  test("writes pages and other reports of a verification, and of a check", async () => {
    const policy = path.join(folder, "policy.yaml");
    await writeFile(policy, stringify({ version: 1, expect: [{ serve: { hosts: placeOf(serving) } }] }));
    const reports = ["html=v.html", "junit=v.xml", "csv=v.csv", "prometheus=v.prom", "markdown=v.md"];
    const verify = await execute(["verify", policy, ...reports.flatMap((each) => ["--report", each])]);
    expect(verify).toMatchObject({ code: 0 });
    const check = await execute(["check", placeOf(serving), "--report", "html=c.html"]);
    expect(check).toMatchObject({ code: 0 });
    for (const page of ["v.html", "c.html"])
      expect(await readFile(path.join(folder, page), "utf8")).toMatch(/^<!doctype html>.*<\/html>\s*$/is);
    expect(await readFile(path.join(folder, "v.xml"), "utf8")).toContain("<testsuites");
    for (const report of ["v.csv", "v.prom", "v.md"])
      expect((await stat(path.join(folder, report))).size).toBeGreaterThan(100);
  });

  test("checks a password on another thread", async () => {
    const web = path.join(folder, "web.yml");
    await writeFile(web, stringify({ basic_auth_users: { prometheus: hashSync("right", 5) } }));
    const address = loopbackAddress();
    const at = `${address}:${await freePort(address)}`;
    const { process: child, finished } = startProgram(EXECUTABLE, [
      "serve",
      "--listen",
      at,
      "--web-config",
      web,
    ]);
    let log = "";
    child.stderr.on("data", (text: string) => (log += text));
    for (let tries = 0; !log.includes("listening") && tries < 500; tries += 1) await sleep(20);
    const asking = async (password: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`prometheus:${password}`).toString("base64")}`;
      return (await fetch(`http://${at}/metrics`, { headers: { authorization } })).status;
    };
    expect(await asking("wrong"), log).toBe(401);
    expect(await asking("right")).toBe(200);
    child.kill("SIGTERM");
    await finished;
  });
});
