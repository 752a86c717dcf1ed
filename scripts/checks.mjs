// Lint (type-aware), format, types, and what is generated: everything that needs no run of the program.
import { spawnSync } from "node:child_process";

const bin = (name) => `node_modules/.bin/${name}`;
const checks = [
  { name: "lint", command: [bin("oxlint"), "--type-aware", "src", "test", "scripts"] },
  { name: "format", command: [bin("oxfmt"), "--check", "src", "test", "scripts"] },
  { name: "types", command: [bin("tsc"), "-p", "."] },
  { name: "generated files", command: [process.execPath, "scripts/generate.mjs", "--check"] },
];

/** Those that are red, with what they said. */
export const red = [];
for (const { name, command } of checks) {
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
  console.log(`${status === 0 ? "✓" : "✗"} ${name}`);
  if (status === 0) continue;
  red.push({ name, said: stdout + stderr });
  console.log(stdout + stderr);
}

process.exitCode = red.length === 0 ? 0 : 1;
export const counts = { passed: checks.length - red.length, failed: red.length };
