import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { requireProgram } from "./available.ts";
import { makeServerDir, type RunningProcess, startProcess } from "./process.ts";

const FOLDER = fileURLToPath(new URL("../../../scripts/bench/", import.meta.url));

/** What is done at an address: see scripts/bench/answerer.c. */
export type Manner = "serves" | "anything" | "silent" | "closes";

/**
 * Listens on many addresses at once and answers binds there, in one process.
 *
 * @param program the one in C, compiled for this test, or the one in JavaScript; without it, C where there is a compiler
 */
export async function startAnswerer(settings: {
  addresses: Readonly<Partial<Record<Manner, readonly string[]>>>;
  port?: number;
  namespace?: string;
  program?: "c" | "js";
}): Promise<RunningProcess> {
  const { addresses, port = 1688, namespace } = settings;
  const cc = requireProgram("cc");
  const dir = await makeServerDir("answerer");
  const list = join(dir, "list");
  const lines = Object.entries(addresses).flatMap(([manner, of]) => of.map((each) => `${each} ${manner}\n`));
  writeFileSync(list, lines.join(""));
  const args = [list, String(port)];
  const ready = (said: string): boolean => said.includes(`ready ${lines.length}\n`);
  if ((settings.program ?? (cc === null ? "js" : "c")) === "js") {
    const script = join(FOLDER, "answerer.mjs");
    return await startProcess({ command: process.execPath, args: [script, ...args], dir, ready, namespace });
  }
  const command = join(dir, "answerer");
  execFileSync(cc ?? "cc", ["-O1", "-Wall", "-Wextra", "-Werror", "-o", command, join(FOLDER, "answerer.c")]);
  return await startProcess({ command, args, dir, ready, namespace });
}
