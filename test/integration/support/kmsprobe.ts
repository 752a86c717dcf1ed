import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Report } from "../../../src/model/report.ts";
import { checkedReport } from "./checked-report.ts";

/** The command line as it is published. `npm ci` builds it. */
export const PROGRAM = fileURLToPath(new URL("../../../dist/kmsprobe.cjs", import.meta.url));

/** What a KMS host registers. */
export const KMS_INTERFACE = { uuid: "51c82175-844e-4750-b0d8-ec255555bc06", version: "1.0" };

/** Nothing here may take longer; a run that does is killed, and has no exit code. */
const LIMIT_MS = 45_000;

export type RunOptions = {
  /** What is written to standard input, which is closed after it. */
  input?: string;
  /** Added to an environment that holds PATH only. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** A program that runs ours: `["bash", "-c", "ulimit -n 25; exec \"$@\"", "bash"]`. */
  wrapper?: readonly string[];
  /** For one that is to run longer than the others may. */
  limitMs?: number;
};

export type Finished = { code: number | null; stdout: string; stderr: string };

export type Running = {
  process: ChildProcessWithoutNullStreams;
  finished: Promise<Finished>;
};

/** Starts the built command line. Its standard input is at its end unless `input` says otherwise. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  const [command = process.execPath, ...rest] = [
    ...(options.wrapper ?? []),
    process.execPath,
    PROGRAM,
    ...args,
  ];
  return startProgram(command, rest, options, options.limitMs);
}

/**
 * Starts any program, with nothing on its standard input and no environment but PATH unless the options say otherwise.
 * Not one of the calls that block: the peers that it talks to may live in this process.
 */
export function startProgram(
  command: string,
  args: readonly string[],
  { cwd, env = {}, input = "" }: Omit<RunOptions, "wrapper" | "limitMs"> = {},
  limitMs = LIMIT_MS,
): Running {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  // A program that ends without reading what it is given is no error of the test.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return { process: child, finished };
}

/** Runs the built command line to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return start(args, options).finished;
}

/** Runs `kmsprobe check --format json`; the report has been checked against the model and the published schema. */
export async function runCheck(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished & { report: Report }> {
  const finished = await run(["check", "--format", "json", ...args], options);
  if (finished.stdout === "") {
    throw new Error(`no report, exit code ${finished.code}; it said: ${finished.stderr}`);
  }
  return { ...finished, report: checkedReport(finished.stdout) };
}
