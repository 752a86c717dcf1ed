// The test command: checks, then the test projects one after the other, so that none disturbs another's clock. Ends with
// a plain line of counts. Arguments name projects: `npm test -- unit fuzz`. Those that fetch whole runtimes run where they
// are named, and with CI=true.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { counts } from "./checks.mjs";
import { RUNTIMES, runtime } from "./runtimes.mjs";

const PROJECTS = ["unit", "fuzz", "integration", "e2e", "nodes", "windows"];
const FETCHING = ["nodes", "windows"];

/** What runs once more on another Node.js, as part of `nodes`: all of it on each would take an hour. */
const ON_OTHERS = [
  { project: "integration", node: "node22", filters: ["test/integration/scripted/"] },
  { project: "fuzz", node: "node24" },
  { project: "unit", node: "node26" },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PROJECTS.includes(name));
if (unknown.length > 0) {
  console.error(`no test project is called ${unknown.join(", ")}: there are ${PROJECTS.join(", ")}`);
  process.exit(2);
}

const left = wanted.length > 0 || process.env.CI === "true" ? [] : FETCHING;
const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-test-"));
const sum = { ...counts, skipped: 0 };
for (const project of PROJECTS) {
  if ((wanted.length > 0 && !wanted.includes(project)) || left.includes(project)) continue;
  const runs = [
    { project },
    ...(project === "nodes" && process.platform === "linux" && process.arch === "x64" ? ON_OTHERS : []),
  ];
  for (const each of runs) {
    const { passed, failed, skipped } = await run(each);
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
}
rmSync(dir, { recursive: true, force: true });

if (left.length > 0)
  console.log(`not run, since they fetch runtimes: ${left.join(", ")} (npm test -- ${left.join(" ")})`);
if (sum.skipped > 0 && process.env.CI === "true") {
  console.log(`${sum.skipped} tests were skipped: in CI that is a failure`);
  sum.failed += sum.skipped;
  sum.skipped = 0;
}
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}`);
process.exitCode = sum.failed === 0 ? 0 : 1;

async function run({ project, node, filters = [] }) {
  const results = path.join(dir, `${project}-${node ?? "here"}.json`);
  if (node !== undefined) console.log(`${project}, on ${RUNTIMES[node].name} ${RUNTIMES[node].version}`);
  const vitest = spawn(
    node === undefined ? process.execPath : await runtime(node),
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--config=test/vitest.config.ts",
      "--root=.",
      `--project=${project}`,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${results}`,
      // These wait for nothing: two cores are worth two workers. The others are disturbed by neighbours.
      ...(project === "unit" ? ["--maxWorkers=100%"] : []),
      ...filters,
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const code = await new Promise((resolve) => vitest.on("exit", resolve));
  const found = { passed: 0, failed: 0, skipped: 0 };
  try {
    const summary = JSON.parse(readFileSync(results, "utf8"));
    found.passed = summary.numPassedTests;
    found.failed = summary.numFailedTests;
    found.skipped = summary.numPendingTests;
    // A file that could not even be loaded, or a hook that failed, has no failed test to count.
    const broken = summary.testResults.filter((file) => file.status === "failed");
    if (found.failed === 0) found.failed = broken.length;
  } catch {
    // No results were written: the exit code says why.
  }
  if (code !== 0 && found.failed === 0) found.failed = 1;
  return found;
}
