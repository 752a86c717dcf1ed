// The two programs beside the sweep: hosts that answer, and a cable with a delay.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";

const here = import.meta.dirname;

/** Compiles a source of this folder; null without a compiler. Throws where the compiler objects. */
export function compile(name, dir) {
  const output = path.join(dir, name);
  const { status, error, stderr } = spawnSync(
    "cc",
    ["-O2", "-Wall", "-Wextra", "-o", output, path.join(here, `${name}.c`)],
    { encoding: "utf8" },
  );
  if (error !== undefined) return null;
  if (status !== 0) throw new Error(`cc: ${stderr}`);
  return output;
}

/** Hosts that answer on port 1688 of these addresses, which must be the namespace's own. */
export async function startAnswerer({ namespace, program, addresses, dir }) {
  const list = path.join(dir, `answering-${namespace.name}`);
  writeFileSync(list, addresses.map((address) => `${address}\n`).join(""));
  const words =
    program === null ? [process.execPath, path.join(here, "answerer.mjs"), list] : [program, list];
  return await startUntilReady([...namespace.wrapper, ...words]);
}

/**
 * Joins two namespaces by a cable on which a packet takes `delayMs` each way. What is behind the far end is `block`,
 * all of whose addresses are the far namespace's own.
 */
export async function startDelayLine({ near, far, program, delayMs, block }) {
  const line = await startUntilReady([program, near.name, "cable", far.name, "cable", String(delayMs)]);
  // A sweep comes in bursts; what the device's queue can't hold would be lost.
  near.ip(
    "address add 198.19.255.1/30 dev cable",
    "link set cable txqueuelen 20000 up",
    `route add ${block} dev cable`,
  );
  far.ip(
    "address add 198.19.255.2/30 dev cable",
    "link set cable txqueuelen 20000 up",
    `route add local ${block} dev lo`,
  );
  return line;
}

async function startUntilReady([program, ...args]) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaint += text));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const first = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  if (!String(first[0]).startsWith("ready")) throw new Error(`${program} did not start: ${complaint}`);
  return {
    async stop() {
      process.removeListener("exit", kill);
      if (child.exitCode !== null) throw new Error(`${program} ended meanwhile: ${complaint}`);
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}
