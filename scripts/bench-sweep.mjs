// How long a sweep takes, whole process, beside a yardstick (YARDSTICK=path: one thread of C that connects and binds) and
// nmap; and whether it finds exactly what is there. Everything happens in network namespaces that it makes: needs root.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { measureAccuracy } from "./bench/accuracy.mjs";
import { nmapIsThere, requireSweep } from "./bench/contenders.mjs";
import { requireRoot } from "./bench/namespace.mjs";
import { compile } from "./bench/peers.mjs";
import { measureRow, rows } from "./bench/rows.mjs";

const USAGE = `usage: npm run bench:sweep -- [options]

  --rows a,b,d        only these; without it, those that take minutes are left out
  --runs N            of each program, in turn (default 3)
  --large             all rows, nmap in all of them
  --accuracy          whether it finds exactly what is there, ten runs in each of four conditions; no times
  --yardstick PATH    or YARDSTICK=PATH in the environment
  --strict            time or memory over its goal ends with 1, too
  --help
`;

const { values: options } = parseArgs({
  options: {
    rows: { type: "string" },
    runs: { type: "string" },
    large: { type: "boolean", default: false },
    accuracy: { type: "boolean", default: false },
    yardstick: { type: "string", default: process.env.YARDSTICK ?? "" },
    strict: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  process.stdout.write(USAGE);
} else {
  try {
    process.exitCode = (await main()) ? 0 : 1;
  } catch (error) {
    console.error(`bench:sweep: ${error.message}`);
    process.exitCode = 2;
  }
}

/** @returns whether every run of ours was exact, and with --strict, fast enough */
async function main() {
  requireRoot();
  requireSweep();
  const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-bench-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const bench = {
    dir,
    answerer: compile("answerer", dir),
    delayLine: compile("delay-line", dir),
    yardstick: options.yardstick === "" ? null : path.resolve(options.yardstick),
    nmap: nmapIsThere(),
    large: options.large,
  };
  console.log(
    `${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
  );
  if (bench.answerer === null)
    console.log("no C compiler: what answers is Node, and takes its share of the time");
  if (options.accuracy) return await measureAccuracy(bench, wholeNumber("runs", options.runs ?? "10"));
  if (bench.yardstick === null) {
    console.log(`no yardstick was given: goals are beside ${bench.nmap ? "nmap" : "nothing"}, and of memory`);
  }
  const wanted =
    options.rows?.split(",") ?? rows.filter((row) => !row.large || options.large).map(({ name }) => name);
  const unknown = wanted.filter((name) => rows.every((row) => row.name !== name));
  if (unknown.length > 0) throw new Error(`no row is called ${unknown.join(", ")}`);
  let exact = true;
  let fast = true;
  for (const row of rows.filter(({ name }) => wanted.includes(name))) {
    const result = await measureRow(row, bench, wholeNumber("runs", options.runs ?? "3"));
    exact &&= result.exact;
    fast &&= result.fast;
  }
  console.log(exact ? "\nevery run found exactly what answers" : "\nNOT EXACT: see above");
  return exact && (fast || !options.strict);
}

function wholeNumber(name, text) {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`--${name} takes a number from 1, not ${text}`);
  return Number(text);
}
