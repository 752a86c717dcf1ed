// What is measured, each as a command line and a way to read what it found: our sweep, a yardstick given from outside,
// and nmap where it is installed.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { timed } from "./timed.mjs";

const PROGRAM = "dist/kmsprobe.cjs";

/** Throws where the build or the command is missing. */
export function requireSweep() {
  const { status } = spawnSync(process.execPath, [PROGRAM, "sweep", "--help"]);
  if (status !== 0) throw new Error(`${PROGRAM} has no command sweep: npm run build`);
}

export function nmapIsThere() {
  return spawnSync("nmap", ["--version"]).status === 0;
}

/** @returns what is missing and what was invented, both empty where the sweep found exactly the expected addresses */
export function compareWith(expected, found) {
  const [wanted, got] = [new Set(expected), new Set(found)];
  return {
    missed: expected.filter((address) => !got.has(address)),
    invented: [...got].filter((address) => !wanted.has(address)),
    twice: found.length - got.size,
  };
}

/** Our sweep. `exact` is null where it is, otherwise what is wrong with what it found, in words. */
export function ours(name, { namespace, block, expected, dir, options = [], wrapper = [] }) {
  return {
    name,
    async run() {
      const output = path.join(dir, "sweep.ndjson");
      rmSync(output, { force: true });
      const words = [process.execPath, PROGRAM, "sweep", block, "--yes", "--allow-public", "-q"];
      const format = ["--format", "ndjson", "-o", output];
      const run = await timed([...namespace.wrapper, ...wrapper, ...words, ...format, ...options]);
      return { ...run, ...read(output, expected, run) };
    },
  };
}

function read(output, expected, { code, stderr }) {
  let lines;
  try {
    lines = readFileSync(output, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  } catch (error) {
    return { found: 0, wrong: `no lines (exit code ${code}): ${error.message} ${stderr.slice(0, 400)}` };
  }
  const serving = lines.filter(({ type, verdict }) => type === "endpoint" && verdict.serves);
  const { missed, invented, twice } = compareWith(
    expected,
    serving.map(({ endpoint }) => endpoint.host),
  );
  const end = lines.at(-1);
  const wrong = [
    ...(missed.length > 0 ? [`${missed.length} missed (${missed.slice(0, 3).join(", ")})`] : []),
    ...(invented.length > 0 ? [`${invented.length} invented (${invented.slice(0, 3).join(", ")})`] : []),
    ...(twice > 0 ? [`${twice} told twice`] : []),
    ...(end.type !== "end" ? ["no end line"] : []),
    ...(end.type === "end" && end.covered !== end.planned
      ? [`${end.covered} of ${end.planned} covered`]
      : []),
    ...(code !== 0 ? [`exit code ${code}`] : []),
  ];
  return { found: expected.length - missed.length, wrong: wrong.length > 0 ? wrong.join(", ") : null };
}

/** One thread of C that connects and binds. */
export function yardstick(program, { namespace, block, inflight }) {
  const options = ["--cidr", block, "--mode", "bind", "--inflight", String(inflight), "--timeout-ms", "1000"];
  return {
    name: "yardstick",
    async run() {
      const run = await timed([...namespace.wrapper, program, ...options]);
      if (run.code !== 0) throw new Error(`${program}: ${run.stderr}`);
      return { ...run, found: JSON.parse(run.stdout).bound, wrong: null };
    },
  };
}

/** Connects only: it does not know whether anything behind the port serves. */
export function nmap({ namespace, block }) {
  return {
    name: "nmap -sT -T4",
    async run() {
      const options = ["-sT", "-T4", "-n", "-Pn", "-p1688", "--open", "-oG", "-", block];
      const run = await timed([...namespace.wrapper, "nmap", ...options]);
      if (run.code !== 0) throw new Error(`nmap: ${run.stderr}`);
      return {
        ...run,
        found: run.stdout.split("\n").filter((line) => line.includes("1688/open")).length,
        wrong: null,
      };
    },
  };
}
