// Whole-process times, in one run and taken in turn: `node -e 0` is the yardstick, then `--version`, then a check of one
// answering host on loopback. Prints medians and their ratios to the yardstick; exits 1 where a goal is missed.
// --node PATH takes another Node, which has no code cache of the build's: its own is kept in a folder of this run.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

const RUNS = Number(process.env.RUNS ?? 31);
const CLI = "dist/kmsprobe.cjs";
// No variable: npm gives its scripts a NODE of its own.
const NODE = parseArgs({ options: { node: { type: "string", default: process.execPath } } }).values.node;
const CACHE = mkdtempSync(path.join(os.tmpdir(), "kmsprobe-bench-start-"));
process.once("exit", () => rmSync(CACHE, { recursive: true, force: true }));

const lab = spawn(process.execPath, [CLI, "demo", "--serve"], { stdio: ["ignore", "pipe", "inherit"] });
let invitation = "";
lab.stdout.on("data", (chunk) => (invitation += chunk));
while (!invitation.includes("Ctrl-C")) await once(lab.stdout, "data");
const port = /kms1\.lab\.test:(\d+)/.exec(invitation)?.[1];

const commands = [
  { name: "node -e 0", args: ["-e", "0"], goal: null },
  { name: "kmsprobe --version", args: [CLI, "--version"], goal: 1.3 },
  { name: "kmsprobe check HOST", args: [CLI, "check", `127.0.0.1:${port}`], goal: 1.7 },
];

function run({ args }) {
  const started = performance.now();
  const env = { ...process.env, XDG_CACHE_HOME: CACHE };
  const { status } = spawnSync(NODE, args, { stdio: "ignore", env });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}`);
  return performance.now() - started;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const times = new Map(commands.map((command) => [command, []]));
for (const command of commands) run(command);
for (let round = 0; round < RUNS; round++)
  for (const command of commands) times.get(command).push(run(command));
lab.kill("SIGINT");
await once(lab, "exit");

const [floor] = commands.map((command) => median(times.get(command)));
let missed = false;
for (const command of commands) {
  const ms = median(times.get(command));
  const ratio = ms / floor;
  if (command.goal !== null && ratio > command.goal) missed = true;
  const goal = command.goal === null ? "" : `  (goal ≤ ${command.goal})`;
  console.log(`${command.name.padEnd(22)} ${ms.toFixed(1).padStart(7)} ms  ${ratio.toFixed(2)} ×${goal}`);
}
const version = spawnSync(NODE, ["--version"], { encoding: "utf8" }).stdout.trim();
console.log(`medians of ${RUNS} runs in turn, Node ${version}, ${process.platform} ${process.arch}`);
process.exitCode = missed ? 1 : 0;
