/** ip(8), of which only what reads is used here. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Of a command that only reads. */
export const IP_MS = 1_000;

/** @returns what it prints, an object a line; empty where it isn't there, fails, or takes longer than a second */
export async function ip(...args: string[]): Promise<string> {
  const options = { timeout: IP_MS };
  const { stdout } = await promisify(execFile)("ip", ["-o", ...args], options).catch(() => ({ stdout: "" }));
  return stdout;
}
