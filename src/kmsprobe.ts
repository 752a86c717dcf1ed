import "./refuse.ts";
import type { Script } from "node:vm";
import { compile, start } from "./start.ts";

start(__dirname, compiled(), "program");

function compiled(): Script {
  try {
    return compile(__dirname, "program");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    console.error(
      `kmsprobe: program.cjs is not beside ${__filename}: copy the whole folder it comes from (dist/), not this file alone`,
    );
    return process.exit(3);
  }
}
