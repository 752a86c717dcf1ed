import { spawn } from "node:child_process";

export type Ended = { code: number | null; stdout: string; stderr: string };

/**
 * Runs a program to its end, with nothing on its standard input and no environment but this. Not one of the calls that
 * block: the peers that it talks to live in this process.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  {
    cwd,
    env = {},
    input = "",
  }: { cwd?: string; env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    timeout: 50_000,
    killSignal: "SIGKILL",
  });
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
