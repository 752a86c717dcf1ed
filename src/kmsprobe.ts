import "./refuse.ts";
import { writeSync } from "node:fs";
import type { Script } from "node:vm";
import { errnoOf } from "./errno.ts";
import { compile, runExported, start } from "./start.ts";
import { VERSION } from "./version.ts";

if (!hasToldVersion(process.argv)) runProgram();

function runProgram(): void {
  const program = start(__dirname, compiled(), "program", require);
  // Files beside it ask for its parts there (`parts.cjs` of the build).
  if (require.main !== undefined) require.main.exports = program;
  runExported(program);
}

/** The one question that needs no program. Where it can't be answered so, as on a full disk, the program says why. */
function hasToldVersion([, , word, ...more]: readonly string[]): boolean {
  if (more.length > 0 || (word !== "--version" && word !== "-V")) return false;
  try {
    writeSync(1, `${VERSION}\n`);
    return true;
  } catch {
    return false;
  }
}

function compiled(): Script {
  try {
    return compile(__dirname, "program");
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    console.error(
      `kmsprobe: program.cjs is not beside ${__filename}: copy the whole folder it comes from (dist/), not this file alone`,
    );
    return process.exit(3);
  }
}
