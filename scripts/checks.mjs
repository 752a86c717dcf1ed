// Lint (type-aware), format, types, and what is generated: everything that needs no run of the program.
import { spawnSync } from "node:child_process";

const bin = (name) => `node_modules/.bin/${name}`;
const checks = [
  { name: "lint", command: [bin("oxlint"), "--type-aware", "src", "test", "scripts"] },
  { name: "format", command: [bin("oxfmt"), "--check", "src", "test", "scripts"] },
  { name: "types", command: [bin("tsc"), "-p", "."] },
  { name: "generated files", command: [process.execPath, "scripts/generate.mjs", "--check"] },
];

let failed = 0;
for (const { name, command } of checks) {
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
  console.log(`${status === 0 ? "✓" : "✗"} ${name}`);
  if (status === 0) continue;
  failed += 1;
  console.log(stdout + stderr);
}

process.exitCode = failed === 0 ? 0 : 1;
export const counts = { passed: checks.length - failed, failed };
