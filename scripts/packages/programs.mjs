// Other programs that packaging runs.
import { spawn } from "node:child_process";

/**
 * Runs a program to its end.
 *
 * @returns what it printed on standard output
 * @throws where it can't be started, or ends with anything but 0
 */
export async function runProgram(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (text) => (printed[name] += text));
  const code = await new Promise((resolve, reject) => {
    child.on("error", (error) =>
      reject(error.code === "ENOENT" ? new Error(`${command} is not on this machine, and needed`) : error),
    );
    child.on("close", resolve);
  });
  if (code !== 0)
    throw new Error(
      `${[command, ...args].join(" ")} ended with ${code}: ${(printed.stderr + printed.stdout).slice(-2000)}`,
    );
  return printed.stdout;
}
