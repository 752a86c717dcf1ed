// `kmsprobe serve` beside blackbox_exporter, and over time. Three parts, chosen by name (default: rate scheduled):
//   rate       probes a second of one /probe (connect and bind), 16 scrapes in parallel, beside Debian's blackbox_exporter doing
//              tcp_connect, in turns: `apt-get install prometheus-blackbox-exporter`. Each program has many ports of its own to
//              probe, since the TIME-WAITs that one leaves slow the next
//   scheduled  TARGETS (1,000) targets at 15 s: CPU of one core, and how long /metrics takes
//   memory     the same for MINUTES (30): resident memory after three minutes and at the end
// With --strict it ends with 1 where a goal is missed. Loopback only.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const CLI = process.env.CLI ?? "dist/kmsprobe.cjs";
const BLACKBOX = process.env.BLACKBOX ?? "/usr/bin/prometheus-blackbox-exporter";
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 5);
const MINUTES = Number(process.env.MINUTES ?? 30);
const TARGETS = Number(process.env.TARGETS ?? 1_000);
const GOALS = { rate: 1, cpu: 0.25, p99Ms: 100, memory: 1.05 };
const PORTS = 200;
const PARALLEL = 16;
const TICKS_A_SECOND = 100;
const WARM_UP = 3_000;

const strict = process.argv.includes("--strict");
const named = process.argv.slice(2).filter((each) => !each.startsWith("--"));
const parts = named.length > 0 ? named : ["rate", "scheduled"];
const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-bench-"));
const children = [];
const missed = [];

function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  children.push(child);
  let said = "";
  const keep = (chunk) => (said = (said + chunk).slice(-20_000));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return { child, said: () => said };
}

async function until(what, limitMs = 60_000) {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const found = await what();
    if (found) return found;
    if (performance.now() > endMs) throw new Error("it never came to that");
    await sleep(50);
  }
}

async function startHosts(address, count) {
  const bundle = path.join(dir, "responder.mjs");
  if (!existsSync(bundle)) {
    const contents = `export { createResponder } from "./src/demo/responder.ts";
export { KMS_INTERFACE } from "./src/protocol/dcerpc/syntax.ts";`;
    const stdin = { contents, resolveDir: ".", loader: "ts" };
    await build({ stdin, outfile: bundle, bundle: true, platform: "node", format: "esm" });
  }
  const script = fileURLToPath(new URL("./bench/kms-hosts.mjs", import.meta.url));
  const { said } = start(process.execPath, [script, bundle, address, String(count)]);
  const ports = JSON.parse(await until(() => /^\[.*\]\n/.exec(said())?.[0]));
  return ports.map((port) => `${address}:${port}`);
}

async function startServe(targets, minInterval, scheduled) {
  const file = path.join(dir, `serve-${minInterval}.yaml`);
  const config = {
    version: 1,
    place: "bench",
    "min-interval": minInterval,
    ...(scheduled
      ? { targets: targets.map((target) => ({ target, interval: "15s" })) }
      : { allow: targets, modules: { kms: { count: 1 } } }),
  };
  writeFileSync(file, JSON.stringify(config));
  const args = [CLI, "serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--config", file];
  const { child, said } = start(process.execPath, args);
  const address = await until(() => /"listening","address":"([^"]+)"/.exec(said())?.[1]);
  return { child, url: `http://${address}` };
}

async function startBlackbox() {
  const file = path.join(dir, "blackbox.yml");
  writeFileSync(file, "modules: { tcp_connect: { prober: tcp } }\n");
  const { child, said } = start(BLACKBOX, [`--config.file=${file}`, "--web.listen-address=127.0.0.1:19115"]);
  await until(() => said().includes("Listening on"));
  return { child, url: "http://127.0.0.1:19115" };
}

const agent = new http.Agent({ keepAlive: true, maxSockets: PARALLEL });

function get(url) {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent }, (response) => {
        // Decoded by whom it concerns: of ten megabytes that takes longer than to read them.
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode, text: () => Buffer.concat(chunks).toString() }),
        );
      })
      .on("error", reject);
  });
}

/** Probes in turn at all targets, so many at a time. @returns probes a second, all of them successful */
async function rateOf(url, module, success, targets) {
  const endMs = performance.now() + SECONDS * 1000;
  let done = 0;
  let next = 0;
  const scrape = async () => {
    while (performance.now() < endMs) {
      const target = targets[next++ % targets.length];
      const { text } = await get(`${url}/probe?target=${encodeURIComponent(target)}&module=${module}`);
      if (!success.test(text())) throw new Error(`a probe of ${target} failed:\n${text()}`);
      done += 1;
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: PARALLEL }, scrape));
  return (done / (performance.now() - startedMs)) * 1000;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const quantile = (values, q) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * q) - 1];

function report(what, value, goal, ok) {
  console.log(`${what}: ${value} (goal ${goal}: ${ok ? "met" : "missed"})`);
  if (!ok) missed.push(what);
}

