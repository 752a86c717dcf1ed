// How much a policy costs: `verify` with 500 expectations over 200 hosts on loopback beside `check` of the same hosts, whole
// process, taken in turn. Prints medians and ratios; exits 1 where a goal is missed. RUNS=N for more than 15 runs.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { compile, startAnswerer } from "./bench/peers.mjs";
import { timed } from "./bench/timed.mjs";

const RUNS = Number(process.env.RUNS ?? 15);
const CLI = "dist/kmsprobe.cjs";
const HOSTS = 200;

const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-bench-"));
process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
const inDir = (name) => path.join(dir, name);

const addresses = Array.from({ length: HOSTS }, (_, index) => `127.77.1.${index + 1}`);
writeFileSync(inDir("hosts.txt"), addresses.map((address) => `${address}\n`).join(""));

/** A host that serves, one that answers in time, and who is permitted: 500 in all, each of a host of its own. */
const written = [
  ...addresses.map((address) => `  - serve: { hosts: ${address} }`),
  ...addresses.map((address) => `  - latency: { hosts: ${address}, median: 5s, p95: 5s, samples: 3 }`),
  ...addresses.slice(0, 100).map((address) => `  - permitted: { hosts: ${address}, allow: 127.77.1.0/24 }`),
];
writeFileSync(inDir("policy.yaml"), `version: 1\nexpect:\n${written.join("\n")}\n`);
const thorough = written.map((line) => line.replace("samples: 3", "samples: 20"));
writeFileSync(inDir("thorough.yaml"), `version: 1\nexpect:\n${thorough.join("\n")}\n`);

const reports = [
  "junit=out.xml",
  "html=out.html",
  "sarif=out.sarif",
  "csv=out.csv",
  "markdown=out.md",
  "prometheus=out.prom",
];
const contenders = [
  { name: "check -f hosts", args: ["check", "-f", inDir("hosts.txt")], goal: null },
  { name: "verify, 500 expectations", args: ["verify", inDir("policy.yaml")], goal: 1.3 },
  {
    name: "the same, six reports",
    args: [
      "verify",
      inDir("policy.yaml"),
      ...reports.flatMap((each) => ["--report", each.replace("=", `=${dir}/`)]),
    ],
    goal: null,
  },
  { name: "the same, 20 samples each", args: ["verify", inDir("thorough.yaml")], goal: null },
];

const answerer = await startAnswerer({
  namespace: { name: "loopback", wrapper: [] },
  program: compile("answerer", dir),
  addresses,
  dir,
});
const times = new Map(contenders.map((each) => [each, []]));
const peaks = new Map();
for (let round = 0; round <= RUNS; round++) {
  for (const contender of contenders) {
    const { seconds, peakMb, code, stdout, stderr } = await timed([process.execPath, CLI, ...contender.args]);
    if (code !== 0) throw new Error(`${contender.name} ended with ${code}: ${stderr}${stdout.slice(-500)}`);
    // The first is a warm-up.
    if (round > 0) times.get(contender).push(seconds);
    peaks.set(contender, Math.max(peaks.get(contender) ?? 0, peakMb));
  }
}
await answerer.stop();

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const [yardstick] = contenders.map((each) => median(times.get(each)));
let missed = false;
for (const contender of contenders) {
  const seconds = median(times.get(contender));
  const ratio = seconds / yardstick;
  if (contender.goal !== null && ratio > contender.goal) missed = true;
  const goal = contender.goal === null ? "" : `  (goal ≤ ${contender.goal})`;
  const peak = `${peaks.get(contender).toFixed(0)} MB`.padStart(8);
  console.log(
    `${contender.name.padEnd(28)} ${seconds.toFixed(2).padStart(6)} s  ${ratio.toFixed(2)} × ${peak}${goal}`,
  );
}
console.log(`medians of ${RUNS} runs in turn, Node ${process.version}, ${process.platform} ${process.arch}`);
process.exitCode = missed ? 1 : 0;
