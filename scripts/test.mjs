// The test command: checks, then every test project. Ends with a plain line of counts.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { counts } from "./checks.mjs";

const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-test-"));
const results = path.join(dir, "results.json");
const vitest = spawn(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--config",
    "test/vitest.config.ts",
    "--root",
    ".",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${results}`,
    ...process.argv.slice(2),
  ],
  { stdio: ["ignore", "inherit", "inherit"] },
);
const code = await new Promise((resolve) => vitest.on("exit", resolve));

let { passed, failed } = counts;
let skipped = 0;
try {
  const summary = JSON.parse(readFileSync(results, "utf8"));
  passed += summary.numPassedTests;
  failed += summary.numFailedTests;
  skipped = summary.numPendingTests;
  // A file that could not even be loaded, or a hook that failed, has no failed test to count.
  const broken = summary.testResults.filter((file) => file.status === "failed");
  if (summary.numFailedTests === 0) failed += broken.length;
} catch {
  failed += 1;
}
if (code !== 0 && failed === 0) failed += 1;
if (skipped > 0 && process.env.CI === "true") {
  console.log(`${skipped} tests were skipped: in CI that is a failure`);
  failed += skipped;
  skipped = 0;
}
rmSync(dir, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 ? 0 : 1;