async function measureRate() {
  const [ours, theirs] = [await startHosts("127.80.0.1", PORTS), await startHosts("127.80.0.2", PORTS)];
  const serve = await startServe(ours, "1ms", false);
  const blackbox = await startBlackbox();
  const runs = { serve: [], blackbox: [] };
  const run = {
    serve: () => rateOf(serve.url, "kms", /^kms_probe_success\{.*\} 1$/m, ours),
    blackbox: () => rateOf(blackbox.url, "tcp_connect", /^probe_success 1$/m, theirs),
  };
  // An exporter runs for days: until V8 has compiled what a look takes, one costs several times as much.
  for (const name of ["serve", "blackbox"])
    for (let probes = 0; probes < WARM_UP; probes += SECONDS * (await run[name]()));
  for (let round = 0; round < ROUNDS; round += 1) {
    // Whoever comes first in one round comes second in the next.
    for (const name of round % 2 === 0 ? ["serve", "blackbox"] : ["blackbox", "serve"])
      runs[name].push(await run[name]());
  }
  const { text } = await get(`${serve.url}/metrics`);
  const shared = Number(/^kms_serve_shared_answers_total (\d+)/m.exec(text())?.[1]);
  console.log(
    `probes a second, ${PARALLEL} at a time, ${ROUNDS} rounds of ${SECONDS} s in turns, ${shared} answers shared`,
  );
  for (const [name, rates] of Object.entries(runs))
    console.log(
      `  ${name}: ${rates.map((rate) => rate.toFixed(0)).join(" ")}, median ${median(rates).toFixed(0)}`,
    );
  const ratio = median(runs.serve.map((rate, index) => rate / runs.blackbox[index]));
  report(
    "kmsprobe serve / blackbox_exporter",
    `${ratio.toFixed(2)} x`,
    `${GOALS.rate} x`,
    ratio >= GOALS.rate,
  );
  for (const { child } of [serve, blackbox]) child.kill();
}

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function residentMb(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

async function startScheduled() {
  const targets = await startHosts("127.80.0.3", TARGETS);
  const serve = await startServe(targets, "10s", true);
  await until(async () => {
    const { text } = await get(`${serve.url}/metrics`);
    return (text().match(/^kms_probe_success\{.*\} 1$/gm) ?? []).length >= targets.length * 0.99;
  }, 300_000);
  return serve;
}

async function measureScheduled() {
  const { child, url } = await startScheduled();
  // As one Prometheus scrapes it; how long that takes is then measured by many scrapes.
  const [startedMs, before] = [performance.now(), cpuSeconds(child.pid)];
  await scrapesOf(url, 60_000, 15_000);
  const share = (cpuSeconds(child.pid) - before) / ((performance.now() - startedMs) / 1000);
  const took = await scrapesOf(url, 60_000, 500);
  const p99 = quantile(took, 0.99);
  console.log(
    `${TARGETS} targets at 15 s, a scrape of /metrics every 15 s, then ${took.length} in a minute, ${residentMb(child.pid).toFixed(0)} MB`,
  );
  report("CPU of one core", `${(share * 100).toFixed(1)} %`, `${GOALS.cpu * 100} %`, share <= GOALS.cpu);
  report(
    "/metrics, p99",
    `${p99.toFixed(0)} ms (median ${median(took).toFixed(0)})`,
    `${GOALS.p99Ms} ms`,
    p99 <= GOALS.p99Ms,
  );
  child.kill();
}

/** How long each scrape took, in milliseconds. */
async function scrapesOf(url, forMs, pauseMs) {
  const took = [];
  const startedMs = performance.now();
  while (performance.now() < startedMs + forMs) {
    const askedMs = performance.now();
    await get(`${url}/metrics`);
    took.push(performance.now() - askedMs);
    await sleep(pauseMs);
  }
  return took;
}

async function measureMemory() {
  const { child, url } = await startScheduled();
  const startedMs = performance.now();
  const samples = [];
  while (performance.now() < startedMs + MINUTES * 60_000) {
    await sleep(15_000);
    await get(`${url}/metrics`);
    samples.push({ minute: (performance.now() - startedMs) / 60_000, mb: residentMb(child.pid) });
  }
  // Over a minute each: a collection just before or after a sample is no growth.
  const within = (from, to) =>
    samples.filter(({ minute }) => minute > from && minute <= to).map(({ mb }) => mb);
  const [early, late] = [median(within(2, 3)), median(within(MINUTES - 1, MINUTES + 1))];
  console.log(
    `resident MB by minute: ${samples
      .filter((_, index) => index % 4 === 3)
      .map(({ mb }) => mb.toFixed(0))
      .join(" ")}`,
  );
  const ratio = late / early;
  report(
    `memory after ${MINUTES} minutes`,
    `${late.toFixed(1)} MB / ${early.toFixed(1)} MB after three = ${ratio.toFixed(3)}`,
    GOALS.memory,
    ratio <= GOALS.memory,
  );
  child.kill();
}

const MEASURES = { rate: measureRate, scheduled: measureScheduled, memory: measureMemory };
try {
  for (const part of parts) {
    const measure = MEASURES[part];
    if (measure === undefined) throw new Error(`no part '${part}': ${Object.keys(MEASURES).join(", ")}`);
    await measure();
  }
} finally {
  for (const child of children) child.kill();
  agent.destroy();
  rmSync(dir, { recursive: true, force: true });
}
process.exitCode = strict && missed.length > 0 ? 1 : 0;
