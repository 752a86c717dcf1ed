// Lint (type-aware), format, types, and the published schema: everything that needs no run of the program.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const bin = (name) => `node_modules/.bin/${name}`;
const checks = [
  { name: "lint", command: [bin("oxlint"), "--type-aware", "src", "test", "scripts"] },
  { name: "format", command: [bin("oxfmt"), "--check", "src", "test", "scripts"] },
  { name: "types", command: [bin("tsc"), "-p", "."] },
];

let failed = 0;
const report = (name, ok, output) => {
  console.log(`${ok ? "✓" : "✗"} ${name}`);
  if (!ok) {
    failed += 1;
    console.log(output);
  }
};

for (const { name, command } of checks) {
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
  report(name, status === 0, stdout + stderr);
}

const published = readFileSync("schema/report-v1.json", "utf8");
spawnSync(process.execPath, ["scripts/schema.mjs"], { stdio: "inherit" });
const fresh = readFileSync("schema/report-v1.json", "utf8");
report("schema/report-v1.json is what src/model.ts says", published === fresh, "it was not; it is now: commit it");

process.exitCode = failed === 0 ? 0 : 1;
export const counts = { passed: checks.length + 1 - failed, failed };
