// The test command: checks, then the test projects one after the other, so that none disturbs another's clock. Ends with
// what was red, and a plain line of counts. Arguments name projects: `npm test -- unit fuzz`. Those that fetch whole
// runtimes run where they are named, and with CI=true. Whoever isn't root gets, in three minutes, what needs nothing.
//
// With CI=true a file that is red is run once more, by itself: hundreds of tests here wait for a kernel, a server or a
// clock, on machines that others load. What is green then counts as passed and is named as unsteady, with what it said.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { counts, red } from "./checks.mjs";
import { RUNTIMES, runtime } from "./runtimes.mjs";

const PROJECTS = ["unit", "fuzz", "integration", "e2e", "nodes", "windows", "packages"];
const FETCHING = ["nodes", "windows", "packages"];

/** These have a second part, of files that don't mind a neighbour: test/vitest.config.ts. */
const IN_TWO_PARTS = ["integration", "e2e"];

/** Of `integration` without root: peers that are scripted here. The rest waits for servers, or for minutes. */
const SCRIPTED = ["test/integration/scripted/"];

/** What runs once more on another Node.js, as part of `nodes`: all of it on each would take an hour. */
const ON_OTHERS = [
  { project: "integration", node: "node22", filters: SCRIPTED },
  { project: "fuzz", node: "node24" },
  { project: "unit", node: "node26" },
  // Each errno, each way in which a name or a connection fails, both families, and what this machine runs out of.
  { project: "e2e", node: "node26", filters: ["firewalls.test", "routes", "families", "limits", "dns.test"] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PROJECTS.includes(name));
if (unknown.length > 0) {
  console.error(`no test project is called ${unknown.join(", ")}: there are ${PROJECTS.join(", ")}`);
  process.exit(2);
}

/** More red files than these are no accident of the machine: nothing is run again. */
const UNSTEADY_AT_MOST = 8;

const inCi = process.env.CI === "true";
const all = wanted.length > 0 || inCi;
/** Windows has no root: there what needs one is skipped, test by test. */
const brief = !all && process.getuid !== undefined && process.getuid() !== 0;
const left = [...(all ? [] : FETCHING), ...(brief ? ["e2e"] : [])];
const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-test-"));
const sum = { ...counts, skipped: 0 };
const told = red.map(({ name, said }) => ({
  where: "checks",
  test: name,
  said: linesOf(said),
  unsteady: false,
}));
const times = [];
for (const project of PROJECTS) {
  if ((wanted.length > 0 && !wanted.includes(project)) || left.includes(project)) continue;
  const runs = [
    { project, ...(brief && project === "integration" ? { filters: SCRIPTED } : {}) },
    ...(project === "nodes" && process.platform === "linux" && process.arch === "x64" ? ON_OTHERS : []),
  ];
  for (const each of runs) {
    const begun = Date.now();
    const files = await run(each);
    const failing = files.filter(({ name, failures }) => failures.length > 0 && name !== project);
    const again =
      inCi && failing.length > 0 && failing.length <= UNSTEADY_AT_MOST
        ? await run({ ...each, filters: failing.map(({ name }) => name), again: true })
        : [];
    for (const first of files) {
      const second = again.find(({ name }) => name === first.name);
      const unsteady = first.failures.length > 0 && second?.failures.length === 0;
      const last = unsteady ? second : first;
      sum.passed += last.passed;
      sum.failed += last.failures.length;
      sum.skipped += last.skipped;
      for (const failure of first.failures) told.push({ ...failure, unsteady, where: nameOf(each) });
    }
    times.push(`${nameOf(each)} ${Math.round((Date.now() - begun) / 1000)} s`);
  }
}
rmSync(dir, { recursive: true, force: true });

if (!all)
  console.log(
    `not run, since they fetch runtimes: ${FETCHING.join(", ")} (npm test -- ${FETCHING.join(" ")})`,
  );
if (brief) {
  console.log("not run without root: e2e, which makes network namespaces (sudo npm test -- e2e)");
  console.log(
    "not run, since it takes minutes: integration beyond its scripted peers (npm test -- integration)",
  );
}
if (sum.skipped > 0 && inCi) {
  console.log(`${sum.skipped} tests were skipped: in CI that is a failure`);
  sum.failed += sum.skipped;
  sum.skipped = 0;
}
tell(
  "unsteady, green when run once more",
  told.filter(({ unsteady }) => unsteady),
);
tell(
  "failed",
  told.filter(({ unsteady }) => !unsteady),
);
console.log(times.join(", "));
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}`);
process.exitCode = sum.failed === 0 ? 0 : 1;

function nameOf({ project, node }) {
  return node === undefined ? project : `${project} on ${RUNTIMES[node].name} ${RUNTIMES[node].version}`;
}

function tell(heading, failures) {
  if (failures.length > 0) console.log(`${heading}:`);
  for (const { where, test, said } of failures) {
    console.log(`  ${where}: ${test}`);
    for (const line of said) console.log(`    ${line}`);
  }
}

/** Each file with its counts, and each red test with the first lines of what it said. */
async function run({ project, node, filters = [], again = false }) {
  const results = path.join(dir, `${project}-${node ?? "here"}${again ? "-again" : ""}.json`);
  if (node !== undefined) console.log(nameOf({ project, node }));
  const vitest = spawn(
    node === undefined ? process.execPath : await runtime(node),
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--config=test/vitest.config.ts",
      "--root=.",
      `--project=${project}`,
      ...(IN_TWO_PARTS.includes(project) ? [`--project=${project}-beside`] : []),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${results}`,
      // These wait for nothing: two cores are worth two workers. The others are disturbed by neighbours.
      ...(["unit", "fuzz"].includes(project) ? ["--maxWorkers=100%"] : []),
      ...filters,
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const code = await new Promise((resolve) => vitest.on("exit", resolve));
  let files = [];
  try {
    files = JSON.parse(readFileSync(results, "utf8")).testResults.map(outcome);
  } catch {
    // No results were written: the exit code says why.
  }
  if (code !== 0 && files.every(({ failures }) => failures.length === 0))
    files.push({
      name: project,
      passed: 0,
      skipped: 0,
      failures: [{ test: project, said: [`vitest ended with ${code}`] }],
    });
  return files;
}

function outcome({ name, status, message, assertionResults }) {
  const file = path.relative(process.cwd(), name);
  const count = (...states) => assertionResults.filter((each) => states.includes(each.status)).length;
  const failures = assertionResults
    .filter((each) => each.status === "failed")
    .map(({ fullName, failureMessages }) => ({
      test: `${file} > ${fullName}`,
      said: linesOf(failureMessages.join("\n")),
    }));
  // A file that could not even be loaded, or a hook that failed, has no failed test to count.
  if (failures.length === 0 && status === "failed") failures.push({ test: file, said: linesOf(message) });
  return { name: file, passed: count("passed"), skipped: count("pending", "skipped", "todo"), failures };
}

/** What was said and where, without the test runner's own frames. */
function linesOf(text) {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+at .*node_modules|^\s+at new Promise/u.test(line))
    .slice(0, 6)
    .map((line) => line.slice(0, 300));
}
