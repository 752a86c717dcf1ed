// How long the state of a sweep of 127.0.0.0/8 takes to be read again, and how long a Ctrl-C of that sweep takes. In a
// network namespace that it makes, where nothing listens: needs root. The state is that of a run that was broken off,
// with the batches that are missing added to it, each of refusals.
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { Namespace, requireRoot } from "./bench/namespace.mjs";

const USAGE = `usage: npm run bench:state -- [options]

  --runs N          of each build, in turn (default 3)
  --baseline PATH   another build's kmsprobe.cjs
  --strict          a time over its goal ends with 1
`;

const BLOCK = "127.0.0.0/8";
const ADDRESSES = 2 ** 24;
/** The run is well under way by then. */
const SWEPT_MS = 4_000;
const GOALS = { again: 2, interrupted: 0.3, megabytes: 1 };

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    baseline: { type: "string" },
    strict: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (options.help) process.stdout.write(USAGE);
else process.exitCode = (await main()) || !options.strict ? 0 : 1;

/** @returns whether every goal was met */
async function main() {
  requireRoot();
  const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-bench-state-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const namespace = new Namespace("state");
  const builds = { kmsprobe: "dist/kmsprobe.cjs" };
  if (options.baseline !== undefined) builds.baseline = options.baseline;
  const figures = new Map(Object.keys(builds).map((name) => [name, []]));
  console.log(
    `${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
  );
  for (let run = 0; run < Number(options.runs); run += 1) {
    for (const [name, program] of Object.entries(builds)) {
      const state = path.join(dir, `${name}-${run}.state`);
      const sweep = [...namespace.wrapper, process.execPath, program, "sweep", BLOCK, "--yes", "--rate", "0"];
      const args = [
        ...sweep,
        "--timeout",
        "1s",
        "--quiet",
        "--state",
        state,
        "-o",
        path.join(dir, "out.ndjson"),
      ];
      const interrupted = await timed(args, SWEPT_MS);
      if (interrupted.code !== 130)
        throw new Error(`a sweep that was broken off ended with ${interrupted.code}`);
      const added = complete(state);
      const again = await timed(args);
      const { covered, line } = endOf(path.join(dir, "out.ndjson"));
      if (covered !== ADDRESSES)
        throw new Error(`${covered} addresses are covered, not ${ADDRESSES}: ${line}`);
      figures.get(name).push({ interrupted, again, megabytes: statSync(state).size / 2 ** 20, added });
    }
  }
  let met = true;
  for (const [name, runs] of figures) {
    const row = (title, of, goal) => {
      const value = median(runs.map(of));
      const over = goal !== undefined && name === "kmsprobe" && value > goal;
      if (over) met = false;
      const against = goal === undefined ? "" : ` (goal ${goal}${over ? ", over" : ""})`;
      console.log(`${name.padEnd(10)} ${title.padEnd(36)} ${value.toFixed(2).padStart(7)}${against}`);
    };
    row("state, MB", ({ megabytes }) => megabytes, GOALS.megabytes);
    row("read again, s", ({ again }) => again.seconds, GOALS.again);
    row("read again, s of processor time", ({ again }) => again.cpuSeconds);
    row("read again, MB of memory", ({ again }) => again.peakMb);
    row("Ctrl-C to the end, s", ({ interrupted }) => interrupted.seconds, GOALS.interrupted);
  }
  namespace.remove();
  return met;
}

/** @param interruptMs when Ctrl-C comes; the time is then from there */
async function timed([program, ...args], interruptMs) {
  let startedMs = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  let usage = { cpuSeconds: 0, peakMb: 0 };
  const poll = setInterval(() => (usage = laterOf(usage, usageOf(child.pid))), 20);
  const interruption =
    interruptMs === undefined
      ? undefined
      : setTimeout(() => {
          startedMs = performance.now();
          child.kill("SIGINT");
        }, interruptMs);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  clearInterval(poll);
  clearTimeout(interruption);
  return { code, seconds: (performance.now() - startedMs) / 1_000, ...usage };
}

/** Null once it has ended. Clock ticks are a hundredth of a second. */
function usageOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    const [, kb = "0"] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, peakMb: Number(kb) / 1024 };
  } catch {
    return null;
  }
}

/** One that has ended, and is still listed, has no memory left. */
function laterOf(before, now) {
  return now === null ? before : { ...now, peakMb: Math.max(before.peakMb, now.peakMb) };
}

/** @returns how many batches it has been given */
function complete(state) {
  const lines = readFileSync(state, "utf8").split("\n").filter(Boolean);
  const [header, ...entries] = lines.map((line) => JSON.parse(line));
  const there = new Set(entries.flatMap(({ batch }) => batch ?? []));
  const refused = header.codes.indexOf("tcp-refused") + 1;
  const outcomes = `=${refused}*${header.batch}`;
  const missing = Array.from({ length: ADDRESSES / header.batch }, (_, batch) => batch).filter(
    (batch) => !there.has(batch),
  );
  // In any order, as threads write them.
  appendFileSync(
    state,
    missing.map((batch) => `${JSON.stringify({ batch, outcomes, elapsedMs: 600_000 })}\n`).join(""),
  );
  return missing.length;
}

function endOf(file) {
  const line = readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "";
  return { line: line.slice(0, 200), covered: JSON.parse(line).covered };
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)];
}
