// Lint (type-aware), format, types, what is generated, and how the house is built: everything that needs no run of the program.
import { spawnSync } from "node:child_process";

const bin = (name) => `node_modules/.bin/${name}`;
const HOUSE = "test/unit/architecture.test.ts test/unit/words.test.ts test/unit/documents.test.ts";
const checks = [
  { name: "lint", command: [bin("oxlint"), "--type-aware", "src", "test", "scripts"] },
  { name: "format", command: [bin("oxfmt"), "--check", "src", "test", "scripts"] },
  { name: "types", command: [bin("tsc"), "-p", "."] },
  // Rooms and circles, retired words, the size of the README: unit tests as well.
  {
    name: "rooms, words and documents",
    command: `${bin("vitest")} run --config test/vitest.config.ts --root . --project unit ${HOUSE}`.split(
      " ",
    ),
  },
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
